"""The graphs of likeness against PyTorch and autograd. Runs where PyTorch is installed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from inference.encoder.manifest import read_graph_file  # noqa: E402
from inference.explain import shipped_likeness  # noqa: E402
from inference.locations import shipped  # noqa: E402
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
@pytest.mark.parametrize("name", sorted(WRITERS))
def test_the_recipe_gives_the_shipped_file(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / "made.onnx")
    made = hashlib.sha256((tmp_path / "made.onnx").read_bytes()).hexdigest()
    assert made == read_graph_file(shipped("models"), name).sha256
