"""Files of an index that something vouches for: their bytes, or that nobody has touched them.

Annoy trusts its file: a truncated, altered or foreign one crashes the process or answers wrongly
(its node format has no checks). So nothing is mapped whose every byte has not been compared, by
SHA-256, with what was written. To read a gigabyte again at every opening would take seconds, so
what was found sound is noted in ``sound.json`` beside it, with the file's size, number and times
of change to the nanosecond. A file with the same facts is not read again before it is mapped.

What that guarantees: a file that any program has written to, truncated, replaced, copied or moved
from another place is read and compared before use. The system moves the time of change (POSIX) of
a file that is written whatever the writer does; on Windows a program may put the old times back.
A note counts only for files that had lain still for two seconds when they were read, since two
changes within one tick of the clock have the same time (as with git's index). What no time tells
of is decay of the disk itself: that is found by reading every byte again in the background after
each opening that relied on a note, see `Searcher`; until then, some seconds, answers rest on it.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from inference.errors import Cancelled, LibraryError
from inference.files import sha256_of
from inference.library.files import part_beside, write_whole

STILL_FOR_NS = 2_000_000_000
"""A file younger than that when it was read may have changed since without a trace."""

NOTES: Final = "sound.json"

Facts = tuple[int, int, int, int]
"""Size in bytes, times of change of content and of the file in ns, and number on its disk."""

PathOf = Callable[["FileFacts"], Path]
"""Returns where a file is, or raises `StaleIndexError` where it may not be used."""


class StaleIndexError(Exception):
    """The files are absent, damaged, or made from other vectors: build them again."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of an index, named by its kind and content, and never written in place."""

    name: str
    size: int
    sha256: str


class Vouchers:
    """What was found sound in one folder, and when. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Read the notes of ``folder``; none where they cannot be read."""
        self._folder = folder
        self._notes: dict[str, tuple[str, Facts]] = {}
        self._changed = False
        self.relied_on: list[FileFacts] = []
        """Files taken on the word of a note."""
        self.found: list[tuple[Path, Facts]] = []
        """Where every file is that was found sound, and how it was then."""
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            found = json.loads((folder / NOTES).read_bytes())
            self._notes = {
                name: (str(sha256), _as_facts(facts)) for name, (sha256, facts) in found.items()
            }

    def path(self, file: FileFacts) -> Path:
        """Return where a file is, once it proves to be the one that was written.

        Raises:
            StaleIndexError: it is missing, or differs in size or content.
        """
        path = place(self._folder, file)
        with _stale(file):
            facts = facts_of(path)
            if facts[0] != file.size:
                raise StaleIndexError(f"{file.name}: it is not the file that was written")
            if self._notes.get(file.name) == (file.sha256, facts):
                self.relied_on.append(file)
            else:
                self._read(file, path, facts)
            self.found.append((path, facts))
        return path

    def _read(self, file: FileFacts, path: Path, facts: Facts) -> None:
        now = time.time_ns()
        if sha256_of(path) != file.sha256:
            raise StaleIndexError(f"{file.name}: it is not the file that was written")
        still = max(facts[1:3]) + STILL_FOR_NS <= now
        if still and facts_of(path) == facts:
            self._notes[file.name] = (file.sha256, facts)
            self._changed = True

    def keep(self) -> None:
        """Write down what was found sound; where nothing can be written, it is read again."""
        if not self._changed:
            return
        kept = {name: note for name, note in self._notes.items() if (self._folder / name).exists()}
        with contextlib.suppress(LibraryError):
            write_whole(self._folder / NOTES, json.dumps(kept).encode(), durable=False)
        self._changed = False


def read_again(
    folder: Path, files: Iterable[FileFacts], cancelled: Callable[[], bool] = lambda: False
) -> None:
    """Compare every byte of files that were taken on the word of a note.

    Raises:
        StaleIndexError: one is not what was written.
        Cancelled: as ``cancelled`` asked.
    """
    for file in files:
        if cancelled():
            raise Cancelled
        with _stale(file):
            if sha256_of(place(folder, file)) != file.sha256:
                raise StaleIndexError(f"{file.name}: it is not the file that was written")


class Watch:
    """Whether somebody writes to files that are mapped.

    Files that are deleted or replaced do no harm: what was mapped stays. One that is truncated or
    changed in its place would crash the process or give wrong answers.
    """

    def __init__(self, found: Iterable[tuple[Path, Facts]]) -> None:
        """Watch files that were found sound; see `Vouchers.found`."""
        self._found = tuple(found)

    def untouched(self) -> bool:
        """Say whether all are as they were; it takes some microseconds for each."""
        return not any(_was_written(path, facts) for path, facts in self._found)


def _was_written(path: Path, before: Facts) -> bool:
    try:
        now = facts_of(path)
    except OSError:
        return False
    # Not the time of change of the file itself: it also moves when a name of it is deleted.
    return now[3] == before[3] and now[:2] != before[:2]


def forget(folder: Path) -> None:
    """Delete the notes: everything is read again before it is used."""
    with contextlib.suppress(OSError):
        (folder / NOTES).unlink()


def place(folder: Path, file: FileFacts) -> Path:
    """Return where a file must be.

    Raises:
        StaleIndexError: its name leads elsewhere.
    """
    if Path(file.name).name != file.name:
        raise StaleIndexError(f"{file.name}: not a file's name")
    return folder / file.name


def facts_of(path: Path) -> Facts:
    """Return what changes when a file is written, replaced, or moved here from another disk.

    Raises:
        OSError: it cannot be looked at.
    """
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def publish(folder: Path, kind: str, suffix: str, write: Callable[[Path], None]) -> FileFacts:
    """Let ``write`` fill a file, and give it its name only when it is whole on the disk.

    Raises:
        LibraryError: the disk is full, or the folder cannot be written.
    """
    with part_beside(folder / kind) as part:
        write(part)
        with part.open("r+b") as file:
            os.fsync(file.fileno())
        digest = sha256_of(part)
        facts = FileFacts(f"{kind}-{digest[:16]}{suffix}", part.stat().st_size, digest)
        part.replace(folder / facts.name)
    return facts


def publish_array(folder: Path, kind: str, suffix: str, values: npt.NDArray[Any]) -> FileFacts:
    """Publish the numbers of an array, in C order.

    Not by numpy's ``tofile``: it does not say so when the disk is full as the file is closed.

    Raises:
        LibraryError: the disk is full, or the folder cannot be written.
    """

    def write(part: Path) -> None:
        with part.open("wb") as file:
            file.write(np.ascontiguousarray(values).data)

    return publish(folder, kind, suffix, write)


def _as_facts(found: Iterable[int]) -> Facts:
    size, content, change, number = (int(value) for value in found)
    return size, content, change, number


@contextlib.contextmanager
def _stale(file: FileFacts) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StaleIndexError(f"{file.name}: {error}") from error
