"""How many nodes a search has to inspect: measured on the library itself when its index is built.

How far a query's neighbours stand out from all else differs from library to library, and with it
what Annoy has to inspect: in a segment of a million drawn vectors with a thousand clusters 2,000
nodes find .995; with a cluster for every fifty vectors 16,000 find .96. A fixed number would be
slow for the one or, silently, wrong for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from inference.library import annoy_index
from inference.library.annoy_index import AnnoyNeighbours
from inference.library.index import FloatArray, best_rows, taken
from inference.library.index_manifest import Effort

LADDER = (
    500, 625, 800, 1000, 1250, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 8000, 10_000, 12_000,
    16_000, 20_000, 24_000, 32_000,
)  # fmt: skip
"""Nodes of each segment to try; where they are as many as there are vectors, all are compared."""

WANTED = 0.993
"""Mean share of the nearest `NEIGHBOURS` that must be found.

Somewhat more than .99, since it is measured on so many cases only and they are found a little
better than new ones: of 100,000 drawn vectors with a thousand clusters, where 1,000, 1,250 and
1,500 nodes found .985, .992 and .994 of their neighbours, they found .982, .989 and .994 of those
of 400 new vectors.
"""

NEIGHBOURS = 16
SAMPLE = 256

_OTHERS = (10, 20, 30)
"""Ranks of the neighbours that are added up: nearer ones would be found too easily."""

_WEIGHTS = np.array([0.5, 0.5, 0.5, -0.5], np.float32)


def measure(index: AnnoyNeighbours) -> Effort:
    """Return the least effort that finds the neighbours of new cases like the library's own.

    Where the last step of the ladder is too little still, it is taken, and the recall says so.
    Sets ``index.search_k``.
    """
    if index.count <= annoy_index.COMPARED_WHOLE:
        index.search_k = LADDER[0]
        return Effort(LADDER[0], 0.0)
    parts = [segment.vectors for segment in index.segments]
    images = np.concatenate([segment.images for segment in index.segments])
    queries = _drawn(parts, index.count)
    true, _ = best_rows(queries, parts, NEIGHBOURS)
    nearest = images[true]

    @cache
    def recall(step: int) -> float:
        index.search_k = LADDER[step]
        found = [index.nearest(query, NEIGHBOURS)[0] for query in queries]
        common = (
            len(np.intersect1d(mine, theirs)) for mine, theirs in zip(found, nearest, strict=True)
        )
        return sum(common) / nearest.size

    low, high = 0, len(LADDER) - 1
    while low < high:
        step = (low + high) // 2
        low, high = (low, step) if recall(step) >= WANTED else (step + 1, high)
    reached = recall(low)
    index.search_k = LADDER[low]
    return Effort(index.search_k, reached)


def _drawn(parts: Sequence[FloatArray], count: int) -> FloatArray:
    """Draw cases like those of a library, float32 (`SAMPLE`, dimension), L2-normalised.

    Its own vectors would not do: the trees were planted around them, so that each finds its
    neighbours in the leaves where it lies itself. Instead four neighbours are added up with weights
    whose sum and whose sum of squares are both 1. Of draws from one normal distribution that gives
    another draw from it, as far from its centre as they are.
    """
    rows = np.linspace(0, count - 1, SAMPLE).astype(np.intp)
    near, _ = best_rows(taken(parts, rows), parts, _OTHERS[-1] + 1)
    members = np.stack([taken(parts, row) for row in (rows, *near[:, _OTHERS].T)])
    drawn = np.tensordot(_WEIGHTS, members, axes=1)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)
