"""A map that is made smooth says nothing that the coarse one does not say."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from inference.explain.upsampling import pixel_centres, surface

FloatArray = npt.NDArray[np.float32]
PER_CELL = 16

grids = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=7),
    elements=st.sampled_from([np.float32(n / 16) for n in range(17)]),
)


def spread(values: FloatArray) -> FloatArray:
    rows, columns = values.shape
    return surface(values, pixel_centres(PER_CELL * rows), pixel_centres(PER_CELL * columns))


def cell_means(pixels: FloatArray) -> FloatArray:
    rows, columns = pixels.shape[0] // PER_CELL, pixels.shape[1] // PER_CELL
    blocks = pixels.reshape(rows, PER_CELL, columns, PER_CELL)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def blobs(count: int) -> list[FloatArray]:
    """Maps like those of an encoder: two or three broad spots, the greatest value 1."""
    rng = np.random.default_rng(7)
    at = np.moveaxis(np.indices((6, 6)), 0, -1)
    found = []
    for _ in range(count):
        centres = rng.uniform(0, 5, (rng.integers(2, 4), 2))
        far = ((at[:, :, None] - centres) ** 2).sum(axis=-1)
        values = (np.exp(-far / 2) * rng.uniform(0.3, 1, len(centres))).sum(axis=-1)
        found.append((values / values.max()).astype(np.float32))
    return found


@given(grids)
@settings(max_examples=60, deadline=None)
def test_every_pixel_lies_between_the_four_values_around_it(values: FloatArray) -> None:
    smooth = spread(values)
    around = np.pad(values, 1, mode="edge")
    corners = np.stack(
        [around[:-1, :-1], around[:-1, 1:], around[1:, :-1], around[1:, 1:]]
    )  # of the squares between centres
    half = PER_CELL // 2
    blocks = [
        np.repeat(np.repeat(bound, PER_CELL, 0), PER_CELL, 1)[half:-half, half:-half]
        for bound in (corners.min(axis=0), corners.max(axis=0))
    ]
    assert (smooth >= blocks[0] - 1e-6).all() and (smooth <= blocks[1] + 1e-6).all()
    assert smooth.min() >= values.min() and smooth.max() <= values.max()


@given(grids)
@settings(max_examples=60, deadline=None)
def test_peaks_stand_only_where_the_grid_has_one(values: FloatArray) -> None:
    """Along a row of pixels the surface turns downwards only at the centres of cells."""
    across = np.linspace(0, 1, 64 * values.shape[1] + 1, dtype=np.float32)
    rises = np.diff(surface(values, pixel_centres(33), across), axis=1)
    steps = np.sign(np.where(np.abs(rises) < 1e-6, 0, rises))
    centres = 64 * np.arange(values.shape[1]) + 32
    for row in steps:
        for start, stop in pairwise(centres):
            between = row[start:stop]
            assert not ((between > 0).any() and (between < 0).any())


def test_the_centre_of_a_cell_keeps_its_value() -> None:
    for values in blobs(5):
        centres = pixel_centres(6)
        assert np.abs(surface(values, centres, centres) - values).max() < 1e-6


def test_cells_keep_their_means_better_than_with_linear_interpolation() -> None:
    """The doc string's figures, on drawn maps: linear interpolation flattens peaks and hollows."""
    errors, linear_errors = [], []
    for values in blobs(40):
        linear = cv2.resize(values, (96, 96), interpolation=cv2.INTER_LINEAR)
        errors.append(np.abs(cell_means(spread(values)) - values).mean())
        linear_errors.append(np.abs(cell_means(np.asarray(linear)) - values).mean())
    assert np.mean(errors) < 0.8 * np.mean(linear_errors)


def test_where_cubic_interpolation_invents_a_second_spot_there_is_none() -> None:
    """A wall of evidence two cells wide: cubic interpolation overshoots along it."""
    values = np.zeros((6, 6), np.float32)
    values[:, 2:4] = 0.7
    cubic = cv2.resize(values, (96, 96), interpolation=cv2.INTER_CUBIC)
    assert cubic.max() > 0.75
    assert spread(values).max() <= np.float32(0.7)


def test_a_grid_of_one_cell_is_the_same_everywhere() -> None:
    assert (spread(np.full((1, 1), 0.4, np.float32)) == np.float32(0.4)).all()
