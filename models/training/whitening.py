"""The last step to the embedding that is searched: centred, whitened in part, normalised.

A network trained on an unbalanced archive says much of every picture that it says of all. Taking
the mean of training pictures away, and damping the directions in which they vary most, is the
whitening of Jegou & Chum 2012; here with a power and a share of the identity that keep the small
directions, which are mostly noise, from ruling. It is linear before the normalisation, so that a
similarity stays a sum over positions.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SHRINKAGE = 0.1
"""Share of the greatest variance that is added to all of them."""


class Whitening(nn.Module):
    """Turns descriptions into what is searched.

    Args:
        embedding: of training pictures, (n, channels).
        power: of the variances that is divided by: 0 centres alone, 0.5 whitens.
        dimensions: how many of the directions of greatest variance are kept.
    """

    mean: Tensor
    matrix: Tensor

    def __init__(self, embedding: Tensor, power: float, dimensions: int) -> None:
        super().__init__()
        samples = embedding.double()
        mean = samples.mean(0)
        values, vectors = torch.linalg.eigh(torch.cov(samples.T, correction=0))
        kept = slice(len(values) - dimensions, None)
        variances = values[kept] + SHRINKAGE * values[-1]
        # Back in the directions of the channels where all are kept: power 0 only centres.
        matrix = vectors[:, kept] * (variances / variances[-1]) ** -power
        if dimensions == len(values):
            matrix = matrix @ vectors.T
        self.register_buffer("mean", mean.float())
        self.register_buffer("matrix", matrix.float())

    def forward(self, feature_map: Tensor) -> tuple[Tensor, Tensor]:
        """Transform maps (n, channels, h, w).

        Returns:
            Feature maps (n, dimensions, h, w), and embeddings (n, dimensions), their normalised
            means over positions.
        """
        kernel = self.matrix.T[:, :, None, None]
        moved = F.conv2d(feature_map - self.mean[:, None, None], kernel)
        return moved, self.embed(feature_map.mean((2, 3)))

    def embed(self, embedding: Tensor) -> Tensor:
        """Transform embeddings (n, channels) to (n, dimensions), of length 1."""
        return F.normalize((embedding - self.mean) @ self.matrix, dim=1)
