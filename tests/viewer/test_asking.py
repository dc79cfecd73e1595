"""Asking otherwise: filters, kind of search, a match as the query; and undoing each change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from inference.errors import LibraryError
from inference.library.filters import AgeRange, Filter
from tests.viewer.conftest import Desk, HeldDesk
from tests.viewer.fakes import picture
from viewer import theme
from viewer.ask_panel import AskPanel
from viewer.chip_bar import ChipBar, ChipButton
from viewer.question import Question
from viewer.session import MOST_KEPT, Session

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def answered(desk: Desk, tmp_path: Path) -> Desk:
    """A window with an answer."""
    desk.drop(picture(tmp_path))
    return desk


def session(desk: Desk) -> Session:
    return desk.window.session


def panel(desk: Desk) -> AskPanel:
    return desk.window.ask_panel


def chips(desk: Desk) -> list[ChipButton]:
    return desk.window.findChildren(ChipBar)[0].chips


def chip_words(desk: Desk) -> list[str]:
    return [chip.text().removesuffix("  ✕") for chip in chips(desk)]


def words(desk: Desk) -> str:
    shown = [part.text() for part in desk.window.findChildren(QLabel) if part.isVisible()]
    return "\n".join(shown)


def diagnoses(desk: Desk) -> set[str]:
    model = desk.window.answer_page.model
    return {model.match_at(row).case.diagnosis for row in range(model.rowCount())}


def has_accent(desk: Desk) -> bool:
    """Say whether the frame round the query is in the accent."""
    frame = desk.window.answer_page.query.frame
    image = frame.grab().toImage()
    return image.pixelColor(1, image.height() // 2) == QColor(theme.LIGHT.accent)


def ask_only(desk: Desk, *names: str) -> None:
    question = session(desk).question
    session(desk).change(replace(question, filter=Filter(diagnosis=names)))
    desk.settle()


def test_f_shows_the_facts_of_the_library_with_counts_and_escape_puts_them_away(
    answered: Desk,
) -> None:
    answered.key(Qt.Key.Key_F)
    model = panel(answered).facets["diagnosis"]
    listed = [model.index(row).data() for row in range(model.rowCount())]

    # The fake archive's thirty cases, most frequent first.
    assert listed[:2] == ["Melanocytic nevus (9)", "Melanoma (5)"]
    assert panel(answered).lists["diagnosis"].hasFocus()
    assert not answered.window.answer_page.evidence.isVisible()
    answered.key(Qt.Key.Key_Escape)
    assert answered.window.answer_page.evidence.isVisible()
    assert answered.window.answer_page.gallery.hasFocus()


def test_keys_alone_mark_a_diagnosis_and_the_answer_follows_at_once(answered: Desk) -> None:
    answered.key(Qt.Key.Key_F)
    answered.key(Qt.Key.Key_Down)
    answered.key(Qt.Key.Key_Down)
    QTest.keyClick(panel(answered).lists["diagnosis"], Qt.Key.Key_Space)
    answered.settle()

    assert len(diagnoses(answered)) == 1
    (only,) = diagnoses(answered)
    assert session(answered).question.filter == Filter(diagnosis=(only,))
    assert panel(answered).lists["diagnosis"].hasFocus(), "the next mark needs no way back"
    assert len(chips(answered)) == 1 and chip_words(answered)[0].startswith("Diagnosis: ")
    answered.key(Qt.Key.Key_Z, CTRL)
    assert len(diagnoses(answered)) == 3 and not chips(answered)


def test_a_click_on_a_mark_takes_the_word_in_and_another_out_again(answered: Desk) -> None:
    answered.key(Qt.Key.Key_F)
    view = panel(answered).lists["sex"]
    box = view.visualRect(panel(answered).facets["sex"].index(0)).topLeft()
    box.setX(box.x() + 8)
    box.setY(box.y() + 7)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box)
    answered.settle()
    (sex,) = session(answered).question.filter.sex
    assert {"female": "Sex: female", "male": "Sex: male"}[sex] in chip_words(answered)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box)
    answered.settle()
    assert session(answered).question == Question()


def test_counts_of_a_fact_say_what_another_word_of_it_would_bring(answered: Desk) -> None:
    answered.key(Qt.Key.Key_F)
    ask_only(answered, "mel")
    model = panel(answered).facets["diagnosis"]
    listed = {model.index(row).data() for row in range(model.rowCount())}
    assert {"Melanocytic nevus (9)", "Melanoma (5)"} <= listed
    sexes = panel(answered).facets["sex"]
    assert {sexes.index(row).data() for row in range(2)} == {"female (2)", "male (3)"}


def test_ages_kind_of_search_and_number_are_asked_for_too(answered: Desk) -> None:
    answered.key(Qt.Key.Key_F)
    panel(answered).youngest.setFocus()
    answered.settle()
    for key in (Qt.Key.Key_6, Qt.Key.Key_0, Qt.Key.Key_Return):
        answered.key(key)
    assert session(answered).question.filter.age == (AgeRange(60, None),)
    assert "No case passes" in words(answered), "everyone in the fake archive is 52"
    answered.key(Qt.Key.Key_Z, CTRL)
    panel(answered).kind.setFocus()
    answered.key(Qt.Key.Key_Down)
    assert session(answered).question.bits == 64
    panel(answered).k.setFocus()
    answered.key(Qt.Key.Key_Up)

    assert answered.window.answer_page.model.rowCount() == 20
    assert chip_words(answered) == ["Hash codes of 64 bits", "20 cases"]


def test_a_chip_takes_its_own_condition_away_by_click_or_key(answered: Desk) -> None:
    ask_only(answered, "mel", "nv")
    session(answered).change(replace(session(answered).question, k=8))
    answered.settle()
    assert chip_words(answered) == ["Diagnosis: Melanoma, Melanocytic nevus", "8 cases"]
    QTest.mouseClick(chips(answered)[0], Qt.MouseButton.LeftButton)
    answered.settle()
    assert chip_words(answered) == ["8 cases"]
    assert chips(answered)[0].accessibleName() == "Take away: 8 cases"
    chips(answered)[0].setFocus()
    answered.key(Qt.Key.Key_Delete)
    assert session(answered).question == Question(), "and no match was left out by that key"


def test_every_change_is_undone_and_done_again_without_asking_anew(answered: Desk) -> None:
    before = answered.lesions()
    ask_only(answered, "mel")
    answered.key(Qt.Key.Key_X)
    filtered = answered.lesions()
    asked, mapped = answered.workstation.adviser.asked_again, answered.workstation.adviser.mapped
    maps = len(mapped)
    answered.key(Qt.Key.Key_Z, CTRL)
    answered.key(Qt.Key.Key_Z, CTRL)
    assert answered.lesions() == before
    assert not answered.window.commands.action("undo").isEnabled()
    answered.key(Qt.Key.Key_Z, CTRL | SHIFT)
    answered.key(Qt.Key.Key_Y, CTRL)

    assert answered.lesions() == filtered
    assert not answered.window.commands.action("redo").isEnabled()
    assert answered.workstation.adviser.asked_again == asked
    assert len(mapped) == maps


def test_x_leaves_the_chosen_match_out_and_the_next_takes_its_place(answered: Desk) -> None:
    answered.key(Qt.Key.Key_Right)
    answered.key(Qt.Key.Key_Right)
    answered.key(Qt.Key.Key_X)

    assert answered.lesions()[:3] == ["lesion-1", "lesion-2", "lesion-4"]
    assert answered.window.answer_page.gallery.currentIndex().row() == 2, "the place stays"
    assert len(answered.lesions()) == 16, "another case comes in at the end"
    assert chip_words(answered) == ["Without Melanocytic nevus (lesion-3)"]
    answered.key(Qt.Key.Key_3)
    assert "lesion-3" not in answered.lesions()


def test_m_asks_about_a_match_and_says_so_everywhere(answered: Desk) -> None:
    assert has_accent(answered) and "YOUR PICTURE" in words(answered)
    own = session(answered).consultation
    answered.key(Qt.Key.Key_Right)
    answered.key(Qt.Key.Key_M)

    assert "lesion-2" in answered.window.answer_page.query._name.text()
    assert "A CASE, NOT YOUR PICTURE" in words(answered)
    assert not has_accent(answered)
    assert "16 cases like this case" in words(answered)
    assert "not like your picture" in words(answered)
    assert chip_words(answered) == ["Like a case: Melanocytic nevus (lesion-2)"]
    answered.key(Qt.Key.Key_Return)
    assert not answered.window.answer_page.compare.sheet().panels[0].ours  # type: ignore[union-attr]
    answered.key(Qt.Key.Key_Escape)
    answered.key(Qt.Key.Key_Escape)
    assert session(answered).consultation is own
    assert has_accent(answered)


def test_a_filter_holds_for_the_case_in_place_of_the_picture_and_undo_leads_back(
    answered: Desk,
) -> None:
    answered.key(Qt.Key.Key_M)
    ask_only(answered, "mel")
    assert diagnoses(answered) == {"mel"}
    assert "A CASE, NOT YOUR PICTURE" in words(answered)
    answered.key(Qt.Key.Key_Z, CTRL)
    answered.key(Qt.Key.Key_Z, CTRL)
    assert session(answered).question == Question() and has_accent(answered)


def test_marks_on_a_case_in_place_of_the_picture_are_not_in_the_accent(answered: Desk) -> None:
    answered.key(Qt.Key.Key_M)
    for key in (Qt.Key.Key_P, Qt.Key.Key_R):
        answered.key(key)
        mark = answered.window.tools.mark()
        assert mark is not None and not mark.ours


def test_filter_and_search_stay_for_the_next_picture_and_what_is_about_this_one_goes(
    answered: Desk, tmp_path: Path
) -> None:
    ask_only(answered, "mel")
    answered.key(Qt.Key.Key_X)
    answered.key(Qt.Key.Key_M)
    answered.drop(picture(tmp_path, "b.png"))

    assert chip_words(answered) == ["Diagnosis: Melanoma"]
    assert diagnoses(answered) == {"mel"} and answered.lesions()[0].startswith("b-")
    assert has_accent(answered)
    assert not answered.window.commands.action("undo").isEnabled()


def test_another_library_is_asked_without_the_conditions_of_the_former(
    answered: Desk, tmp_path: Path
) -> None:
    ask_only(answered, "mel")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "library").touch()
    answered.window.shelf.open_folder(tmp_path / "other")
    answered.settle()

    assert session(answered).question == Question() and not chips(answered)
    assert len(diagnoses(answered)) == 3


def test_a_change_that_fails_leaves_answer_and_chips_as_they_were(answered: Desk) -> None:
    answered.workstation.adviser.again_error = LibraryError("here", "it keeps no codes", "Wait")
    before = answered.lesions()
    session(answered).change(replace(Question(), bits=64))
    answered.settle()

    assert answered.lesions() == before and not chips(answered)
    assert answered.window.answer_page.hint.text() == "It keeps no codes. Wait."
    assert not session(answered).can_undo


def test_nothing_that_passes_is_a_state_with_ways_out_of_it(answered: Desk) -> None:
    ask_only(answered, "no such thing")
    assert "No case passes" in words(answered)
    assert "take a condition away" in words(answered)
    answered.key(Qt.Key.Key_Backspace, CTRL)
    assert len(answered.lesions()) == 16 and "No case passes" not in words(answered)


def test_two_changes_in_a_row_end_with_the_answer_to_both(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk = held_desk.desk
    desk.drop(picture(tmp_path))
    held_desk.finish()
    ask_only(desk, "mel")
    session(desk).change(replace(session(desk).question, k=4))
    assert chip_words(desk) == ["Diagnosis: Melanoma", "4 cases"], "before any answer"
    assert len(desk.lesions()) == 16
    held_desk.finish()

    assert diagnoses(desk) == {"mel"} and len(desk.lesions()) == 4
    desk.key(Qt.Key.Key_Z, CTRL)
    held_desk.finish()
    assert chip_words(desk) == ["Diagnosis: Melanoma"] and len(desk.lesions()) == 5


def test_a_condition_before_the_first_answer_is_asked_with_it(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk, executor = held_desk.desk, held_desk.executor
    desk.drop(picture(tmp_path))
    executor.release()
    desk.settle()
    ask_only(desk, "mel")
    held_desk.finish()

    assert diagnoses(desk) == {"mel"} and not session(desk).can_undo


def test_a_search_for_a_region_is_dropped_when_something_else_is_asked(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk = held_desk.desk
    desk.drop(picture(tmp_path))
    held_desk.finish()
    desk.key(Qt.Key.Key_R)
    desk.key(Qt.Key.Key_Return)
    ask_only(desk, "mel")
    held_desk.finish()

    assert diagnoses(desk) == {"mel"}
    assert not session(desk).showing_region


def test_a_region_is_a_chip_too(answered: Desk) -> None:
    answered.key(Qt.Key.Key_R)
    answered.key(Qt.Key.Key_Return)
    assert chip_words(answered) == ["Region of the picture"]
    QTest.mouseClick(chips(answered)[0], Qt.MouseButton.LeftButton)
    answered.settle()
    assert answered.lesions()[0] == "lesion-1"
    answered.key(Qt.Key.Key_Z, CTRL)
    assert answered.lesions()[0] == "part-1"


def test_answers_are_kept_within_a_bound_and_older_ones_asked_anew(answered: Desk) -> None:
    for k in range(20, 21 + MOST_KEPT):
        session(answered).change(replace(session(answered).question, k=k))
        answered.settle()
    assert len(session(answered)._kept) == MOST_KEPT
    for _ in range(MOST_KEPT + 1):
        answered.key(Qt.Key.Key_Z, CTRL)
    assert session(answered).question == Question() and len(answered.lesions()) == 16
