"""Kills a program that changes a library at random instants, and looks at what is left.

``python -m tests.inference.library.killing --count 200`` does so many times, and prints how often a
kill fell into a change.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.library.build import build
from inference.library.library import Library
from inference.library.pack import export
from inference.library.source import read_source
from tests.inference.library.conftest import MODEL, ROOT, FakeEncoder, make_older, write_source

SECONDS = {"import": 0.8, "pack": 0.8, "migrate": 0.06}
OTHERWISE = 0.3
"""A child of a kind lives so long at most once it is ready; it makes some changes in that time, or
a single one that is at its beginning.
"""

Check = Callable[[Library, list[str]], None]
_QUERY = np.ones(16, np.float32)


@dataclass(frozen=True, slots=True)
class Killed:
    """What a kill left.

    Attributes:
        acknowledged: what the child had told of.
        torn: a transaction was under way, and is rolled back by whoever opens the library next.
        parts: half-written files that lie beside what they would have become.
    """

    acknowledged: list[str]
    torn: bool
    parts: int


@dataclass(frozen=True, slots=True)
class Victim:
    """What is copied before each kill.

    Attributes:
        library: folder of a library of 30 pictures of 20 lesions.
        older: the same, as a program of an older format left it.
        source: 16 pictures more.
        pack: of 16 others.
    """

    library: Path
    older: Path
    source: Path
    pack: Path

    @classmethod
    def prepare(cls, folder: Path) -> Victim:
        """Make all of it below a folder that is there."""
        first = write_source(folder / "first", 30, lesions=20)
        victim = cls(folder / "library", folder / "older", folder / "more", folder / "more.pack")
        with Library.create(victim.library, "Small") as library:
            build(library, read_source(first), FakeEncoder())
        shutil.copytree(victim.library, victim.older)
        make_older(victim.older, 2)
        for name in ("more", "packed"):
            source = write_source(folder / name, 16, seed=len(name))
            table = source / "labels.csv"
            table.write_text(table.read_text().replace(",L", f",{name}"))
        with Library.create(folder / "third", "Third") as library:
            build(library, read_source(folder / "packed"), FakeEncoder())
            export(library, victim.pack, library.curation.cases())
        return victim


def _import(library: Library, told: list[str]) -> None:
    images = library.info().images - 30
    last = int(told[-1]) - 30 if told and told[-1] != "0" else 0
    # A batch may be recorded and not told of yet, or the whole import just be taken back.
    assert images in ((0, 16) if last == 16 else (last, last + 4))
    changes = [change for change in library.curation.history() if change.action == "import"]
    older = changes[1:-1] if images else changes[:-1]
    assert all(change.undone_by is not None for change in older)
    if images:
        assert changes[0].detail == f"{images} pictures"
        library.curation.undo()
    assert (library.info().images, library.info().cases) == (30, 20)


def _edit(library: Library, told: list[str]) -> None:
    last = int(told[-1]) if told else -1
    edits = [change for change in library.curation.history() if change.action == "edit"]
    assert len(edits) in (last + 1, last + 2)
    for number in range(max(0, len(edits) - 20), len(edits)):
        case = library.case(1 + number % 20)
        assert case.note == f"note {number}"
        assert case.tags == (f"also{number}", f"tag{number}")
        assert library.curation.search(f"tag{number}")[0] == case.id


def _delete(library: Library, told: list[str]) -> None:
    changes = len(library.curation.history()) - 2
    assert changes in (len(told), len(told) + 1)
    gone = [] if changes % 2 == 0 else [1 + changes // 2 % 20]
    found = {library.image(n).case for n, _ in library.nearest(_QUERY, 99, model=MODEL)}
    assert found == set(range(1, 21)) - set(gone)
    assert library.info().cases == 20 - len(gone)


def _merge(library: Library, told: list[str]) -> None:
    changes = len(library.curation.history()) - 2
    assert changes in (len(told), len(told) + 1)
    merged = changes % 2 == 1
    assert library.case(2).images == ((2, 5, 22, 25) if merged else (2, 22))
    assert library.info().cases == (19 if merged else 20)


def _whole(library: Library, _: list[str]) -> None:
    assert (library.info().images, library.info().cases) == (30, 20)
    assert len(library.curation.search("melanoma")) == 7


def _purge(library: Library, told: list[str]) -> None:
    """One case after another is deleted and forgotten, the last one first."""
    last = 20 - len(told) // 2
    cases, deleted = library.info().cases, library.info().deleted
    assert cases in (last, last - 1)
    if deleted:  # and not forgotten to the end: the next purge does that
        library.purge()
    assert library.info().deleted == 0
    kept = {library.image(n).case for n, _ in library.nearest(_QUERY, 99, model=MODEL)}
    assert kept == set(range(1, cases + 1))


CHECKS: dict[str, Check] = {
    "import": _import,
    "pack": _import,
    "edit": _edit,
    "delete": _delete,
    "merge": _merge,
    "purge": _purge,
    "index": _whole,
    "migrate": _whole,
}


def kill_and_check(victim: Victim, kind: str, folder: Path, chance: random.Random) -> Killed:
    """Let a child make changes of one kind, kill it, and see that what is left is sound.

    Args:
        victim: what it changes a copy of.
        kind: one of `CHECKS`.
        folder: for the copy; absent before and after.
        chance: says when.

    Raises:
        AssertionError: something acknowledged is not there, something half is, or anything is
            unsound.
    """
    shutil.copytree(victim.older if kind == "migrate" else victim.library, folder)
    source = victim.pack if kind == "pack" else victim.source
    killed = _killed(kind, folder, source, chance.uniform(0, SECONDS.get(kind, OTHERWISE)))
    with Library.open(folder) as library:
        require_sound(library)
        CHECKS[kind](library, killed.acknowledged)
        require_sound(library)
        assert len(library.nearest(_QUERY, 99, model=MODEL)) == library.info().cases
    shutil.rmtree(folder)
    return killed


def require_sound(library: Library) -> None:
    """Raise `AssertionError` with what an inspection finds, if it finds anything."""
    findings = library.inspection.verify()
    assert not findings, findings


def _killed(kind: str, folder: Path, source: Path, seconds: float) -> Killed:
    """Run the curator, and kill it so long after it is ready."""
    command = [sys.executable, "-m", "tests.inference.library.curator"]
    command += [kind, str(folder), str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        timer = threading.Timer(seconds, child.send_signal, [signal.SIGKILL])
        timer.start()
        told = child.stdout.read()
        timer.cancel()
        timer.join()
    assert child.returncode in (-signal.SIGKILL, 0)
    whole, _, _ = told.rpartition("\n")
    journal = folder / "library.sqlite-journal"
    return Killed(
        acknowledged=whole.split("\n") if whole else [],
        torn=journal.is_file() and journal.stat().st_size > 0,
        parts=len(list(folder.rglob(".*.part"))),
    )


def main() -> None:
    """Kill so many times, each kind of change in its turn, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20_261_127)
    arguments = parser.parse_args()
    chance, kinds = random.Random(arguments.seed), list(CHECKS)
    kills: Counter[str] = Counter()
    changes, torn, parts = Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        victim = Victim.prepare(Path(place))
        for number in range(arguments.count):
            kind = kinds[number % len(kinds)]
            killed = kill_and_check(victim, kind, Path(place) / "killed", chance)
            kills[kind] += 1
            changes[kind] += len(killed.acknowledged)
            torn[kind] += killed.torn
            parts[kind] += killed.parts > 0
    for kind in kinds:
        print(  # noqa: T201
            f"{kind:<8} {kills[kind]:>4} kills: {changes[kind]:>5} changes acknowledged, "
            f"{torn[kind]:>3} transactions and {parts[kind]:>3} files cut off; all sound"
        )
    print(f"{kills.total()} kills, {torn.total()} in a transaction; nothing lost.")  # noqa: T201


if __name__ == "__main__":
    main()
