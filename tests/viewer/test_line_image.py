"""Lines of a map in passing look like the lines of one that stays."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from inference.encoder.model import Field
from inference.explain import LEVELS, Heatmap
from tests.viewer.test_map_display import contrast
from viewer.heat import Heat
from viewer.heat_painter import draw_heat, level_pens
from viewer.line_image import line_image, line_profiles
from viewer.maps import MapLook

SIDE = 240
LOOK = MapLook(1, "contours")


def slope() -> Heatmap:
    """Values that rise from left to right over the lower two thirds of what the model saw."""
    values = np.zeros((12, 12), np.float32)
    values[4:] = np.linspace(0, 1, 12)
    return Heatmap(values, Field(0, 30, 240, 180, 240, 240))


def drawn(*, passing: bool, ratio: int = 1) -> QImage:
    image = QImage(SIDE * ratio, SIDE * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(120, 80, 60))
    painter = QPainter(image)
    draw_heat(painter, QRectF(0, 0, SIDE, SIDE), Heat(slope(), passing=passing), LOOK, 0.7)
    painter.end()
    return image


def cores(image: QImage) -> list[float]:
    """Where lines cross a row, in points: the middles of what is not the ground."""
    ground, ratio = QColor(120, 80, 60), image.devicePixelRatio()
    row = round(0.75 * image.height())
    seen = [x for x in range(image.width()) if image.pixelColor(x, row) != ground]
    groups = np.split(np.array(seen), np.flatnonzero(np.diff(seen) > 3) + 1)
    return [float(group.mean() + 0.5) / ratio for group in groups]


@pytest.mark.parametrize("ratio", [1, 2])
def test_lines_in_passing_run_where_the_lines_run(application: QApplication, ratio: int) -> None:
    del application
    passing, staying = (cores(drawn(passing=now, ratio=ratio)) for now in (True, False))

    assert len(staying) == len(LEVELS)
    assert passing == pytest.approx(staying, abs=1.0)


def test_no_line_is_drawn_where_the_model_did_not_look(application: QApplication) -> None:
    del application
    image, ground = drawn(passing=True), QColor(120, 80, 60)
    beside = [(x, y) for x in (*range(29), *range(212, SIDE)) for y in range(SIDE)]

    assert all(image.pixelColor(x, y) == ground for x, y in beside)


def test_a_line_has_the_core_and_the_casing_of_its_pens(application: QApplication) -> None:
    del application
    pens = tuple(level_pens(level, LOOK) for level in LEVELS)
    values = np.tile(np.linspace(0, 1, 400, dtype=np.float32), (20, 1))
    image = line_image(values, line_profiles(pens, 2.0))
    for level, (casing, core) in zip(LEVELS, pens, strict=True):
        middle = round(level * 399)
        assert contrast(image.pixelColor(middle, 10), core.color()) < 1.05
        edge = middle + round(core.widthF() + 1.1)
        assert image.pixelColor(edge, 10).name() == casing.color().name()
        assert image.pixelColor(edge + 6, 10).alpha() == 0


def test_an_even_map_has_no_lines(application: QApplication) -> None:
    del application
    pens = tuple(level_pens(level, LOOK) for level in LEVELS)
    for value in (0.0, 0.3, 1.0):
        image = line_image(np.full((30, 40), value, np.float32), line_profiles(pens, 1.0))
        assert all(image.pixelColor(x, 15).alpha() == 0 for x in range(40))
