"""Training without batch norms. Runs where PyTorch is installed; skipped elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from models.training import dermoscopy  # noqa: E402
from models.training.dermoscopy import Stage, Workshop  # noqa: E402
from tests.models.archives import write_archives  # noqa: E402


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """One with a plain stage, and a stage that goes on from it with folded norms."""
    plain = replace(dermoscopy.FIRST, epochs=1, side=64, batch=4)
    folded = replace(plain, folded=True, held=2)
    stages = {"plain": Stage(plain), "on": Stage(folded, "plain"), "anew": Stage(folded)}
    monkeypatch.setattr(dermoscopy, "STAGES", stages)
    return Workshop(write_archives(tmp_path / "data", 64), tmp_path / "out")


def test_held_stages_compute_what_they_did(workshop: Workshop) -> None:
    workshop.run("plain")
    workshop.run("on")
    before, after = (workshop.encoder(name).eval() for name in ("plain", "on"))
    seen: dict[str, list[Any]] = {"held": [], "trained": []}
    for encoder in (before, after):
        for name, block in (("held", 2), ("trained", 4)):
            encoder.backbone._blocks[block].register_forward_hook(
                lambda _module, _given, out, name=name: seen[name].append(out)
            )
        with torch.no_grad():
            encoder(torch.full((1, 3, 64, 64), 100.0))
    assert torch.allclose(*seen["held"], atol=1e-4)
    assert not torch.allclose(*seen["trained"], atol=1e-4)


def test_a_start_from_imagenet_first_sees_the_training_pictures(workshop: Workshop) -> None:
    """Its norms' statistics are no longer those of ImageNet: a held block says other things."""
    workshop.run("anew")
    trained = workshop.encoder("anew").eval()
    imagenet = dermoscopy.untrained("anew").eval()
    imagenet.load_imagenet()
    pixels = torch.rand(1, 3, 64, 64) * 255
    with torch.no_grad():
        ours, theirs = (
            encoder.backbone._bn0(encoder.backbone._conv_stem(pixels / 128 - 1))
            for encoder in (trained, imagenet)
        )
    assert not torch.allclose(ours, theirs, atol=1e-2)


def test_an_interrupted_run_goes_on_from_its_checkpoint(workshop: Workshop) -> None:
    workshop.run("plain")
    workshop.run("on")
    whole = workshop.encoder("on").state_dict()
    (workshop.out / "on" / "weights.pt").unlink()
    workshop.run("on")
    again = workshop.encoder("on").state_dict()
    assert all(torch.equal(whole[name], again[name]) for name in whole)
