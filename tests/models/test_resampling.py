"""Networks of different sides in one encoder. Runs where PyTorch is; skipped elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from inference.encoder.preprocess import prepare  # noqa: E402
from models.training.network import Encoder  # noqa: E402
from models.training.passes import Passes  # noqa: E402
from models.training.resampling import resampled, shared_area  # noqa: E402


@pytest.mark.parametrize(("old", "new"), [(224, 160), (5, 7), (7, 5), (4, 4)])
def test_every_cell_is_a_mean_and_every_old_cell_counts_alike(old: int, new: int) -> None:
    weights = shared_area(old, new)
    assert weights.shape == (new, old)
    assert weights.sum(1).tolist() == pytest.approx([1.0] * new, abs=1e-6)
    assert weights.sum(0).tolist() == pytest.approx([new / old] * old, abs=1e-6)


def test_pictures_shrink_as_the_product_shrinks_them() -> None:
    """OpenCV's area resampling, but for its rounding to whole levels."""
    picture = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    ours = resampled(torch.from_numpy(picture).permute(2, 0, 1)[None].float(), 160)
    theirs = torch.from_numpy(prepare(picture, 160)).permute(2, 0, 1)[None].float()
    assert (ours - theirs).abs().max() < 0.51


def test_a_map_on_a_finer_grid_keeps_its_mean() -> None:
    torch.manual_seed(0)
    coarse = torch.rand(2, 8, 5, 5)
    fine = resampled(coarse, 7)
    assert fine.shape == (2, 8, 7, 7)
    assert torch.allclose(fine.mean((2, 3)), coarse.mean((2, 3)), atol=1e-6)


@torch.no_grad()
def test_each_network_sees_pictures_at_its_own_side_and_all_share_the_finest_grid() -> None:
    torch.manual_seed(0)
    sharp, plain = (Encoder("lite0", 7, side=side).eval() for side in (128, 96))
    both = Passes([sharp, plain])
    assert both.side == 128
    pixels = torch.rand(2, 3, 128, 128) * 255
    seen = both(pixels)
    alone = [sharp(pixels), plain(resampled(pixels, 96))]
    assert alone[1].feature_map.shape[3] == 3 and seen.feature_map.shape == (2, 512, 4, 4)
    expected = torch.cat([one.embedding for one in alone], 1) / 2**0.5
    assert torch.allclose(seen.embedding, expected, atol=1e-5)
    assert torch.allclose(seen.logits, torch.stack([one.logits for one in alone]).mean(0))
    assert torch.allclose(seen.terms.mean((2, 3)), seen.logits, atol=1e-4)
