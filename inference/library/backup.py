"""A whole library in one file, and back: the database, every picture and its thumbnail.

The index is left out: it is made again from the database.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from inference.errors import LibraryError
from inference.library import container
from inference.library.checking import Picture, pictures
from inference.library.connection import connect, explained_sqlite
from inference.library.container import Container, Part
from inference.library.files import explained, part_beside, sync_folder
from inference.library.identity import refuse_stranger
from inference.library.library import DATABASE, Library
from inference.library.model import Progress
from inference.library.pixels import PixelStore

KIND = "CaseLens library backup"

_NAME = re.compile(
    rf"{re.escape(DATABASE)}|(images|thumbs)/([0-9a-f]{{2}})/\2[0-9a-f]{{62}}\.[a-z0-9]{{1,5}}"
)
_WITHOUT_FILE = ("missing", "purging")

Told = Callable[[Progress], None]


def back_up(library: Library, file: Path, *, progress: Told = lambda _: None) -> int:
    """Write a library, as it is at one instant, into one file; others may go on changing it.

    Deleted pictures that were not purged are in it, and can be taken back after a restore.

    Args:
        library: open; reading suffices.
        file: an earlier backup there is replaced once the new one is whole.
        progress: told of the pictures.

    Returns:
        How many pictures are in it.

    Raises:
        LibraryError: another file is in the way, a picture is missing or altered, the disk is
            full, or nothing can be written there.
    """
    _require_room(file)
    with part_beside(file) as copy:
        try:
            library.inspection.copy_database(copy)
            with explained_sqlite(copy), closing(connect(copy, "ro")) as connection:
                kept = [each for each in pictures(connection) if each.state not in _WITHOUT_FILE]
            parts = [(DATABASE, copy), *_files(library.folder, kept)]
            facts = {"name": library.name, "pictures": len(kept)}
            check = _Check({each.content_hash for each in kept}, library, progress)
            container.write(file, KIND, parts, facts, told=check)
        finally:
            copy.unlink(missing_ok=True)
    return len(kept)


def restore(file: Path, folder: Path, *, progress: Told = lambda _: None) -> int:
    """Make a library from a backup: complete, or not there at all.

    Args:
        file: the backup; every part is compared with its hash before anything is written.
        folder: absent or empty.
        progress: told of the pictures, twice: when they are checked and when they are written.

    Returns:
        How many pictures are in it.

    Raises:
        LibraryError: the folder holds something, the file is no backup or damaged, it is from a
            newer program, or the disk is full.
    """
    with explained(folder):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise LibraryError(folder, "there is something already", "Choose a new or empty folder")
    with Container.open(file, KIND) as backup:
        for part in backup.parts:
            if not _NAME.fullmatch(part.name):
                raise LibraryError(
                    file, f"{part.name} is no part of a library", "Choose another file"
                )
        pictures = sum(_is_picture(part) for part in backup.parts)
        backup.verify(_Count(pictures, "checking", progress))
        with explained(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
            part_folder = folder.parent / f".{secrets.token_hex(8)}.part"
            part_folder.mkdir()
        try:
            backup.unpack(part_folder, _Count(pictures, "restoring", progress))
            count = _require_whole(file, part_folder)
            with explained(folder):
                if folder.exists():
                    folder.rmdir()
                part_folder.rename(folder)
        except BaseException:
            shutil.rmtree(part_folder, ignore_errors=True)
            raise
    sync_folder(folder.parent)
    return count


def _files(folder: Path, kept: list[Picture]) -> Iterator[tuple[str, Path]]:
    store = PixelStore(folder)
    for picture in kept:
        original, thumb = store.paths(picture.content_hash, picture.suffix)
        yield original.relative_to(folder).as_posix(), original
        if thumb.is_file():
            yield thumb.relative_to(folder).as_posix(), thumb


def _require_whole(file: Path, folder: Path) -> int:
    """Refuse an unpacked library that lacks something; return how many pictures it holds."""
    database = folder / DATABASE
    if not database.is_file():
        raise LibraryError(file, "it holds no library", "Choose another file")
    with explained_sqlite(database):
        refuse_stranger(database)
        with closing(connect(database, "ro")) as connection:
            told = connection.execute("PRAGMA integrity_check").fetchone()[0]
            kept = [each for each in pictures(connection) if each.state not in _WITHOUT_FILE]
    store = PixelStore(folder)
    lacking = [p.name for p in kept if not store.path(p.content_hash, p.suffix).is_file()]
    if told != "ok" or lacking:
        what = f"it lacks {lacking[0]}" if lacking else "its database is damaged"
        raise LibraryError(file, what, "Choose another copy")
    return len(kept)


def _require_room(file: Path) -> None:
    """Refuse a place where there is no folder, or another file than an earlier backup."""
    with explained(file):
        in_the_way, has_folder = file.exists(), file.parent.is_dir()
    if not has_folder:
        raise LibraryError(file.parent, "there is no such folder", "Make it, or choose another one")
    if not in_the_way:
        return
    try:
        with Container.open(file, KIND):
            pass
    except LibraryError as error:
        raise LibraryError(
            file, "a file that is no backup of ours is in the way", "Choose another name"
        ) from error


def _is_picture(part: Part) -> bool:
    return part.name.startswith("images/")


class _Count:
    """Passes on how many pictures are done."""

    def __init__(self, total: int, stage: str, progress: Told) -> None:
        self._total = total
        self._stage = stage
        self._progress = progress
        self._done = 0
        self._begun = time.monotonic()

    def __call__(self, part: Part) -> None:
        if not _is_picture(part):
            return
        self._done += 1
        rate = self._done / max(time.monotonic() - self._begun, 1e-9)
        left = (self._total - self._done) / rate
        self._progress(Progress(self._done, self._total, rate, left, self._stage))


class _Check(_Count):
    """Refuses a picture whose bytes are not those that were imported."""

    def __init__(self, hashes: set[str], library: Library, progress: Told) -> None:
        super().__init__(len(hashes), "backing up", progress)
        self._hashes = hashes
        self._folder = library.folder

    def __call__(self, part: Part) -> None:
        if _is_picture(part) and part.sha256 not in self._hashes:
            raise LibraryError(
                self._folder / part.name,
                "the stored picture has been altered or damaged",
                "Run caselens library verify DIR --repair first",
            )
        super().__call__(part)
