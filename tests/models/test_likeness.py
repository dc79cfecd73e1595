"""The graphs of likeness against PyTorch and autograd. Runs where PyTorch is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from inference.encoder.external_data import declares_external_data  # noqa: E402
from inference.encoder.graph import Graph  # noqa: E402
from inference.explain import Likeness, shipped_likeness  # noqa: E402
from models.training.likeness import WRITERS, LocalMaps  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

CLOSE = 1e-5


def _maps(count: int) -> Tensor:
    torch.manual_seed(count)
    return torch.randn(count, 256, 36) + 0.1


def _unit(mean: Tensor) -> Tensor:
    return mean / mean.norm(dim=-1, keepdim=True)


def test_pair_maps_are_grad_cam_of_every_pair_with_the_lengths_held() -> None:
    query, cases = _maps(1)[0], _maps(16)
    embedding, embeddings = _unit(query.mean(1)), _unit(cases.mean(2))
    ours, theirs = shipped_likeness().pairs(
        query.numpy(), embedding.numpy(), cases.numpy(), embeddings.numpy()
    )
    expected = []
    for case, its in zip(cases, embeddings, strict=True):
        for one, other in ((query, its), (case, embedding)):
            held = one.mean(1).norm()
            free = one.clone().requires_grad_()
            (slope,) = torch.autograd.grad(free.mean(1) / held @ other, free)
            expected.append((slope * one).sum(0).numpy())
    found = np.stack([ours, theirs], axis=1).reshape(32, 36)
    peak = np.abs(expected).max()
    assert np.abs(found - np.stack(expected)).max() < CLOSE * peak
    assert ours.sum(axis=1) == pytest.approx((embeddings @ embedding).numpy(), abs=CLOSE)
    assert theirs.sum(axis=1) == pytest.approx((embeddings @ embedding).numpy(), abs=CLOSE)


def test_local_maps_are_cosines_of_weighted_means() -> None:
    query, cases = _maps(1)[0], _maps(5)
    weights, windows = torch.rand(36), torch.rand(36, 9)
    found = shipped_likeness().places(
        query.numpy(), weights.numpy(), cases.numpy(), windows.numpy()
    )
    wanted = (query @ weights)[None, :, None]
    expected = torch.cosine_similarity(wanted, cases @ windows, dim=1)
    assert np.abs(found - expected.numpy()).max() < CLOSE
    assert np.abs(found - LocalMaps()(query, weights, cases, windows).numpy()).max() < CLOSE


@pytest.mark.filterwarnings("ignore")
def test_the_recipe_gives_what_is_shipped(tmp_path: Path) -> None:
    """By what the files compute: another PyTorch may write the same graph in other bytes."""
    graphs = {}
    for name, write in WRITERS.items():
        write(tmp_path / name)
        content = (tmp_path / name).read_bytes()
        assert len(content) < 4000 and not declares_external_data(content)
        graphs[name] = Graph(name, content, threads=1)
    made = Likeness(graphs["pair_maps"], graphs["local_maps"])
    query, cases = _maps(1)[0].numpy(), _maps(3).numpy()
    vectors = np.random.default_rng(0).normal(size=(3, 256)).astype(np.float32)
    pairs = (query, vectors[0], cases, vectors)
    for one, other in zip(made.pairs(*pairs), shipped_likeness().pairs(*pairs), strict=True):
        assert one == pytest.approx(other, abs=CLOSE)
    places = (query, np.ones(36, np.float32), cases, np.eye(36, dtype=np.float32))
    assert made.places(*places) == pytest.approx(shipped_likeness().places(*places), abs=CLOSE)
