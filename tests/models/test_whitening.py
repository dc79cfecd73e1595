"""The last step to the embedding. Runs where PyTorch is installed; skipped elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from models.training.whitening import SHRINKAGE, Whitening  # noqa: E402

if TYPE_CHECKING:
    from torch import Tensor


def _samples() -> Tensor:
    torch.manual_seed(0)
    return torch.randn(500, 12) * torch.linspace(0.1, 3, 12) + 5


def test_power_zero_takes_the_mean_away_and_nothing_else() -> None:
    samples = _samples()
    centred = samples - samples.mean(0)
    expected = centred / centred.norm(dim=1, keepdim=True)
    assert torch.allclose(Whitening(samples, 0, 12).embed(samples), expected, atol=1e-4)


def test_half_a_power_evens_the_variances_but_for_the_shrinkage() -> None:
    samples = _samples()
    whitening = Whitening(samples, 0.5, 12)
    moved = ((samples - whitening.mean) @ whitening.matrix).numpy()
    variances = np.linalg.eigvalsh(np.cov(samples.numpy().T, bias=True))
    expected = variances / (variances + SHRINKAGE * variances[-1])
    found = np.linalg.eigvalsh(np.cov(moved.T, bias=True))
    assert found / found[-1] == pytest.approx(np.sort(expected / expected.max()), rel=1e-3)


def test_fewer_dimensions_keep_the_directions_of_greatest_variance() -> None:
    samples = _samples()
    whole, part = (Whitening(samples, 0.25, d) for d in (12, 11))
    assert part.embed(samples).shape == (500, 11)
    similar = part.embed(samples) @ part.embed(samples).T
    assert torch.allclose(similar, whole.embed(samples) @ whole.embed(samples).T, atol=0.1)


def test_the_embedding_is_the_mean_of_the_map() -> None:
    """So a similarity stays a sum over positions."""
    torch.manual_seed(0)
    feature_map = torch.randn(4, 12, 5, 5) + 5
    moved, embedding = Whitening(_samples(), 0.5, 8)(feature_map)
    assert moved.shape == (4, 8, 5, 5)
    mean = moved.mean((2, 3))
    assert torch.allclose(embedding, mean / mean.norm(dim=1, keepdim=True), atol=1e-4)
