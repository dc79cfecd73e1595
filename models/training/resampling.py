"""Pictures and maps on another grid, by the area that old and new cells share.

Each new cell is the mean of the old ones that it covers, weighted by how much of them: the area
resampling by which the product shrinks pictures, as two matrix products, which every runtime
computes alike. The mean over all cells stays what it was, so an embedding that is the mean of its
feature map stays the mean of the map on another grid.
"""

from __future__ import annotations

import torch
from torch import Tensor


def shared_area(old: int, new: int) -> Tensor:
    """Return the weights of old cells in new ones along one axis: float32 (new, old).

    Rows sum to 1, and columns to new / old.
    """
    edges_old = torch.arange(old + 1, dtype=torch.float64) / old
    edges_new = torch.arange(new + 1, dtype=torch.float64) / new
    low = torch.maximum(edges_new[:-1, None], edges_old[None, :-1])
    high = torch.minimum(edges_new[1:, None], edges_old[None, 1:])
    return ((high - low).clamp_min(0) * new).float()


def resampled(maps: Tensor, side: int) -> Tensor:
    """Bring square maps or pictures (n, channels, s, s) to (n, channels, side, side)."""
    if maps.shape[3] == side:
        return maps
    weights = shared_area(maps.shape[3], side).to(maps.device)
    return weights @ maps @ weights.T
