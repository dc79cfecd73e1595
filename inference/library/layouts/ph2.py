"""PH² as it is released (Mendonça et al. 2013): ``PH2_dataset.txt`` beside the cases' folders.

The table's cells stand between ``||``; it begins and ends in the middle of a text. A copy of it as
CSV, from the spreadsheet or made by others, is read too. A case's picture is
``PH2 Dataset images/IMD003/IMD003_Dermoscopic_Image/IMD003.bmp``, and beside it lie masks.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

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
from inference.library.layouts.pictures import SUFFIXES, Pictures, files_below
from inference.library.layouts.tables import Row

_TABLES = ("ph2_dataset.txt", "ph2_dataset.csv")
_NAMES = ("name", "image name", "image_name", "image")
_CLINICAL = ("clinical diagnosis", "diagnosis")
_HISTOLOGICAL = "histological diagnosis"
_WORDS = ("common nevus", "atypical nevus", "melanoma")
"""The clinical diagnoses 0, 1 and 2; in the spreadsheet each has a column to be marked."""

_IMAGE_FOLDER = "_dermoscopic_image"
_SOURCE, _LICENCE = "PH2", "research and education only"


def _table(folder: Path) -> Path | None:
    with explained(folder):
        entries = {each.name.lower(): each for each in folder.iterdir()}
    return next((entries[name] for name in _TABLES if name in entries), None)


def _fits(folder: Path) -> bool:
    return _table(folder) is not None


def _read(origin: Origin) -> Reading:
    table = _table(origin.folder)
    if table is None:
        raise LibraryError(
            origin.folder, "it holds no PH2_dataset.txt", "Put it beside the folder of the pictures"
        )
    pictures = Pictures()
    pictures.add(origin.folder, _pictures(origin.folder))
    collected = Collected()
    for row in _rows(table):
        name = row.first(_NAMES)
        collected.take(partial(_found, row, name, pictures), name=name, where=row.where)
    return collected.reading()


PH2 = Layout("ph2", "PH² as released", _fits, _read)


def _pictures(folder: Path) -> Iterator[Path]:
    for path in files_below(folder):
        in_its_folder = path.parent.name.lower().endswith(_IMAGE_FOLDER)
        if in_its_folder and path.suffix.lower() in SUFFIXES:
            yield path


def _rows(table: Path) -> list[Row]:
    """Return the rows between the line of the column names and the text below."""
    try:
        with explained(table):
            lines = table.read_text(encoding="utf-8-sig").splitlines()
        cells = list(_cells(table, lines))
    except (csv.Error, UnicodeDecodeError) as error:
        raise LibraryError(
            table, f"it is not a table in UTF-8 text ({error})", "Download it again"
        ) from error
    for start, (_, header) in enumerate(cells):
        columns = [" ".join(cell.lower().split()) for cell in header]
        if not set(columns).isdisjoint(_NAMES):
            return [
                Row(table.name, line, dict(zip(columns, texts, strict=False)))
                for line, texts in cells[start + 1 :]
                if any(texts)
            ]
    raise LibraryError(table, "no line of it names its columns", "Download it again")


def _cells(table: Path, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells): of the text those between bars, of a CSV all."""
    if table.suffix.lower() == ".csv":
        reader = csv.reader(lines)
        for texts in reader:
            yield reader.line_num, [text.strip() for text in texts]
        return
    for line, text in enumerate(lines, start=1):
        if text.strip().startswith("||"):
            yield line, [cell.strip() for cell in text.strip().strip("|").split("||")]


def _found(row: Row, name: str, pictures: Pictures) -> Found:
    if not name:
        raise RowError("it names no picture", "Correct it or delete the line")
    return found(
        pictures.find(name),
        _diagnosis(row),
        f"{_SOURCE}/{name}",
        where=row.where,
        confirmation="histopathology" if facts.known(row[_HISTOLOGICAL]) else "unknown",
        source=_SOURCE,
        licence=_LICENCE,
    )


def _diagnosis(row: Row) -> str:
    stated = row.first(_CLINICAL)
    if stated.isdecimal() and int(stated) < len(_WORDS):
        return _WORDS[int(stated)]
    marked = [word for word in _WORDS if row[word] not in ("", "0")]
    if stated or len(marked) != 1:
        if stated.lower() in _WORDS:
            return stated
        raise RowError("it states no one diagnosis", "Correct it or delete the line")
    return marked[0]
