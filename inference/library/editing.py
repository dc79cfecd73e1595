"""The statements that change cases by hand, inside a transaction that the store holds.

Each writes one entry of the audit, with what `inference.library.undoing` needs to take it back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import replace

from inference.errors import LibraryError
from inference.library import facts
from inference.library.audit import record
from inference.library.cases import read_case, write_facts
from inference.library.facts import EDITABLE, tidied, values, with_values
from inference.library.model import Case
from inference.library.words import reindex


def edit(connection: sqlite3.Connection, before: Case, after: Case, who: str) -> int | None:
    """Give a case the facts in which ``after`` differs from ``before``.

    Returns:
        The audit entry; None where nothing differs.

    Raises:
        LibraryError: the case is gone, one of these facts was changed meanwhile, or a fact is
            not one that a case can have.
    """
    present = present_case(connection, before.id)
    meant = [name for name in EDITABLE if getattr(before, name) != getattr(after, name)]
    after = tidied(after)
    changed = [name for name in meant if getattr(before, name) != getattr(after, name)]
    if not changed:
        return None
    if any(getattr(present, name) != getattr(before, name) for name in changed):
        raise LibraryError(
            f"case {before.id}",
            "somebody changed it meanwhile",
            "Look at it again before you change it",
        )
    (phantoms,) = connection.execute("SELECT phantoms FROM library").fetchone()
    facts.check(after, phantoms=bool(phantoms))
    write_facts(connection, before.id, with_values(present, values(after, changed)))
    reindex(connection, before.id)
    return record(
        connection,
        "edit",
        before.id,
        detail="; ".join(facts.told(name, before, after) for name in changed),
        who=who,
        undo={
            "kind": "edit",
            "case": before.id,
            "before": values(before, changed),
            "after": values(after, changed),
        },
    )


def delete(
    connection: sqlite3.Connection,
    cases: Collection[int],
    images: Collection[int],
    who: str,
    *,
    kind: str = "deleted",
) -> int:
    """Take cases and single images out of the library; their rows stay until a purge.

    A case without any image left is gone with its last one.

    Returns:
        The audit entry.

    Raises:
        LibraryError: a case or an image is not there; then nothing is deleted.
    """
    chosen: dict[int, int] = {}
    for case_id in cases:
        chosen |= dict.fromkeys(present_case(connection, case_id).images, case_id)
    for image_id in images:
        row = connection.execute(
            "SELECT case_id FROM live_images WHERE id = ?", (image_id,)
        ).fetchone()
        if row is None:
            raise LibraryError(f"image {image_id}", "it is not in the library", "Search again")
        chosen[image_id] = row[0]
    if not chosen:
        raise ValueError("neither a case nor an image was named")
    touched = sorted(set(chosen.values()))
    entry = record(
        connection,
        "delete" if kind == "deleted" else "mark as missing",
        touched[0] if len(touched) == 1 else None,
        detail=_counted(connection, touched, len(chosen)),
        who=who,
        # What lost its file comes back with that alone.
        undo={"kind": "delete", "images": sorted(chosen)} if kind == "deleted" else None,
    )
    bury(connection, sorted(chosen), entry, kind)
    return entry


def merge(connection: sqlite3.Connection, case_id: int, into: int, who: str) -> int:
    """Move all images of a case to another one, which gets its tags, days and note besides.

    The case stays as another name for that lesion: what is imported under it later goes there.

    Returns:
        The audit entry.

    Raises:
        LibraryError: a case is not there, both are the same, or their diagnoses differ.
    """
    source, target = present_case(connection, case_id), present_case(connection, into)
    if case_id == into:
        raise LibraryError(f"case {into}", "it cannot be merged with itself", "Name two cases")
    if source.diagnosis != target.diagnosis:
        raise LibraryError(
            f"case {case_id}",
            f"its diagnosis is {source.diagnosis}, that of case {into} {target.diagnosis}",
            "Correct one of them first: one lesion has one diagnosis",
        )
    both = tidied(
        replace(
            target,
            tags=target.tags + source.tags,
            follow_ups=target.follow_ups + source.follow_ups,
            note="\n".join(note for note in (target.note, source.note) if note),
        )
    )
    images = [
        image
        for (image,) in connection.execute(
            "SELECT id FROM images WHERE case_id = ? ORDER BY id", (case_id,)
        )
    ]
    changed = [name for name in EDITABLE if getattr(target, name) != getattr(both, name)]
    write_facts(connection, into, with_values(target, values(both, changed)))
    connection.execute("UPDATE images SET case_id = ? WHERE case_id = ?", (into, case_id))
    connection.execute("UPDATE cases SET merged_into = ? WHERE id = ?", (into, case_id))
    reindex(connection, case_id)
    reindex(connection, into)
    return record(
        connection,
        "merge",
        into,
        detail=f"case {case_id} ({source.lesion}) into case {into} ({target.lesion})",
        who=who,
        undo={
            "kind": "merge",
            "case": into,
            "merged": case_id,
            "images": images,
            "before": values(target, changed),
            "after": values(both, changed),
        },
    )


def bury(connection: sqlite3.Connection, images: Sequence[int], entry: int, kind: str) -> None:
    """Note that images are no longer there, by the audit entry that took them out."""
    connection.executemany(
        "INSERT INTO deletions (image_id, audit_id, kind) VALUES (?, ?, ?)",
        [(image, entry, kind) for image in images],
    )
    reindex_cases_of(connection, images)


def reindex_cases_of(connection: sqlite3.Connection, images: Sequence[int]) -> None:
    """Write what is searched by words anew, for the cases of these images."""
    cases = {
        case
        for image in images
        for (case,) in connection.execute("SELECT case_id FROM images WHERE id = ?", (image,))
    }
    for case in sorted(cases):
        reindex(connection, case)


def present_case(connection: sqlite3.Connection, case_id: int) -> Case:
    """Return a case that is there.

    Raises:
        LibraryError: it is not.
    """
    case = read_case(connection, case_id)
    if case is None:
        raise LibraryError(f"case {case_id}", "it is not in the library", "Search again")
    return case


def _counted(connection: sqlite3.Connection, cases: Sequence[int], images: int) -> str:
    pictures = f"{images} picture{'s' * (images > 1)}"
    if len(cases) > 1:
        return f"{pictures} of {len(cases)} cases"
    (lesion,) = connection.execute("SELECT lesion FROM cases WHERE id = ?", tuple(cases)).fetchone()
    return f"{pictures} of case {cases[0]} ({lesion})"
