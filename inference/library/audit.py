"""The statements of the audit trail: who changed what, and what takes it back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from inference.library.model import Change

_CHANGES = (
    "SELECT id, at, who, action, case_id, detail, undone_by, "
    "undo IS NOT NULL AND undone_by IS NULL FROM audit "
)
_OF_ONE_PICTURE = "action NOT IN ('case added', 'image added')"
"""Lines that an import's own entry sums up."""


def record(
    connection: sqlite3.Connection,
    action: str,
    case_id: int | None = None,
    image_id: int | None = None,
    detail: str = "",
    *,
    who: str = "",
    undo: Mapping[str, Any] | None = None,
    run: str | None = None,
) -> int:
    """Write one line of the audit, inside the transaction of the change; return its id.

    Args:
        connection: in a transaction.
        action: what kind.
        case_id: the case that it concerns, where it is one.
        image_id: the image that it concerns, where it is one.
        detail: what was changed, in words.
        who: made the change.
        undo: what takes it back, for `inference.library.undoing`; None where nothing does.
        run: of an import.
    """
    kept = None if undo is None else json.dumps(undo, ensure_ascii=False)
    entry = connection.execute(
        "INSERT INTO audit (at, action, case_id, image_id, detail, who, undo, run) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (now(), action, case_id, image_id, detail, who, kept, run),
    ).lastrowid
    return int(entry or 0)


def now() -> str:
    """Return the time of now in UTC, as ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def changes(connection: sqlite3.Connection, limit: int | None) -> list[Change]:
    """Return the newest changes, newest first; all without a ``limit``."""
    rows = connection.execute(
        f"{_CHANGES} WHERE {_OF_ONE_PICTURE} ORDER BY id DESC LIMIT ?",
        (-1 if limit is None else limit,),
    ).fetchall()
    return [_change(row) for row in rows]


def change(connection: sqlite3.Connection, entry: int) -> Change | None:
    """Return one change, or None when there is no such entry."""
    row = connection.execute(f"{_CHANGES} WHERE id = ?", (entry,)).fetchone()
    return None if row is None else _change(row)


def newest_undoable(connection: sqlite3.Connection) -> int | None:
    """Return the id of the newest change that can be taken back, or None."""
    row = connection.execute(
        "SELECT max(id) FROM audit WHERE undo IS NOT NULL AND undone_by IS NULL"
    ).fetchone()
    return None if row[0] is None else int(row[0])


def undo_of(connection: sqlite3.Connection, entry: int) -> dict[str, Any]:
    """Return what takes a change back, as `record` was given it."""
    (kept,) = connection.execute("SELECT undo FROM audit WHERE id = ?", (entry,)).fetchone()
    found: dict[str, Any] = json.loads(kept)
    return found


def mark_undone(connection: sqlite3.Connection, entry: int, by: int) -> None:
    """Note that the entry ``by`` took a change back."""
    connection.execute("UPDATE audit SET undone_by = ? WHERE id = ?", (by, entry))


def _change(row: tuple[Any, ...]) -> Change:
    entry, at, who, action, case, detail, undone_by, can_undo = row
    return Change(entry, at, who, action, case, detail, undone_by, bool(can_undo))
