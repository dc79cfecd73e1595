"""The eight views of a square picture: a dermatoscope has no up.

Networks that are joined are each shown the picture in a view of its own. What one misjudges for
the way a lesion happens to lie, another need not: on validation, with three networks, that is worth
as much as the average over views would be, and costs nothing.
"""

from __future__ import annotations

import torch
from torch import Tensor

COUNT = 8


def turned(maps: Tensor, view: int) -> Tensor:
    """Turn square maps or pictures (n, channels, s, s) by ``view // 2`` quarters.

    Then they are mirrored if ``view`` is odd; view 0 leaves them as they are.
    """
    maps = torch.rot90(maps, view // 2, (2, 3)) if view // 2 else maps
    return torch.flip(maps, (3,)) if view % 2 else maps


def turned_back(maps: Tensor, view: int) -> Tensor:
    """Undo `turned`."""
    maps = torch.flip(maps, (3,)) if view % 2 else maps
    return torch.rot90(maps, -(view // 2), (2, 3)) if view // 2 else maps
