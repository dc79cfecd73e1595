"""A map that is made smooth says nothing that the coarse one does not say."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from inference.explain.upsampling import pixel_centres, surface

FloatArray = npt.NDArray[np.float32]
PER_CELL = 16
SIDE = 6 * PER_CELL

values_of_cells = st.sampled_from([np.float32(n / 16) for n in range(17)])
grids = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=7),
    elements=values_of_cells,
)
rows = arrays(np.float32, st.tuples(st.just(1), st.integers(1, 8)), elements=values_of_cells)


def spread(values: FloatArray) -> FloatArray:
    down, across = values.shape
    return surface(values, pixel_centres(PER_CELL * down), pixel_centres(PER_CELL * across))


def resized(values: FloatArray, interpolation: int) -> FloatArray:
    """What OpenCV makes of a grid of 6 x 6."""
    return np.asarray(cv2.resize(values, (SIDE, SIDE), interpolation=interpolation), np.float32)


def cell_means(pixels: FloatArray) -> FloatArray:
    """Means over the cells of 6 x 6."""
    blocks = pixels.reshape(6, PER_CELL, 6, PER_CELL)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def spots(count: int, most: int) -> list[tuple[FloatArray, FloatArray]]:
    """Maps of some spots, the greatest value 1, and the place of the strongest one in pixels."""
    rng = np.random.default_rng(7)
    at = np.moveaxis(np.indices((SIDE, SIDE)), 0, -1) + 0.5
    found = []
    for _ in range(count):
        centres = rng.uniform(SIDE / 4, 3 * SIDE / 4, (rng.integers(1, most + 1), 2))
        strengths = np.sort(rng.uniform(0.3, 1, len(centres)))[::-1]
        far = ((at[:, :, None] - centres) ** 2).sum(axis=-1)
        fine = (np.exp(-far / (2 * (0.7 * PER_CELL) ** 2)) * strengths).sum(axis=-1)
        coarse = cell_means(fine.astype(np.float32))
        found.append((coarse / coarse.max(), centres[0].astype(np.float32)))
    return found


def peaks(line: FloatArray) -> int:
    """How often a line turns from rising to falling; level stretches do not count."""
    rises = np.diff(line.ravel(), prepend=-1, append=-1)
    steps = np.sign(rises[np.abs(rises) > 1e-5])
    return int(((steps[:-1] > 0) & (steps[1:] < 0)).sum())


def spots_seen(pixels: FloatArray) -> int:
    """How many peaks a map has: places that exceed everything around them."""
    levels = np.round(np.pad(pixels, 1, constant_values=-1), 4)
    around = np.ones((3, 3), np.uint8)
    tops = ((levels >= cv2.dilate(levels, around)) & (levels > 0.15)).astype(np.uint8)
    count, names = cv2.connectedComponents(tops)
    found = 0
    for name in range(1, count):
        top = (names == name).astype(np.uint8)
        ring = (cv2.dilate(top, around) > 0) & (top == 0)
        found += bool(levels[ring].max() < levels[top > 0].min())
    return found


@given(grids)
@settings(max_examples=60, deadline=None)
def test_no_pixel_leaves_the_range_of_what_was_computed(values: FloatArray) -> None:
    smooth = spread(values)
    assert smooth.min() >= values.min() and smooth.max() <= values.max()


@given(rows)
@settings(max_examples=100, deadline=None)
def test_a_row_of_cells_gets_no_more_peaks(values: FloatArray) -> None:
    assert peaks(spread(values)[0]) <= peaks(values)


@given(grids)
@settings(max_examples=40, deadline=None)
def test_a_mirrored_or_turned_picture_gets_the_same_map_mirrored_or_turned(
    values: FloatArray,
) -> None:
    smooth = spread(values)
    assert np.abs(spread(values[::-1]) - smooth[::-1]).max() < 1e-5
    assert np.abs(spread(values.T) - smooth.T).max() < 1e-5


def test_cells_keep_their_means_better_than_with_linear_interpolation() -> None:
    errors = {"ours": 0.0, "linear": 0.0}
    for values, _ in spots(60, 3):
        errors["ours"] += float(np.abs(cell_means(spread(values)) - values).mean())
        linear = resized(values, cv2.INTER_LINEAR)
        errors["linear"] += float(np.abs(cell_means(linear) - values).mean())
    assert errors["ours"] < 0.95 * errors["linear"]


def test_hardly_a_map_shows_a_spot_that_was_not_computed_where_cubics_often_do() -> None:
    new = {"ours": 0, "cubic": 0}
    rng = np.random.default_rng(5)
    for values, _ in spots(100, 3):
        noisy = np.clip(values + rng.normal(0, 0.05, values.shape), 0, 1).astype(np.float32)
        known = spots_seen(noisy)
        new["ours"] += spots_seen(spread(noisy)) > known
        new["cubic"] += spots_seen(resized(noisy, cv2.INTER_CUBIC)) > known
    assert new["ours"] <= 12
    assert new["cubic"] >= 3 * new["ours"]


def test_a_spot_between_cells_is_shown_nearer_to_its_place_than_a_cell_s_centre() -> None:
    away = {"ours": 0.0, "cell": 0.0}
    for values, place in spots(60, 1):
        best = np.unravel_index(spread(values).argmax(), (SIDE, SIDE))
        cell = np.unravel_index(values.argmax(), (6, 6))
        away["ours"] += float(np.hypot(*(np.array(best) + 0.5 - place)))
        away["cell"] += float(np.hypot(*((np.array(cell) + 0.5) * PER_CELL - place)))
    assert away["ours"] < 0.75 * away["cell"]


def test_a_single_strong_cell_stays_strong() -> None:
    values = np.zeros((6, 6), np.float32)
    values[2, 3] = 1
    smooth = spread(values)
    assert 0.8 < smooth.max() <= 1
    assert np.unravel_index(smooth.argmax(), smooth.shape)[0] // PER_CELL == 2


def test_a_grid_of_one_cell_is_the_same_everywhere() -> None:
    assert (spread(np.full((1, 1), 0.4, np.float32)) == np.float32(0.4)).all()
