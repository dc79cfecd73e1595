"""One consultation from the first drop to the last key, by a reader's hands alone.

Every step is an event, and each says what is seen after it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel

from tests.viewer.conftest import Desk
from tests.viewer.fakes import picture
from viewer.palette import Palette

K = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Step = tuple[str, Callable[[], object], Callable[[], bool]]
"""What is done in words, the doing, and whether that is seen."""


def test_a_consultation_in_forty_steps(desk: Desk, tmp_path: Path) -> None:
    window, page = desk.window, desk.window.answer_page
    session, tools = window.session, window.tools
    files = [picture(tmp_path, "a.png"), picture(tmp_path, "b.png"), tmp_path / "letter.pdf"]
    files[2].write_bytes(b"%PDF")

    def key(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Step:
        return "", lambda: desk.key(key, modifier), lambda: True

    def press(what: str, step: Step, seen: Callable[[], bool]) -> Step:
        return what, step[1], seen

    def words() -> str:
        labels = [part.text() for part in window.findChildren(QLabel) if part.isVisible()]
        buttons = window.findChildren(QAbstractButton)
        return "\n".join([*labels, *(part.text() for part in buttons if part.isVisible())])

    def palette(text: str) -> None:
        desk.key(K.Key_K, CTRL)
        shown = next(p for p in window.findChildren(Palette) if p.isVisible())
        QTest.keyClicks(shown.field, text)
        QTest.keyClick(shown.field, K.Key_Return)
        desk.settle()
        window.activateWindow()

    def mark_a_sex() -> None:
        window.ask_panel.lists["sex"].setFocus()
        desk.key(K.Key_Down)
        desk.key(K.Key_Space)

    def close_dialogs() -> None:
        for dialog in window.findChildren(QDialog):
            if dialog.isVisible():
                QTest.keyClick(dialog, K.Key_Escape)
        window.activateWindow()
        desk.settle()

    viewport = page.viewport
    steps: list[Step] = [
        ("drop two pictures and a letter", lambda: desk.drop(*files),
         lambda: window.answered() and "Not taken: 1" in words()),
        ("see why the letter was not taken",
         lambda: QTest.mouseClick(window.tray.refused, Qt.MouseButton.LeftButton),
         lambda: "letter.pdf: not a picture by its name" in words()),
        press("the heatmap away", key(K.Key_H), lambda: not window.maps.visible),
        press("and back", key(K.Key_H), lambda: window.maps.visible),
        press("as lines", key(K.Key_L), lambda: window.maps.mode == "contours"),
        press("as areas", key(K.Key_L), lambda: window.maps.mode == "filled"),
        press("stronger", key(K.Key_BracketRight), lambda: window.maps.opacity == 50),
        press("by diagnosis", key(K.Key_2), lambda: len(page.gallery.headings) == 3),
        press("as a differential", key(K.Key_3), lambda: page.model.rowCount() == 7),
        press("the next rival", key(K.Key_Right),
              lambda: page.gallery.currentIndex().row() == 1),
        press("compare it", key(K.Key_Return), window.comparing),
        press("where it comes from", key(K.Key_I),
              lambda: any(d.isVisible() for d in window.findChildren(QDialog))),
        ("close that", close_dialogs,
         lambda: not any(d.isVisible() for d in window.findChildren(QDialog))),
        press("zoom in", key(K.Key_Plus), lambda: viewport().zoom > 1),
        press("turn", key(K.Key_T), lambda: viewport().orientation.turns == 1),
        press("mirror", key(K.Key_W), lambda: viewport().orientation.mirrored),
        press("upright", key(K.Key_U), lambda: viewport().orientation.turns == 0),
        press("actual pixels", key(K.Key_Z), lambda: viewport().zoom != 1.25),
        press("whole picture", key(K.Key_0), lambda: viewport().zoom == 1),
        press("a loupe", key(K.Key_G), lambda: viewport().loupe is not None),
        press("no loupe", key(K.Key_Escape), lambda: viewport().loupe is None),
        press("point at a spot", key(K.Key_P), lambda: tools.pointing.active),
        press("no longer", key(K.Key_Escape), lambda: not tools.active),
        press("back to the gallery", key(K.Key_Escape), lambda: not window.comparing()),
        press("by similarity", key(K.Key_1), lambda: page.model.rowCount() == 16),
        press("draw a region", key(K.Key_R), lambda: tools.regions.active),
        press("search for it", key(K.Key_Return), lambda: session.showing_region),
        press("undo that", key(K.Key_Z, CTRL), lambda: not session.showing_region),
        press("and again", key(K.Key_Y, CTRL), lambda: session.showing_region),
        press("leave the region", key(K.Key_Escape), lambda: not session.showing_region),
        press("leave a match out", key(K.Key_X), lambda: "Without Melanocytic nevus" in words()),
        press("filters", key(K.Key_F), window.asking),
        ("only one sex", mark_a_sex, lambda: bool(session.question.filter.sex)),
        press("close the filters", key(K.Key_Escape), lambda: not window.asking()),
        press("more like the first match", key(K.Key_M),
              lambda: "A CASE, NOT YOUR PICTURE" in words()),
        press("back to the own picture", key(K.Key_Escape), lambda: "YOUR PICTURE" in words()),
        press("take all away", key(K.Key_Backspace, CTRL), lambda: session.question.k == 16
              and not session.question.filter and not session.question.without),
        press("measure", key(K.Key_D), lambda: "px" in tools.measuring.words),
        press("brighter", key(K.Key_B), lambda: window.eye.open),
        press("as it is", key(K.Key_B), lambda: not window.eye.open),
        ("dark, by its name", lambda: palette("dark"), lambda: window.settings.theme == "dark"),
        press("all keys", key(K.Key_F1),
              lambda: any(d.isVisible() for d in window.findChildren(QDialog))),
        ("close them", close_dialogs, window.answered),
        press("the next picture", key(K.Key_PageDown, CTRL),
              lambda: desk.lesions()[0] == "b-1"),
        press("put it away", key(K.Key_W, CTRL), lambda: not window.answered()),
    ]  # fmt: skip
    assert len(steps) >= 40
    for number, (what, do, seen) in enumerate(steps, start=1):
        do()
        desk.settle()
        assert seen(), f"step {number}: {what}"
    assert desk.tasks.pending == 0
