"""Packed hash codes, compared by how many bits differ.

All codes are compared: with 64 bits a processor counts the bits of a pair in one step, so that
100,000 codes take less time than an index for them would. Distances are whole numbers and many
are equal, which is why what is as near as the last case that is wanted is returned as well: the
cosine of the embeddings decides between equals.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.library.index import Ids

CodeArray = npt.NDArray[np.uint8]
Words = npt.NDArray[np.unsignedinteger]
Distances = npt.NDArray[np.int64]

_WORDS = (np.uint64, np.uint32, np.uint16, np.uint8)


class CodeIndex:
    """Images with their codes, to be compared with a query's; unchanging.

    Attributes:
        images: int64 (n,), ascending.
    """

    def __init__(self, images: Ids, codes: CodeArray) -> None:
        """Take the images, int64 (n,), ascending, and their codes, uint8 (n, bits / 8)."""
        self.images = images
        self._words = _words(codes)

    def distances(self, code: CodeArray) -> Distances:
        """Return how many bits of each image's code differ from a query's.

        Args:
            code: uint8 (bits / 8,).

        Returns:
            int64 (n,), from 0 to bits.
        """
        differing = np.bitwise_count(self._words ^ _words(code[None]))
        return np.asarray(differing.sum(axis=0, dtype=np.int64))


def nearest_rows(distances: Distances, count: int) -> Ids:
    """Return the rows that are at most as far as the ``count``-th nearest, ascending.

    Args:
        distances: (n,), whole numbers not below 0.
        count: at least 1; all rows are returned where there are no more.
    """
    if len(distances) <= count:
        return np.arange(len(distances), dtype=np.int64)
    limit = int(np.searchsorted(np.cumsum(np.bincount(distances)), count))
    return np.flatnonzero(distances <= limit).astype(np.int64)


def nearest_cases(distances: Distances, cases: Ids, k: int) -> Ids:
    """Return the rows that are at most as far as the ``k``-th nearest case, unordered.

    The distance of a case is that of its nearest row; all rows where there are no more cases.

    Args:
        distances: (n,), whole numbers not below 0.
        cases: int64 (n,), the case of each row.
        k: how many cases, at least 1.
    """
    order = np.lexsort((cases, distances))
    _, first = np.unique(cases[order], return_index=True)
    if len(first) <= k:
        return np.arange(len(distances), dtype=np.int64)
    limit = distances[order[np.sort(first)[k - 1]]]
    return np.flatnonzero(distances <= limit).astype(np.int64)


def _words(codes: CodeArray) -> Words:
    """Put codes into the largest words that they fill: (n, bytes) to (words, n)."""
    size = codes.shape[1]
    word = next(each for each in _WORDS if size % np.dtype(each).itemsize == 0)
    return np.ascontiguousarray(np.ascontiguousarray(codes).view(word).T)
