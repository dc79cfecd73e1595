"""Reading an answer: by similarity, by diagnosis, as a differential; what stands above it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QToolButton

from inference.errors import LibraryError
from tests.viewer.conftest import Desk, HeldDesk
from tests.viewer.fakes import InlineExecutor, picture
from viewer.case_sheet import CaseSheet
from viewer.caution_banner import CautionBanner, banner_words
from viewer.gallery import GalleryView
from viewer.gallery_layout import Section, lay_out
from viewer.window import Window


@pytest.fixture
def answered(desk: Desk, tmp_path: Path) -> Desk:
    """A window with an answer."""
    desk.drop(picture(tmp_path))
    return desk


def gallery(desk: Desk) -> GalleryView:
    return desk.window.answer_page.gallery


def diagnoses(desk: Desk) -> list[str]:
    model = desk.window.answer_page.model
    return [model.match_at(row).case.diagnosis for row in range(model.rowCount())]


def sheets(desk: Desk) -> list[CaseSheet]:
    return [s for s in desk.window.findChildren(CaseSheet) if s.isVisible()]


def banner(desk: Desk) -> CautionBanner:
    return desk.window.answer_page.banner


def test_by_diagnosis_each_has_a_heading_with_its_count_and_base_rate(answered: Desk) -> None:
    answered.key(Qt.Key.Key_2)
    headings = gallery(answered).headings

    # The fake archive's nearest: nine nevi, five melanomas, two keratoses.
    assert [(h.section.title, h.section.words) for h in headings] == [
        ("Melanocytic nevus", "9 of 16; 67 % of this library"),
        ("Melanoma", "5 of 16; 11 % of this library"),
        ("Actinic keratosis / intraepithelial carcinoma", "2 of 16; 3 % of this library"),
    ]
    assert [h.section.rows for h in headings] == [
        tuple(range(9)),
        tuple(range(9, 14)),
        (14, 15),
    ]
    bar = headings[1].section.bar
    assert bar is not None and (bar.fraction, bar.mark) == (5 / 16, 11 / 100)
    view, model = gallery(answered), answered.window.answer_page.model
    for heading in headings:
        tops = [view.visualRect(model.index(row)).top() for row in heading.section.rows]
        assert min(tops) >= heading.place.bottom() - view.verticalOffset()


def test_arrows_follow_the_cards_as_they_are_seen(answered: Desk) -> None:
    answered.key(Qt.Key.Key_2)
    view = gallery(answered)
    view.setFocus()
    answered.key(Qt.Key.Key_End)
    assert view.currentIndex().row() == 15
    answered.key(Qt.Key.Key_Up)  # from the second keratosis to the second melanoma
    assert view.currentIndex().row() == 10
    answered.key(Qt.Key.Key_Home)
    answered.key(Qt.Key.Key_Right)
    assert view.currentIndex().row() == 1
    for _ in range(4):
        answered.key(Qt.Key.Key_Down)
    seen = view.viewport().rect()
    assert seen.contains(view.visualRect(view.currentIndex())), "what is chosen is on screen"


def test_the_differential_has_the_nearest_case_of_each_diagnosis_and_counts_stay(
    answered: Desk,
) -> None:
    evidence = answered.window.answer_page.evidence.table.model()
    before = [evidence.index(row, 1).data() for row in range(evidence.rowCount())]
    answered.key(Qt.Key.Key_3)

    assert diagnoses(answered) == ["nv", "mel", "akiec", "bcc", "bkl", "vasc", "df"]
    assert answered.window.answer_page._count.text() == "Nearest case of each diagnosis"
    assert [evidence.index(row, 1).data() for row in range(evidence.rowCount())] == before
    assert len(answered.window.session.reasons.case_heats) == 7, "with maps of its own"
    answered.key(Qt.Key.Key_Return)
    assert answered.window.answer_page.compare.place.text() == "Match 1 of 7"
    answered.key(Qt.Key.Key_Escape)
    answered.key(Qt.Key.Key_1)
    assert len(diagnoses(answered)) == 16


def test_going_to_and_fro_asks_the_library_once(answered: Desk) -> None:
    mapped = answered.workstation.adviser.mapped
    for key in (Qt.Key.Key_3, Qt.Key.Key_1, Qt.Key.Key_3, Qt.Key.Key_1):
        answered.key(key)

    assert [len(answer.matches) for answer in mapped] == [16, 7]


def test_the_switch_shows_and_chooses_how_an_answer_is_read(answered: Desk) -> None:
    buttons = {b.text(): b for b in answered.window.answer_page.switch.findChildren(QToolButton)}
    assert list(buttons) == ["By similarity", "By diagnosis", "Differential"]
    assert buttons["By similarity"].isChecked()
    QTest.mouseClick(buttons["Differential"], Qt.MouseButton.LeftButton)
    answered.settle()

    assert buttons["Differential"].isChecked() and not buttons["By similarity"].isChecked()
    assert len(diagnoses(answered)) == 7


def test_the_next_picture_and_the_next_start_are_read_in_the_same_way(
    answered: Desk, tmp_path: Path
) -> None:
    answered.key(Qt.Key.Key_3)
    answered.drop(picture(tmp_path, "b.png"))
    assert answered.lesions()[0] == "b-1" and len(diagnoses(answered)) == 7
    answered.window.close()
    assert answered.settings.arrangement == "rivals"
    again = Window(answered.settings, type(answered.tasks)(InlineExecutor()), answered.workstation)
    assert again.session.rivals and again.answer_page.arrangement == "rivals"
    again.close()
    again.deleteLater()


def test_rivals_that_cannot_be_found_leave_the_former_matches_and_say_why(answered: Desk) -> None:
    answered.workstation.adviser.rivals_error = LibraryError("the library", "it is locked", "Wait")
    answered.key(Qt.Key.Key_3)

    assert len(diagnoses(answered)) == 16
    assert "It is locked. Wait." in answered.window.answer_page.hint.text()
    assert answered.window.answer_page.arrangement == "grid"


def test_while_rivals_are_looked_for_the_former_matches_stay(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk = held_desk.desk
    desk.drop(picture(tmp_path))
    held_desk.finish()
    desk.key(Qt.Key.Key_3)
    assert len(diagnoses(desk)) == 16
    assert desk.window.answer_page.hint.text() == "searching …"
    held_desk.finish()
    assert len(diagnoses(desk)) == 7


def test_i_shows_where_a_case_comes_from_and_its_licence(answered: Desk) -> None:
    answered.key(Qt.Key.Key_Right)
    answered.key(Qt.Key.Key_I)
    (sheet,) = sheets(answered)
    facts = dict(sheet.rows)

    assert (facts["Source"], facts["Licence"], facts["Lesion"]) == ("Drawn", "CC0", "lesion-2")
    assert facts["Picture"] == "lesion-2.png, 160 x 120 pixels"
    assert facts["Confirmed by"] == "Histopathology"
    copy = next(b for b in sheet.findChildren(QPushButton) if b.text() == "&Copy")
    QTest.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert "Licence: CC0" in QGuiApplication.clipboard().text()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheets(answered)
    answered.window.activateWindow()
    answered.settle()
    answered.key(Qt.Key.Key_Return)
    answered.key(Qt.Key.Key_Right)
    answered.key(Qt.Key.Key_I)
    assert dict(sheets(answered)[-1].rows)["Lesion"] == "lesion-3", "also from the comparison"


def test_a_click_on_the_badge_shows_it_too_and_compares_nothing(answered: Desk) -> None:
    view, model = gallery(answered), answered.window.answer_page.model
    badge = answered.window.answer_page.delegate.badge_box(view.visualRect(model.index(4)))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=badge.center())
    answered.settle()

    assert dict(sheets(answered)[0].rows)["Lesion"] == "lesion-5"
    assert not answered.window.comparing()


def test_a_match_has_a_menu_of_what_can_be_done_with_it(answered: Desk) -> None:
    view, model = gallery(answered), answered.window.answer_page.model
    place = view.visualRect(model.index(2)).center()
    view.customContextMenuRequested.emit(place)
    menu = QApplication.activePopupWidget()

    assert isinstance(menu, QMenu)
    ids = [action.objectName() for action in menu.actions()]
    assert ids[:2] == ["compare", "case_details"]
    assert view.currentIndex().row() == 2
    menu.close()


@pytest.mark.parametrize(
    ("flags", "title", "said"),
    [
        ((), "", ""),
        (("cropped", "in_library"), "", ""),
        (("unlike_library", "cropped"), "No close match", "may lack its diagnosis"),
        (("blurred", "hair"), "Poor picture", "looks blurred"),
        (("unlike_library", "too_dark"), "No close match", "too dark"),
        (("not_dermoscopy", "unlike_library"), "Not dermoscopy", "does not look like dermoscopy"),
    ],
)
def test_the_banner_names_the_gravest_state_and_says_what_to_do(
    flags: tuple[str, ...], title: str, said: str
) -> None:
    assert banner_words(flags)[0] == title
    assert said in banner_words(flags)[1]


def test_the_banner_stands_above_the_matches_only_where_it_has_to(
    desk: Desk, tmp_path: Path
) -> None:
    desk.drop(picture(tmp_path))
    assert not banner(desk).isVisible()
    desk.workstation.adviser.flags = ("unlike_library",)
    desk.drop(picture(tmp_path, "b.png"))
    assert banner(desk).isVisible() and banner(desk).accessibleName() == "No close match"
    assert desk.window.answer_page._count.text() == "16 nearest cases, none of them close"
    desk.workstation.adviser.familiar = False
    desk.drop(picture(tmp_path, "c.png"))
    assert banner(desk).accessibleName() == "Not dermoscopy"


def test_the_query_alone_has_the_accent_in_every_arrangement(answered: Desk) -> None:
    from viewer import theme

    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3):
        answered.key(key)
        image = gallery(answered).grab().toImage()
        colours = {
            image.pixelColor(x, y).name()
            for x in range(0, image.width(), 2)
            for y in range(0, image.height(), 2)
        }
        assert theme.LIGHT.accent not in colours


def test_sections_lie_below_one_another_in_even_columns() -> None:
    layout = lay_out(
        [Section((0, 2, 3), "One"), Section((1,), "Two")], 2, QSize(50, 40), heading=10
    )
    assert layout.cards[0] == QRect(0, 10, 50, 40) and layout.cards[2] == QRect(50, 10, 50, 40)
    assert layout.cards[3] == QRect(0, 50, 50, 40) and layout.cards[1] == QRect(0, 100, 50, 40)
    assert [heading.place.top() for heading in layout.headings] == [0, 90]
    assert layout.height == 140
    assert layout.lines == ((0, 2), (3,), (1,))
    assert layout.at(QPoint(60, 20)) == 2 and layout.at(QPoint(60, 60)) is None


@pytest.mark.parametrize(
    ("row", "right", "down", "expected"),
    [(0, 1, 0, 2), (2, 1, 0, 3), (1, 1, 0, 1), (0, -1, 0, 0), (2, 0, 1, 3), (3, 0, -1, 0),
     (1, 0, 1, 1), (2, 0, 9, 1), (7, 0, 1, 0)],
)  # fmt: skip
def test_arrow_keys_lead_to_the_card_beside(row: int, right: int, down: int, expected: int) -> None:
    """A row without a card, as after a change of matches, leads to the first."""
    layout = lay_out([Section((0, 2, 3), "One"), Section((1,), "Two")], 2, QSize(50, 40), 10)
    assert layout.beside(row, right, down) == expected
