"""Nearest neighbours by cosine: the seam, and an exact search behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]

TIE_MARGIN = 16
"""Further candidates re-scored, since the first pass rounds: 1e-7 may swap two neighbours."""

_COPIES_WORTH = 3
"""Comparing some rows means copying them: 20,000 of 60,000 (of 256 numbers) take as long as all."""

_ROWS_AT_ONCE = 4096


class NeighbourIndex(Protocol):
    """Image ids with their vectors, to be searched; unchanging, so any thread may ask."""

    @property
    def count(self) -> int:
        """Number of vectors."""

    def nearest(self, query: FloatArray, k: int, among: Ids | None = None) -> tuple[Ids, Scores]:
        """Return the nearest ``k`` images, best first; all of them where there are no more.

        Args:
            query: float32 (dimension,), L2-normalised.
            k: how many, at least 1.
            among: ids of images: others are never returned, and cost no place of the ``k``. None
                for all images.

        Returns:
            Image ids, int64 (n,), and their exact cosines, float64 (n,); equal cosines are
            ordered by id. Asked for all, it leaves none out.
        """


class ExactIndex:
    """A `NeighbourIndex` that compares the query with every vector."""

    def __init__(self, ids: Ids, vectors: FloatArray) -> None:
        """Take ids int64 (n,) and vectors float32 (n, dimension), L2-normalised."""
        self._ids = ids
        self._vectors = vectors

    @property
    def count(self) -> int:
        """Number of vectors."""
        return len(self._ids)

    @property
    def parts(self) -> tuple[Ids, FloatArray]:
        """The ids and the vectors."""
        return self._ids, self._vectors

    def nearest(self, query: FloatArray, k: int, among: Ids | None = None) -> tuple[Ids, Scores]:
        """Return the nearest images; see `NeighbourIndex.nearest`."""
        return self.nearest_rows(query, k, None if among is None else rows_of(self._ids, among))

    def nearest_rows(self, query: FloatArray, k: int, rows: Ids | None) -> tuple[Ids, Scores]:
        """Return the nearest images of some rows, int64 (m,), ascending; of all where None."""
        return rescored(self._ids, self._vectors, query, self._candidates(query, k, rows), k)

    def _candidates(self, query: FloatArray, k: int, rows: Ids | None) -> Ids:
        wanted = k + TIE_MARGIN
        if wanted >= (self.count if rows is None else len(rows)):
            return np.arange(self.count, dtype=np.int64) if rows is None else rows
        if rows is None:
            rough = self._vectors @ query
        elif _COPIES_WORTH * len(rows) < self.count:
            rough = self._vectors[rows] @ query
        else:
            rough = (self._vectors @ query)[rows]
        best = np.argpartition(-rough, wanted)[:wanted].astype(np.int64)
        return best if rows is None else rows[best]


NONE = ExactIndex(np.empty(0, np.int64), np.empty((0, 0), np.float32))
"""An index of nothing."""


def joined(indexes: Sequence[ExactIndex]) -> ExactIndex:
    """Return an index of everything that some others hold."""
    filled = [index.parts for index in indexes if index.count]
    if not filled:
        return NONE
    ids, vectors = zip(*filled, strict=True)
    return ExactIndex(np.concatenate(ids), np.concatenate(vectors))


def rows_of(ids: Ids, among: Ids) -> Ids:
    """Return the rows whose image is one of ``among``, ascending: int64 (m,)."""
    return np.flatnonzero(np.isin(ids, among)).astype(np.int64)


def best_of(parts: Sequence[tuple[Ids, Scores]], k: int) -> tuple[Ids, Scores]:
    """Return the best ``k`` of what several indexes found, ordered as each of them orders."""
    ids = np.concatenate([ids for ids, _ in parts])
    scores = np.concatenate([scores for _, scores in parts])
    order = np.lexsort((ids, -scores))[:k]
    return ids[order], scores[order]


def best_rows(
    queries: FloatArray, parts: Sequence[FloatArray], count: int
) -> tuple[Ids, FloatArray]:
    """Compare queries with all vectors, in single precision and a bounded amount of memory.

    Args:
        queries: float32 (q, dimension).
        parts: float32 (n_i, dimension) each, rows numbered on from part to part.
        count: how many rows to return at most.

    Returns:
        int64 (q, m), the nearest rows, best first, m the lesser of ``count`` and their number; and
        their cosines, float32 (q, m).
    """
    asked = np.arange(len(queries))
    best = _Best(np.empty(0, np.intp), np.empty(0, np.int64), np.empty(0, np.float32))
    least = np.full(len(queries), -np.inf, np.float32)
    begin = 0
    for part in parts:
        for start in range(0, len(part), _ROWS_AT_ONCE):
            cosines = queries @ part[start : start + _ROWS_AT_ONCE].T
            if np.isneginf(least).any() and cosines.shape[1] > count:
                least = np.maximum(least, -np.partition(-cosines, count - 1, axis=1)[:, count - 1])
            # Soon hardly any row of a block is as good as what has been found before.
            of, row = np.nonzero(cosines >= least[:, None])
            best = best.with_more(_Best(of, row + (begin + start), cosines[of, row]), count)
            ends = np.searchsorted(best.queries, asked, side="right") - 1
            full = np.bincount(best.queries, minlength=len(queries)) == count
            least[full] = best.cosines[ends[full]]
        begin += len(part)
    shape = (len(queries), min(count, begin))
    return best.rows.reshape(shape), best.cosines.reshape(shape)


class _Best(NamedTuple):
    """What has been found: parallel arrays, query by query, best first."""

    queries: npt.NDArray[np.intp]
    rows: Ids
    cosines: FloatArray

    def with_more(self, more: _Best, count: int) -> _Best:
        """Return the best ``count`` of each query, of these and others."""
        both = _Best(
            np.concatenate([self.queries, more.queries]),
            np.concatenate([self.rows, more.rows]),
            np.concatenate([self.cosines, more.cosines]),
        )
        order = np.lexsort((both.rows, -both.cosines, both.queries))
        queries = both.queries[order]
        place = np.arange(len(queries)) - np.searchsorted(queries, queries, side="left")
        kept = order[place < count]
        return _Best(both.queries[kept], both.rows[kept], both.cosines[kept])


def taken(parts: Sequence[FloatArray], rows: npt.NDArray[np.intp]) -> FloatArray:
    """Return some rows of vectors that lie in parts, float32 (m, dimension)."""
    ends = np.cumsum([len(part) for part in parts])
    which = np.searchsorted(ends, rows, side="right")
    taken = np.empty((len(rows), parts[0].shape[1]), np.float32)
    for number, part in enumerate(parts):
        here = which == number
        taken[here] = part[rows[here] - (ends[number] - len(part))]
    return taken


def rescored(
    ids: Ids, vectors: FloatArray, query: FloatArray, candidates: Ids, k: int
) -> tuple[Ids, Scores]:
    """Score candidate rows exactly and return the best ``k`` of them with their ids.

    Summed in float64 row by row, so a score does not depend on which other rows were candidates:
    every index gives the same number for the same pair.

    Args:
        ids: int64 (n,), image id of each row.
        vectors: float32 (n, dimension).
        query: float32 (dimension,).
        candidates: int64 (m,), rows.
        k: how many to return at most.
    """
    rows = np.sort(candidates)
    scores = np.einsum("ij,j->i", vectors[rows].astype(np.float64), query.astype(np.float64))
    found = ids[rows]
    order = np.lexsort((found, -scores))[:k]
    return found[order], scores[order]
