"""Names, focus and contrast of everything on screen, in every state and both themes, as drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QWidget,
)

from tests.viewer.conftest import Desk
from tests.viewer.fakes import picture
from tests.viewer.test_theme_and_settings import contrast
from viewer.pixels import from_qimage
from viewer.settings import ThemeChoice

LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3, for words of any size."""


def _nothing(_desk: Desk, _folder: Path) -> None: ...


def _answer(desk: Desk, folder: Path) -> None:
    desk.drop(picture(folder))


def _keys(*keys: Qt.Key) -> Callable[[Desk, Path], None]:
    def press(desk: Desk, folder: Path) -> None:
        _answer(desk, folder)
        for key in keys:
            desk.key(key)

    return press


def _poor(desk: Desk, folder: Path) -> None:
    desk.workstation.adviser.flags = ("unlike_library", "hair", "cropped")
    _answer(desk, folder)


def _failed(desk: Desk, folder: Path) -> None:
    (folder / "notes.txt").write_text("not a picture")
    desk.drop(folder / "notes.txt")


def _palette(desk: Desk, folder: Path) -> None:
    _answer(desk, folder)
    desk.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)


STATES: dict[str, Callable[[Desk, Path], None]] = {
    "empty": _nothing,
    "failed": _failed,
    "answered": _answer,
    "by diagnosis": _keys(Qt.Key.Key_2),
    "differential": _keys(Qt.Key.Key_3),
    "poor": _poor,
    "asking": _keys(Qt.Key.Key_X, Qt.Key.Key_F),
    "like a case": _keys(Qt.Key.Key_M),
    "region": _keys(Qt.Key.Key_R),
    "compared": _keys(Qt.Key.Key_Return),
    "pointing": _keys(Qt.Key.Key_Return, Qt.Key.Key_P),
    "case": _keys(Qt.Key.Key_I),
    "keys": _keys(Qt.Key.Key_F1),
    "palette": _palette,
}


@pytest.fixture(params=STATES)
def stated(request: pytest.FixtureRequest, desk: Desk, tmp_path: Path) -> Desk:
    """A window in one of its states."""
    STATES[request.param](desk, tmp_path)
    return desk


def on_screen(desk: Desk) -> Iterator[QWidget]:
    """Everything that is visible now, in all windows of ours."""
    for top in QApplication.topLevelWidgets():
        if top is desk.window or top.parentWidget() is desk.window:
            yield from (w for w in (top, *top.findChildren(QWidget)) if w.isVisible())


def test_everything_that_takes_keys_has_a_name(stated: Desk) -> None:
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in on_screen(stated)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.objectName().startswith("qt_")
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        and not isinstance(widget.parent(), QComboBox)
    ]
    assert nameless == []


def test_tab_goes_round_through_everything_and_from_left_above_to_right_below(
    stated: Desk,
) -> None:
    """Each stop once; and no stop far above the one before it in the same column."""
    focused = QApplication.focusWidget()
    top = focused.window() if focused is not None else stated.window
    stops = [
        widget
        for widget in on_screen(stated)
        if widget.window() is top
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget.parent(), QComboBox)
        and not isinstance(widget, QLineEdit | QAbstractButton)  # their group or field may stand
    ]
    reached: list[QWidget] = []
    for _ in range(80):
        focus = QApplication.focusWidget()
        if focus is None or (focus in reached and len(reached) > 1):
            break
        reached.append(focus)
        stated.key(Qt.Key.Key_Tab)
    missed = [type(widget).__name__ for widget in stops if widget not in reached]
    assert missed == []


def test_words_can_be_told_from_their_ground_as_they_are_drawn(stated: Desk) -> None:
    themes: tuple[ThemeChoice, ...] = ("light", "dark")
    weak = {}
    for theme in themes:
        stated.window.choose_theme(theme)
        stated.settle()
        for widget in on_screen(stated):
            words = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
            if words.strip() and widget.isEnabled() and not widget.size().isEmpty():
                ratio = drawn_contrast(widget)
                if ratio < LEAST_CONTRAST:
                    weak[theme, words] = round(ratio, 2)
    assert weak == {}


def drawn_contrast(widget: QWidget) -> float:
    """Return the contrast of a widget's ground, its commonest colour, with its farthest colour."""
    pixels = from_qimage(widget.grab().toImage())[2:-2, 2:-2].reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    ground = _name(colours[counts.argmax()])
    return max(contrast(_name(colour), ground) for colour in colours)


def _name(colour: npt.NDArray[np.uint8]) -> str:
    red, green, blue = colour.tolist()
    return QColor(red, green, blue).name()
