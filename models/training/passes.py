"""The encoder as the product runs it: one pass over the picture, or two as in SE-CBIR."""

from __future__ import annotations

from dataclasses import replace

import torch.nn.functional as F
from torch import Tensor, nn

from models.training.network import Described, Encoder
from models.training.saliency import SIDE, likeliest_map


class Passes(nn.Module):
    """Describes pictures as the shipped graph does.

    With a first network, its class map of the likeliest class goes into the second one as fourth
    channel (Gassner et al. 2023). The map takes the way of the training maps, through a grid of
    `saliency.SIDE`, so that the second network is given what it was trained with.

    Args:
        encoder: the network that describes; guided when there is a first one.
        first: the network that looks first; None for one pass.
        first_side: side in pixels at which it looks.

    Raises:
        ValueError: a guided encoder without a first network, or the reverse.
    """

    def __init__(self, encoder: Encoder, first: Encoder | None = None, first_side: int = 0) -> None:
        super().__init__()
        if encoder.guided != (first is not None):
            raise ValueError("a guided encoder, and no other, has a network that looks first")
        self.encoder, self.first, self.first_side = encoder, first, first_side
        self.eval()

    def forward(self, pixels: Tensor) -> Described:
        """Describe float RGB (n, 3, s, s) in [0, 255]."""
        if self.first is None:
            described: Described = self.encoder(pixels)
            return described
        small = F.interpolate(
            pixels, (self.first_side, self.first_side), mode="bilinear", align_corners=False
        )
        saliency = likeliest_map(self.first, self.first(small))
        described = self.encoder(pixels, enlarged(saliency, pixels.shape[2]))
        return replace(described, saliency=saliency[:, 0])

    def class_maps(self, described: Described) -> Tensor:
        """Return `Encoder.class_maps` of the network that describes."""
        return self.encoder.class_maps(described)


def enlarged(saliency: Tensor, side: int) -> Tensor:
    """Bring maps (n, 1, h, w) to the picture's side, by way of the grid that they are kept at."""
    kept = F.interpolate(saliency, (SIDE, SIDE), mode="bilinear", align_corners=False)
    return F.interpolate(kept, (side, side), mode="bilinear", align_corners=False)
