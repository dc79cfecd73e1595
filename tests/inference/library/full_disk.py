"""Changes a library on a disk that is full, and looks at what is left: run as a program.

``unshare --user --map-root-user --mount python -m tests.inference.library.full_disk [--count 20]``
mounts a disk in memory, for each kind of change with so many sizes, from none to spare to enough,
and prints what was told. A real disk, since a file can fail at its opening, at any write, when it
is closed and when it is synced, and SQLite and Annoy write without Python.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from inference.errors import LibraryError
from inference.library import build as build_module
from inference.library.backup import back_up, restore
from inference.library.build import build
from inference.library.layouts import opened
from inference.library.library import Library
from inference.library.model import NewCase
from inference.library.pack import export
from inference.library.planning import plan
from inference.library.source import read_source
from tests.inference.library.conftest import MODEL, FakeEncoder
from tests.inference.library.killing import Victim, require_sound

ENOUGH_KB = 64 * 1024
_QUERY = np.ones(16, np.float32)


class Disk:
    """A disk in memory with a library on it."""

    def __init__(self, place: Path, library: Path) -> None:
        self.place = place
        self.library = place / "library"
        self._mount(ENOUGH_KB)
        shutil.copytree(library, self.library)

    def leave(self, spare_kb: int) -> None:
        """Let it have no more room than that."""
        self._mount(self.used_kb() + spare_kb, "remount,")

    def free(self) -> None:
        """Let it have enough room."""
        self._mount(ENOUGH_KB, "remount,")

    def used_kb(self) -> int:
        """Return how much lies on it."""
        facts = os.statvfs(self.place)
        return (facts.f_blocks - facts.f_bfree) * facts.f_frsize // 1024

    def close(self) -> None:
        """Unmount it."""
        subprocess.run(["umount", "-l", str(self.place)], check=True)

    def _mount(self, kb: int, how: str = "") -> None:
        options = ["-t", "tmpfs", "-o", f"{how}size={kb}k", "tmpfs", str(self.place)]
        subprocess.run(["mount", *options], check=True)


Change = Callable[[Disk, Victim], None]


def _fill(library: Library, items: tuple[NewCase, ...]) -> None:
    build_module.BATCH = 4
    acknowledged = 30

    def note(_: object) -> None:
        nonlocal acknowledged
        acknowledged = library.info().images

    try:
        build(library, items, FakeEncoder(), progress=note)
    finally:
        assert library.info().images in (acknowledged, acknowledged + 4)


def _import(disk: Disk, victim: Victim) -> None:
    with Library.open(disk.library) as library:
        _fill(library, tuple(read_source(victim.source)))


def _pack(disk: Disk, victim: Victim) -> None:
    with (
        Library.open(disk.library) as library,
        opened(victim.pack, scratch=disk.library) as archive,
    ):
        _fill(library, plan(archive, library).items)


def _edit(disk: Disk, _: Victim) -> None:
    with Library.open(disk.library) as library:
        for number in range(1, 11):
            case = library.case(number)
            library.curation.edit(case, replace(case, note=case.note + "word " * 2000))


def _delete(disk: Disk, _: Victim) -> None:
    with Library.open(disk.library) as library:
        for change in library.curation.history():  # which a full disk has kept from being undone
            if change.can_undo and change.action != "import":
                library.curation.undo(change.id)
        for _number in range(40):
            library.curation.delete([3, 7])
            library.curation.undo()
            library.curation.merge(5, 2)
            library.curation.undo()


def _purge(disk: Disk, _: Victim) -> None:
    with Library.open(disk.library) as library:
        if library.info().cases == 20:
            library.curation.delete([20])
        library.purge()


def _index(disk: Disk, _: Victim) -> None:
    with Library.open(disk.library) as library:
        library.rebuild_index(MODEL)


def _open(disk: Disk, _: Victim) -> None:
    with Library.open(disk.library) as library:
        assert library.info().images == 30


def _back_up(disk: Disk, _: Victim) -> None:
    with Library.open(disk.library) as library:
        back_up(library, disk.place / "backup")


def _restore(disk: Disk, victim: Victim) -> None:
    file, restored = victim.pack.with_name("backup"), disk.place / "restored"
    if not file.exists():
        with Library.open(victim.library) as library:
            back_up(library, file)
    shutil.rmtree(restored, ignore_errors=True)
    restore(file, restored)


def _export(disk: Disk, _: Victim) -> None:
    with Library.open(disk.library) as library:
        export(library, disk.place / "a.pack", library.curation.cases())


CHANGES: dict[str, Change] = {
    "import": _import,
    "pack": _pack,
    "edit": _edit,
    "delete": _delete,
    "purge": _purge,
    "index": _index,
    "migrate": _open,
    "backup": _back_up,
    "restore": _restore,
    "export": _export,
}


def attempt(place: Path, victim: Victim, kind: str, spare_kb: int) -> str:
    """Make a change with so much room, look at what is left, and make it again with enough.

    Returns:
        What was told; "" where the room sufficed.

    Raises:
        AssertionError: it was not told that the disk is full, or something is unsound or lost.
    """
    told = ""
    disk = Disk(place, victim.older if kind == "migrate" else victim.library)
    try:
        disk.leave(spare_kb)
        try:
            CHANGES[kind](disk, victim)
        except LibraryError as error:
            told = error.reason
            assert "full" in told, f"{kind}: {error}"
        disk.free()
        _require_whole(disk, kind)
        CHANGES[kind](disk, victim)
        _require_whole(disk, kind)
    finally:
        disk.close()
    return told


def _require_whole(disk: Disk, kind: str) -> None:
    with Library.open(disk.library) as library:
        require_sound(library)
        info = library.info()
        # A full disk may keep what was deleted or merged from being put back, or purged.
        fewest = {"purge": 19, "delete": 18}.get(kind, 20)
        assert info.cases >= fewest, info
        assert len(library.nearest(_QUERY, 99, model=MODEL)) == info.cases
    left = {path.name for path in disk.place.iterdir()}
    assert left <= {"library", "backup", "restored", "a.pack"}, left
    if "restored" in left:
        with Library.open(disk.place / "restored") as library:
            require_sound(library)


def main() -> None:
    """Try each kind of change with so many sizes, and print what was told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--kinds", nargs="+", default=list(CHANGES), choices=list(CHANGES))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        victim, place = Victim.prepare(Path(folder)), Path(folder) / "disk"
        place.mkdir()
        for kind in arguments.kinds:
            told: Counter[str] = Counter()
            for spare_kb in _sizes(place, victim, kind, arguments.count):
                told[attempt(place, victim, kind, spare_kb)] += 1
            full = told.total() - told[""]
            reasons = "; ".join(f"{n} times {reason!r}" for reason, n in told.items() if reason)
            print(f"{kind:<8} {told.total()} sizes, {full} too small: {reasons}", flush=True)  # noqa: T201


def _sizes(place: Path, victim: Victim, kind: str, count: int) -> list[int]:
    """Return sizes from none to what the change leaves behind."""
    disk = Disk(place, victim.older if kind == "migrate" else victim.library)
    try:
        before = disk.used_kb()
        CHANGES[kind](disk, victim)
        grown = max(16, disk.used_kb() - before)
    finally:
        disk.close()
    return [round(grown * number / count) for number in range(count)]


if __name__ == "__main__":
    main()
