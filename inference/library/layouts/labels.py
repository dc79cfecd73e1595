"""A table ``labels.csv`` beside the folder ``images/``: the program's own plain layout.

Columns: ``image_id``, ``lesion_id``, ``dx``, ``dx_type``, ``age``, ``sex``, ``localization``;
optional ``split``, ``source`` and ``licence``. Other columns are ignored.
"""

from __future__ import annotations

from collections.abc import Collection
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
from inference.library.layouts.tables import Row, columns_of, read_table

TABLE = "labels.csv"
PICTURES = "images"

_REQUIRED = ("image_id", "lesion_id", "dx", "dx_type", "age", "sex", "localization")
_SUFFIXES = (".jpg", ".jpeg", ".png")


def read_labels(folder: Path, *, name: str = "", splits: Collection[str] | None = None) -> Reading:
    """Read the table and find each row's picture, without opening one.

    A row whose picture is missing is kept: whoever reads the picture says so by name.

    Args:
        folder: holds ``labels.csv`` and ``images/``.
        name: the source of rows that name none; by default the folder's.
        splits: take only rows whose ``split`` is one of these; None takes all.

    Raises:
        LibraryError: no table or no folder of pictures there, a column is missing, or no row is
            left.
    """
    table = folder / TABLE
    _require(table, is_there=_is_file(table), what="the table of the pictures is missing")
    rows = read_table(table, _REQUIRED if splits is None else (*_REQUIRED, "split")).rows
    if not rows:
        raise LibraryError(
            table, "it lists no pictures", "Write one line for each picture below the first line"
        )
    pictures = _pictures(folder / PICTURES)
    if splits is not None:
        rows = tuple(row for row in rows if row["split"] in splits)
        if not rows:
            raise LibraryError(
                table,
                f"no row has the split {' or '.join(sorted(splits))}",
                "Check the spelling against the column split",
            )
    collected = Collected()
    for row in rows:
        make = partial(_found, folder, name or folder.resolve().name, row, pictures)
        collected.take(make, name=row["image_id"], where=row.where)
    return collected.reading()


def _fits(folder: Path) -> bool:
    table = folder / TABLE
    # One of other columns is any table.
    is_ours = _is_file(table) and set(_REQUIRED) <= set(columns_of(table))
    return is_ours and (folder / PICTURES).is_dir()


def _read(origin: Origin) -> Reading:
    return read_labels(origin.folder, name=origin.name)


LABELS = Layout("labels", f"a table {TABLE} beside a folder {PICTURES}", _fits, _read)


def _is_file(path: Path) -> bool:
    with explained(path):
        return path.is_file()


def _require(place: Path, *, is_there: bool, what: str) -> None:
    if not is_there:
        raise LibraryError(
            place, what, f"A source folder holds {TABLE} and, beside it, the folder {PICTURES}"
        )


def _pictures(folder: Path) -> dict[str, Path]:
    """Return name without suffix to file, of every picture in ``folder``."""
    with explained(folder):
        is_there = folder.is_dir()
    _require(folder, is_there=is_there, what="the folder of the pictures is missing")
    with explained(folder):
        files = sorted(folder.iterdir(), reverse=True)
    return {path.stem: path for path in files if path.suffix.lower() in _SUFFIXES}


def _found(folder: Path, name: str, row: Row, pictures: dict[str, Path]) -> Found:
    image, lesion, diagnosis = row["image_id"], row["lesion_id"], row["dx"]
    if not image or not lesion or not diagnosis:
        raise RowError("image_id, lesion_id or dx is empty", "Fill it in or delete the line")
    if image != Path(image).name or "\\" in image:
        raise RowError(f"{image!r} is not the name of a picture", "Correct image_id")
    source, licence = facts.provenance(lesion, row["source"], row["licence"])
    path = pictures.get(image) or pictures.get(Path(image).stem)
    return found(
        path or folder / PICTURES / f"{image}{_SUFFIXES[0]}",
        diagnosis,
        lesion,
        where=row.where,
        confirmation=confirmation(row["dx_type"]),
        age=facts.age(row["age"]),
        sex=facts.sex(row["sex"]),
        site=facts.site(row["localization"]),
        source=source or name,
        licence=licence,
    )
