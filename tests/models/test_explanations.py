"""The closed forms of the maps against autograd. Runs where PyTorch is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from inference.encoder import Encoding, Field  # noqa: E402
from inference.explain import (  # noqa: E402
    contributions,
    gradcam_map,
    gradient,
    gradient_map,
    pair_heatmaps,
)
from models.training.network import Encoder  # noqa: E402
from models.training.passes import Passes  # noqa: E402
from models.training.whitening import Whitening  # noqa: E402

if TYPE_CHECKING:
    from torch import Tensor

CLOSE = 1e-5
"""Greatest difference, as a share of the greatest value."""


def _differ(found: npt.NDArray[np.float32], expected: Tensor) -> float:
    reference = expected.detach().numpy()
    return float(np.abs(found - reference).max() / np.abs(reference).max())


def _encoding(feature_map: Tensor, embedding: Tensor) -> Encoding:
    rows, columns = feature_map.shape[1:]
    return Encoding(
        embedding=embedding.detach().numpy(),
        logits=np.zeros(2, np.float32),
        probabilities=np.full(2, 0.5, np.float32),
        feature_map=feature_map.detach().numpy(),
        class_maps=np.zeros((2, rows, columns), np.float32),
        unfamiliarity=0.0,
        familiar=True,
        classes=("mel", "nv"),
        field=Field(0, 0, 96, 96, 96, 96),
        model="0" * 64,
    )


@pytest.fixture(scope="module", params=[1, 2], ids=["one network", "two joined"])
def pair(request: pytest.FixtureRequest) -> Tensor:
    """Feature maps (2, 256, 3, 3) of two pictures of noise, whitened as the shipped graph does."""
    torch.manual_seed(0)
    passes = Passes([Encoder("lite0", 7, side=96) for _ in range(request.param)])
    with torch.no_grad():
        samples = torch.randn(600, 256 * request.param) * 0.05 + 0.02
        whitening = Whitening(samples, 0.3, 256)
        feature_map, _ = whitening(passes(torch.rand(2, 3, 96, 96) * 255).feature_map)
    assert isinstance(feature_map, torch.Tensor)
    return feature_map


def _embedding(feature_map: Tensor, length: Tensor | None = None) -> Tensor:
    """Return the normalised mean of a map (256, h, w); with a given length it is held."""
    mean = feature_map.mean((1, 2))
    return mean / (mean.norm() if length is None else length)


@pytest.mark.parametrize(("here", "there"), [(0, 1), (1, 0)], ids=["query", "case"])
def test_both_sides_of_the_pair_map_are_grad_cam_with_the_length_held(
    pair: Tensor, here: int, there: int
) -> None:
    feature_map = pair[here].clone().requires_grad_()
    other = _embedding(pair[there])
    length = feature_map.detach().mean((1, 2)).norm()
    cosine = _embedding(feature_map, length) @ other
    (slope,) = torch.autograd.grad(cosine, feature_map)
    terms = (slope * feature_map).sum(0)
    one, two = _encoding(pair[here], _embedding(pair[here])), _encoding(pair[there], other)
    assert _differ(contributions(one, two), terms) < CLOSE
    assert contributions(one, two).sum() == pytest.approx(cosine.item(), abs=CLOSE)


def test_the_maps_that_are_shown_are_those_terms_on_one_scale(pair: Tensor) -> None:
    query, case = (_encoding(one, _embedding(one)) for one in pair)
    terms = []
    for one, other in ((pair[0], pair[1]), (pair[1], pair[0])):
        feature_map = one.clone().requires_grad_()
        cosine = _embedding(feature_map, one.mean((1, 2)).norm()) @ _embedding(other)
        (slope,) = torch.autograd.grad(cosine, feature_map)
        terms.append((slope * one).sum(0).clamp_min(0))
    peak = max(part.max() for part in terms)
    for shown, part in zip(pair_heatmaps(query, case), terms, strict=True):
        assert _differ(shown.values, part / peak) < CLOSE


def test_the_closed_form_of_the_gradient_is_autograds(pair: Tensor) -> None:
    query, case = (_encoding(one, _embedding(one)) for one in pair)
    feature_map = pair[0].clone().requires_grad_()
    cosine = _embedding(feature_map) @ _embedding(pair[1])
    (slope,) = torch.autograd.grad(cosine, feature_map)
    everywhere = np.broadcast_to(gradient(query, case)[:, None, None], slope.shape)
    assert _differ(everywhere, slope) < CLOSE
    terms = slope * pair[0]
    assert _differ(gradient_map(query, case), terms.abs().sum(0)) < CLOSE
    assert _differ(gradcam_map(query, case), terms.sum(0).clamp_min(0)) < CLOSE
    assert abs(terms.sum().item()) < CLOSE * terms.abs().sum().item()
