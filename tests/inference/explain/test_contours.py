"""Lines lie where the map has their value, in the picture's own shares, and are whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.encoder import Field
from inference.explain import LEVELS, Heatmap, contour_lines
from inference.explain.upsampling import surface

WHOLE = Field(0, 0, 60, 60, 60, 60)

grids = arrays(np.float32, (5, 5), elements=st.sampled_from([np.float32(n / 9) for n in range(10)]))


def peak(field: Field = WHOLE) -> Heatmap:
    values = np.zeros((6, 6), np.float32)
    values[2:4, 2:4] = 1
    return Heatmap(values, field)


@given(grids, st.sampled_from(LEVELS))
@settings(max_examples=40, deadline=None)
def test_the_surface_has_the_level_all_along_a_line(values: np.ndarray, level: float) -> None:
    for line in contour_lines(Heatmap(values, WHOLE), level):
        read = surface(values, line[:, 1], line[:, 0]).diagonal()
        # Lines are straight between samples a sixteenth of a cell apart.
        assert np.abs(read - level).max() < 0.02


@given(grids, st.sampled_from(LEVELS))
@settings(max_examples=40, deadline=None)
def test_a_line_is_a_ring_or_ends_at_the_edge(values: np.ndarray, level: float) -> None:
    for line in contour_lines(Heatmap(values, WHOLE), level):
        if not np.array_equal(line[0], line[-1]):
            for end in (line[0], line[-1]):
                assert np.minimum(end, 1 - end).min() == pytest.approx(0, abs=1e-6)


def test_a_peak_has_one_ring_for_each_level_and_the_higher_lies_inside() -> None:
    rings = [contour_lines(peak(), level) for level in LEVELS]
    assert [len(found) for found in rings] == [1, 1, 1]
    spans = [np.ptp(found[0], axis=0) for found in rings]
    assert (spans[0] > spans[1]).all() and (spans[1] > spans[2]).all()
    assert np.array_equal(rings[1][0][0], rings[1][0][-1])
    # Half way between the centres of a full and an empty cell, on either side of two full ones.
    assert spans[1] == pytest.approx([2 / 6, 2 / 6], abs=0.01)


def test_lines_lie_within_what_the_model_saw() -> None:
    """The central square of a picture twice as wide as high."""
    lines = contour_lines(peak(Field(0, 30, 60, 60, 60, 120)), 0.5)
    x, y = lines[0].T
    assert (x.min() + x.max()) / 2 == pytest.approx(0.5, abs=1e-3)
    assert np.ptp(x) == pytest.approx(np.ptp(y) / 2, abs=1e-3)


def test_two_spots_that_touch_at_a_corner_keep_two_lines_or_share_one() -> None:
    values = np.zeros((4, 4), np.float32)
    values[1, 1] = values[2, 2] = 1  # .5 in the middle between them
    assert len(contour_lines(Heatmap(values, WHOLE), 0.75)) == 2
    assert len(contour_lines(Heatmap(values, WHOLE), 0.25)) == 1


def test_a_map_without_a_slope_has_no_line() -> None:
    assert contour_lines(Heatmap(np.ones((6, 6), np.float32), WHOLE), 0.5) == []
    assert contour_lines(Heatmap(np.zeros((6, 6), np.float32), WHOLE), 0.25) == []


@pytest.mark.parametrize("tolerance", [1 / 4000, 1 / 600])
def test_a_line_of_fewer_points_stays_near_its_course_and_whole(tolerance: float) -> None:
    whole, thinned = (contour_lines(peak(), 0.5, slack)[0] for slack in (0, tolerance))
    assert len(thinned) < 0.7 * len(whole)
    assert np.array_equal(thinned[0], thinned[-1])
    steps = np.linspace(0, 1, 400)[:, None, None]
    dense = (thinned[:-1] + steps * np.diff(thinned, axis=0)).reshape(-1, 2)
    away = np.abs(whole[:, None] - dense[None]).max(axis=2).min(axis=1)
    assert away.max() < 2 * tolerance + 0.001  # and what `dense` itself leaves out
