"""Nearest neighbours by cosine: the seam, and an exact search behind it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]

_TIE_MARGIN = 16
"""Further candidates re-scored, since the first pass rounds: 1e-7 may swap two neighbours."""

_COPIES_WORTH = 3
"""Comparing some rows means copying them: 20,000 of 60,000 (of 256 numbers) take as long as all."""


class NeighbourIndex(Protocol):
    """Image ids with their vectors, to be searched; unchanging, so any thread may ask."""

    @property
    def count(self) -> int:
        """Number of vectors."""

    @property
    def images(self) -> Ids:
        """The image of each, int64 (count,)."""

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
    def images(self) -> Ids:
        """The image of each, int64 (count,)."""
        return self._ids

    def nearest(self, query: FloatArray, k: int, among: Ids | None = None) -> tuple[Ids, Scores]:
        """Return the nearest images; see `NeighbourIndex.nearest`."""
        rows = None if among is None else rows_of(self._ids, among)
        return rescored(self._ids, self._vectors, query, self._candidates(query, k, rows), k)

    def _candidates(self, query: FloatArray, k: int, rows: Ids | None) -> Ids:
        wanted = k + _TIE_MARGIN
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


def rows_of(ids: Ids, among: Ids) -> Ids:
    """Return the rows whose image is one of ``among``, ascending: int64 (m,)."""
    return np.flatnonzero(np.isin(ids, among)).astype(np.int64)


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
