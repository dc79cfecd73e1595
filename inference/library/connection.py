"""One SQLite connection, opened the way its drive needs, and its errors in plain words."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from inference.errors import LibraryError
from inference.library.errors import DamagedLibraryError
from inference.library.mounts import is_network_share

BUSY_SECONDS = 10.0
"""How long a write waits for another program's write before it gives up."""

_WAL_FORMAT = 2  # bytes 18 and 19 of the header, https://www.sqlite.org/fileformat.html

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
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        known = _REASONS.get(code)
        if known is None:
            raise
        kind = DamagedLibraryError if code in _DAMAGED else LibraryError
        raise kind(file, *known) from error


def connect(file: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open ``file`` for use by several threads, one at a time; a writable one is made if absent.

    Transactions are explicit (`transaction`); a committed one is on the disk.

    Raises:
        sqlite3.Error: it cannot be opened; wrap the call in `explained_sqlite`.
    """
    connection = sqlite3.connect(
        _uri(file, read_only=read_only),
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        if not read_only:
            _choose_journal(connection, file)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
    except BaseException:
        connection.close()
        raise
    return connection


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


def uses_wal(file: Path) -> bool:
    """Say whether the database's header asks for a write-ahead log.

    Raises:
        OSError: the file cannot be read.
    """
    with file.open("rb") as opened:
        header = opened.read(20)
    return len(header) == 20 and header[18] == _WAL_FORMAT


def _uri(file: Path, *, read_only: bool) -> str:
    # "file://" + "//server/share" also gives SQLite the four slashes it wants for a share.
    path = file.absolute().as_posix()
    uri = "file://" + quote(path if path.startswith("/") else f"/{path}")
    if not read_only:
        return f"{uri}?mode=rwc"
    log = file.with_name(f"{file.name}-wal")
    if uses_wal(file) and not (log.exists() and log.stat().st_size > 0):
        # Without a writable folder SQLite cannot make the log's index, and with no log there
        # is nothing in it to miss.
        return f"{uri}?mode=ro&immutable=1"
    return f"{uri}?mode=ro"


def _choose_journal(connection: sqlite3.Connection, file: Path) -> None:
    """Ask for a write-ahead log on a local drive, for a rollback journal on a share.

    A library that was moved to a share still asks for the log in its header; the exclusive lock
    lets SQLite read it there without shared memory, once, to leave that mode.
    """
    if not is_network_share(file.parent):
        connection.execute("PRAGMA journal_mode = WAL")
        return
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA locking_mode = NORMAL")
    # The lock is given back by the next read.
    connection.execute("PRAGMA user_version").fetchone()
