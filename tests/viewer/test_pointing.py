"""Pointing at a spot of the query lights up every match, by mouse and by keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from inference.errors import LibraryError
from tests.viewer.conftest import Desk, HeldDesk
from tests.viewer.fakes import THUMBNAIL_COLOUR, picture
from viewer.marks import Spot
from viewer.query_pane import QueryPane


@pytest.fixture
def pointing(desk: Desk, tmp_path: Path) -> Desk:
    """A window whose reader has pressed P; the picture has 160 x 120 pixels."""
    desk.drop(picture(tmp_path))
    desk.window.tools.pointing.frame_ms = 0
    desk.key(Qt.Key.Key_P)
    return desk


def pane(desk: Desk) -> QueryPane:
    return desk.window.answer_page.query


def strength(desk: Desk, row: int = 0) -> float:
    """How far a match's colour is from that of its bare thumbnail."""
    seen = desk.colour_of_match(row)
    parts = zip((seen.red(), seen.green(), seen.blue()), THUMBNAIL_COLOUR, strict=True)
    return sum(abs(one - other) for one, other in parts)


def test_the_maps_of_a_gallery_share_one_scale(desk: Desk, tmp_path: Path) -> None:
    """The fake engine's maps are as strong as 1 / rank."""
    desk.drop(picture(tmp_path))
    shown = [strength(desk, row) for row in (0, 1, 3)]

    assert shown == sorted(shown, reverse=True)
    assert shown[0] > shown[2] + 20
    assert len(desk.workstation.adviser.mapped) == 1, "one call for all matches"


def test_a_match_without_a_map_leaves_the_others_theirs(desk: Desk, tmp_path: Path) -> None:
    desk.workstation.adviser.unmapped = {2}
    desk.drop(picture(tmp_path))

    assert [strength(desk, row) > 0 for row in (0, 1, 2)] == [True, False, True]


def test_maps_that_cannot_be_made_are_told_beside_the_matches(desk: Desk, tmp_path: Path) -> None:
    desk.workstation.adviser.maps_error = LibraryError("x", "its disk is gone", "connect it")
    desk.drop(picture(tmp_path))

    assert desk.window.answer_page.hint.text() == "Its disk is gone. Connect it."
    assert desk.window.session.reasons.maps_ms is not None, "nobody waits for them any longer"


def test_the_matches_follow_the_mouse_over_the_query(pointing: Desk) -> None:
    pointing.hover(20, 60)
    weak = strength(pointing)
    pointing.hover(150, 60)

    assert strength(pointing) > weak
    x, y = pointing.workstation.adviser.pointed[-1]
    assert (x, y) == pytest.approx((150, 60), abs=0.5)
    mark = pointing.window.tools.mark()
    assert isinstance(mark, Spot)
    assert (mark.x, mark.y) == pytest.approx((150 / 160, 0.5), abs=0.01)


