"""A kill at any instant: each acknowledged change is there, no half one, and all else is sound.

CASELENS_KILLS is how many kills there are of each kind of change; a night's run takes hundreds.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.errors import LibraryError
from inference.library.library import Library
from tests.inference.library.conftest import MODEL, ROOT, make_older, write_source

KILLS = int(os.environ.get("CASELENS_KILLS", "6"))
LONGEST_SECONDS = 0.3
"""After the child is ready; in that time it makes some changes, and some tens on a fast drive."""

MIGRATION_SECONDS = 0.06
"""Likewise; it makes one change only, at the beginning."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")

Check = Callable[[Library, list[str]], None]


def _killed(kind: str, folder: Path, source: Path, seconds: float) -> list[str]:
    """Run the curator, kill it so long after it is ready; return what it had acknowledged."""
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
    return whole.split("\n") if whole else []


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


_QUERY = np.ones(16, np.float32)
CHECKS: dict[str, Check] = {
    "import": _import,
    "edit": _edit,
    "delete": _delete,
    "merge": _merge,
    "index": _whole,
    "migrate": _whole,
}


@pytest.mark.parametrize("kind", CHECKS)
def test_what_was_acknowledged_is_there_and_nothing_half(
    built: Library, tmp_path: Path, kind: str
) -> None:
    built.close()
    if kind == "migrate":
        make_older(built.folder, 2)
    source = write_source(tmp_path / "more", 16, seed=8)
    table = source / "labels.csv"
    table.write_text(table.read_text().replace(",L", ",M"))
    chance = random.Random(20_261_124)
    for number in range(KILLS):
        folder = tmp_path / f"killed {number}"
        shutil.copytree(built.folder, folder)
        longest = MIGRATION_SECONDS if kind == "migrate" else LONGEST_SECONDS
        told = _killed(kind, folder, source, chance.uniform(0, longest))
        with Library.open(folder) as library:
            assert library.inspection.verify() == []
            CHECKS[kind](library, told)
            assert library.inspection.verify() == []
            assert len(library.nearest(_QUERY, 99, model=MODEL)) == library.info().cases
        shutil.rmtree(folder)


def test_a_full_disk_lets_no_half_change_in(built: Library) -> None:
    connection = built._store._connection  # type: ignore[attr-defined]
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    case = built.case(1)
    attempts: list[Callable[[], object]] = [
        lambda: built.curation.edit(case, replace(case, note="long " * 100_000)),
        lambda: _until_it_fails(built),
    ]
    for attempt in attempts:
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(LibraryError, match="disk is full"):
            attempt()
        connection.execute("PRAGMA max_page_count = 1000000")
        assert built.inspection.verify() == []
    assert built.case(1).images == (1, 21)
    for change in built.curation.history():
        if change.can_undo and change.action != "import":
            built.curation.undo(change.id)
    assert built.case(1) == case
    assert built.inspection.verify() == []


def _until_it_fails(library: Library) -> None:
    """Delete, take back, merge and part until the audit has filled its pages."""
    for _ in range(500):
        library.curation.delete([3, 7])
        library.curation.undo()
        library.curation.merge(5, 2)
        library.curation.undo()
