"""Whether a database is a library of ours, and still the file that was opened."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from inference.library.connection import connect
from inference.library.files import explained
from inference.library.schema import require_library


def refuse_stranger(file: Path) -> None:
    """Refuse what is not a library of ours before a connection that may change it is opened.

    Raises:
        LibraryError: as `require_library` does.
        sqlite3.Error: it cannot be read; wrap the call in `explained_sqlite`.
    """
    try:
        with closing(connect(file, "ro")) as connection:
            require_library(connection, file)
    except sqlite3.OperationalError as error:
        # A killed program left a half change, which only a writer can undo: look afterwards.
        if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
            raise


def identity_of(file: Path) -> tuple[int, int]:
    """Return what tells the file from every other one that may take its name.

    Raises:
        LibraryError: it is no longer there.
    """
    with explained(file):
        status = file.stat()
    return status.st_dev, status.st_ino
