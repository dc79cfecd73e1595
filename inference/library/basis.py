"""Fewer numbers for the trees: the directions along which a library's vectors differ most.

The vectors are projected on the leading eigenvectors of their second moments (principal components
without centring: of all projections on so many directions the one that keeps their inner products
best in the mean of squares, Eckart & Young 1936). The trees only have to bring the right
candidates together, which are then scored by all of their numbers, and comparing a quarter of the
numbers takes a quarter of the memory and half of the time.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.library.index import FloatArray

REDUCED = 64
"""Numbers that the trees see of a longer vector."""

_ROWS = 8192


class Moments:
    """The second moments of vectors that come in parts."""

    def __init__(self, dimension: int) -> None:
        self._sum: npt.NDArray[np.float64] = np.zeros((dimension, dimension))

    def add(self, vectors: FloatArray) -> None:
        """Count vectors, float32 (n, dimension), in."""
        for begin in range(0, len(vectors), _ROWS):
            part = vectors[begin : begin + _ROWS]
            self._sum += part.T @ part

    def basis(self, reduced: int) -> FloatArray:
        """Return the leading directions, float32 (dimension, reduced), orthonormal columns."""
        _, directions = np.linalg.eigh(self._sum)
        return np.ascontiguousarray(directions[:, ::-1][:, :reduced], dtype=np.float32)


def reduce(vectors: FloatArray, basis: FloatArray | None) -> FloatArray:
    """Return vectors as the trees see them: float32 (..., reduced), or as they are without basis.

    A vector that has nothing along the basis would have no direction; the trees take zeros.
    """
    return vectors if basis is None else np.asarray(vectors @ basis, dtype=np.float32)
