"""Heatmaps as areas or lines, in either colour map: everywhere alike, and seen on any skin."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from inference.encoder.model import Field
from inference.explain import LEVELS, ColourMap, Heatmap, colour
from tests.viewer.conftest import Desk, MakeDesk
from tests.viewer.fakes import InlineExecutor, picture
from viewer.heat import Heat
from viewer.heat_painter import draw_heat, level_pens, luminance
from viewer.maps import MapLook, MapMode

SIDE = 360
CELL = SIDE // 6
WHOLE = Field(0, 0, 60, 60, 60, 60)


def peak() -> Heat:
    """One spot in the middle: 1 on four of 36 cells."""
    values = np.zeros((6, 6), np.float32)
    values[2:4, 2:4] = 1
    return Heat(Heatmap(values, WHOLE))


def drawn(heat: Heat, look: MapLook, ground: QColor, *, ratio: int = 1) -> QImage:
    """A square of `SIDE` points with the map over it, ``ratio`` device pixels to a point."""
    image = QImage(SIDE * ratio, SIDE * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(ground)
    painter = QPainter(image)
    draw_heat(painter, QRectF(0, 0, SIDE, SIDE), heat, look)
    painter.end()
    return image


def row(image: QImage) -> list[QColor]:
    return [image.pixelColor(x, image.height() // 2) for x in range(image.width())]


def contrast(one: QColor, other: QColor) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour_map", ["viridis", "cividis"])
def test_areas_have_the_colours_of_their_values(colour_map: ColourMap) -> None:
    grey = QColor(100, 100, 100)
    middle = drawn(peak(), MapLook(0.5, "filled", colour_map), grey).pixelColor(
        SIDE // 2, SIDE // 2
    )
    most = colour(np.ones(1, np.float32), colour_map)[0, :3]
    seen = np.array([middle.red(), middle.green(), middle.blue()])

    assert np.abs(seen - (50 + most / 2)).max() <= 2
    assert drawn(peak(), MapLook(0.5, "filled", colour_map), grey).pixelColor(2, 2) == grey


def test_lines_leave_the_picture_between_them_as_it_is() -> None:
    ground = QColor(120, 80, 60)
    image = drawn(peak(), MapLook(1, "contours"), ground)

    assert image.pixelColor(SIDE // 2, SIDE // 2) == ground
    changed = [x for x, seen in enumerate(row(image)) if seen != ground]
    # Values pass .5 half way between the centres of cells.
    assert {2 * CELL, 4 * CELL} <= set(changed)
    groups = 1 + sum(b - a > 1 for a, b in pairwise(changed))
    assert groups == 2 * len(LEVELS)


@pytest.mark.parametrize("colour_map", ["viridis", "cividis"])
@pytest.mark.parametrize("skin", ["#fbe8dc", "#e0ac88", "#b5764f", "#7a4a32", "#3b221a", "#140c0a"])
def test_every_line_stands_out_on_skin_of_any_tone_and_on_pigment(
    skin: str, colour_map: ColourMap
) -> None:
    """Core or casing has 1.9:1 with anything, and 3.5:1 with the other, so its edge is seen."""
    for level in LEVELS:
        casing, core = (
            pen.color() for pen in level_pens(level, MapLook(1, "contours", colour_map))
        )
        assert contrast(core, casing) >= 3.5
        assert max(contrast(core, QColor(skin)), contrast(casing, QColor(skin))) >= 1.9


@pytest.mark.parametrize("ground", ["#fbe8dc", "#140c0a"])
def test_lines_are_seen_at_the_usual_opacity(ground: str) -> None:
    skin = QColor(ground)
    seen = row(drawn(peak(), MapLook(0.4, "contours"), skin))
    half = seen[: SIDE // 2]
    stands_out = [x for x, colour in enumerate(half) if contrast(colour, skin) >= 1.8]
    assert 1 + sum(b - a > 4 for a, b in pairwise(stands_out)) == len(LEVELS)


def test_lines_are_drawn_at_the_resolution_of_the_screen() -> None:
    """The outermost line: 1.1 points of white on either side of a core of 1.1."""
    ground = QColor(128, 128, 128)
    for ratio in (1, 2, 4):
        seen = row(drawn(peak(), MapLook(1, "contours"), ground, ratio=ratio))
        first = next(x for x, colour in enumerate(seen) if colour != ground)
        line = seen[first : first + next(i for i, c in enumerate(seen[first:]) if c == ground)]
        assert len(line) <= 3.3 * ratio + 2
    # On a fine screen casing and core have pixels of their own; enlarged, they would be mixed.
    white = [min(c.red(), c.green(), c.blue()) > 250 for c in line]
    assert sum(white) >= 6 and not all(white)


def test_a_weaker_map_has_weaker_lines_and_a_hidden_one_none() -> None:
    ground = QColor(128, 128, 128)

    def change(strength: float) -> int:
        seen = row(drawn(peak(), MapLook(strength, "contours"), ground))
        return sum(abs(colour.red() - 128) for colour in seen)

    assert change(0) == 0 < change(0.1) < change(0.5) < change(1)


def grabs(desk: Desk) -> list[QImage]:
    page = desk.window.answer_page
    parts = (page.query.view, page.gallery.viewport(), page.query.key.legend, page.key.legend)
    return [part.grab().toImage() for part in parts]


def test_l_changes_query_gallery_and_legends_to_lines_and_back(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    filled = grabs(desk)
    desk.key(Qt.Key.Key_L)
    lines = grabs(desk)
    assert desk.window.maps.mode == "contours"
    assert desk.window.commands.action("contours").isChecked()
    assert all(one != other for one, other in zip(filled, lines, strict=True))
    desk.key(Qt.Key.Key_L)

    assert grabs(desk) == filled


def test_the_menu_changes_the_colours_of_everything(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    viridis = grabs(desk)
    desk.window.commands.action("colours_cividis").trigger()

    assert all(one != other for one, other in zip(viridis, grabs(desk), strict=True))
    assert desk.window.commands.action("colours_cividis").isChecked()
    assert not desk.window.commands.action("colours_viridis").isChecked()


@pytest.mark.parametrize("change", ["contours", "colours_cividis"])
def test_changing_the_look_of_hidden_maps_shows_them(
    desk: Desk, tmp_path: Path, change: str
) -> None:
    desk.drop(picture(tmp_path))
    desk.key(Qt.Key.Key_H)
    assert not desk.window.maps.visible
    desk.window.commands.action(change).trigger()

    assert desk.window.maps.visible


def test_the_switches_beside_the_pictures_follow_the_key(desk: Desk, tmp_path: Path) -> None:
    from viewer.map_controls import ContourSwitch

    desk.drop(picture(tmp_path))
    switches = desk.window.findChildren(ContourSwitch)
    desk.key(Qt.Key.Key_L)
    assert [switch.isChecked() for switch in switches] == [True, True]
    switches[0].click()

    modes: list[MapMode] = [desk.window.maps.mode]
    assert modes == ["filled"]
    assert not switches[1].isChecked()


def test_mode_and_colours_outlive_the_window(make_desk: MakeDesk) -> None:
    desk = make_desk(InlineExecutor())
    desk.window.maps.toggle_contours()
    desk.window.maps.choose_colours("cividis")
    desk.window.close()

    assert (desk.settings.map_mode, desk.settings.colour_map) == ("contours", "cividis")


def test_every_menu_and_every_entry_of_the_heatmaps_has_a_letter_of_its_own(desk: Desk) -> None:
    def letters(titles: list[str]) -> list[str]:
        return [title[title.index("&") + 1].lower() for title in titles]

    bar = [action.text() for action in desk.window.menuBar().actions()]
    heatmaps = [command.title for command in desk.window.commands if command.menu == "H&eatmaps"]
    for found in (letters(bar), letters(heatmaps)):
        assert len(found) == len(set(found)) >= 5
