"""The statements that take a change back, inside a transaction that the store holds.

Only where what the change left behind is still there: what a later change stands on is not pulled
away from under it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from inference.errors import LibraryError
from inference.library import audit
from inference.library.cases import read_facts, write_facts
from inference.library.editing import bury, reindex_cases_of
from inference.library.facts import values, with_values
from inference.library.model import Change
from inference.library.words import reindex

Undo = dict[str, Any]


def undo(connection: sqlite3.Connection, entry: int, who: str) -> Change:
    """Take the change of an audit entry back, and write an entry of its own about that.

    Returns:
        The change that was taken back.

    Raises:
        LibraryError: there is no such entry, it was taken back, nothing takes it back, or a later
            change stands on it.
    """
    change = audit.change(connection, entry)
    if change is None:
        raise LibraryError(_name(entry), "there is no such change", "Look at the history")
    if change.undone_by is not None:
        raise LibraryError(_name(entry), "it has been taken back already")
    if not change.can_undo:
        raise LibraryError(_name(entry), f"{change.action} cannot be taken back")
    how = audit.undo_of(connection, entry)
    by = audit.record(
        connection, "undo", change.case, detail=f"{entry}: {change.action} {change.detail}", who=who
    )
    _KINDS[how["kind"]](connection, entry, how, by)
    audit.mark_undone(connection, entry, by)
    return change


def _undo_edit(connection: sqlite3.Connection, entry: int, how: Undo, _by: int) -> None:
    row = connection.execute("SELECT 1 FROM cases WHERE id = ?", (how["case"],)).fetchone()
    if row is None:
        raise _in_the_way(entry)
    case = read_facts(connection, how["case"])
    if values(case, how["after"]) != how["after"]:
        raise _in_the_way(entry)
    write_facts(connection, case.id, with_values(case, how["before"]))
    reindex(connection, case.id)


def _undo_delete(connection: sqlite3.Connection, entry: int, how: Undo, _by: int) -> None:
    rows = connection.execute(
        "SELECT image_id FROM deletions WHERE audit_id = ? AND kind = 'deleted'",
        (entry,),
    ).fetchall()
    images = sorted(image for (image,) in rows)
    (kept,) = connection.execute(
        "SELECT count(*) FROM images WHERE id NOT IN "
        "(SELECT image_id FROM deletions WHERE kind = 'purging') "
        "AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(how["images"]),),
    ).fetchone()
    if kept < len(how["images"]):
        raise LibraryError(_name(entry), "what it deleted has been purged", "Import it again")
    connection.execute("DELETE FROM deletions WHERE audit_id = ?", (entry,))
    reindex_cases_of(connection, images)


def _undo_merge(connection: sqlite3.Connection, entry: int, how: Undo, by: int) -> None:
    into, merged = how["case"], how["merged"]
    images = json.dumps(how["images"])
    (moved,) = connection.execute(
        "SELECT count(*) FROM images WHERE case_id = ? AND id IN (SELECT value FROM json_each(?))",
        (into, images),
    ).fetchone()
    if moved < len(how["images"]):
        raise _in_the_way(entry)
    _undo_edit(connection, entry, how, by)
    connection.execute(
        "UPDATE images SET case_id = ? WHERE id IN (SELECT value FROM json_each(?))",
        (merged, images),
    )
    connection.execute("UPDATE cases SET merged_into = NULL WHERE id = ?", (merged,))
    reindex(connection, merged)
    reindex(connection, into)


def _undo_import(connection: sqlite3.Connection, entry: int, _how: Undo, by: int) -> None:
    rows = connection.execute(
        "SELECT live_images.id FROM live_images JOIN imported ON image_id = live_images.id "
        "WHERE audit_id = ? ORDER BY 1",
        (entry,),
    ).fetchall()
    bury(connection, [image for (image,) in rows], by, "import undone")


_KINDS: dict[str, Callable[[sqlite3.Connection, int, Undo, int], None]] = {
    "edit": _undo_edit,
    "delete": _undo_delete,
    "merge": _undo_merge,
    "import": _undo_import,
}


def _in_the_way(entry: int) -> LibraryError:
    return LibraryError(
        _name(entry), "a later change stands on it", "Take the later change back first"
    )


def _name(entry: int) -> str:
    return f"change {entry}"
