"""The statements that read vectors, and those by which an index is kept in step with them.

Those of deleted images are among the vectors, so that an index stays valid when one is deleted, and
holds it when that is taken back; `cases_of` and `population` say what counts.

None of them makes Python look at every vector where nothing has changed: with a million that would
take seconds at each opening.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np

from inference.library.reading import damaged
from inference.library.store import ENDLESS, Ids, Vectors

BLOCK: Final = 4096
"""Consecutive vector ids that are tallied together."""

ModelName = tuple[str, int]
"""A model's SHA-256, and how many numbers its vectors have."""

_OF_MODEL = "model_id = (SELECT id FROM models WHERE sha256 = ?)"
_VECTORS = f"SELECT id, image_id, embedding FROM vectors WHERE {_OF_MODEL}"  # noqa: S608
_IDS_PER_QUERY = 500
_LINES = 100


def vectors(
    connection: sqlite3.Connection,
    file: Path,
    which: ModelName,
    *,
    after: int,
    upto: int,
    limit: int,
) -> Vectors:
    """Return the vectors of a model with ids above ``after``; the caller holds one state.

    Args:
        connection: to the database.
        file: the database, to be named in an error.
        which: the model.
        after: id of the last vector that is not wanted, or 0.
        upto: id of the last that is.
        limit: how many at most; negative for all.

    Raises:
        LibraryError: a vector has not the length it should have.
    """
    model, dimension = which
    chosen = f"{_VECTORS} AND id > ? AND id <= ? ORDER BY id LIMIT ?"
    values = (model, after, upto, limit)
    (count,) = connection.execute(f"SELECT count(*) FROM ({chosen})", values).fetchone()  # noqa: S608
    return _filled(file, connection.execute(chosen, values), count, dimension)


def vectors_of(
    connection: sqlite3.Connection, file: Path, which: ModelName, numbers: Ids
) -> Vectors:
    """Return the vectors of a model with these ids, where there are such.

    Raises:
        LibraryError: about ``file``: a vector has not the length it should have.
    """
    model, dimension = which
    rows: list[tuple[int, int, bytes]] = []
    for start in range(0, len(numbers), _IDS_PER_QUERY):
        some = numbers[start : start + _IDS_PER_QUERY].tolist()
        rows += connection.execute(f"{_VECTORS} AND id IN ({_marks(some)})", (model, *some))
    return _filled(file, sorted(rows), len(rows), dimension)


def cases_of(connection: sqlite3.Connection, model: str, images: Ids) -> Ids:
    """Return the case of each image that is there, int64 (n,).

    0 for one without a vector of a model, and for one that has been deleted.
    """
    wanted = np.unique(images)
    cases: dict[int, int] = {}
    for start in range(0, len(wanted), _IDS_PER_QUERY):
        some = wanted[start : start + _IDS_PER_QUERY].tolist()
        rows = connection.execute(
            "SELECT image_id, case_id FROM vectors "  # noqa: S608
            "JOIN live_images AS images ON images.id = image_id "
            f"WHERE {_OF_MODEL} AND image_id IN ({_marks(some)})",
            (model, *some),
        )
        cases.update(rows.fetchall())
    return np.array([cases.get(image, 0) for image in images.tolist()], dtype=np.int64)


def population(connection: sqlite3.Connection, model: str, last: int) -> str:
    """Return what tells the images that are there, and the case of each, from others.

    Of the images with a vector of a model up to an id. In little: their number, and sums that
    differ when an image takes another one's place or case. SQLite reads them from indexes, in this
    order: not from the rows of the vectors, of which a million take a gigabyte.
    """
    row = connection.execute(
        "SELECT count(*), coalesce(sum(image_id), 0), "  # noqa: S608
        "coalesce(sum(case_id % 65521 * (image_id % 65519)), 0), "
        "coalesce(sum(case_id % 65521 * (case_id % 65519)), 0) "
        "FROM live_images AS images CROSS JOIN vectors ON image_id = images.id "
        f"WHERE {_OF_MODEL} AND vectors.id <= ?",
        (model, last),
    ).fetchone()
    return " ".join(str(number) for number in row)


