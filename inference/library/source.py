"""Reads a source whose every row must be sound: the program's own, or one that is measured on."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from inference.errors import LibraryError
from inference.library.layouts.labels import TABLE, read_labels
from inference.library.model import NewCase


def read_source(folder: Path, *, splits: Collection[str] | None = None) -> list[NewCase]:
    """Read ``labels.csv`` beside ``images/``, without opening a picture.

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
    reading = read_labels(folder, splits=splits)
    for row in reading.rejected:
        line = row.where.removeprefix(f"{TABLE}, ")
        raise LibraryError(folder / TABLE, f"{line}: {row.reason}", row.advice)
    return [each.item for each in reading.found]
