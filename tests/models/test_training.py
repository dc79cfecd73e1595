"""The recipe's own mathematics. Runs where PyTorch is installed; skipped elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from inference.encoder.preprocess import prepare  # noqa: E402
from inference.images import read  # noqa: E402
from models.training import data, losses  # noqa: E402
from models.training.calibration import calibrate  # noqa: E402
from models.training.network import Encoder  # noqa: E402
from models.training.train import mix  # noqa: E402
from tests.models.archives import write_archives  # noqa: E402


def test_the_closed_form_is_grad_cam() -> None:
    """Against autograd: gradient of the logit, averaged over positions, times the feature map."""
    torch.manual_seed(0)
    encoder = Encoder("lite0", 7).eval()
    described = encoder(torch.rand(2, 3, 96, 96) * 255)
    ours = encoder.class_terms(described)
    feature_map = described.feature_map
    mean = feature_map.mean((2, 3))
    held = mean / mean.norm(dim=1, keepdim=True).detach()
    directions = torch.nn.functional.normalize(encoder.prototypes, dim=1)
    logits = encoder.log_scale.exp() * held @ directions.T
    assert torch.allclose(logits, described.logits, atol=1e-5)
    positions = feature_map.shape[2] * feature_map.shape[3]
    for c in range(7):
        (gradient,) = torch.autograd.grad(logits[:, c].sum(), feature_map, retain_graph=True)
        terms = (gradient.mean((2, 3), keepdim=True) * feature_map).sum(1) * positions
        assert torch.allclose(ours[:, c], terms, atol=1e-5)
        assert torch.allclose(terms.mean((1, 2)), logits[:, c], atol=1e-4)


def test_calibration_finds_the_temperature_and_the_base_rates() -> None:
    """Labels drawn from known probabilities; 20,000 of them pin temperature and bias down."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, (20_000, 7)).astype(np.float32)
    bias = np.array([0.0, 0.5, 1, -1, 0, 2, -0.5])
    scores = np.exp(logits / 2.5 + bias)
    chances = scores / scores.sum(1, keepdims=True)
    labels = np.array([rng.choice(7, p=row) for row in chances])
    temperature, found = calibrate(logits, labels)
    assert temperature == pytest.approx(2.5, rel=0.05)
    assert np.array(found) - found[0] == pytest.approx(bias, abs=0.15)


def test_the_contrast_is_that_of_the_paper() -> None:
    """Written out anchor by anchor, as in Khosla et al. 2020, equation 2."""
    torch.manual_seed(1)
    z = torch.nn.functional.normalize(torch.randn(6, 5), dim=1)
    labels = torch.tensor([0, 0, 1, 1, 1, 2])
    terms = []
    for i in range(6):
        others = [a for a in range(6) if a != i]
        positives = [p for p in others if labels[p] == labels[i]]
        if positives:
            below = sum(torch.exp(z[i] @ z[a] / 0.1) for a in others)
            shares = [torch.log(torch.exp(z[i] @ z[p] / 0.1) / below) for p in positives]
            terms.append(-sum(shares) / len(positives))
    expected = sum(terms) / len(terms)
    assert losses.contrast(z, labels, 0.1).item() == pytest.approx(float(expected), rel=1e-5)


def test_in_the_balanced_contrast_every_class_counts_once() -> None:
    """Written out anchor by anchor (Zhu et al. 2022, eq. 5), prototypes among the keys."""
    torch.manual_seed(1)
    z = torch.nn.functional.normalize(torch.randn(6, 5), dim=1)
    prototypes = torch.nn.functional.normalize(torch.randn(3, 5), dim=1)
    labels = torch.tensor([0, 0, 0, 0, 1, 1])
    keys, owner = torch.cat([z, prototypes]), [*labels.tolist(), 0, 1, 2]
    terms = []
    for i in range(6):
        below = 0.0
        for c in range(3):
            members = [k for k in range(9) if owner[k] == c and k != i]
            below += sum(float(torch.exp(z[i] @ keys[k] / 0.1)) for k in members) / len(members)
        positives = [k for k in range(9) if owner[k] == labels[i] and k != i]
        shares = [float(z[i] @ keys[p] / 0.1) - float(np.log(below)) for p in positives]
        terms.append(-np.mean(shares))
    found = losses.balanced_contrast(z, labels, prototypes, 0.1)
    assert found.item() == pytest.approx(float(np.mean(terms)), rel=1e-5)


