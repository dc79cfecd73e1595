"""Exhaustive cosine ranking of a gallery, one hit per lesion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.library.lesions import group_by_lesion


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
    groups = group_by_lesion(lesions)
    ranked = np.empty((len(queries), len(groups.starts)), np.int64)
    for begin in range(0, len(queries), block):
        similarity = queries[begin : begin + block] @ gallery.T
        by_lesion = similarity[:, groups.order]
        best = groups.best(similarity)
        top = np.argsort(-best, axis=1, kind="stable")
        for row, lesions_in_order in enumerate(top):
            nearest = _nearest_of_each(by_lesion[row], best[row], groups.starts)
            ranked[begin + row] = groups.order[nearest[lesions_in_order]]
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
