"""Unpacks a ZIP from outside into a folder that is gone afterwards, within limits."""

from __future__ import annotations

import contextlib
import shutil
import stat
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from inference.errors import LibraryError
from inference.library.files import explained

MAX_ENTRIES = 500_000
"""Most files of one ZIP: more than the ISIC Archive has."""

MAX_BYTES = 256 * 2**30
"""Most bytes that the ZIPs of one import may unpack to."""

MAX_RATIO = 200
"""Most bytes that one packed byte may become, in a file and in all; photographs stay below 10."""

_SMALL = 16 * 2**20
"""A file up to this size is no bomb, whatever its ratio: a mask as a bitmap packs very well."""

_SMALL_IN_ALL = 2**30
"""The same of all files of a ZIP."""

_PREFIX = ".caselens-import-"
_ABANDONED_AFTER_SECONDS = 24 * 3600
_CHUNK = 2**20
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error)


class Scratch:
    """Room for the ZIPs of one import, on the disk that the library will lie on.

    Not the system's folder for such things: that is often small, or in memory.

    Args:
        beside: the library's folder, there or not yet; the room is made beside it when needed.
    """

    def __init__(self, beside: Path) -> None:
        self._parent = _nearest(beside.absolute().parent)
        self._folder: Path | None = None
        self._room = MAX_BYTES

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def unpack(self, archive: Path) -> Path:
        """Return a new folder with what a ZIP holds.

        Raises:
            LibraryError: it is no sound ZIP, asks for a password, names a file outside itself or
                one twice, holds a link, is over a limit, or the disk has no room for it.
        """
        with _sound(archive), explained(archive), zipfile.ZipFile(archive) as packed:
            entries = _accepted(archive, packed)
            target = self.folder_for(archive, sum(entry.file_size for entry in entries.values()))
            for inner, entry in entries.items():
                _extract(packed, entry, target / inner)
        return target

    def folder_for(self, archive: Path, wanted: int) -> Path:
        """Return a new folder, for so many bytes of an archive.

        Raises:
            LibraryError: that is over a limit, or the disk has no room for it.
        """
        self._reserve(archive, wanted)
        if self._folder is None:
            _remove_abandoned(self._parent)
            with explained(self._parent):
                self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._parent))
        with explained(self._folder):
            return Path(tempfile.mkdtemp(dir=self._folder))

    def _reserve(self, archive: Path, wanted: int) -> None:
        self._room -= wanted
        if self._room < 0:
            raise LibraryError(
                archive,
                f"it unpacks to more than {MAX_BYTES // 2**30} GB",
                "Unpack it yourself and import the folder",
            )
        free = _free(self._parent)
        if wanted > free:
            raise LibraryError(
                self._parent,
                f"the disk is too full to unpack {archive.name}: {wanted / 1e6:,.0f} MB are "
                f"needed, {free / 1e6:,.0f} MB are free",
                "Free some space and try again",
            )


def _accepted(archive: Path, packed: zipfile.ZipFile) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """Return the files to unpack, once every one of them may be."""
    entries = packed.infolist()
    if len(entries) > MAX_ENTRIES:
        raise LibraryError(
            archive, f"it holds more than {MAX_ENTRIES} files", "Divide it into several"
        )
    accepted: dict[str, tuple[PurePosixPath, zipfile.ZipInfo]] = {}
    for entry in entries:
        inner = _refuse_tricks(archive, entry)
        if entry.is_dir() or inner.parts[0] == "__MACOSX":
            continue
        # Windows and macOS would write the second over the first. Kaggle's HAM10000 has its
        # folders twice, in capitals and in small letters: that does no harm where both are equal.
        _, first = accepted.setdefault(inner.as_posix().casefold(), (inner, entry))
        if (first.CRC, first.file_size) != (entry.CRC, entry.file_size):
            raise _untrusted(archive, f"it holds two files called {entry.filename}")
    unpacked = sum(entry.file_size for _, entry in accepted.values())
    if unpacked > max(_SMALL_IN_ALL, archive.stat().st_size * MAX_RATIO):
        raise _untrusted(archive, "it is small and unpacks to huge files")
    return dict(accepted.values())


def _refuse_tricks(archive: Path, entry: zipfile.ZipInfo) -> PurePosixPath:
    """Return an entry's path, once it stays inside, is a file, and is not far too well packed."""
    name = entry.filename
    inner = PurePosixPath(name)
    if (
        not inner.parts
        or inner.is_absolute()
        or ".." in inner.parts
        or "\\" in name
        or ":" in name
        or "\\" in entry.orig_filename
    ):
        raise _untrusted(archive, f"it names a file outside itself ({name})")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _untrusted(archive, f"it holds a link or a device ({name})")
    if entry.flag_bits & 1:
        raise LibraryError(
            archive, "it asks for a password", "Unpack it yourself and import the folder"
        )
    if entry.file_size > max(_SMALL, entry.compress_size * MAX_RATIO):
        raise _untrusted(archive, f"a small part of it unpacks to a huge file ({name})")
    return inner


def _extract(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    with explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with packed.open(entry) as source, target.open("xb") as file:
            _copy(source, file)


def _copy(source: IO[bytes], file: IO[bytes]) -> None:
    # A file that is longer than its entry says ends there, and fails its checksum.
    while chunk := source.read(_CHUNK):
        file.write(chunk)


@contextlib.contextmanager
def _sound(archive: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise LibraryError(
            archive, f"it is no ZIP, or a damaged one ({error})", "Download it again"
        ) from error


def _untrusted(archive: Path, reason: str) -> LibraryError:
    return LibraryError(archive, reason, "Do not trust it; ask whoever made it for another")


def _free(folder: Path) -> int:
    """Return how many bytes the folder's disk has room for."""
    with explained(folder):
        return shutil.disk_usage(folder).free


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    return next((each for each in (folder, *folder.parents) if each.is_dir()), folder)


def _remove_abandoned(folder: Path) -> None:
    """Delete the rooms that killed imports left here a day or more ago."""
    oldest = time.time() - _ABANDONED_AFTER_SECONDS
    with contextlib.suppress(OSError):
        for room in folder.glob(f"{_PREFIX}*"):
            if room.stat().st_mtime < oldest:
                shutil.rmtree(room, ignore_errors=True)
