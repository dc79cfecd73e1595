"""The map chooser below the query also offers what the first of two passes saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt

from tests.viewer.conftest import Desk
from tests.viewer.fakes import CLASSES, picture

TITLE = "What the first pass saw"


def _saliency() -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Nothing but the lower right corner: where no class map of the fake engine is."""
    saliency = np.zeros((6, 6), np.float32)
    saliency[4:, 4:] = 1
    return saliency


def test_it_comes_last_after_a_separator(desk: Desk, tmp_path: Path) -> None:
    desk.workstation.adviser.saliency = _saliency()
    desk.drop(picture(tmp_path))
    maps = desk.window.answer_page.query.classes
    titles = [maps.itemText(place) for place in range(maps.count())]

    assert len(titles) == len(CLASSES) + 2
    assert titles[-2:] == ["", TITLE]
    assert maps.itemData(len(CLASSES), Qt.ItemDataRole.AccessibleDescriptionRole) == "separator"
    assert maps.currentText() == "Melanoma · 60 %"


def test_choosing_it_shows_its_map_and_says_what_it_is_not(desk: Desk, tmp_path: Path) -> None:
    desk.workstation.adviser.saliency = _saliency()
    desk.drop(picture(tmp_path))
    pane = desk.window.answer_page.query
    assert "lean to Melanoma" in pane.key.help.text()
    pane.classes.setFocus()
    for _ in range(3):  # from melanoma over nevus and vascular lesion; the separator is passed over
        desk.key(Qt.Key.Key_Down)

    assert pane.classes.currentText() == TITLE
    assert "what the first of two networks went by" in pane.key.help.text()
    assert "does not outline the lesion" in pane.key.help.text()
    heat = pane.view.heat
    assert heat is not None
    image = heat.image("viridis")
    assert image.pixelColor(image.width() - 8, image.height() - 8).alpha() > 200
    assert image.pixelColor(8, 8).alpha() == 0

    desk.key(Qt.Key.Key_Up)
    assert "lean to Vascular lesion" in pane.key.help.text()
    assert pane.view.heat is not None
    assert pane.view.heat.image("viridis").pixelColor(8, 8).alpha() > 200


def test_a_model_of_one_pass_offers_diagnoses_only(desk: Desk, tmp_path: Path) -> None:
    desk.workstation.adviser.saliency = _saliency()
    desk.drop(picture(tmp_path, "a.png"))
    desk.workstation.adviser.saliency = None
    desk.drop(picture(tmp_path, "b.png"))
    maps = desk.window.answer_page.query.classes

    assert maps.count() == len(CLASSES)
    assert maps.findText(TITLE) == -1
