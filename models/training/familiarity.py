"""How unlike its training pictures a picture is: a score that becomes part of the graph.

Two Gaussians are fitted to training pictures, one to the channels' means and deviations after the
backbone's third stage (colour and texture: an X-ray or a histology slide differs here), one to
the embedding (a clinical photograph differs here). The Mahalanobis distance to such a Gaussian is
the score of Lee et al. 2018, here without classes. The logarithms of both distances, each in
deviations of the training pictures, are added. No picture of anything else is needed to fit it.
Every source of training pictures weighs the same, so that the largest archive does not decide
what dermoscopy looks like.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor, nn

SHRINKAGE = 0.1
"""Share of the identity in the correlation matrix: keeps its small eigenvalues from ruling."""


class _Gaussian(nn.Module):
    """Standardised logarithm of the squared Mahalanobis distance to fitted samples."""

    mean: Tensor
    whitening: Tensor
    centre: Tensor
    spread: Tensor

    def __init__(self, samples: Tensor, weight: Tensor) -> None:
        """Fit float64 samples (n, d) with weights (n,) that sum to 1."""
        super().__init__()
        mean, deviation = _moments(samples, weight)
        deviation += 1e-6
        scaled = (samples - mean) / deviation
        d = samples.shape[1]
        correlation = (1 - SHRINKAGE) * (scaled * weight[:, None]).T @ scaled
        correlation += SHRINKAGE * torch.eye(d, dtype=samples.dtype)
        whitening = torch.linalg.cholesky(torch.linalg.inv(correlation)) / deviation[:, None]
        self.register_buffer("mean", mean.float())
        self.register_buffer("whitening", whitening.float())
        self.register_buffer("centre", torch.zeros(()))
        self.register_buffer("spread", torch.ones(()))
        self.centre, self.spread = _moments(self(samples.float()), weight.float())

    def forward(self, x: Tensor) -> Tensor:
        white = (x - self.mean) @ self.whitening
        return (white.square().sum(1).clamp_min(1e-6).log() - self.centre) / self.spread


def _moments(values: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted mean and standard deviation over the first dimension."""
    mean = torch.tensordot(weight, values, dims=1)
    return mean, torch.tensordot(weight, (values - mean).square(), dims=1).sqrt()


class Unfamiliarity(nn.Module):
    """Scores described pictures; about 0 for training pictures, larger for stranger ones.

    Args:
        early: (n, 2 c), `statistics` of training pictures.
        embedding: (n, d), their embeddings.
        sources: source of each, such as ``"ham10000"``.
    """

    def __init__(self, early: Tensor, embedding: Tensor, sources: Sequence[str]) -> None:
        super().__init__()
        count = Counter(sources)
        weight = torch.tensor([1 / (count[s] * len(count)) for s in sources], dtype=torch.float64)
        self.early = _Gaussian(early.double(), weight)
        self.embedding = _Gaussian(embedding.double(), weight)

    def forward(self, early: Tensor, embedding: Tensor) -> Tensor:
        """Score pictures by their `statistics` and embeddings, as fitted: (n,)."""
        return self.early(early) + self.embedding(embedding)


def statistics(early: Tensor) -> Tensor:
    """Return mean and deviation over positions of each channel: (n, 2 c) of (n, c, h, w)."""
    mean = early.mean((2, 3))
    variance = (early - mean[:, :, None, None]).square().mean((2, 3))
    return torch.cat([mean, variance.clamp_min(1e-8).sqrt()], 1)
