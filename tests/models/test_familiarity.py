"""The score of unfamiliarity. Runs where PyTorch is installed; skipped elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from models.training.familiarity import SHRINKAGE, Unfamiliarity, _Gaussian, statistics  # noqa: E402


def test_it_is_the_distance_of_mahalanobis_under_a_shrunken_correlation() -> None:
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(400, 6)) @ rng.normal(size=(6, 6)) + 3
    weight = torch.full((400,), 1 / 400, dtype=torch.float64)
    gaussian = _Gaussian(torch.from_numpy(samples), weight)
    others = rng.normal(3, 4, size=(20, 6))
    scaled = (others - samples.mean(0)) / samples.std(0)
    shrunk = (1 - SHRINKAGE) * np.corrcoef(samples.T) + SHRINKAGE * np.eye(6)
    distance = np.log(np.einsum("ij,jk,ik->i", scaled, np.linalg.inv(shrunk), scaled))
    found = gaussian(torch.from_numpy(others).float()).numpy()
    # Up to the standardisation, which is one line for all pictures.
    slope, offset = np.polyfit(distance, found, 1)
    assert found == pytest.approx(slope * distance + offset, abs=1e-3)
    fitted = gaussian(torch.from_numpy(samples).float())
    assert fitted.mean().item() == pytest.approx(0, abs=1e-4)
    assert fitted.std(correction=0).item() == pytest.approx(1, abs=1e-4)


def test_a_small_source_weighs_as_much_as_a_large_one() -> None:
    torch.manual_seed(0)
    large, small = torch.randn(900, 4, 8, 8), torch.randn(100, 4, 8, 8) + 2
    early = statistics(torch.cat([large, small]))
    embedding = torch.cat([torch.randn(900, 3), torch.randn(100, 3) + 5])
    score = Unfamiliarity(early, embedding, ["large"] * 900 + ["small"] * 100)
    assert score.early.mean[:4].tolist() == pytest.approx([1.0] * 4, abs=0.05)
    of_large = score(early[:900], embedding[:900]).mean()
    of_small = score(early[900:], embedding[900:]).mean()
    assert abs(of_large - of_small) < 1
    strange = score(statistics(3 * large[:50]), embedding[:50]).mean()
    assert strange > of_large + 3


def test_statistics_are_mean_and_deviation_of_each_channel() -> None:
    x = torch.randn(5, 3, 7, 7) * 2 + 1
    expected = torch.cat([x.mean((2, 3)), x.std((2, 3), correction=0)], 1)
    assert torch.allclose(statistics(x), expected, atol=1e-5)
