"""The protocol of quality: pictures are spoilt as it says, and its figures follow from them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference import cli
from inference.errors import CaseLensError
from inference.evaluation import degradations, metrics, quality
from inference.quality import Quality

DEMO = Path(__file__).resolve().parents[3] / "resources" / "demo"
HEADER = "image_id,lesion_id,split\n"
FLAGS = ("blurred", "too_dark", "too_bright", "hair", "small_lesion")


def _data(folder: Path) -> Path:
    """Lay phantoms out as HAM10000: six test pictures of five lesions, one of validation."""
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    rows = []
    for i in range(1, 8):
        name = f"PHANTOM_nv_{i:02d}"
        (folder / "images" / f"{name}.jpg").write_bytes(
            (DEMO / "images" / f"{name}.jpg").read_bytes()
        )
        with Image.open(DEMO / "masks" / f"{name}.png") as mask:
            mask.crop((75, 0, 525, 450)).resize((224, 224)).save(folder / "masks" / f"{name}.png")
        rows.append(f"{name},L{max(i, 2)},{'test' if i < 7 else 'val'}\n")
    (folder / "labels.csv").write_text(HEADER + "".join(rows))
    return folder


def test_the_protocol_runs_from_the_terminal_without_a_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    data = _data(tmp_path / "ham10000")
    given = ["--data", str(data.parent), "--json", str(file), "--models", str(tmp_path / "none")]
    assert cli.main(["evaluate", "quality", *given]) == 0
    figures = json.loads(file.read_text())
    assert set(figures) == {
        "false_alarm_any", "lesion_share_error", "lesion_share_rank_correlation",
        *(f"{kind}_{flag}" for kind in ("false_alarm", "sensitivity", "auroc") for flag in FLAGS),
    }  # fmt: skip
    assert figures["false_alarm_any"] == {"value": 0, "low": 0, "high": 0, "n": 6}
    assert figures["sensitivity_blurred"]["value"] == 1
    assert figures["lesion_share_error"]["value"] < 0.1
    said = capsys.readouterr().out
    assert "6 test pictures" in said and "sensitivity_small_lesion" in said


def test_the_same_sample_is_drawn_every_time(tmp_path: Path) -> None:
    data = _data(tmp_path / "data")
    first, second = quality.sample(data, size=3), quality.sample(data, size=3)
    assert first.sound == second.sound and first.spoilt == second.spoilt
    assert len(first.lesions) == 3 and "L7" not in quality.sample(data).lesions


def test_figures_follow_from_the_measurements() -> None:
    """Two of four sound pictures are flagged; one of three spoilt ones stays unnoticed."""
    fine = Quality(sharpness=0.6, highlight=220, burnt=0, hair=0, lesion=0.3)
    soft = Quality(sharpness=0.2, highlight=220, burnt=0, hair=0, lesion=0.1)
    hairy = Quality(sharpness=0.7, highlight=220, burnt=0, hair=0.5, lesion=0.2)
    found = quality.Sample(
        lesions=["a", "b", "c", "d"],
        sound=[fine, soft, hairy, fine],
        spoilt={"blurred": [soft, soft, fine, None], "hair": [None, None, None, None]},
        outlined=np.array([0.35, 0.1, 0.2, 0.45]),
    )
    figures = quality.figures(found, resamples=10)
    assert figures["false_alarm_any"].value == 0.5
    assert figures["false_alarm_blurred"].value == figures["false_alarm_hair"].value == 0.25
    assert figures["sensitivity_blurred"].value == pytest.approx(2 / 3)
    assert figures["sensitivity_blurred"].n == 3 and "sensitivity_hair" not in figures
    # sharpness .6, .2, .7 before and .2, .2, .6 after: of the pairs 2.5 + 2.5 + 1.5 are in order
    assert figures["auroc_blurred"].value == pytest.approx(6.5 / 9)
    assert figures["lesion_share_error"].value == pytest.approx(0.025)
    assert figures["lesion_share_rank_correlation"].value == pytest.approx(0.9487, abs=1e-4)


def test_rank_correlation_is_spearmans() -> None:
    """Worked out by hand: ranks 1 2 3 4 against 2 1 4 3 give 1 - 6 * 4 / (4 * 15) = .6."""
    a, b = np.array([1.0, 5.0, 6.0, 100.0]), np.array([0.2, 0.1, 0.9, 0.3])
    assert metrics.rank_correlation(a, b) == pytest.approx(0.6)
    assert metrics.rank_correlation(a, a**3) == pytest.approx(1)
    assert metrics.rank_correlation(a, np.ones(4)) == 0


def test_a_missing_picture_or_column_ends_the_protocol_with_advice(tmp_path: Path) -> None:
    data = _data(tmp_path / "data")
    (data / "masks" / "PHANTOM_nv_03.png").unlink()
    with pytest.raises(CaseLensError, match=r"PHANTOM_nv_03\.png"):
        quality.sample(data)
    with pytest.raises(CaseLensError, match="no pictures of the split other"):
        quality.sample(data, split="other")
    (data / "labels.csv").write_text("image_id,dx\nPHANTOM_nv_01,nv\n")
    with pytest.raises(CaseLensError, match="lesion_id"):
        quality.sample(data)


def test_pictures_are_spoilt_by_the_amount_asked_for() -> None:
    rng = np.random.default_rng(0)
    skin = np.full((200, 200, 3), (200, 150, 130), np.uint8)
    quarter = degradations.relight(skin, 0.25)[0, 0]
    # sRGB 200 is .578 linear; a quarter of it is .1444, which is coded as 106
    assert quarter[0] == 106
    covered = (degradations.draw_hair(skin, rng, 0.1).astype(int) - skin).min(axis=2) < -40
    assert 0.09 < covered.mean() < 0.16
    mask = np.zeros((200, 200), np.bool_)
    mask[60:140, 60:140] = True
    spot = np.where(mask[..., None], np.uint8(40), skin)
    far = degradations.shrink_lesion(spot, mask, rng, 0.01)
    assert (far[..., 0] < 120).mean() == pytest.approx(0.01, abs=0.002)
    edge = degradations.blur(spot, rng, 0.02)[100, :, 0].astype(int)
    assert edge[60] == pytest.approx(120, abs=15) and abs(np.diff(edge)).max() < 25


def test_a_lesion_without_skin_around_it_cannot_shrink() -> None:
    square = np.zeros((50, 50, 3), np.uint8)
    for mask in (np.ones((50, 50), np.bool_), np.zeros((50, 50), np.bool_)):
        with pytest.raises(ValueError, match="cannot shrink"):
            degradations.shrink_lesion(square, mask, np.random.default_rng(0))


def test_on_real_pictures_flags_are_rare_and_spoilt_ones_are_noticed(real_data: Path) -> None:
    """Validation pictures, on which the limits were chosen; a few of 60 make the margins wide."""
    figures = quality.figures(quality.sample(real_data, split="val", size=60), resamples=10)
    for flag in FLAGS:
        assert figures[f"false_alarm_{flag}"].value <= 0.05
        assert figures[f"sensitivity_{flag}"].value >= 0.85
