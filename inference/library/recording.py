"""The statements that record a picture or its vector, inside a transaction that the store holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from inference.library.model import DRAWN, Case
from inference.library.store import Arrival, CodeArray, FloatArray, Outcome

_MOST = float(np.finfo(np.float16).max)


def add_one(connection: sqlite3.Connection, arrival: Arrival, model_id: int) -> Outcome:
    """Record one picture, its case when that is new, and its vector of one model.

    The caller holds the transaction.
    """
    (phantoms,) = connection.execute("SELECT phantoms FROM library").fetchone()
    if reason := wrong_kind(arrival.case, phantoms=bool(phantoms)):
        return Outcome("refused", reason)
    present = connection.execute(
        "SELECT images.id, lesion FROM images JOIN cases ON cases.id = case_id "
        "WHERE content_hash = ?",
        (arrival.content_hash,),
    ).fetchone()
    if present is not None:
        image_id, lesion = present
        if lesion != arrival.case.lesion:
            return Outcome("refused", same_picture_elsewhere(lesion))
        return _add_vector(connection, arrival, image_id, model_id)
    case_id = _case_for(connection, arrival.case)
    if isinstance(case_id, Outcome):
        return case_id
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
    record(connection, "image added", case_id, image_id, arrival.content_hash)
    return _add_vector(connection, arrival, int(image_id or 0), model_id)


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


def _case_for(connection: sqlite3.Connection, case: Case) -> int | Outcome:
    """Return the id of the case with this lesion, made when absent, or why it cannot be that."""
    present = connection.execute(
        "SELECT id, diagnosis FROM cases WHERE lesion = ?", (case.lesion,)
    ).fetchone()
    if present is None:
        case_id = connection.execute(
            "INSERT INTO cases "
            "(lesion, diagnosis, confirmation, age, sex, site, source, licence) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                case.lesion,
                case.diagnosis,
                case.confirmation,
                case.age,
                case.sex,
                case.site,
                case.source,
                case.licence,
            ),
        ).lastrowid
        record(connection, "case added", case_id, detail=case.lesion)
        return int(case_id or 0)
    case_id, diagnosis = present
    if diagnosis != case.diagnosis:
        return Outcome(
            "refused",
            f"lesion {case.lesion} is in the library with the diagnosis {diagnosis}, "
            f"not {case.diagnosis}",
        )
    return int(case_id)


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


def record(
    connection: sqlite3.Connection,
    action: str,
    case_id: int | None = None,
    image_id: int | None = None,
    detail: str = "",
) -> None:
    """Write one line of the audit."""
    connection.execute(
        "INSERT INTO audit (at, action, case_id, image_id, detail) VALUES (?, ?, ?, ?, ?)",
        (now(), action, case_id, image_id, detail),
    )


def now() -> str:
    """Return the time of now in UTC, as ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
