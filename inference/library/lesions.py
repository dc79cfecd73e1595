"""Pictures of a gallery grouped by lesion: however often it was photographed, it counts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class LesionGroups:
    """Where the pictures of each lesion are.

    Attributes:
        lesion: int (pictures,), number of each picture's lesion, in the order of their names.
        order: int (pictures,), rows of the gallery, lesion by lesion.
        starts: int (lesions,), where in ``order`` each lesion begins.
    """

    lesion: Rows
    order: Rows
    starts: Rows

    @property
    def first(self) -> Rows:
        """Row of each lesion's first picture: int (lesions,)."""
        return self.order[self.starts]

    def best(self, similarity: Floats) -> Floats:
        """Return each lesion's highest similarity: (q, pictures) to (q, lesions)."""
        return np.asarray(np.maximum.reduceat(similarity[:, self.order], self.starts, axis=1))


def group_by_lesion(lesions: Sequence[str] | npt.NDArray[np.integer]) -> LesionGroups:
    """Group pictures by the name or number of their lesion.

    Args:
        lesions: lesion of each picture; at least one.
    """
    _, lesion = np.unique(np.asarray(lesions), return_inverse=True)
    order = np.argsort(lesion, kind="stable")
    return LesionGroups(lesion, order, np.flatnonzero(np.diff(lesion[order], prepend=-1)))
