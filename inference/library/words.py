"""The search by words: over a case's diagnosis, lesion, site, tags, note, source and pictures.

One row of SQLite's full-text table for each case that is there, written by the same transaction
as the case. A lesion's other names, from cases that were merged into it, find it too.
"""

from __future__ import annotations

import re
import sqlite3

_ROW = (
    "SELECT id, lesion || coalesce((SELECT ' ' || group_concat(lesion, ' ') FROM "
    "(WITH RECURSIVE others (id, lesion) AS ("
    "SELECT id, lesion FROM cases AS merged WHERE merged.merged_into = live_cases.id "
    "UNION SELECT cases.id, cases.lesion FROM cases JOIN others ON merged_into = others.id) "
    "SELECT lesion FROM others ORDER BY id)), ''), "
    "diagnosis || ' ' || diagnosis_name(diagnosis), site, "
    "coalesce((SELECT group_concat(tag, ' ') FROM "
    "(SELECT tag FROM tags WHERE case_id = live_cases.id ORDER BY tag)), ''), "
    "note, source, (SELECT group_concat(name, ' ') FROM "
    "(SELECT name FROM live_images WHERE case_id = live_cases.id ORDER BY live_images.id)) "
    "FROM live_cases "
)
_COLUMNS = "lesion, diagnosis, site, tags, note, source, pictures"
_INSERT = f"INSERT INTO words (rowid, {_COLUMNS}) {_ROW}"
_KEPT = f"SELECT rowid, {_COLUMNS} FROM words"  # noqa: S608 - our own names
_OUT_OF_STEP = (
    f"SELECT id FROM (SELECT * FROM ({_ROW}) EXCEPT {_KEPT}) "  # noqa: S608 - our own names
    f"UNION SELECT rowid FROM ({_KEPT} EXCEPT {_ROW}) ORDER BY 1"
)
_FOUND = (
    "SELECT rowid FROM words WHERE words MATCH ? "
    # The columns weighted in their order: what is named by a word comes before what mentions it.
    "ORDER BY bm25(words, 4.0, 4.0, 2.0, 3.0, 1.0, 1.0, 1.0), rowid LIMIT ?"
)

_WORD = re.compile(r"\w+")


def reindex(connection: sqlite3.Connection, case_id: int) -> None:
    """Write a case's row anew, or drop it when the case is no longer there.

    The caller holds the transaction of the change.
    """
    connection.execute("DELETE FROM words WHERE rowid = ?", (case_id,))
    connection.execute(f"{_INSERT} WHERE id = ?", (case_id,))


def refill(connection: sqlite3.Connection) -> None:
    """Write every row anew. The caller holds the transaction."""
    connection.execute("DELETE FROM words")
    connection.execute(_INSERT)


def out_of_step(connection: sqlite3.Connection) -> list[int]:
    """Return the ids of the cases whose row is not what it should be, ascending."""
    rows = connection.execute(_OUT_OF_STEP).fetchall()
    return [case for (case,) in rows]


def search(connection: sqlite3.Connection, text: str, limit: int | None) -> list[int]:
    """Return the cases that have every word of ``text``, best first.

    Nothing but words counts in what the reader types: signs separate them, and no sign is an
    operator. The last word may be the beginning of one. Capitals and accents make no difference.

    Args:
        connection: to the library.
        text: as typed; without a word in it, nothing is found.
        limit: how many at most; None for all.

    Returns:
        Ids, by Robertson's BM25 with the columns weighted; equal ones by id.
    """
    query = _query(text)
    if not query:
        return []
    rows = connection.execute(_FOUND, (query, -1 if limit is None else limit)).fetchall()
    return [case for (case,) in rows]


def _query(text: str) -> str:
    """Return FTS5's query for what was typed; "" where it holds no word.

    In quotes a word is a string, whatever it says: ``AND`` and ``NOT`` too.
    """
    *words, last = [f'"{word}"' for word in _WORD.findall(text)] or [""]
    # Twice, so that "mel" the word comes before words that begin so.
    return " AND ".join([*words, f"({last} OR {last}*)"]) if last else ""