def test_escape_ends_pointing_and_the_pair_maps_are_back(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    before, query = strength(desk), pane(desk).view.grab().toImage()
    desk.window.tools.pointing.frame_ms = 0
    desk.key(Qt.Key.Key_P)
    desk.hover(10, 60)
    assert strength(desk) != before
    asked = len(desk.workstation.adviser.mapped)
    desk.key(Qt.Key.Key_Escape)

    assert strength(desk) == before
    assert pane(desk).view.grab().toImage() == query, "and neither cross nor focus is left"
    assert len(desk.workstation.adviser.mapped) == asked
    assert not desk.window.commands.action("point").isChecked()
    assert desk.window.answer_page.gallery.hasFocus()


def test_keys_alone_move_the_spot(pointing: Desk) -> None:
    assert pane(pointing).view.hasFocus()
    assert pointing.workstation.adviser.pointed == [(80, 60)], "the middle, before any key"
    for _ in range(3):
        pointing.key(Qt.Key.Key_Right)
    pointing.key(Qt.Key.Key_Up)

    assert pointing.workstation.adviser.pointed[-1] == pytest.approx((80 + 3 * 4, 60 - 4))
    for _ in range(60):
        pointing.key(Qt.Key.Key_Left)
    assert pointing.window.tools.pointing.spot[0] == 0, "it stays on the picture"


def test_an_enlarged_picture_is_pointed_at_in_smaller_steps(pointing: Desk) -> None:
    pane(pointing).view.viewport.zoom_by(4)
    pointing.key(Qt.Key.Key_Right)

    assert pointing.window.tools.pointing.spot == (81, 60)


def test_legend_and_help_say_what_is_lit(pointing: Desk) -> None:
    page = pointing.window.answer_page
    assert page.key.legend.words.most == "the same to the model"
    assert "like the spot" in page.key.help.text()
    assert "Escape ends pointing" in pane(pointing).key.help.text()
    assert "arrow keys" in pane(pointing).view.accessibleDescription()
    assert not pane(pointing).key.legend.isVisible(), "the query has no map meanwhile"
    pointing.key(Qt.Key.Key_P)

    assert page.key.legend.words.most != "the same to the model"
    assert "lean to Melanoma" in pane(pointing).key.help.text()


def test_the_query_is_bare_while_it_is_pointed_at(pointing: Desk) -> None:
    """The fake encoder's map of melanoma covers the upper left."""
    view = pane(pointing).view
    corner = view.picture_rect().topLeft().toPoint() + QPoint(20, 20)
    bare = view.grab().toImage().pixelColor(corner)
    pointing.key(Qt.Key.Key_Escape)

    assert (bare.red(), bare.green(), bare.blue()) == pytest.approx((220, 180, 160), abs=2)
    assert view.grab().toImage().pixelColor(corner) != bare


def test_a_spot_that_the_model_did_not_see_is_said_to_be_none(pointing: Desk) -> None:
    pointing.hover(80, 60)
    lit = strength(pointing)
    pointing.hover(80, 0.4)

    assert "saw nothing of this spot" in pane(pointing).key.help.text()
    assert lit > strength(pointing) == 0
    pointing.hover(80, 60)
    assert "saw nothing" not in pane(pointing).key.help.text()


def test_what_fails_is_told_below_the_query(pointing: Desk) -> None:
    pointing.workstation.adviser.point_error = LibraryError("x", "its disk is gone", "connect it")
    pointing.hover(30, 60)
    assert pane(pointing).trouble.isVisible()
    assert pane(pointing).trouble.text() == "Its disk is gone. Connect it."
    pointing.workstation.adviser.point_error = None
    pointing.hover(90, 60)

    assert not pane(pointing).trouble.isVisible()


def test_dragging_still_pans_an_enlarged_picture(pointing: Desk) -> None:
    view = pane(pointing).view
    view.viewport.zoom_by(4)
    before = view.picture_rect()
    pointing.drag((80, 60), (70, 55))

    assert view.picture_rect().x() < before.x()
    assert pointing.window.tools.pointing.active


def test_however_fast_the_mouse_moves_one_computation_is_under_way(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk, executor = held_desk.desk, held_desk.executor
    desk.drop(picture(tmp_path))
    held_desk.finish()
    desk.window.tools.pointing.frame_ms = 0
    desk.key(Qt.Key.Key_P)
    for x in range(10, 150, 5):
        desk.hover(x, 60)
    assert len(executor.held) == 1
    executor.release()
    desk.settle()
    assert len(executor.held) == 1, "the next is for where the mouse is by now"
    held_desk.finish()

    pointed = desk.workstation.adviser.pointed
    assert len(pointed) == 2
    assert pointed[-1] == pytest.approx((145, 60), abs=0.5)


def test_no_more_than_one_computation_begins_in_a_frame(pointing: Desk) -> None:
    pointing.window.tools.pointing.frame_ms = 3_600_000
    pointing.hover(20, 60)
    asked = len(pointing.workstation.adviser.pointed)
    pointing.hover(40, 60)
    pointing.hover(60, 60)

    assert len(pointing.workstation.adviser.pointed) == asked


def test_maps_that_come_after_escape_are_dropped(held_desk: HeldDesk, tmp_path: Path) -> None:
    desk = held_desk.desk
    desk.drop(picture(tmp_path))
    held_desk.finish()
    before = strength(desk)
    desk.key(Qt.Key.Key_P)
    desk.key(Qt.Key.Key_Escape)
    held_desk.finish()

    assert strength(desk) == before


def test_another_picture_ends_pointing(pointing: Desk, tmp_path: Path) -> None:
    pointing.drop(picture(tmp_path, "b.png"))

    assert not pointing.window.tools.pointing.active
    assert pointing.window.tools.mark() is None
    assert pointing.lesions()[0] == "b-1"


def test_in_the_comparison_the_case_lights_up(pointing: Desk) -> None:
    pointing.click_match(1)
    compare = pointing.window.answer_page.compare
    assert pointing.window.comparing() and compare.query.hasFocus()
    pointing.hover(20, 60, compare.query)
    weak = compare.case.heat
    pointing.key(Qt.Key.Key_Right)

    assert "Match 2 of 16" in compare.place.text(), "arrows move the spot, not the match"
    assert compare.case.heat is not weak
    assert compare.key.legend.words.most == "the same to the model"
    pointing.key(Qt.Key.Key_Escape)
    assert pointing.window.comparing()
    assert compare.key.legend.words.most == "strongest in this gallery"
    pointing.key(Qt.Key.Key_Right)
    assert "Match 3 of 16" in compare.place.text()


def test_a_spot_that_was_not_seen_is_told_in_the_comparison_too(pointing: Desk) -> None:
    pointing.click_match(0)
    compare = pointing.window.answer_page.compare
    pointing.hover(80, 0.4, compare.query)
    assert "saw nothing of this spot" in compare.key.help.text()
    assert compare.case.heat is None
    pointing.hover(80, 60, compare.query)

    assert "like the spot" in compare.key.help.text()


def test_the_mouse_over_the_case_moves_no_spot(pointing: Desk) -> None:
    pointing.click_match(0)
    asked = len(pointing.workstation.adviser.pointed)
    QTest.mouseMove(pointing.window.answer_page.compare.case, QPoint(100, 100))
    pointing.settle()

    assert len(pointing.workstation.adviser.pointed) == asked


def test_a_comparison_is_saved_as_it_is_pointed_at(pointing: Desk) -> None:
    assert pointing.window.answer_page.sheet() is None, "the query has no map to save"
    pointing.click_match(0)
    sheet = pointing.window.answer_page.sheet()

    assert sheet is not None
    ours, theirs = sheet.panels
    assert ours.heat is None and isinstance(ours.mark, Spot)
    assert theirs.heat is pointing.window.answer_page.compare.case.heat
    assert sheet.words.most == "the same to the model"


def test_the_button_below_the_query_begins_and_ends_it(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    button = pane(desk).tools.point
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert desk.window.tools.pointing.active and button.isChecked()
    assert button.accessibleName() == "Point at a spot"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert not desk.window.tools.pointing.active
