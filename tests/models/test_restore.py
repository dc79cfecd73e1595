"""Networks out of a shipped graph. Runs where PyTorch is installed; skipped elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from models.training import dermoscopy  # noqa: E402
from models.training.condense import condensed  # noqa: E402
from models.training.dermoscopy import Workshop  # noqa: E402
from models.training.descriptions import Descriptions, assemble  # noqa: E402
from models.training.restore import restore  # noqa: E402
from models.training.ship import Variant, ship  # noqa: E402
from tests.models.archives import write_archives  # noqa: E402
from tests.models.tiny_stages import tiny_stages  # noqa: E402


@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
@torch.no_grad()
def test_restored_stages_describe_as_those_that_were_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = tiny_stages(batch=4)
    larger = replace(stages["guided"].config, side=96)  # the other's map comes to its grid
    stages["guided"] = replace(stages["guided"], config=larger)
    monkeypatch.setattr(dermoscopy, "STAGES", stages)
    monkeypatch.setattr("models.training.restore.STAGES", stages)
    workshop = Workshop(write_archives(tmp_path / "data", 64), tmp_path / "out")
    with torch.enable_grad():
        for stage in stages:
            workshop.run(stage)
    variant = Variant(("guided", "first"))
    (name,) = ship(workshop, Descriptions(workshop), [variant], "derm", tmp_path / "models")
    content = (tmp_path / "models" / f"{name}.onnx").read_bytes()
    with pytest.raises(ValueError, match="holds 2 networks"):
        restore(content, ["guided"], None, tmp_path / "other")
    restore(content, ["guided", "first"], "first", tmp_path / "again")
    other = Workshop(workshop.data, tmp_path / "again")
    pixels = torch.rand(2, 3, 96, 96) * 255
    before, after = (assemble(shop, variant.stages)(pixels) for shop in (workshop, other))
    assert torch.allclose(after.embedding, before.embedding, atol=1e-5)
    assert torch.allclose(after.logits, before.logits, atol=1e-4)
    assert torch.allclose(after.terms, before.terms, atol=1e-4)
    stem = condensed(other.encoder("first")).backbone._conv_stem.weight
    assert torch.equal(stem, condensed(workshop.encoder("first")).backbone._conv_stem.weight)
