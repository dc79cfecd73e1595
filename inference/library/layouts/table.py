"""Any folder of pictures with a table of their facts, whatever its columns are called.

Lesions are named by the source and their own name in it, ``"Clinic/17"``: two clinics' lesions 17
must not become one case.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from inference.library.layouts.tables import Row, columns_of, read_table

_SUFFIXES = (".csv", ".tsv", ".tab")
_NEEDED = ("picture", "diagnosis")

HEADERS: dict[str, tuple[str, ...]] = {
    "picture": (
        "picture", "image", "image id", "image name", "img id", "img", "file", "file name",
        "filename", "path", "image path", "file path", "isic id", "derm", "bild", "datei",
    ),
    "diagnosis": (
        "diagnosis", "dx", "label", "class", "diagnostic", "diagnose", "category",
    ),
    "lesion": ("lesion", "lesion id"),
    "patient": ("patient", "patient id"),
    "confirmation": ("confirmation", "dx type", "diagnosis confirm type", "confirmed by"),
    "age": ("age", "age approx", "patient age", "alter"),
    "sex": ("sex", "gender", "geschlecht"),
    "site": (
        "site", "localization", "localisation", "location", "body site", "region",
        "anatom site general", "lokalisation",
    ),
    "source": ("source", "dataset", "attribution", "quelle"),
    "licence": ("licence", "license", "copyright license", "lizenz"),
}  # fmt: skip
"""Our name of a column to the headers that are taken for it, in small letters, likeliest first."""


def _guessed(columns: tuple[str, ...]) -> dict[str, str]:
    """Return our name of a column to the table's, of those that can be told by their header."""
    plain = {" ".join(column.replace("_", " ").lower().split()): column for column in columns}
    guesses = {
        ours: next((plain[header] for header in headers if header in plain), None)
        for ours, headers in HEADERS.items()
    }
    return {ours: theirs for ours, theirs in guesses.items() if theirs is not None}


def _tables(folder: Path) -> list[Path]:
    with explained(folder):
        return sorted(each for each in folder.iterdir() if each.suffix.lower() in _SUFFIXES)


def _usable(folder: Path, named: Mapping[str, str]) -> list[Path]:
    """Return the tables that have, or are said to have, the columns that are needed."""
    return [
        table
        for table in _tables(folder)
        for columns in [columns_of(table)]
        if set(named.values()) <= set(columns)
        and set(_NEEDED) <= {**_guessed(columns), **named}.keys()
    ]


def _fits(folder: Path) -> bool:
    return bool(_usable(folder, {}))


def _read(origin: Origin) -> Reading:
    _refuse_strange(origin)
    table = _one_table(origin)
    content = read_table(table)
    columns = {**_guessed(content.columns), **origin.columns}
    pictures = Pictures.below(origin.folder)
    collected = Collected()
    for row in content.rows:
        mine = Row(row.table, row.line, {ours: row[theirs] for ours, theirs in columns.items()})
        make = partial(_found, mine, pictures, origin)
        collected.take(make, name=mine["picture"], where=mine.where)
    return collected.reading(columns=columns)


TABLE = Layout("table", "pictures with a table", _fits, _read)


def _refuse_strange(origin: Origin) -> None:
    strange = sorted(set(origin.columns) - set(HEADERS))
    if strange:
        raise LibraryError(
            origin.name,
            f"there is no column {' or '.join(strange)} to be filled",
            f"Columns are {', '.join(HEADERS)}",
        )


def _one_table(origin: Origin) -> Path:
    tables = _usable(origin.folder, origin.columns)
    if len(tables) == 1:
        return tables[0]
    if tables:
        raise LibraryError(
            origin.folder,
            f"several tables could be meant: {', '.join(each.name for each in tables)}",
            "Leave one of them in the folder",
        )
    there = {each.name: columns_of(each) for each in _tables(origin.folder)}
    if not there:
        raise LibraryError(origin.folder, "it holds no table", "Put a CSV file beside the pictures")
    listed = "; ".join(f"{name}: {', '.join(columns)}" for name, columns in there.items())
    raise LibraryError(
        origin.folder,
        f"no table has the columns of the picture and the diagnosis ({listed})",
        "Name them with --columns picture=...,diagnosis=...",
    )


def _found(row: Row, pictures: Pictures, origin: Origin) -> Found:
    image, word = row["picture"], facts.known(row["diagnosis"])
    if not image or not word:
        raise RowError("the picture or the diagnosis is empty", "Fill it in or delete the line")
    path = pictures.find(image)
    source = row["source"] or origin.name
    lesion = row["lesion"] or path.relative_to(origin.folder).as_posix()
    own = facts.picture_lesion(lesion, row["patient"])
    return found(
        path,
        word,
        f"{source}/{own}",
        where=row.where,
        confirmation=confirmation(row["confirmation"]),
        age=facts.age(row["age"]),
        sex=facts.sex(row["sex"]),
        site=facts.site(row["site"]),
        source=source,
        licence=facts.licence(row["licence"]),
    )
