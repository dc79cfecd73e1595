"""Exhaustive cosine ranking of a gallery, one hit per lesion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def rank_lesions(
    queries: npt.NDArray[np.float32],
    gallery: npt.NDArray[np.float32],
    lesions: Sequence[str],
    block: int = 128,
) -> npt.NDArray[np.int64]:
    """Rank the gallery for each query by cosine, keeping each lesion's nearest picture only.

    Args:
        queries: float32 (q, d), L2-normalised.
        gallery: float32 (g, d), L2-normalised.
        lesions: lesion of each gallery picture, length g.
        block: queries handled at a time, which bounds memory.

    Returns:
        int64 (q, number of lesions): gallery rows, most similar first.
    """
    names, lesion = np.unique(np.asarray(lesions), return_inverse=True)
    order = np.argsort(lesion, kind="stable")
    starts = np.flatnonzero(np.diff(lesion[order], prepend=-1))
    ranked = np.empty((len(queries), len(names)), np.int64)
    for begin in range(0, len(queries), block):
        similarity = queries[begin : begin + block] @ gallery.T
        by_lesion = similarity[:, order]
        best = np.maximum.reduceat(by_lesion, starts, axis=1)
        top = np.argsort(-best, axis=1, kind="stable")
        for row, lesions_in_order in enumerate(top):
            nearest = _nearest_of_each(by_lesion[row], best[row], starts)
            ranked[begin + row] = order[nearest[lesions_in_order]]
    return ranked


def _nearest_of_each(
    similarity: npt.NDArray[np.float32],
    best: npt.NDArray[np.float32],
    starts: npt.NDArray[np.intp],
) -> npt.NDArray[np.intp]:
    """Return, for each run of ``similarity`` that begins at ``starts``, where its maximum is."""
    lengths = np.diff(starts, append=len(similarity))
    is_best = similarity == np.repeat(best, lengths)
    positions = np.flatnonzero(is_best)
    return np.asarray(positions[np.searchsorted(positions, starts)])