def numbers(connection: sqlite3.Connection, model: str, after: int, upto: int) -> Ids:
    """Return the ids of the vectors of a model above ``after``, up to ``upto``, ascending."""
    rows = connection.execute(
        f"SELECT id FROM vectors WHERE {_OF_MODEL} AND id > ? AND id <= ? ORDER BY id",  # noqa: S608
        (model, after, upto),
    ).fetchall()
    return np.array(rows, dtype=np.int64).reshape(-1)


def totals(connection: sqlite3.Connection, model: str, last: int) -> tuple[int, int]:
    """Return how many vectors of a model there are up to an id, and the sum of their ids.

    SQLite reads it from an index: .08 s for a million vectors.
    """
    count, total = connection.execute(
        f"SELECT count(*), coalesce(sum(id), 0) FROM vectors WHERE {_OF_MODEL} AND id <= ?",  # noqa: S608
        (model, last),
    ).fetchone()
    return int(count), int(total)


def tallies(connection: sqlite3.Connection, model: str, last: int) -> Ids:
    """Return what tells which vectors of a model up to an id there are, by `BLOCK`s of ids.

    Returns:
        int64 (blocks, 4) as `tally` does: blocks without a vector are left out. SQLite reads it
        from an index: .4 s for a million vectors.
    """
    rows = connection.execute(
        f"SELECT id / {BLOCK}, count(*), sum(id % {BLOCK}), "  # noqa: S608
        f"sum((id % {BLOCK}) * (id % {BLOCK})) "
        f"FROM vectors WHERE {_OF_MODEL} AND id <= ? GROUP BY 1 ORDER BY 1",
        (model, last),
    ).fetchall()
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def tally(numbers: Ids) -> Ids:
    """Tell which vectors there are, in little.

    Args:
        numbers: int64 (n,), ids, ascending.

    Returns:
        int64 (blocks, 4): the block's number, how many ids lie in it, the sum of their places in
        it, and of the squares of those. Blocks of other ids agree only where as many came as went
        and both sums are equal, for which at least three must have come and three gone.
    """
    if len(numbers) == 0:
        return np.empty((0, 4), dtype=np.int64)
    block, place = np.divmod(numbers, BLOCK)
    starts = np.flatnonzero(np.diff(block, prepend=-1))
    columns = (np.ones_like(place), place, place * place)
    return np.stack([block[starts], *(np.add.reduceat(column, starts) for column in columns)], 1)


def history(connection: sqlite3.Connection, last: int | None) -> tuple[int, str]:
    """Return the number of a line of the audit and the SHA-256 of the hundred up to it.

    Only of lines that tell of a picture which came, with its content and the time: they are never
    changed. So a library that was put back from a backup, and has gone on from there, has another
    history.

    Args:
        connection: to the database.
        last: the line; None for the last that there is.
    """
    rows = connection.execute(
        "SELECT id, at, case_id, image_id, detail FROM audit "
        "WHERE action = 'image added' AND id <= ? ORDER BY id DESC LIMIT ?",
        (ENDLESS if last is None else last, _LINES),
    ).fetchall()
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode())
    return (rows[0][0] if rows else 0), digest.hexdigest()


def _filled(
    file: Path, rows: Iterable[tuple[int, int, bytes]], count: int, dimension: int
) -> Vectors:
    """Put rows of (id, image, embedding), by id, into arrays."""
    ids, images = np.empty((2, count), dtype=np.int64)
    values = np.empty((count, dimension), dtype=np.float32)
    for place, (number, image, blob) in enumerate(rows):
        if len(blob) != 4 * dimension:
            raise damaged(file, "vector")
        ids[place] = number
        images[place] = image
        values[place] = np.frombuffer(blob, dtype="<f4")
    return Vectors(ids, images, values)


def _marks(values: list[int]) -> str:
    return ", ".join("?" * len(values))
