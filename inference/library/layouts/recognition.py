"""Recognises what a folder, a ZIP, a DICOMDIR or a pack holds, and reads it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from inference.errors import LibraryError
from inference.library.files import explained
from inference.library.layouts.classes import CLASSES
from inference.library.layouts.derm7pt import DERM7PT
from inference.library.layouts.dicom import DICOM, DIRECTORY
from inference.library.layouts.ham10000 import HAM10000
from inference.library.layouts.isic2019 import ISIC2019
from inference.library.layouts.isic_archive import ISIC_ARCHIVE
from inference.library.layouts.labels import LABELS
from inference.library.layouts.model import Layout, Origin, Reading
from inference.library.layouts.pack import PACK, is_pack, unpacked
from inference.library.layouts.ph2 import PH2
from inference.library.layouts.table import TABLE
from inference.library.layouts.unpacking import Scratch

LAYOUTS: tuple[Layout, ...] = (
    PACK, HAM10000, ISIC2019, ISIC_ARCHIVE, DERM7PT, PH2, LABELS, TABLE, CLASSES, DICOM,
)  # fmt: skip
"""The layouts, those that can be told for certain first."""

_DEPTH = 3
"""Folders that may lie around an archive, as when a ZIP holds one folder with everything in it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An archive that has been recognised and read.

    Attributes:
        layout: what it was taken for.
        reading: what it holds.
    """

    layout: Layout
    reading: Reading


@contextlib.contextmanager
def opened(
    source: Path,
    *,
    scratch: Path,
    layout: str = "",
    columns: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Opened]:
    """Recognise and read an archive; its pictures are there as long as the block lasts.

    Args:
        source: a folder, a ZIP, a DICOMDIR or a pack.
        scratch: the library's folder: beside it a ZIP is unpacked for the time being.
        layout: name of the one to take it for; without it the first that fits is taken.
        columns: our name of a column to the table's; then it is taken for a table.

    Raises:
        LibraryError: it is not there, no layout fits or the named one does not, the whole of it is
            unusable, or a ZIP is refused.
    """
    if columns and layout not in ("", TABLE.name):
        raise LibraryError(layout, "this layout has its own columns", "Leave --columns out")
    with Scratch(scratch) as room:
        folder, name = _folder(source, room)
        wanted = TABLE.name if columns and not layout else layout
        if _is_directory_file(source):
            wanted = wanted or DICOM.name
        taken, place = _recognised(source, folder, _named(wanted))
        yield Opened(taken, taken.read(Origin(place, name, columns, room.unpack)))


def _folder(source: Path, room: Scratch) -> tuple[Path, str]:
    """Return the folder to look into, and what to call the source."""
    with explained(source):
        is_folder, is_file = source.is_dir(), source.is_file()
    if is_folder:
        return source, source.resolve().name
    if not is_file:
        raise LibraryError(source, "there is no such file or folder", "Check the spelling")
    if _is_directory_file(source):
        return source.parent, source.resolve().parent.name
    return unpacked(source, room) if is_pack(source) else room.unpack(source), source.stem


def _is_directory_file(source: Path) -> bool:
    return source.name.upper() == DIRECTORY


def _named(name: str) -> tuple[Layout, ...]:
    if not name:
        return LAYOUTS
    layouts = tuple(layout for layout in LAYOUTS if layout.name == name)
    if not layouts:
        raise LibraryError(
            name,
            "there is no such layout",
            f"Layouts are {', '.join(layout.name for layout in LAYOUTS)}",
        )
    return layouts


def _recognised(source: Path, folder: Path, layouts: tuple[Layout, ...]) -> tuple[Layout, Path]:
    """Return the first layout that fits, and the folder that it fits.

    One that was asked for need not fit: it says itself what is missing.
    """
    places = _places(folder)
    for layout in layouts:
        for place in places:
            if layout.fits(place):
                return layout, place
    if len(layouts) == 1:
        return layouts[0], _innermost(places, layouts[0])
    raise LibraryError(
        source,
        "it is none of the layouts that CaseLens knows",
        "Name one with --layout (" + ", ".join(layout.name for layout in LAYOUTS) + ")",
    )


def _innermost(places: list[Path], layout: Layout) -> Path:
    """Return the folder in which what a layout needs should lie."""
    if layout is not CLASSES:
        return places[-1]
    # A lone class's folder holds nothing but pictures: the folder around it is meant.
    with explained(places[0]):
        wide = [place for place in places if any(each.is_dir() for each in place.iterdir())]
    return (wide or places)[-1]


def _places(folder: Path) -> list[Path]:
    """Return the folder and, as long as one holds nothing but another, those in it."""
    places = [folder]
    while len(places) <= _DEPTH:
        with explained(places[-1]):
            inner = [each for each in places[-1].iterdir() if _counts(each)]
        if len(inner) != 1 or not inner[0].is_dir():
            break
        places.append(inner[0])
    return places


def _counts(path: Path) -> bool:
    return not path.name.startswith((".", "__MACOSX"))
