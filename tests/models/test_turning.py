"""Networks that are shown a view of their own. Runs where PyTorch is installed."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from models.training.network import Encoder  # noqa: E402
from models.training.passes import Passes  # noqa: E402
from models.training.turning import COUNT, turned, turned_back  # noqa: E402
from models.training.views import draws  # noqa: E402


def test_the_eight_views_differ_and_can_be_undone() -> None:
    picture = torch.arange(9.0).view(1, 1, 3, 3)
    views = [turned(picture, view) for view in range(COUNT)]
    assert len({tuple(view.flatten().tolist()) for view in views}) == COUNT
    assert all(torch.equal(turned_back(one, view), picture) for view, one in enumerate(views))


@torch.no_grad()
@pytest.mark.parametrize("view", range(COUNT))
def test_whatever_the_view_maps_lie_as_the_picture_does(view: int) -> None:
    torch.manual_seed(0)
    encoder = Encoder("lite0", 7, side=96).eval()
    pixels = torch.rand(2, 3, 96, 96) * 255
    plain = Passes([encoder])(turned(pixels, view))
    encoder.view = view
    seen = Passes([encoder])(pixels)
    assert torch.allclose(seen.embedding, plain.embedding, atol=1e-5)
    for name in ("feature_map", "terms", "early", "local"):
        expected = turned_back(getattr(plain, name), view)
        assert torch.allclose(getattr(seen, name), expected, atol=1e-4), name


@torch.no_grad()
def test_a_guide_is_turned_with_the_picture() -> None:
    torch.manual_seed(0)
    first, guided = Encoder("lite0", 7, side=64), Encoder("lite0", 7, side=64, guided=True)
    guided.backbone._conv_stem.weight[:, 3].normal_()
    pixels = torch.rand(1, 3, 64, 64) * 255
    whole = Passes([guided], first)
    upright = whole(pixels)
    guided.view = 3
    own = whole(pixels)
    assert upright.saliency is not None and own.saliency is not None
    assert torch.equal(own.saliency, upright.saliency)
    first.view = 3
    both = Passes([guided], first)(turned_back(pixels, 3))
    guided.view = first.view = 0
    neither = Passes([guided], first)(turned(turned_back(pixels, 3), 3))
    assert torch.allclose(both.embedding, neither.embedding, atol=1e-5)


def test_views_are_drawn_once_for_each_network() -> None:
    chosen = draws(3, 40)
    assert len(chosen) == 40 and all(len(set(one)) == 3 for one in chosen)
    assert {view for one in chosen for view in one} == set(range(COUNT))
    assert chosen == draws(3, 40)
