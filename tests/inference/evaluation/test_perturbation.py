"""Curves and places, worked out by hand."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from inference.encoder import Encoder
from inference.evaluation import perturbation
from inference.evaluation.localisation import energy_over_area, points_inside
from inference.evaluation.perturbation import SHARES, Follower, blurred, ranks, replaced
from inference.evaluation.saliency import METHODS, centred_gaussian, random_map, spread

Pixels = npt.NDArray[np.uint8]
SIDE = 20
LEFT = np.zeros((SIDE, SIDE), np.float32)
LEFT[:, : SIDE // 2] = 1
CASE = np.array([1, 0], np.float32)


class BrightnessEncoder(Encoder):
    """Its cosine with `CASE` is the share of white in a picture."""

    def __init__(self) -> None:
        pass

    def embed(self, prepared: Pixels) -> npt.NDArray[np.float32]:
        """Return unit vectors (n, 2)."""
        share = prepared.mean(axis=(1, 2, 3)) / 255
        return np.stack([share, np.sqrt(1 - share**2)], axis=1).astype(np.float32)


@pytest.fixture
def follower(monkeypatch: pytest.MonkeyPatch) -> Follower:
    """Follow a picture whose left half is white, with black in the place of what goes."""
    monkeypatch.setattr(perturbation, "blurred", np.zeros_like)
    picture = np.repeat((LEFT * 255)[..., None], 3, axis=2).astype(np.uint8)
    return Follower(BrightnessEncoder(), picture, CASE)


def test_areas_by_hand(follower: Follower) -> None:
    """White first: it falls from .5 to 0 at half the way, a triangle of a quarter of .5 by 1."""
    assert follower.similarity == pytest.approx(0.5)
    right = ranks(LEFT)
    assert follower.deletion(right) == pytest.approx(0.25)
    assert follower.insertion(right) == pytest.approx(0.75)
    wrong = ranks(1 - LEFT)
    assert follower.deletion(wrong) == pytest.approx(0.75)
    assert follower.insertion(wrong) == pytest.approx(0.25)


def test_without_an_order_pixels_go_at_random(follower: Follower) -> None:
    nothing = ranks(np.zeros((SIDE, SIDE), np.float32))
    assert follower.deletion(nothing) == pytest.approx(0.5, abs=0.03)
    assert follower.insertion(nothing) == pytest.approx(0.5, abs=0.03)


def test_the_most_important_pixels_are_replaced_first_and_ties_break_alike() -> None:
    ramp = np.arange(SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)
    ranked = ranks(ramp)
    assert ranked[-1, -1] == 0 and ranked[0, 0] == SIDE * SIDE - 1
    picture, other = np.zeros((SIDE, SIDE, 3), np.uint8), np.full((SIDE, SIDE, 3), 9, np.uint8)
    steps = replaced(picture, other, ranked)
    assert steps.shape == (len(SHARES) - 2, SIDE, SIDE, 3)
    assert (steps == 9).mean(axis=(1, 2, 3)) == pytest.approx(SHARES[1:-1])
    assert np.array_equal(steps[0, -1], other[0]) and not steps[0, :-1].any()
    flat = np.zeros((SIDE, SIDE), np.float32)
    assert np.array_equal(ranks(flat), ranks(flat))
    assert abs(ranks(flat)[: SIDE // 2].mean() - ranks(flat)[SIDE // 2 :].mean()) < 30


def test_what_replaces_pixels_has_the_colours_and_no_structure() -> None:
    stripes = np.zeros((90, 90, 3), np.uint8)
    stripes[::2] = (200, 150, 120)
    soft = blurred(stripes)
    assert soft.shape == stripes.shape and soft.dtype == np.uint8
    assert np.abs(soft.astype(int) - (100, 75, 60)).max() <= 5


def test_the_pointing_game_is_about_the_peak_alone() -> None:
    values = np.array([[0.2, 0.9], [1.0, 0.9]], np.float32)
    assert points_inside(values, np.array([[0, 0], [1, 0]], np.bool_)) == 1
    assert points_inside(values, np.array([[1, 1], [0, 1]], np.bool_)) == 0
    shared = np.array([[0.2, 1.0], [1.0, 1.0]], np.float32)
    assert points_inside(shared, np.array([[1, 1], [0, 0]], np.bool_)) == pytest.approx(1 / 3)


def test_energy_is_compared_with_the_area() -> None:
    """.6 of the energy on a quarter of the picture."""
    values = np.array([[0.6, 0.1], [0.1, 0.2]], np.float32)
    mask = np.array([[1, 0], [0, 0]], np.bool_)
    assert energy_over_area(values, mask) == pytest.approx(2.4)
    assert energy_over_area(np.ones((2, 2), np.float32), mask) == 1
    assert energy_over_area(np.zeros((2, 2), np.float32), mask) == 0


def test_maps_are_spread_to_their_peak_and_flat_ones_stay_flat() -> None:
    cell = np.zeros((6, 6), np.float32)
    cell[1, 4] = 0.02
    shown = spread(cell, 96)
    assert shown.max() == pytest.approx(1, abs=0.05)
    row, column = np.unravel_index(shown.argmax(), shown.shape)
    assert row // 16 == 1 and column // 16 == 4
    assert np.array_equal(spread(np.full((7, 7), 0.3, np.float32), 50), np.ones((50, 50)))
    assert not spread(np.zeros((7, 7), np.float32), 50).any()


def test_baselines_are_what_their_names_say() -> None:
    middle = centred_gaussian(7, 7)
    assert middle[3, 3] == 1 and np.array_equal(middle, middle[::-1, ::-1])
    # three cells of a seventh from the middle, sigma a quarter: exp(-(3 / 7)^2 / (2 / 16))
    assert middle[3, 0] == pytest.approx(np.exp(-8 * 9 / 49))
    rng = np.random.default_rng(0)
    one, other = random_map((2, 3), rng), random_map((2, 3), rng)
    assert sorted(one.ravel()) == [1, 2, 3, 4, 5, 6] and not np.array_equal(one, other)
    assert list(METHODS) == ["", "_uniform", "_gaussian", "_gradient", "_gradcam", "_classmap"]
