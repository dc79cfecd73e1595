"""From stages to models. Runs where PyTorch is installed; skipped elsewhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from inference.encoder import Encoder  # noqa: E402
from inference.errors import ModelError  # noqa: E402
from inference.images import read  # noqa: E402
from models.training import dermoscopy  # noqa: E402
from models.training.calibration import look  # noqa: E402
from models.training.data import originals  # noqa: E402
from models.training.dermoscopy import Workshop  # noqa: E402
from models.training.descriptions import Descriptions, assemble  # noqa: E402
from models.training.ship import Candidate, Variant, prepare, ship, table  # noqa: E402
from models.training.sight import Sight  # noqa: E402
from tests.models.archives import write_archives  # noqa: E402
from tests.models.tiny_stages import tiny_stages  # noqa: E402


def _candidate(variant: Variant, merit: float, file: Path) -> Candidate:
    file.write_bytes(variant.name.encode())
    entry = {"name": variant.name, "file": file.name, "card": "", "input": {"side": 64}}
    return Candidate(variant, file, entry, {"p6": merit, "map": merit, "auc": merit})


def test_the_best_of_each_kind_is_shipped_and_the_best_of_all_is_the_default(
    tmp_path: Path,
) -> None:
    merits = {
        Variant(("rgb",)): 0.7,
        Variant(("rgb", "first")): 0.72,
        Variant(("guided",)): 0.74,
        Variant(("guided", "first")): 0.71,
    }
    candidates = [_candidate(v, m, tmp_path / f"{v.name}.onnx") for v, m in merits.items()]
    models = tmp_path / "models"
    assert ship(candidates, "derm", models) == ["derm-guided", "derm-rgb"]
    assert (models / "derm-guided.onnx").read_text() == "guided"
    assert (models / "derm-rgb.onnx").read_text() == "rgb+first"
    assert '"default": "derm-guided"' in (models / "manifest.json").read_text()
    assert "| `guided` | 64 | 0.740 | 0.740 | 0.740 | 0.7400 |" in table(candidates)


@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
def test_a_shipped_variant_is_an_encoder_of_the_product(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = tiny_stages(batch=4)
    monkeypatch.setattr(dermoscopy, "STAGES", stages)
    workshop = Workshop(write_archives(tmp_path / "data", 64), tmp_path / "out")
    for stage in stages:
        workshop.run(stage)
    descriptions = Descriptions(workshop)
    candidate = prepare(workshop, descriptions, Variant(("guided", "first")))
    assert {"p6", "map", "bma", "auc", "map_hash64"} <= set(candidate.figures)
    # What is joined from parts is what the joined networks say.
    whole = look(
        Sight(assemble(workshop, ["guided", "first"]), 64), originals(workshop.data, "val")
    )
    parts = descriptions.of(["guided", "first"], "val", 64)
    assert torch.allclose(whole.embedding, parts.embedding, atol=1e-4)
    assert torch.allclose(whole.logits, parts.logits, atol=1e-3)
    assert (whole.codes[64] - parts.codes[64]).abs().max() < 1e-3
    (name,) = ship([candidate], "derm", tmp_path / "models")
    encoder = Encoder.load(tmp_path / "models", name=name)
    picture = next((workshop.data / "ham10000" / "images").iterdir())
    encoding = encoder.encode(read(picture))
    assert encoding.saliency is not None and encoding.saliency.max() == pytest.approx(1)
    assert {bits: len(code) for bits, code in encoding.codes.items()} == {
        16: 2, 32: 4, 64: 8, 128: 16,
    }  # fmt: skip
    mean = encoding.feature_map.mean((1, 2))
    assert mean / np.linalg.norm(mean) == pytest.approx(encoding.embedding, abs=1e-4)
    made = candidate.file.stat().st_mtime_ns
    assert prepare(workshop, descriptions, candidate.variant).file.stat().st_mtime_ns == made, (
        "fitted again"
    )
    (tmp_path / "models" / f"{name}.onnx").write_bytes(b"altered")
    with pytest.raises(ModelError):
        Encoder.load(tmp_path / "models", name=name)
