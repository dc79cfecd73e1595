"""Finds the picture that a table names among the files of a folder."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath, PurePosixPath

from inference.library.files import explained
from inference.library.layouts.model import RowError

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".dcm")

_NO_PICTURES = ("mask", "segmentation", "superpixel")
"""Parts of the names of folders whose files are called like pictures and are drawings of them."""


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and its folders, by name; none that systems hide there.

    Links to folders are not followed: they can lead round in circles, or out.

    Raises:
        LibraryError: a folder cannot be read.
    """
    with explained(folder):
        for place, folders, files in os.walk(folder, onerror=_raise):
            folders[:] = sorted(name for name in folders if not _is_hidden(name))
            for name in sorted(files):
                if not _is_hidden(name):
                    yield Path(place, name)


def pictures_below(folder: Path) -> Iterator[Path]:
    """Yield the files of `files_below` that are pictures by their names, masks left out."""
    for path in files_below(folder):
        inner = path.relative_to(folder).parent
        if path.suffix.lower() in SUFFIXES and not holds_drawings(inner):
            yield path


def holds_drawings(folder: PurePath) -> bool:
    """Say by its name whether a folder holds masks and the like."""
    return any(word in folder.as_posix().lower() for word in _NO_PICTURES)


class Pictures:
    """The picture files of an archive, by name."""

    def __init__(self) -> None:
        self._by_name: defaultdict[str, list[tuple[str, Path]]] = defaultdict(list)

    @classmethod
    def below(cls, *folders: Path) -> Pictures:
        """Take every picture in some folders and their folders."""
        pictures = cls()
        for folder in folders:
            pictures.add(folder, pictures_below(folder))
        return pictures

    def add(self, root: Path, paths: Iterable[Path]) -> None:
        """Take files that lie below ``root``, which tables name from there."""
        for path in paths:
            inner = _key(path.relative_to(root).as_posix())
            for name in {_key(path.name), _key(path.stem)}:
                self._by_name[name].append((inner, path))

    def find(self, name: str) -> Path:
        """Return the file that a table calls ``name``: a name or a path, with its suffix or not.

        Raises:
            RowError: there is none, there are several, or the name leads out of the folder.
        """
        wanted = _inside(name)
        matches = self._matches(wanted)
        if not matches:
            raise RowError("its picture is not there", "Put it beside the others")
        if len(matches) > 1:
            raise RowError(
                f"{len(matches)} pictures have this name", "Name the folder of the picture too"
            )
        return matches[0]

    def _matches(self, wanted: PurePosixPath) -> list[Path]:
        candidates = self._by_name.get(_key(wanted.name)) or self._by_name.get(
            _key(_bare(wanted.name)), []
        )
        if len(wanted.parts) == 1:
            return [path for _, path in candidates]
        # A path may begin above the folder that is imported, or in a folder of it.
        outer = _key(_bare(wanted.as_posix()))
        return [
            path
            for inner, path in candidates
            if _ends_with(outer, _bare(inner)) or _ends_with(_bare(inner), outer)
        ]


def _inside(name: str) -> PurePosixPath:
    """Return the path that a table names, once it cannot lead out of the folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    if not path.name or path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name:
        raise RowError(f"{name!r} is not the name of a picture", "Correct it")
    return path


def _ends_with(path: str, end: str) -> bool:
    return path == end or path.endswith("/" + end)


def _bare(path: str) -> str:
    """Return the path without a picture's suffix; what follows another dot is the name's own."""
    suffix = PurePosixPath(path).suffix
    return path.removesuffix(suffix) if suffix.lower() in SUFFIXES else path


def _key(name: str) -> str:
    # A name that was packed on a Mac has its accents apart.
    return unicodedata.normalize("NFC", name).casefold()


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX"))


def _raise(error: OSError) -> None:
    raise error
