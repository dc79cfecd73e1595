"""One SQLite connection, and its errors in plain words.

The journal is SQLite's rollback journal everywhere. A write-ahead log would let a long reader and
a writer pass one another, but does not work on network shares, and in a folder where the reader
may not write it can only be read while a writer is there. Transactions here last milliseconds.

Nothing but SQLite opens the file: the locks of POSIX belong to the process, and closing a file
gives up every lock that the process holds on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from inference.diagnoses import diagnosis_name
from inference.errors import LibraryError
from inference.library.errors import DamagedLibraryError

BUSY_SECONDS = 10.0
"""How long a write waits for another program's write before it gives up."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

_REASONS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: (
        "another program is writing to the library and does not finish",
        "Wait for the import or the other window to end, and try again",
    ),
    sqlite3.SQLITE_LOCKED: (
        "another program is writing to the library and does not finish",
        "Wait for the import or the other window to end, and try again",
    ),
    sqlite3.SQLITE_FULL: (
        "the disk is full; what was complete before has been kept",
        "Free some space and try again",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "the library's database is damaged",
        "Copy the folder to a safe place, then put back a copy from its backups folder or your own",
    ),
    sqlite3.SQLITE_NOTADB: (
        "the file is not a database, or is damaged from its first byte",
        "Choose another folder, or put back a backup",
    ),
    sqlite3.SQLITE_READONLY: (
        "nothing can be written there",
        "Copy the whole folder to a place where you may write",
    ),
    sqlite3.SQLITE_READONLY_ROLLBACK: (
        "a program was cut off while it changed the library, and undoing that half change takes "
        "permission to write",
        "Open it once from an account that may write to the folder",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "the database cannot be opened",
        "Check that the drive is connected and that you may read and write the folder",
    ),
    sqlite3.SQLITE_PERM: (
        "you may not open the database",
        "Ask for permission to the folder",
    ),
    sqlite3.SQLITE_IOERR: (
        "the drive failed while the database was read or written",
        "Check that the drive or share is still connected, and try again",
    ),
}


@contextlib.contextmanager
def explained_sqlite(file: Path) -> Iterator[None]:
    """Turn SQLite's known errors into a `LibraryError` about ``file``.

    Told apart by SQLite's result code, never by the words of its message. A code that no
    circumstance outside the program explains (a wrong statement, a broken constraint) is a bug
    and passes through.
    """
    try:
        yield
    except sqlite3.Error as error:
        extended = getattr(error, "sqlite_errorcode", 0)
        code = extended & 0xFF
        known = _REASONS.get(extended) or _REASONS.get(code)
        if known is None:
            raise
        kind = DamagedLibraryError if code in _DAMAGED else LibraryError
        raise kind(file, *known) from error


def connect(file: Path, mode: Literal["ro", "rw", "rwc"]) -> sqlite3.Connection:
    """Open ``file`` for use by several threads, one at a time.

    Transactions are explicit (`transaction`); a committed one is on the disk.

    Args:
        file: the database.
        mode: ``"ro"`` changes nothing, not even after a crash; ``"rw"`` needs the file to be
            there; ``"rwc"`` makes it when absent.

    Raises:
        sqlite3.Error: it cannot be opened; wrap the call in `explained_sqlite`.
    """
    # "file://" + "//server/share" also gives SQLite the four slashes it wants for a share.
    path = file.absolute().as_posix()
    uri = "file://" + quote(path if path.startswith("/") else f"/{path}")
    connection = sqlite3.connect(
        f"{uri}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        # What is purged is overwritten, not only unlinked.
        connection.execute("PRAGMA secure_delete = ON")
        connection.create_function("diagnosis_name", 1, diagnosis_name, deterministic=True)
    except BaseException:
        connection.close()
        raise
    return connection


def leave_log(connection: sqlite3.Connection) -> None:
    """Go back to the rollback journal in a library that some tool put in write-ahead mode."""
    connection.execute("PRAGMA journal_mode = DELETE")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the body as one transaction: all of it happened, or nothing did."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk makes SQLite roll back on its own.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """Let every statement of the body see the same state, whatever other programs write."""
    connection.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("COMMIT")
