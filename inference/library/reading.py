"""The statements that count, and read what the models say: vectors and feature maps."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.errors import LibraryError
from inference.library.store import Entries, MapBatch, Summary, Vectors

_MAPS = (
    "SELECT vectors.id, image_id, case_id, embedding, channels, row_count, column_count, half "
    "FROM maps JOIN vectors ON vectors.id = vector_id "
    "JOIN live_images ON live_images.id = image_id "
    "WHERE maps.name = ? AND model_id = (SELECT id FROM models WHERE sha256 = ?) "
)
MapName = tuple[str, str]
"""A map's name, and the SHA-256 of the model that gives it."""

_MapRow = tuple[int, int, int, bytes, int, int, int, bytes]


def summary(connection: sqlite3.Connection) -> Summary:
    """Count what is there; the caller holds one state."""
    name, phantoms = connection.execute("SELECT name, phantoms FROM library").fetchone()
    images, size = connection.execute(
        "SELECT count(*), coalesce(sum(bytes), 0) FROM live_images"
    ).fetchone()
    (deleted,) = connection.execute("SELECT count(*) FROM deletions").fetchone()
    models = connection.execute(
        "SELECT sha256, count(*) AS n FROM vectors JOIN models ON models.id = model_id "
        "WHERE image_id NOT IN (SELECT image_id FROM deletions) "
        "GROUP BY model_id ORDER BY n DESC, model_id DESC"
    )
    diagnoses = connection.execute(
        "SELECT diagnosis, count(*) FROM live_cases GROUP BY diagnosis ORDER BY diagnosis"
    )
    confirmations = connection.execute(
        "SELECT confirmation, count(*) AS n FROM live_cases GROUP BY confirmation "
        "ORDER BY n DESC, confirmation"
    )
    counts = dict(diagnoses.fetchall())
    return Summary(
        name=name,
        phantoms=bool(phantoms),
        cases=sum(counts.values()),
        images=images,
        diagnoses=counts,
        confirmations=dict(confirmations.fetchall()),
        models=dict(models.fetchall()),
        image_bytes=size,
        deleted=deleted,
    )


def entries(connection: sqlite3.Connection, model: str) -> Entries:
    """Return the images that are there and have a vector of ``model``."""
    rows = connection.execute(
        "SELECT image_id, case_id FROM vectors JOIN live_images ON live_images.id = image_id "
        "WHERE model_id = (SELECT id FROM models WHERE sha256 = ?) ORDER BY image_id",
        (model,),
    ).fetchall()
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    images, cases = (np.ascontiguousarray(column) for column in table.T)
    return Entries(images, cases)


def vectors(
    connection: sqlite3.Connection, file: Path, model: str, dimension: int, after: int
) -> Vectors:
    """Return the vectors of ``model`` with ids above ``after``; the caller holds one state.

    Those of deleted images are among them, and in `fingerprint`: so an index stays valid when one
    is deleted, and holds it when that is taken back. `entries` says which count.

    Raises:
        LibraryError: about ``file``: a vector has not the length it should have.
    """
    chosen = "FROM vectors WHERE model_id = (SELECT id FROM models WHERE sha256 = ?) AND id > ?"
    (count,) = connection.execute(f"SELECT count(*) {chosen}", (model, after)).fetchone()
    vector_ids, images = np.empty((2, count), dtype=np.int64)
    values = np.empty((count, dimension), dtype=np.float32)
    rows = connection.execute(
        f"SELECT id, image_id, embedding {chosen} ORDER BY id", (model, after)
    )
    for place, (vector_id, image, blob) in enumerate(rows):
        if len(blob) != 4 * dimension:
            raise _damaged(file, "vector")
        vector_ids[place] = vector_id
        images[place] = image
        values[place] = np.frombuffer(blob, dtype="<f4")
    return Vectors(int(vector_ids[-1]) if count else 0, images, values)


def fingerprint(connection: sqlite3.Connection, model: str, last: int) -> tuple[int, str]:
    """Return (count, SHA-256) over id, image and content of the vectors up to id ``last``."""
    digest, count = hashlib.sha256(), 0
    for row in connection.execute(
        "SELECT vectors.id, image_id, content_hash FROM vectors "
        "JOIN images ON images.id = image_id "
        "WHERE model_id = (SELECT id FROM models WHERE sha256 = ?) AND vectors.id <= ? "
        "ORDER BY vectors.id",
        (model, last),
    ):
        digest.update("{} {} {}\n".format(*row).encode())
        count += 1
    return count, digest.hexdigest()


def unmapped(connection: sqlite3.Connection, model: str, names: Sequence[str]) -> list[int]:
    """Return the ids of the images that lack a map of one of these names, ascending."""
    lacking: set[int] = set()
    for name in names:
        rows = connection.execute(
            "SELECT id FROM live_images EXCEPT SELECT image_id FROM maps "
            "JOIN vectors ON vectors.id = vector_id "
            "WHERE maps.name = ? AND model_id = (SELECT id FROM models WHERE sha256 = ?)",
            (name, model),
        )
        lacking.update(image for (image,) in rows)
    return sorted(lacking)


def maps_of(
    connection: sqlite3.Connection, file: Path, which: MapName, images: Sequence[int]
) -> MapBatch:
    """Return the maps of this name that a model gave some images, where they are kept.

    Raises:
        LibraryError: about ``file``: a map has not the size it should have.
    """
    marks = ", ".join("?" * len(images))
    chosen = f"{_MAPS} AND image_id IN ({marks})"
    return _batch(file, connection.execute(chosen, (*which, *images)).fetchall())


def maps_after(
    connection: sqlite3.Connection, file: Path, which: MapName, after: int, limit: int
) -> MapBatch:
    """Return the next maps of this name of a model with vector ids above ``after``.

    Raises:
        LibraryError: about ``file``: a map has not the size it should have.
    """
    chosen = f"{_MAPS} AND vectors.id > ? ORDER BY vectors.id LIMIT ?"
    return _batch(file, connection.execute(chosen, (*which, after, limit)).fetchall())


def _batch(file: Path, rows: Sequence[_MapRow]) -> MapBatch:
    if not rows:
        none = np.empty(0, np.int64)
        return MapBatch(
            0, none, none, np.empty((0, 0), np.float32), np.empty((0, 0, 1, 1), np.float16)
        )
    ids, images, cases, vectors_of, channels, heights, widths, halves = zip(*rows, strict=True)
    shape = (channels[0], heights[0], widths[0])
    sound = (
        set(zip(channels, heights, widths, strict=True)) == {shape}
        and {len(half) for half in halves} == {2 * shape[0] * shape[1] * shape[2]}
        and len({len(vector) for vector in vectors_of}) == 1
    )
    if not sound:
        raise _damaged(file, "feature map")
    return MapBatch(
        int(ids[-1]),
        np.array(images, np.int64),
        np.array(cases, np.int64),
        np.frombuffer(b"".join(vectors_of), "<f4").reshape(len(rows), -1).astype(np.float32),
        np.frombuffer(b"".join(halves), "<f2").reshape(len(rows), *shape).astype(np.float16),
    )


def _damaged(file: Path, what: str) -> LibraryError:
    return LibraryError(file, f"a stored {what} has the wrong length", "Put back a backup")