def test_a_uniform_prior_leaves_cross_entropy_as_it_is() -> None:
    logits, labels = torch.randn(8, 7), torch.arange(8) % 7
    target = torch.nn.functional.one_hot(labels, 7).float()
    ours = losses.classification(logits, target, torch.full((7,), 1 / 7), 0.0)
    assert ours.item() == pytest.approx(
        torch.nn.functional.cross_entropy(logits, labels).item(), rel=1e-5
    )


def test_mixed_pictures_have_mixed_classes() -> None:
    torch.manual_seed(0)
    x = torch.arange(8.0)[:, None, None, None].expand(8, 3, 2, 2)
    target = torch.nn.functional.one_hot(torch.arange(8)).float()
    mixed, classes = mix(x, target)
    assert torch.allclose(classes.sum(1), torch.ones(8))
    assert torch.allclose(mixed[:, 0, 0, 0], classes @ torch.arange(8.0), atol=1e-5)
    assert not torch.equal(mixed, x)


def test_the_outline_counts_only_where_it_is_known() -> None:
    mask = torch.zeros(2, 1, 28, 28)
    mask[0, :, :14] = 1
    right = torch.full((2, 1, 4, 4), -9.0)
    right[0, :, :2] = 9
    found = losses.outline(right, mask)
    assert found < 1e-3, "the second picture's mask is unknown, and must not be learned as empty"
    assert losses.outline(-right, mask) > 8
    assert losses.outline(right, torch.zeros_like(mask)) == 0


def test_a_pack_holds_every_picture_but_those_of_the_tests(tmp_path: Path) -> None:
    data.pack(write_archives(tmp_path / "data"), tmp_path / "pack")
    pictures = data.load(tmp_path / "pack")
    assert len(pictures.records) == 9
    assert {record.split for record in pictures.records} == {"train", "val"}
    assert pictures.pixels.shape == (9, data.SIDE, data.SIDE, 3)
    assert len(pictures.where("train", source="derm7pt")) == 2
    small = json.loads(next((tmp_path / "pack").glob("*.json")).read_text())[0]
    file = tmp_path / "data" / "ham10000" / "images" / f"{small['name']}.jpg"
    assert small["length"] == file.stat().st_size, "a small picture is not compressed again"


def test_an_interrupted_pack_is_not_taken_for_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_archives(tmp_path / "data")
    whole = data._jpeg

    def stop_at_derm7pt(path: Path) -> bytes:
        if path.name == "derm7pt1.jpg":
            raise KeyboardInterrupt
        return whole(path)

    monkeypatch.setattr(data, "_jpeg", stop_at_derm7pt)
    with pytest.raises(KeyboardInterrupt):
        data.pack(source, tmp_path / "pack")
    assert not (tmp_path / "pack").exists()
    monkeypatch.setattr(data, "_jpeg", whole)
    data.pack(source, tmp_path / "pack")
    assert len(data.load(tmp_path / "pack").records) == 9


def test_validation_pictures_are_read_as_the_product_reads_them(tmp_path: Path) -> None:
    found = data.originals(write_archives(tmp_path / "data"), "val").of("ham10000")
    assert found.labels.tolist() == [data.CLASSES.index("nv")]
    (batch,) = found.batches(32)
    assert batch.tolist() == [prepare(read(found.paths[0]).pixels, 32).tolist()]


def test_every_source_gives_the_same_number_to_a_fit(tmp_path: Path) -> None:
    found = data.originals(write_archives(tmp_path / "data"), "train")
    assert sorted(np.array(found.sources)[found.first(1)]) == ["derm7pt", "ham10000", "isic2017"]
    assert found.where(found.first(9)).paths == found.paths
