"""Tables of facts: rows by column name, with the line that each stands on."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from inference.errors import LibraryError
from inference.library.files import explained

MAX_BYTES = 256 * 2**20
"""Largest table that is read: a row for each picture of ten ISIC Archives."""

_DELIMITERS = (",", ";", "\t")
_UTF8 = "utf-8-sig"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        table: the file's name.
        line: its number; the column names stand on line 1.
        values: column to text.
    """

    table: str
    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the text without blanks around it; "" where there is none."""
        return self.values.get(column, "").strip()

    def first(self, columns: Iterable[str]) -> str:
        """Return the text of the first of these columns that is not empty, or ""."""
        return next((self[column] for column in columns if self[column]), "")

    @property
    def where(self) -> str:
        """Say the place: ``"meta.csv, line 3"``."""
        return f"{self.table}, line {self.line}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its first line taken for column names."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(path: Path, required: Iterable[str] = ()) -> Table:
    """Read a table in UTF-8 text, its columns divided by commas, semicolons or tabulators.

    A short row's last columns are empty; what a row has beyond the columns is left out.

    Raises:
        LibraryError: it cannot be read, is no such table, is over `MAX_BYTES`, or lacks a column.
    """
    try:
        with explained(path):
            _refuse_large(path)
            with path.open(encoding=_UTF8, newline="") as file:
                delimiter = _delimiter(file.readline())
                file.seek(0)
                reader = csv.DictReader(file, restval="", delimiter=delimiter)
                columns = tuple(reader.fieldnames or ())
                _require(path, columns, tuple(required))
                rows = tuple(
                    Row(path.name, reader.line_num, {key: row[key] for key in columns})
                    for row in reader
                )
    except (csv.Error, UnicodeDecodeError) as error:
        raise LibraryError(
            path, f"it is not a table in UTF-8 text ({error})", "Save it again as CSV UTF-8"
        ) from error
    return Table(path, columns, rows)


def columns_of(path: Path) -> tuple[str, ...]:
    """Return the column names of a table, or none where it is not one."""
    try:
        with explained(path), path.open(encoding=_UTF8, newline="") as file:
            line = file.readline(MAX_BYTES)
            return tuple(next(csv.reader([line], delimiter=_delimiter(line)), ()))
    except (csv.Error, UnicodeDecodeError):
        return ()


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _refuse_large(path: Path) -> None:
    if path.stat().st_size > MAX_BYTES:
        raise LibraryError(
            path,
            f"the table is larger than {MAX_BYTES // 2**20} MB",
            "Divide it, with its pictures, into several folders",
        )


def _require(path: Path, columns: tuple[str, ...], required: tuple[str, ...]) -> None:
    missing = [name for name in required if name not in columns]
    if missing:
        raise LibraryError(
            path,
            f"it lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}",
            f"Its first line must name the columns {', '.join(required)}",
        )
