"""Smaller files that compute the same. Runs where PyTorch is installed; skipped elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

import onnxruntime  # noqa: E402

from models.training.condense import condensed, fold, halve, unfold  # noqa: E402
from models.training.network import Encoder  # noqa: E402


@torch.no_grad()
def _trained() -> Encoder:
    """An encoder whose batch norms have something to fold."""
    torch.manual_seed(0)
    encoder = Encoder("lite0", 7).eval()
    for module in encoder.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
            module.weight.uniform_(0.5, 1.5)
    return encoder


@torch.no_grad()
def test_a_condensed_network_says_nearly_the_same() -> None:
    encoder = _trained()
    small = condensed(encoder)
    pixels = torch.rand(4, 3, 96, 96) * 255
    whole, less = encoder(pixels), small(pixels)
    assert (whole.embedding * less.embedding).sum(1).min() > 0.9999
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in small.modules())
    assert torch.allclose(encoder(pixels).logits, whole.logits), "the original was changed"
    kernel = small.backbone._conv_head.weight
    assert torch.equal(kernel, kernel.half().float())


@torch.no_grad()
def test_an_unfolded_network_computes_the_same_under_the_names_of_every_stage() -> None:
    encoder = _trained()
    names = set(encoder.state_dict())
    pixels = torch.rand(4, 3, 96, 96) * 255
    before = encoder(pixels)
    fold(encoder.backbone)
    folded = encoder(pixels)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in encoder.modules())
    unfold(encoder.backbone)
    assert set(encoder.state_dict()) == names
    assert torch.allclose(folded.embedding, before.embedding, atol=1e-5)
    assert torch.allclose(encoder(pixels).embedding, folded.embedding, atol=1e-5)


@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
@torch.no_grad()
def test_a_halved_file_is_half_as_large_and_computes_the_very_same(tmp_path: Path) -> None:
    network = torch.nn.Conv2d(64, 256, 3).eval()
    network.weight.copy_(network.weight.half().float())
    file = tmp_path / "conv.onnx"
    program = torch.onnx.export(network, (torch.rand(1, 64, 8, 8),), dynamo=True)
    program.save(str(file), external_data=False)
    x = {onnxruntime.InferenceSession(str(file)).get_inputs()[0].name: np.ones((1, 64, 8, 8), "f4")}
    before, size = onnxruntime.InferenceSession(str(file)).run(None, x), file.stat().st_size
    halve(file)
    assert file.stat().st_size < 0.52 * size
    assert np.array_equal(onnxruntime.InferenceSession(str(file)).run(None, x)[0], before[0])
