"""What the reader points at or draws, on the grid of a map."""

from __future__ import annotations

import numpy as np
import pytest

from inference.encoder import Field
from inference.errors import RegionError
from inference.explain import Region
from inference.explain.region import spot

PICTURE = (300, 400)
SEEN = Field(top=0, left=50, height=300, width=300, picture_height=300, picture_width=400)


def test_a_box_covers_its_pixels_and_no_more() -> None:
    mask = Region.box(60, 20, 10, 5, picture=PICTURE).mask
    assert mask.shape == PICTURE and mask.sum() == 50
    assert mask[20:25, 60:70].all()


def test_what_of_a_box_lies_beside_the_picture_is_left_out() -> None:
    assert Region.box(-5, 290, 10, 100, picture=PICTURE).mask.sum() == 5 * 10
    assert Region.box(399.6, 299.7, 9, 9, picture=PICTURE).mask.sum() == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,2,3", "not four numbers"),
        ("left,0,5,5", "not four numbers"),
        ("", "not four numbers"),
        ("0,0,0,5", "above 0"),
        ("0,0,5,-5", "above 0"),
        ("nan,0,5,5", "four finite numbers"),
        ("0,0,inf,5", "four finite numbers"),
        ("400,0,5,5", "beside the picture, which is 400 x 300 pixels"),
        ("0,-9,5,9", "beside the picture"),
    ],
)
def test_a_box_that_cannot_be_read_is_told_with_an_example(text: str, reason: str) -> None:
    with pytest.raises(RegionError, match=reason) as caught:
        Region.parse(text, picture=PICTURE)
    assert "120,80,60,60" in caught.value.advice


def test_a_typed_box_is_the_same_as_a_drawn_one() -> None:
    typed = Region.parse(" 60, 20,10 ,5", picture=PICTURE)
    assert np.array_equal(typed.mask, Region.box(60, 20, 10, 5, picture=PICTURE).mask)


def test_a_free_shape_is_filled() -> None:
    mask = Region.polygon([(100, 100), (200, 100), (150, 200)], picture=PICTURE).mask
    assert mask[110, 150] and mask[190, 150] and not mask[190, 110]
    assert mask.sum() == pytest.approx(5000, rel=0.05)
    far = Region.polygon([(-1e12, -1e12), (1e12, -1e12), (1e12, 1e12), (-1e12, 1e12)],
                         picture=PICTURE)  # fmt: skip
    assert far.mask.all()


@pytest.mark.parametrize(
    "points", [[], [(1, 1), (2, 2)], [(1, 1), (2, float("nan")), (3, 3)], [(-9, -9)] * 3]
)
def test_a_shape_that_is_none_is_told(points: list[tuple[float, float]]) -> None:
    with pytest.raises(RegionError):
        Region.polygon(points, picture=PICTURE)


def test_nothing_is_no_region() -> None:
    with pytest.raises(RegionError, match="no pixel"):
        Region(np.zeros(PICTURE, np.bool_))


def test_coverage_is_the_exact_share_of_each_cell() -> None:
    """Cells of 50 x 50 pixels from column 50 on; the box takes 10 x 20 and 15 x 20 of two."""
    covered = Region.box(90, 60, 25, 20, picture=PICTURE).coverage(SEEN, (6, 6))
    expected = np.zeros((6, 6))
    expected[1, 0], expected[1, 1] = 10 * 20 / 2500, 15 * 20 / 2500
    assert covered == pytest.approx(expected)


def test_coverage_holds_for_cells_that_end_within_pixels() -> None:
    rng = np.random.default_rng(0)
    mask = rng.random(PICTURE) < 0.3
    covered = Region(mask).coverage(SEEN, (7, 9))
    assert covered.sum() * (300 / 7) * (300 / 9) == pytest.approx(mask[:, 50:350].sum(), rel=1e-5)
    assert Region(np.ones(PICTURE, np.bool_)).coverage(SEEN, (7, 9)) == pytest.approx(1, abs=1e-5)


def test_one_pixel_of_a_large_picture_is_not_lost() -> None:
    seen = Field(0, 0, 3000, 3000, 3000, 3000)
    covered = Region.box(1234, 2345, 1, 1, picture=(3000, 3000)).coverage(seen, (6, 6))
    assert covered[4, 2] == pytest.approx(1 / 500**2) and np.count_nonzero(covered) == 1


def test_a_region_that_the_model_did_not_see_is_told() -> None:
    with pytest.raises(RegionError, match="outside the square that the model sees"):
        Region.box(0, 0, 50, 300, picture=PICTURE).coverage(SEEN, (6, 6))
    with pytest.raises(ValueError, match="another picture"):
        Region.box(0, 0, 5, 5, picture=(10, 10)).coverage(SEEN, (6, 6))


def test_a_spot_weighs_the_cells_around_it() -> None:
    middle = spot(SEEN, (6, 6), 50 + 25, 25)
    assert middle is not None and middle[0, 0] == 1 and middle.sum() == 1
    between = spot(SEEN, (6, 6), 50 + 50, 25 + 10)
    assert between is not None
    assert between[:2, :2] == pytest.approx(np.array([[0.4, 0.4], [0.1, 0.1]]))
    corner = spot(SEEN, (6, 6), 350, 300)
    assert corner is not None and corner[5, 5] == 1


@pytest.mark.parametrize(("x", "y"), [(49, 10), (351, 10), (100, -1), (100, 301)])
def test_beside_the_square_there_is_no_spot(x: float, y: float) -> None:
    assert spot(SEEN, (6, 6), x, y) is None
