"""Crops and views. Runs where PyTorch is installed; skipped elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from models.training import controls


def test_a_crop_holds_the_map_and_stays_in_the_picture() -> None:
    down, across = np.mgrid[:100, :100].astype(np.uint8)
    square = np.stack([down, across, 0 * down], 2)
    for row, column in ((0, 0), (20, 20), (10, 5)):
        saliency = np.zeros((28, 28), np.uint8)
        saliency[row : row + 4, column : column + 4] = 255
        cut = controls.crop(square, saliency)
        assert cut.shape == (50, 50, 3), "no smaller than half the picture"
        for centre, begin in ((row + 2, cut[0, 0, 0]), (column + 2, cut[0, 0, 1])):
            assert begin <= centre * 100 / 28 <= begin + 50
    assert controls.crop(square, np.ones((28, 28), np.uint8)).shape == (90, 90, 3)


def test_eight_views_are_the_eight_ways_to_lay_a_picture() -> None:
    picture = np.arange(4 * 4 * 3, dtype=np.uint8).reshape(1, 4, 4, 3)
    views = [next(controls.turned([picture], view)) for view in range(8)]
    assert np.array_equal(views[0], picture)
    assert np.array_equal(views[1], picture[:, :, ::-1])
    assert len({view.tobytes() for view in views}) == 8
    assert {tuple(np.sort(view, axis=None)) for view in views} == {tuple(range(48))}
