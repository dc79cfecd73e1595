"""HAM10000 as it is downloaded (Tschandl et al. 2018).

``HAM10000_metadata``, from Dataverse as ``.tab`` or without a suffix and from Kaggle as ``.csv``,
beside ``HAM10000_images_part_1`` and ``_2``, as folders or as the ZIPs that they come in.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from inference.diagnoses import confirmation
from inference.errors import LibraryError
from inference.library.files import explained
from inference.library.layouts import facts
from inference.library.layouts.model import (
    Collected,
    Found,
    Layout,
    Origin,
    Reading,
    RowError,
    found,
)
from inference.library.layouts.pictures import Pictures
from inference.library.layouts.tables import Row, read_table

_TABLES = tuple(f"ham10000_metadata{suffix}" for suffix in ("", ".csv", ".tab", ".tsv", ".txt"))
_PARTS = "ham10000_images_part_"
_REQUIRED = ("image_id", "lesion_id", "dx", "dx_type", "age", "sex", "localization")
_SOURCE, _LICENCE = "HAM10000", "CC BY-NC 4.0"


def _table(folder: Path) -> Path | None:
    with explained(folder):
        return next(
            (each for each in sorted(folder.iterdir()) if each.name.lower() in _TABLES), None
        )


def _fits(folder: Path) -> bool:
    return _table(folder) is not None


def _read(origin: Origin) -> Reading:
    table = _table(origin.folder)
    if table is None:
        raise LibraryError(
            origin.folder, "it holds no HAM10000_metadata", "Put it beside the pictures' folders"
        )
    rows = read_table(table, _REQUIRED).rows
    pictures = _pictures(origin)
    collected = Collected()
    for row in rows:
        collected.take(partial(_found, row, pictures), name=row["image_id"], where=row.where)
    return collected.reading()


HAM10000 = Layout("ham10000", "HAM10000 as downloaded", _fits, _read)


def _pictures(origin: Origin) -> Pictures:
    """Find the pictures of both parts; a ZIP counts where its folder is not there."""
    with explained(origin.folder):
        entries = sorted(origin.folder.iterdir())
    parts = [each for each in entries if each.name.lower().startswith(_PARTS)]
    # Kaggle's copy has each folder twice, the second time in small letters.
    folders = {each.name.lower(): each for each in parts if each.is_dir()}
    for each in parts:
        if each.suffix.lower() == ".zip" and each.stem.lower() not in folders:
            folders[each.stem.lower()] = origin.unpack(each)
    if not folders:
        raise LibraryError(
            origin.folder,
            "the folders HAM10000_images_part_1 and HAM10000_images_part_2 are missing",
            "Put them, or their ZIPs, beside the table",
        )
    return Pictures.below(*folders.values())


def _found(row: Row, pictures: Pictures) -> Found:
    if not row["image_id"] or not row["lesion_id"] or not row["dx"]:
        raise RowError("image_id, lesion_id or dx is empty", "Fill it in or delete the line")
    return found(
        pictures.find(row["image_id"]),
        row["dx"],
        row["lesion_id"],
        where=row.where,
        confirmation=confirmation(row["dx_type"]),
        age=facts.age(row["age"]),
        sex=facts.sex(row["sex"]),
        site=facts.site(row["localization"]),
        source=_SOURCE,
        licence=_LICENCE,
    )
