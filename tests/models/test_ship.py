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
from models.training.ship import (  # noqa: E402
    Candidate,
    Variant,
    best_of_each_kind,
    ship,
    table,
    weigh,
)  # fmt: skip
from models.training.sight import Sight  # noqa: E402
from tests.models.archives import write_archives  # noqa: E402
from tests.models.tiny_stages import tiny_stages  # noqa: E402


def test_the_best_of_each_kind_is_shipped_the_best_of_all_first() -> None:
    merits = {
        Variant(("rgb",)): 0.7,
        Variant(("rgb", "first")): 0.72,
        Variant(("guided",)): 0.74,
        Variant(("guided", "first")): 0.71,
    }
    candidates = [Candidate(v, {"p6": m, "map": m, "auc": m}) for v, m in merits.items()]
    best = [one.variant.name for one in best_of_each_kind(candidates)]
    assert best == ["guided", "rgb+first"]
    assert "| `guided` | 0.740 | 0.740 | 0.740 | 0.7400 |" in table(candidates)


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
    variant = Variant(("guided", "first"))
    candidate = weigh(workshop, descriptions, variant)
    assert {"p6", "map", "bma", "auc", "map_hash64"} <= set(candidate.figures)
    # What is joined from parts is what the joined networks say.
    whole = look(
        Sight(assemble(workshop, ["guided", "first"]), 64), originals(workshop.data, "val")
    )
    parts = descriptions.of(["guided", "first"], "val", 64)
    assert torch.allclose(whole.embedding, parts.embedding, atol=1e-4)
    assert torch.allclose(whole.logits, parts.logits, atol=1e-3)
    assert (whole.codes[64] - parts.codes[64]).abs().max() < 1e-3
    (name,) = ship(workshop, descriptions, [variant], "derm", tmp_path / "models")
    encoder = Encoder.load(tmp_path / "models", name=name)
    picture = next((workshop.data / "ham10000" / "images").iterdir())
    encoding = encoder.encode(read(picture))
    assert encoding.saliency is not None and encoding.saliency.max() == pytest.approx(1)
    assert {bits: len(code) for bits, code in encoding.codes.items()} == {
        16: 2, 32: 4, 64: 8, 128: 16,
    }  # fmt: skip
    mean = encoding.feature_map.mean((1, 2))
    assert mean / np.linalg.norm(mean) == pytest.approx(encoding.embedding, abs=1e-4)
    assert f'"default": "{name}"' in (tmp_path / "models" / "manifest.json").read_text()
    monkeypatch.setattr("models.training.ship.fitted", None)
    assert weigh(workshop, descriptions, variant) == candidate, "fitted again"
    (tmp_path / "models" / f"{name}.onnx").write_bytes(b"altered")
    with pytest.raises(ModelError):
        Encoder.load(tmp_path / "models", name=name)
