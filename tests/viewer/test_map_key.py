"""Beside each map stand its scale, as it is really seen, and what the map does and does not say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from inference.explain import LEVELS, colour
from tests.viewer.conftest import Desk
from tests.viewer.fakes import picture
from viewer.legend import Scale
from viewer.map_words import MapKind, map_words
from viewer.maps import MapLook, MapMode
from viewer.pixels import tones

PALE, DARK = QColor(230, 190, 170), QColor(70, 40, 30)
WORDS = map_words(MapKind.PAIR, "filled")


def ramp(look: MapLook) -> list[list[QColor]]:
    """The two strips of a legend's ramp, over pale and over dark skin, from 0 to 1."""
    font = QFont()
    font.setPixelSize(60)
    scale = Scale(WORDS, look, (PALE, DARK), QColor(0, 0, 255), font)
    size = scale.size().toSize()
    image = QImage(size.width() + 2, size.height() + 2, QImage.Format.Format_RGB32)
    image.fill(QColor(0, 255, 0))
    painter = QPainter(image)
    scale.draw(painter, QPointF(0, 0), size.width())
    painter.end()
    return [strip(image, ground) for ground in (PALE, DARK)]


def strip(image: QImage, ground: QColor) -> list[QColor]:
    """The pixels of the strip that lies on ``ground``, which is bare at its left end."""
    places = ((x, y) for x in range(image.width()) for y in range(image.height()))
    left, top = next((x, y + 6) for x, y in places if image.pixelColor(x, y) == ground)
    line = [image.pixelColor(x, top) for x in range(left, image.width())]
    return line[: line.index(QColor(0, 255, 0)) - 1]


def test_the_ramp_has_the_colours_that_are_seen_over_light_and_dark_skin(
    application: QApplication,
) -> None:
    del application
    look = MapLook(0.4, "filled", "cividis")
    for line, ground in zip(ramp(look), (PALE, DARK), strict=True):
        skin = np.array([ground.red(), ground.green(), ground.blue()])
        for value in (0.0, 0.3, 0.5, 0.75, 0.98):
            seen = line[round(value * (len(line) - 1))]
            *rgb, alpha = colour(np.array([value], np.float32), "cividis")[0].tolist()
            weight = 0.4 * alpha / 255
            expected = (1 - weight) * skin + weight * np.array(rgb)
            assert np.abs(np.array([seen.red(), seen.green(), seen.blue()]) - expected).max() <= 6


def test_the_ramp_of_lines_shows_one_line_at_each_level(application: QApplication) -> None:
    del application
    line = ramp(MapLook(1, "contours"))[0]
    changed = [x / len(line) for x, seen in enumerate(line) if seen != PALE]
    for level in LEVELS:
        assert min(abs(x - level) for x in changed) < 0.01
    for between in (0.1, 0.37, 0.62, 0.9):
        assert min(abs(x - between) for x in changed) > 0.03


def test_the_ramp_of_hidden_maps_is_bare(application: QApplication) -> None:
    del application
    assert {seen.name() for seen in ramp(MapLook(0))[0]} == {PALE.name()}


@pytest.mark.parametrize("mode", ["filled", "contours"])
@pytest.mark.parametrize("kind", list(MapKind))
def test_every_kind_of_map_says_in_a_line_what_it_shows_and_what_it_does_not(
    kind: MapKind, mode: MapMode
) -> None:
    words = map_words(kind, mode, "Melanoma")
    assert words.help.startswith("Bright: " if mode == "filled" else "Inside the lines: ")
    assert len(words.help) < 140
    assert any(caution in words.help for caution in (" not ", " may ", "nothing"))
    assert words.none and words.most and "{" not in words.help


def test_legend_and_help_stand_beside_the_query_the_gallery_and_the_pair(
    desk: Desk, tmp_path: Path
) -> None:
    desk.drop(picture(tmp_path))
    page = desk.window.answer_page
    assert page.query.key.legend.isVisible() and page.key.legend.isVisible()
    assert "lean to Melanoma" in page.query.key.help.text()
    assert "like your picture" in page.key.help.text()
    desk.click_match(0)

    assert page.compare.key.legend.isVisible()
    assert "alike in the two pictures" in page.compare.key.help.text()
    assert page.compare.key.legend.words.most == "strongest in this gallery"


def test_the_help_follows_the_class_and_the_mode(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    pane = desk.window.answer_page.query
    pane.classes.setCurrentIndex(0)
    desk.key(Qt.Key.Key_L)

    assert pane.key.help.text().startswith("Inside the lines: what makes the model lean to Actinic")


def test_screen_readers_hear_scale_and_help(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    page = desk.window.answer_page
    told = page.query.view.accessibleDescription()
    assert told.startswith("lesion.png. Colours viridis, from 0: none, to 1: strongest")
    assert "does not outline the lesion" in told
    assert "The diagnosis may still differ" in page.gallery.accessibleDescription()
    desk.key(Qt.Key.Key_L)
    assert "Lines at 0.25, 0.5, 0.75" in page.key.legend.accessibleDescription()
    desk.key(Qt.Key.Key_H)
    assert "Heatmaps are hidden" in page.query.view.accessibleDescription()


def test_the_whole_legend_is_read_at_1366_by_768(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    page = desk.window.answer_page
    for key in (page.query.key, page.key):
        assert key.legend.width() >= key.legend.sizeHint().width()
        assert key.legend.height() >= key.legend.sizeHint().height()
    lines = page.query.key.help.heightForWidth(page.query.key.help.width())
    assert page.query.key.help.height() >= lines
    one = page.key.help
    assert one.fontMetrics().horizontalAdvance(one.text()) <= one.width()


def test_tones_are_those_of_skin_and_pigment_without_the_black_corners() -> None:
    pixels = np.full((300, 400, 3), (220, 170, 150), np.uint8)
    pixels[90:210, 120:280] = (80, 50, 40)
    pixels[:40], pixels[-40:] = 0, 0
    light, dark = tones(pixels)

    assert (light.red(), light.green(), light.blue()) == (220, 170, 150)
    assert (dark.red(), dark.green(), dark.blue()) == (80, 50, 40)
