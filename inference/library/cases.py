"""The statements that read and write the facts of a case."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date

from inference.library.model import Case

_FACTS = (
    "lesion",
    "diagnosis",
    "confirmation",
    "age",
    "sex",
    "site",
    "source",
    "licence",
    "patient",
    "note",
)
"""Columns of ``cases`` that are attributes of `Case` of the same name."""

_COLUMNS = ", ".join(_FACTS)
_MARKS = ", ".join("?" * len(_FACTS))
_SET = ", ".join(f"{name} = ?" for name in _FACTS)


def read_case(connection: sqlite3.Connection, case_id: int) -> Case | None:
    """Return a case that is there, with the images of it that are; else None."""
    images = connection.execute(
        "SELECT id FROM live_images WHERE case_id = ? ORDER BY id", (case_id,)
    ).fetchall()
    if not images:
        return None
    return replace(read_facts(connection, case_id), images=tuple(image for (image,) in images))


def read_facts(connection: sqlite3.Connection, case_id: int) -> Case:
    """Return the facts of a case, deleted or not, without its images."""
    chosen = f"SELECT {_COLUMNS} FROM cases WHERE id = ?"  # noqa: S608 - our own names
    row = connection.execute(chosen, (case_id,)).fetchone()
    tags = connection.execute("SELECT tag FROM tags WHERE case_id = ?", (case_id,))
    days = connection.execute(
        "SELECT day FROM follow_ups WHERE case_id = ? ORDER BY day", (case_id,)
    )
    return Case(
        id=case_id,
        **dict(zip(_FACTS, row, strict=True)),
        tags=tuple(sorted((tag for (tag,) in tags), key=str.lower)),
        follow_ups=tuple(date.fromisoformat(day) for (day,) in days),
    )


def insert_case(connection: sqlite3.Connection, case: Case) -> int:
    """Record a new case; return its id."""
    case_id = connection.execute(
        f"INSERT INTO cases ({_COLUMNS}) VALUES ({_MARKS})",  # noqa: S608 - our own names
        _values(case),
    ).lastrowid
    _write_lists(connection, int(case_id or 0), case)
    return int(case_id or 0)


def write_facts(connection: sqlite3.Connection, case_id: int, case: Case) -> None:
    """Give a case that is recorded all the facts of ``case``."""
    connection.execute(
        f"UPDATE cases SET {_SET} WHERE id = ?",  # noqa: S608 - our own names
        (*_values(case), case_id),
    )
    connection.execute("DELETE FROM tags WHERE case_id = ?", (case_id,))
    connection.execute("DELETE FROM follow_ups WHERE case_id = ?", (case_id,))
    _write_lists(connection, case_id, case)


def case_of(connection: sqlite3.Connection, lesion: str) -> int | None:
    """Return the case that is there of the lesion with this name, also after a merger."""
    named = connection.execute("SELECT id FROM cases WHERE lesion = ?", (lesion,)).fetchone()
    if named is None:
        return None
    case_id = standing_for(connection, named[0])
    there = connection.execute("SELECT 1 FROM live_cases WHERE id = ?", (case_id,)).fetchone()
    return None if there is None else case_id


def standing_for(connection: sqlite3.Connection, case_id: int) -> int:
    """Return the case that a case was merged into, over all steps; itself when it was not."""
    (found,) = connection.execute(
        "WITH RECURSIVE way (id, next) AS (SELECT id, merged_into FROM cases WHERE id = ? "
        "UNION SELECT cases.id, merged_into FROM cases JOIN way ON cases.id = next) "
        "SELECT id FROM way WHERE next IS NULL",
        (case_id,),
    ).fetchone()
    return int(found)


def _values(case: Case) -> tuple[object, ...]:
    return tuple(getattr(case, name) for name in _FACTS)


def _write_lists(connection: sqlite3.Connection, case_id: int, case: Case) -> None:
    connection.executemany(
        "INSERT INTO tags (case_id, tag) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(case_id, tag) for tag in case.tags],
    )
    connection.executemany(
        "INSERT INTO follow_ups (case_id, day) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(case_id, day.isoformat()) for day in case.follow_ups],
    )
