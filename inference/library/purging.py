"""The statements that forget what was deleted, inside a transaction that the store holds.

In two steps, with the removal of the files between them: from the first on nothing brings the
pictures back, so a kill leaves nothing that points at a file which is gone; the next purge goes on.
"""

from __future__ import annotations

import sqlite3

from inference.library.audit import record


def begin(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Make deletions final; return content hash and suffix of each picture's file.

    Pictures whose files were lost stay: nobody wanted them away.
    """
    connection.execute(
        "UPDATE deletions SET kind = 'purging' WHERE kind IN ('deleted', 'import undone')"
    )
    return connection.execute(
        "SELECT content_hash, suffix FROM images JOIN deletions ON image_id = images.id "
        "WHERE kind = 'purging' ORDER BY images.id"
    ).fetchall()


def finish(connection: sqlite3.Connection, who: str) -> int:
    """Forget the images whose deletion is final, and the cases that have none left.

    What would take changes of theirs back goes too: it may hold what was written of a patient.
    The audit keeps that there was a change, and of what kind.

    Returns:
        How many images.
    """
    gone = connection.execute(
        "DELETE FROM images WHERE id IN (SELECT image_id FROM deletions WHERE kind = 'purging')"
    ).rowcount
    _forget_empty_cases(connection)
    connection.execute(
        "UPDATE audit SET undo = NULL WHERE undone_by IS NULL AND ("
        "(json_extract(undo, '$.kind') = 'delete' AND id NOT IN (SELECT audit_id FROM deletions))"
        " OR (json_extract(undo, '$.kind') = 'import' "
        "AND id NOT IN (SELECT audit_id FROM imported)))"
    )
    if gone:
        record(connection, "purge", detail=f"{gone} pictures", who=who)
    return gone


def _forget_empty_cases(connection: sqlite3.Connection) -> None:
    """Forget cases without an image, and the names that were merged into them."""
    rows = connection.execute(
        "WITH RECURSIVE empty (id) AS ("
        "SELECT id FROM cases WHERE merged_into IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM images WHERE case_id = cases.id) "
        "UNION SELECT cases.id FROM cases JOIN empty ON merged_into = empty.id) "
        "SELECT id FROM empty"
    ).fetchall()
    connection.executemany("UPDATE cases SET merged_into = NULL WHERE id = ?", rows)
    connection.executemany("DELETE FROM cases WHERE id = ?", rows)
    connection.executemany("UPDATE audit SET undo = NULL WHERE case_id = ?", rows)
