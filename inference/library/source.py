"""Reads a folder of pictures with a table of their facts: ``labels.csv`` beside ``images/``.

Columns: ``image_id``, ``lesion_id``, ``dx``, ``dx_type``, ``age``, ``sex``, ``localization``;
optional ``split``, ``source`` and ``licence``. Other columns are ignored.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from pathlib import Path

from inference.diagnoses import confirmation
from inference.errors import LibraryError
from inference.library.files import explained
from inference.library.model import Case, NewCase

TABLE = "labels.csv"
PICTURES = "images"

_REQUIRED = ("image_id", "lesion_id", "dx", "dx_type", "age", "sex", "localization")
_SUFFIXES = (".jpg", ".jpeg", ".png")
_COLLECTIONS = {"HAM_": ("HAM10000", "CC BY-NC 4.0")}
"""Archives that can be told by how they name lesions: prefix to source and licence."""


def read_source(folder: Path, *, splits: Collection[str] | None = None) -> list[NewCase]:
    """Read the table and find each row's picture, without opening one.

    A row whose picture is missing is kept: the build reports it by name.

    Args:
        folder: holds ``labels.csv`` and ``images/``.
        splits: take only rows whose ``split`` is one of these; None takes all.

    Returns:
        The pictures in the order of the table.

    Raises:
        LibraryError: no table or no folder of pictures there, a column is missing, a row is
            malformed, or no row is left.
    """
    table = folder / TABLE
    rows = _rows(table, _REQUIRED if splits is None else (*_REQUIRED, "split"))
    if not rows:
        raise LibraryError(
            table, "it lists no pictures", "Write one line for each picture below the first line"
        )
    pictures = _pictures(folder / PICTURES)
    if splits is not None:
        rows = [(line, row) for line, row in rows if row["split"] in splits]
        if not rows:
            raise LibraryError(
                table,
                f"no row has the split {' or '.join(sorted(splits))}",
                "Check the spelling against the column split",
            )
    return [_new_case(folder, table, line, row, pictures) for line, row in rows]


def _rows(table: Path, required: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """Return (line number, column to text) of each row, once all columns are there."""
    with explained(table):
        is_there = table.is_file()
    if not is_there:
        raise LibraryError(
            table,
            "the table of the pictures is missing",
            f"A source folder holds {TABLE} and, beside it, the folder {PICTURES}",
        )
    try:
        with explained(table), table.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in required if name not in (reader.fieldnames or ())]
            if missing:
                raise LibraryError(
                    table,
                    f"it lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}",
                    f"Its first line must name the columns {', '.join(required)}",
                )
            return [(reader.line_num, row) for row in reader]
    except (csv.Error, UnicodeDecodeError) as error:
        raise LibraryError(
            table, f"it is not a table in UTF-8 text ({error})", "Save it again as CSV UTF-8"
        ) from error


def _pictures(folder: Path) -> dict[str, Path]:
    """Return name without suffix to file, of every picture in ``folder``."""
    with explained(folder):
        is_there = folder.is_dir()
    if not is_there:
        raise LibraryError(
            folder,
            "the folder of the pictures is missing",
            f"A source folder holds {TABLE} and, beside it, the folder {PICTURES}",
        )
    with explained(folder):
        files = sorted(folder.iterdir(), reverse=True)
    return {path.stem: path for path in files if path.suffix.lower() in _SUFFIXES}


def _new_case(
    folder: Path, table: Path, line: int, row: Mapping[str, str], pictures: Mapping[str, Path]
) -> NewCase:
    image, lesion, diagnosis = (row[name].strip() for name in ("image_id", "lesion_id", "dx"))
    if not image or not lesion or not diagnosis:
        raise LibraryError(
            table,
            f"line {line} leaves image_id, lesion_id or dx empty",
            "Fill it in or delete the line",
        )
    if image != Path(image).name or "\\" in image:
        raise LibraryError(
            table, f"line {line}: {image!r} is not the name of a picture", "Correct image_id"
        )
    source, licence = _provenance(folder, row, lesion)
    path = pictures.get(image) or pictures.get(Path(image).stem)
    return NewCase(
        path=path or folder / PICTURES / f"{image}{_SUFFIXES[0]}",
        case=Case(
            id=0,
            lesion=lesion,
            diagnosis=diagnosis,
            confirmation=confirmation(row["dx_type"]),
            age=_age(table, line, row["age"]),
            sex=_known(row["sex"]),
            site=_known(row["localization"]),
            source=source,
            licence=licence,
        ),
    )


def _provenance(folder: Path, row: Mapping[str, str], lesion: str) -> tuple[str, str]:
    """Return (source, licence): as the row says, else by the archive, else the folder's name."""
    source, licence = row.get("source") or "", row.get("licence") or ""
    for prefix, (archive, terms) in _COLLECTIONS.items():
        if lesion.startswith(prefix):
            return source or archive, licence or terms
    return source or folder.resolve().name, licence


def _age(table: Path, line: int, text: str) -> float | None:
    if not _known(text):
        return None
    try:
        age = float(text)
    except ValueError as error:
        raise LibraryError(
            table, f"line {line}: the age {text!r} is not a number", "Correct it or leave it empty"
        ) from error
    return age if 0 <= age <= 150 else None


def _known(text: str) -> str:
    """Return the text, or "" where the archive says in words that it does not know."""
    word = text.strip()
    return "" if word.lower() in ("", "unknown", "nan", "none", "n/a", "na") else word
