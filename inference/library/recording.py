"""The statements that record a picture or its vector, inside a transaction that the store holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from inference.library.audit import record
from inference.library.cases import insert_case, read_facts, standing_for, write_facts
from inference.library.model import DRAWN, Case
from inference.library.store import Arrival, CodeArray, FloatArray, ImportRun, Outcome
from inference.library.words import reindex

_MOST = float(np.finfo(np.float16).max)


def add_one(
    connection: sqlite3.Connection, arrival: Arrival, model_id: int, brought: list[int]
) -> Outcome:
    """Record one picture, its case when that is new, and its vector of one model.

    The caller holds the transaction. A picture that was not in the library before is appended to
    ``brought`` by its id.
    """
    (phantoms,) = connection.execute("SELECT phantoms FROM library").fetchone()
    if reason := wrong_kind(arrival.case, phantoms=bool(phantoms)):
        return Outcome("refused", reason)
    present = connection.execute(
        "SELECT id FROM images WHERE content_hash = ?", (arrival.content_hash,)
    ).fetchone()
    if present is not None:
        (image_id,) = present
        if reason := _kept_away(connection, image_id, arrival.case.lesion):
            return Outcome("refused", reason)
        if not _is_deleted(connection, image_id):
            return _add_vector(connection, arrival, image_id, model_id)
    case_id = _case_for(connection, arrival.case)
    if isinstance(case_id, Outcome):
        return case_id
    image_id = _insert_image(connection, arrival, case_id) if present is None else present[0]
    if present is not None:
        connection.execute("UPDATE images SET case_id = ? WHERE id = ?", (case_id, image_id))
        connection.execute("DELETE FROM deletions WHERE image_id = ?", (image_id,))
    if arrival.fingerprint is not None:
        add_fingerprint(connection, image_id, arrival.fingerprint)
    record(connection, "image added", case_id, image_id, arrival.content_hash)
    _add_vector(connection, arrival, image_id, model_id)
    reindex(connection, case_id)
    brought.append(image_id)
    return Outcome("added")


def known(
    connection: sqlite3.Connection, content_hash: str, lesion: str, model: str
) -> Outcome | None:
    """Say what would become of a picture if that is clear from its bytes, else None.

    It is there already, described by ``model``; or it is here in a way that lets none come.
    """
    row = connection.execute(
        "SELECT id FROM images WHERE content_hash = ?", (content_hash,)
    ).fetchone()
    if row is None:
        return None
    if reason := _kept_away(connection, row[0], lesion):
        return Outcome("refused", reason)
    described = connection.execute(
        "SELECT 1 FROM vectors JOIN models ON models.id = model_id "
        "WHERE image_id = ? AND sha256 = ?",
        (row[0], model),
    ).fetchone()
    if described is None or _is_deleted(connection, row[0]):
        return None
    return Outcome("already there")


def link(connection: sqlite3.Connection, images: Sequence[int], run: ImportRun) -> None:
    """Write new images on the audit entry of their import, made with the first of them."""
    if not images:
        return
    row = connection.execute(
        "SELECT id FROM audit WHERE run = ? AND undone_by IS NULL", (run.token,)
    ).fetchone()
    undo = {"kind": "import"}
    entry = row[0] if row else record(connection, "import", who=run.who, undo=undo, run=run.token)
    connection.executemany(
        "INSERT INTO imported (image_id, audit_id) VALUES (?, ?) "
        "ON CONFLICT (image_id) DO UPDATE SET audit_id = excluded.audit_id",
        [(image, entry) for image in images],
    )
    connection.execute(
        "UPDATE audit SET detail = (SELECT count(*) FROM imported WHERE audit_id = audit.id) "
        "|| ' pictures' WHERE id = ?",
        (entry,),
    )


def add_vectors(
    connection: sqlite3.Connection,
    images: Sequence[int],
    embeddings: FloatArray,
    model_id: int,
    *,
    maps: Mapping[str, FloatArray],
    codes: Mapping[int, CodeArray],
) -> int:
    """Record what one model says of images that are there; return how many it says more of.

    The caller holds the transaction.
    """
    added = 0
    for place, (image, embedding) in enumerate(zip(images, embeddings, strict=True)):
        new = connection.execute(
            "INSERT INTO vectors (model_id, image_id, embedding) "
            "SELECT ?, id, ? FROM images WHERE id = ? "
            "ON CONFLICT (image_id, model_id) DO NOTHING",
            (model_id, _blob(embedding), image),
        ).rowcount
        its = {name: values[place] for name, values in maps.items()}
        mapped = _add_maps(connection, its, image, model_id)
        own = {bits: values[place] for bits, values in codes.items()}
        coded = _add_codes(connection, own, image, model_id)
        added += bool(new or mapped or coded)
    return added


def add_fingerprint(connection: sqlite3.Connection, image_id: int, value: int) -> None:
    """Record what an image looks like, if the image is still recorded itself."""
    connection.execute(
        "INSERT INTO fingerprints (image_id, bits) SELECT id, ? FROM images WHERE id = ? "
        "ON CONFLICT DO NOTHING",
        # SQLite's numbers have a sign.
        (value - (1 << 64) if value >= 1 << 63 else value, image_id),
    )


def fingerprints(connection: sqlite3.Connection) -> list[tuple[int, int, int]]:
    """Return (image, case, fingerprint) of each image that is there and has one, ascending."""
    rows = connection.execute(
        "SELECT id, case_id, bits FROM live_images JOIN fingerprints ON image_id = id ORDER BY id"
    )
    return [(image, case, bits % (1 << 64)) for image, case, bits in rows]


def wrong_kind(case: Case, *, phantoms: bool) -> str:
    """Say why a case cannot be in a library of phantoms, or in one of patients; "" if it can.

    What the screen says of a drawing or a patient hangs on the library: it must never hold both.
    """
    drawn = case.confirmation == DRAWN
    if drawn and not phantoms:
        return "it is a computer-drawn phantom, and this library holds patients' cases"
    if phantoms and not drawn:
        return "it is not marked as drawn, and this library holds computer-drawn phantoms only"
    return ""


def same_picture_elsewhere(lesion: str) -> str:
    """Say why a picture that another case holds already is refused."""
    return f"the same picture is already in the library, under lesion {lesion}"


def _kept_away(connection: sqlite3.Connection, image_id: int, lesion: str) -> str:
    """Say why a picture that is recorded may not come again with this lesion; "" if it may.

    What a curator deleted stays away, however often an archive is imported; what left the library
    with its import, or because its file was lost, may come back.
    """
    kind, its, case_id = connection.execute(
        "SELECT coalesce(kind, ''), lesion, cases.id FROM images JOIN cases ON cases.id = case_id "
        "LEFT JOIN deletions ON image_id = images.id WHERE images.id = ?",
        (image_id,),
    ).fetchone()
    if kind in ("deleted", "purging"):
        return deleted("the picture")
    if kind in ("", "missing") and its != lesion:
        named = connection.execute("SELECT id FROM cases WHERE lesion = ?", (lesion,)).fetchone()
        if named is None or standing_for(connection, named[0]) != case_id:
            return same_picture_elsewhere(its)
    return ""


def deleted(what: str) -> str:
    """Say why something that was deleted does not come back by an import."""
    return (
        f"{what} was deleted from the library; take that back with caselens library undo, or "
        "purge the library to let it come as new"
    )


def _is_deleted(connection: sqlite3.Connection, image_id: int) -> bool:
    row = connection.execute("SELECT 1 FROM deletions WHERE image_id = ?", (image_id,)).fetchone()
    return row is not None


def _insert_image(connection: sqlite3.Connection, arrival: Arrival, case_id: int) -> int:
    image_id = connection.execute(
        "INSERT INTO images (case_id, name, content_hash, suffix, height, width, bytes) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            case_id,
            arrival.name,
            arrival.content_hash,
            arrival.suffix,
            arrival.height,
            arrival.width,
            arrival.bytes,
        ),
    ).lastrowid
    return int(image_id or 0)


def _case_for(connection: sqlite3.Connection, case: Case) -> int | Outcome:
    """Return the id of the case with this lesion, made when absent, or why it cannot be that."""
    named = connection.execute("SELECT id FROM cases WHERE lesion = ?", (case.lesion,)).fetchone()
    if named is None:
        case_id = insert_case(connection, case)
        record(connection, "case added", case_id, detail=case.lesion)
        return case_id
    case_id = standing_for(connection, named[0])
    live = connection.execute(
        "SELECT diagnosis FROM live_cases WHERE id = ?", (case_id,)
    ).fetchone()
    if live is None:
        return _case_again(connection, case_id, case)
    if live[0] != case.diagnosis:
        return Outcome(
            "refused",
            f"lesion {case.lesion} is in the library with the diagnosis {live[0]}, "
            f"not {case.diagnosis}",
        )
    return case_id


def _case_again(connection: sqlite3.Connection, case_id: int, case: Case) -> int | Outcome:
    """Let a case come back whose pictures have all left, unless somebody deleted one of them.

    One whose files were lost comes back with what curators wrote of it.
    """
    rows = connection.execute(
        "SELECT DISTINCT kind FROM deletions JOIN images ON images.id = image_id WHERE case_id = ?",
        (case_id,),
    ).fetchall()
    kinds = {kind for (kind,) in rows}
    if kinds & {"deleted", "purging"}:
        return Outcome("refused", deleted(f"lesion {case.lesion}"))
    if "missing" not in kinds:
        lesion = read_facts(connection, case_id).lesion
        write_facts(connection, case_id, replace(case, lesion=lesion))
        record(connection, "case added", case_id, detail=lesion)
    return case_id


def _add_vector(
    connection: sqlite3.Connection, arrival: Arrival, image_id: int, model_id: int
) -> Outcome:
    added = connection.execute(
        "INSERT INTO vectors (model_id, image_id, embedding) VALUES (?, ?, ?) "
        "ON CONFLICT (image_id, model_id) DO NOTHING",
        (model_id, image_id, _blob(arrival.embedding)),
    ).rowcount
    _add_maps(connection, arrival.maps, image_id, model_id)
    _add_codes(connection, arrival.codes, image_id, model_id)
    return Outcome("added" if added else "already there")


def _add_maps(
    connection: sqlite3.Connection, maps: Mapping[str, FloatArray], image_id: int, model_id: int
) -> int:
    """Record maps beside their vector, if that is there; return how many were new."""
    return sum(
        connection.execute(
            "INSERT INTO maps (vector_id, name, channels, row_count, column_count, half) "
            "SELECT id, ?, ?, ?, ?, ? FROM vectors WHERE image_id = ? AND model_id = ? "
            "ON CONFLICT (vector_id, name) DO NOTHING",
            (name, *values.shape, _half(values), image_id, model_id),
        ).rowcount
        for name, values in maps.items()
    )


def _add_codes(
    connection: sqlite3.Connection, codes: Mapping[int, CodeArray], image_id: int, model_id: int
) -> int:
    """Record hash codes beside their vector, if that is there; return how many were new."""
    return sum(
        connection.execute(
            "INSERT INTO codes (vector_id, bits, code) "
            "SELECT id, ?, ? FROM vectors WHERE image_id = ? AND model_id = ? "
            "ON CONFLICT (vector_id, bits) DO NOTHING",
            (bits, code.tobytes(), image_id, model_id),
        ).rowcount
        for bits, code in codes.items()
    )


def _half(values: FloatArray) -> bytes:
    # Half precision ends at 65,504; no model that was shipped comes anywhere near.
    return np.clip(values, -_MOST, _MOST).astype("<f2").tobytes()


def _blob(embedding: FloatArray) -> bytes:
    return embedding.astype("<f4", copy=False).tobytes()
