"""A picture is saved with its map, its legend and the notice, as it is on screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMessageBox

from inference.explain import colour
from tests.viewer.conftest import Desk, HeldDesk
from tests.viewer.fakes import picture
from viewer import map_sheet
from viewer.map_sheet import draw_sheet
from viewer.words import notice

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def own_dialogs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No desktop's own dialog, which a test cannot reach."""
    native = QFileDialog.setAcceptMode

    def plain(dialog: QFileDialog, mode: QFileDialog.AcceptMode) -> None:
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        native(dialog, mode)

    monkeypatch.setattr(QFileDialog, "setAcceptMode", plain)


def answer_dialog(desk: Desk, path: Path) -> str:
    """Name the file in the dialog that is open; return the name that it proposed."""
    dialog = desk.window.findChild(QFileDialog)
    assert dialog is not None
    proposed = Path(dialog.selectedFiles()[0]).name
    line = dialog.findChild(QLineEdit)
    assert line is not None
    line.setText(str(path))
    dialog.accept()
    desk.settle()
    return proposed


def pixels_of(path: Path) -> npt.NDArray[np.uint8]:
    with Image.open(path) as read:
        assert read.info == {}
        return np.asarray(read.convert("RGB"))


def test_control_s_saves_the_query_with_its_map(desk: Desk, tmp_path: Path) -> None:
    source = picture(tmp_path, "Erika Muster.png", size=(800, 600))
    desk.drop(source)
    desk.key(Qt.Key.Key_S, CONTROL)
    assert answer_dialog(desk, tmp_path / "kept") == "Erika Muster with map.png"

    saved = pixels_of(tmp_path / "kept.png")
    assert desk.window.status.currentMessage() == f"Saved as {tmp_path / 'kept.png'}"
    assert saved.shape[1] > 800 and saved.shape[0] > 640
    # The upper left of the fake map is 1 everywhere, at 40 %; the lower right is 0.
    skin, most = np.array((220, 180, 160)), colour(np.ones(1, np.float32))[0, :3]
    flat = saved.reshape(-1, 3).astype(int)
    for wanted in (skin, 0.6 * skin + 0.4 * most):
        assert (np.abs(flat - wanted).max(axis=1) <= 2).sum() > 10_000


def test_the_file_says_what_the_map_shows_and_that_it_is_no_diagnosis(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    class Listening(QPainter):
        """Notes the words that are painted."""

        def drawText(self, *args: object) -> None:  # type: ignore[override]  # noqa: N802
            written.append(str(args[-1]))

    monkeypatch.setattr(map_sheet, "QPainter", Listening)
    desk.drop(picture(tmp_path, "Erika Muster.png"))
    desk.click_match(1)
    sheet = desk.window.answer_page.sheet()
    assert sheet is not None
    draw_sheet(sheet)
    words = "\n".join(written)

    assert notice() in words
    assert "alike in the two pictures. The diagnosis may still differ." in words
    assert "none" in written and "strongest in this gallery" in written
    assert {"0", "0.25", "0.5", "0.75", "1"} <= set(written)
    assert "Your picture" in words
    assert "Match 2: Melanocytic nevus" in written
    assert "similarity 0.93, Drawn · Erika Muster-2 · CC0" in words  # the fake case's own name
    assert "Erika Muster.png" not in words, "a file's name can be a patient's"


def test_lines_and_colours_are_saved_as_they_are_shown(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path, size=(800, 600)))
    sheets = []
    for change in ("", "contours", "colours_cividis"):
        if change:
            desk.window.commands.action(change).trigger()
        sheet = desk.window.answer_page.sheet()
        assert sheet is not None
        sheets.append(draw_sheet(sheet))

    assert sheets[0] != sheets[1] != sheets[2]


def test_hidden_maps_are_saved_all_the_same(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    shown = desk.window.answer_page.sheet()
    desk.key(Qt.Key.Key_H)
    hidden = desk.window.answer_page.sheet()

    assert shown is not None and hidden is not None
    assert hidden.look == shown.look
    assert hidden.look.strength == 0.4


def test_a_pair_is_saved_side_by_side(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path, size=(800, 600)))
    desk.click_match(2)
    desk.key(Qt.Key.Key_S, CONTROL)
    assert answer_dialog(desk, tmp_path / "pair.png") == "lesion and match 3.png"

    assert pixels_of(tmp_path / "pair.png").shape[1] > 2 * 800


def test_there_is_nothing_to_save_before_the_answer_or_before_the_pair(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk = held_desk.desk
    action = desk.window.commands.action("save_map")
    assert not action.isEnabled()
    desk.drop(picture(tmp_path))
    held_desk.finish()
    assert action.isEnabled()
    desk.click_match(0)
    assert not action.isEnabled()
    held_desk.finish()
    assert action.isEnabled()


def test_a_file_that_cannot_be_written_is_told_and_stays_told(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    sheet = desk.window.answer_page.sheet()
    assert sheet is not None
    desk.window.saving.save(tmp_path / "gone" / "kept.png", sheet)
    desk.settle()
    box = desk.window.findChild(QMessageBox)

    assert box is not None and box.isVisible()
    assert "kept.png" in box.text() and "Check that its drive" in box.text()
    box.accept()


def test_a_small_picture_is_enlarged_and_a_large_one_reduced(desk: Desk, tmp_path: Path) -> None:
    heights = {}
    for name, size in {"small": (160, 120), "large": (3000, 2400)}.items():
        desk.drop(picture(tmp_path, f"{name}.png", size=size))
        sheet = desk.window.answer_page.sheet()
        assert sheet is not None
        heights[name] = draw_sheet(sheet).height()

    assert 600 < heights["small"] < 900
    assert 1600 < heights["large"] < 2400


def test_a_warning_about_the_picture_is_saved_with_it(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    consultation = desk.window.session.consultation
    assert consultation is not None
    flagged = replace(consultation, answer=replace(consultation.answer, flags=("not_dermoscopy",)))
    desk.window.answer_page.query.show_consultation(flagged)
    sheet = desk.window.answer_page.sheet()

    assert sheet is not None
    assert "does not look like dermoscopy" in sheet.facts[0]
