"""Searching by a region of the query: drawn by mouse or keys, shown, and left again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from inference.errors import LibraryError, RegionError
from inference.explain import Region
from tests.viewer.conftest import Desk, HeldDesk, place_of
from tests.viewer.fakes import picture
from viewer import theme
from viewer.image_view import ImageView
from viewer.marks import Outline
from viewer.query_pane import QueryPane

BOX = ((40, 30), (60, 50), (100, 90))
"""Where the mouse goes: a box of 60 x 60 pixels with its upper left at (40, 30)."""


@pytest.fixture
def drawing(desk: Desk, tmp_path: Path) -> Desk:
    """A window whose reader has pressed R; the picture has 160 x 120 pixels."""
    desk.drop(picture(tmp_path))
    desk.key(Qt.Key.Key_R)
    return desk


def pane(desk: Desk) -> QueryPane:
    return desk.window.answer_page.query


def words(desk: Desk) -> str:
    """All labels that are on screen."""
    shown = [part.text() for part in desk.window.findChildren(QLabel) if part.isVisible()]
    return "\n".join(shown)


def asked(desk: Desk) -> Region:
    """The region that was searched for last."""
    return desk.workstation.adviser.regions[-1]


def spans(region: Region) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what a region covers, in pixels."""
    rows, columns = np.nonzero(region.mask)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def has(colour: str, view: ImageView, x: float, y: float) -> bool:
    """Say whether a colour is drawn within two pixels of the screen of a pixel."""
    image, place = view.grab().toImage(), place_of(view, x, y)
    around = ((place.x() + i, place.y() + j) for i in range(-2, 3) for j in range(-2, 3))
    return any(image.pixelColor(*near).name() == colour for near in around)


def has_accent(view: ImageView, x: float, y: float) -> bool:
    return has(theme.LIGHT.accent, view, x, y)


def test_a_box_that_is_drawn_is_searched_for(drawing: Desk) -> None:
    drawing.drag(*BOX)

    assert spans(asked(drawing)) == pytest.approx((40, 30, 100, 90), abs=1)
    assert asked(drawing).mask.shape == (120, 160)
    assert drawing.lesions() == [f"part-{rank}" for rank in range(1, 17)]
    assert "16 matches for the region" in words(drawing)
    assert "outlined where found" in words(drawing)


def test_a_free_shape_is_searched_for_as_it_is_drawn(drawing: Desk) -> None:
    QTest.mouseClick(pane(drawing).tools.free, Qt.MouseButton.LeftButton)
    drawing.drag((40, 30), (70, 30), (100, 30), (100, 90))
    mask = asked(drawing).mask

    assert mask[35, 90] and not mask[85, 45], "a triangle, not a box"
    assert int(mask.sum()) == pytest.approx(60 * 60 / 2, rel=0.1)


def test_keys_alone_draw_and_search(drawing: Desk) -> None:
    assert pane(drawing).view.hasFocus()
    mark = drawing.window.tools.mark()
    assert isinstance(mark, Outline) and mark.draft and mark.ours, "a box in the middle to move"
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Up):
        drawing.key(key)
    drawing.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    drawing.key(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert not drawing.workstation.adviser.regions
    drawing.key(Qt.Key.Key_Return)

    # A square of 36 from (62, 42), moved by steps of 4, and 4 larger.
    assert spans(asked(drawing)) == (54, 38, 94, 78)
    assert drawing.lesions()[0] == "part-1"


def test_a_box_stays_on_the_picture_however_long_a_key_is_held(drawing: Desk) -> None:
    for _ in range(40):
        drawing.key(Qt.Key.Key_Right)
    for _ in range(5):
        drawing.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    drawing.key(Qt.Key.Key_Return)

    left, _, right, _ = spans(asked(drawing))
    assert (left, right) == (124, 160)


def test_a_drag_beyond_the_edge_ends_at_the_edge(drawing: Desk) -> None:
    drawing.drag((100, 60), (150, 110), (400, 300))

    assert spans(asked(drawing)) == pytest.approx((100, 60, 160, 120), abs=1)


def test_a_mere_click_searches_nothing_and_keeps_the_box(drawing: Desk) -> None:
    before = drawing.window.tools.regions.draft
    drawing.drag((100, 60))

    assert not drawing.workstation.adviser.regions
    assert drawing.window.tools.regions.draft == before
    assert drawing.window.tools.regions.active


def test_the_region_stays_drawn_on_the_query_in_the_accent(drawing: Desk) -> None:
    drawing.drag(*BOX)
    view = pane(drawing).view
    assert has_accent(view, 40, 60) and has_accent(view, 70, 30)
    assert not has_accent(view, 70, 60)
    drawing.click_match(0)
    drawing.settle()

    assert has_accent(drawing.window.answer_page.compare.query, 40, 60)


def test_where_each_match_holds_it_is_outlined_and_never_in_the_accent(drawing: Desk) -> None:
    """The fake engine finds it in the lower right quarter."""
    bare = drawing.colour_of_match(0, 0.5, 0.75)
    drawing.drag(*BOX)

    assert drawing.colour_of_match(0, 0.5, 0.75) not in (bare, QColor(theme.LIGHT.accent))
    assert drawing.colour_of_match(0, 0.5, 0.75).name() == "#ffffff"
    assert drawing.colour_of_match(0, 0.5, 0.25).name() != "#ffffff"
    drawing.click_match(0)
    compare = drawing.window.answer_page.compare
    assert has("#ffffff", compare.case, 80, 90)
    assert not has("#ffffff", compare.case, 80, 30)
    assert not has_accent(compare.case, 80, 90)


def test_escape_restores_the_former_answer_without_asking_again(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    former, heats = desk.window.session.consultation, desk.window.session.reasons.case_heats
    desk.key(Qt.Key.Key_R)
    desk.drag(*BOX)
    mapped = len(desk.workstation.adviser.mapped)
    desk.key(Qt.Key.Key_Escape)

    assert desk.window.session.consultation is former is not None
    assert desk.window.session.reasons.case_heats is heats
    assert desk.lesions()[0] == "lesion-1"
    assert len(desk.workstation.adviser.mapped) == mapped
    assert "16 most similar cases" in words(desk)
    assert desk.window.tools.mark() is None
    assert not desk.window.can_go_back()


def test_a_button_leads_back_to_the_whole_picture(drawing: Desk) -> None:
    button = pane(drawing).tools.whole
    assert not button.isVisible()
    drawing.drag(*BOX)
    assert button.isVisible() and button.text() == "Back to the whole picture"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert drawing.lesions()[0] == "lesion-1"
    assert not button.isVisible()


def test_maps_that_had_not_come_before_the_region_are_fetched_on_the_way_back(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk, executor = held_desk.desk, held_desk.executor
    desk.drop(picture(tmp_path))
    executor.release()  # the drop is gathered
    desk.settle()
    executor.release()  # the answer; maps and thumbnails are held
    desk.settle()
    desk.key(Qt.Key.Key_R)
    desk.key(Qt.Key.Key_Return)
    executor.release(len(executor.held) - 1)
    desk.settle()
    held_desk.finish()
    assert desk.lesions()[0] == "part-1"
    desk.key(Qt.Key.Key_Escape)
    held_desk.finish()

    assert len(desk.window.session.reasons.case_heats) == 16
    assert desk.workstation.adviser.mapped[-1].region is None


def test_escape_in_the_middle_of_a_search_drops_it(held_desk: HeldDesk, tmp_path: Path) -> None:
    desk = held_desk.desk
    desk.drop(picture(tmp_path))
    held_desk.finish()
    desk.key(Qt.Key.Key_R)
    desk.key(Qt.Key.Key_Return)
    assert "Looking for cases" in pane(desk).key.help.text()
    assert desk.lesions()[0] == "lesion-1", "the former matches stay meanwhile"
    desk.key(Qt.Key.Key_Escape)
    held_desk.finish()

    assert desk.lesions()[0] == "lesion-1"
    assert not desk.window.session.showing_region


def test_drawing_again_drops_the_search_for_the_former_region(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk, executor = held_desk.desk, held_desk.executor
    desk.drop(picture(tmp_path))
    held_desk.finish()
    desk.key(Qt.Key.Key_R)
    desk.key(Qt.Key.Key_Return)
    desk.drag(*BOX)
    executor.release(1)  # the second search ends first
    desk.settle()
    held_desk.finish()

    consultation = desk.window.session.consultation
    assert consultation is not None and consultation.answer.region is not None
    assert spans(consultation.answer.region) == pytest.approx((40, 30, 100, 90), abs=1)


def test_another_picture_forgets_the_region(drawing: Desk, tmp_path: Path) -> None:
    drawing.drag(*BOX)
    drawing.drop(picture(tmp_path, "b.png"))

    assert drawing.lesions()[0] == "b-1"
    assert not drawing.window.session.showing_region
    assert drawing.window.tools.mark() is None


def test_a_region_of_a_region_answer_leads_back_to_the_whole_picture(drawing: Desk) -> None:
    drawing.drag(*BOX)
    drawing.key(Qt.Key.Key_R)
    drawing.drag((10, 10), (30, 30), (40, 40))
    assert spans(asked(drawing)) == pytest.approx((10, 10, 40, 40), abs=1)
    drawing.key(Qt.Key.Key_Escape)

    assert drawing.lesions()[0] == "lesion-1"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            RegionError("the region", "it lies outside the square", "Draw it within the outline"),
            "It lies outside the square. Draw it within the outline.",
        ),
        (
            LibraryError("clinic", "it keeps no feature maps", "Run caselens library describe"),
            "It keeps no feature maps. Run caselens library describe.",
        ),
    ],
)
def test_what_cannot_be_searched_for_is_told_and_can_be_drawn_again(
    drawing: Desk, error: RegionError | LibraryError, said: str
) -> None:
    drawing.workstation.adviser.region_error = error
    drawing.drag(*BOX)
    assert pane(drawing).trouble.isVisible()
    assert pane(drawing).trouble.text() == said
    assert drawing.lesions()[0] == "lesion-1"
    drawing.workstation.adviser.region_error = None
    drawing.drag(*BOX)

    assert not pane(drawing).trouble.isVisible()
    assert drawing.lesions()[0] == "part-1"


def test_pictures_that_were_not_searched_are_counted(drawing: Desk) -> None:
    drawing.workstation.adviser.unsearched = 1234
    drawing.drag(*BOX)

    assert "Not searched: 1,234 pictures" in drawing.window.answer_page.evidence.words.text()


def test_the_evidence_counts_the_matches_and_judges_nothing_by_them(drawing: Desk) -> None:
    evidence = drawing.window.answer_page.evidence
    whole = evidence.words.text()
    drawing.drag(*BOX)
    text, table = evidence.words.text(), evidence.table.model()

    assert "model alone" in whole or "disagree" in whole
    assert "model alone" not in text and "disagree" not in text
    assert "do not say what your picture shows as a whole" in text
    assert "Melanocytic nevus: 9 of 16 matches" in text
    headers = [table.headerData(i, Qt.Orientation.Horizontal) for i in range(3)]
    assert headers[1] == "Among the matches for the region (tick: this library)"
    assert headers[2] == "Estimate for the whole picture"
    drawing.key(Qt.Key.Key_Escape)
    assert evidence.words.text() == whole


def test_all_evidence_of_a_region_can_be_read_at_1366_by_768(drawing: Desk) -> None:
    drawing.workstation.adviser.unsearched = 1234
    drawing.drag(*BOX)
    label = drawing.window.answer_page.evidence.words

    assert label.heightForWidth(label.width()) <= label.height()


def test_legends_name_the_region(drawing: Desk) -> None:
    drawing.drag(*BOX)
    page = drawing.window.answer_page
    assert "the marked area" in page.key.help.text()
    drawing.click_match(0)

    assert "the marked area" in page.compare.key.help.text()
    assert page.compare.query.heat is None, "the region itself is outlined"
    assert page.compare.case.heat is not None


def test_a_region_answer_can_be_pointed_at(drawing: Desk) -> None:
    drawing.drag(*BOX)
    drawing.window.tools.pointing.frame_ms = 0
    drawing.key(Qt.Key.Key_P)
    drawing.hover(120, 60)
    assert drawing.workstation.adviser.pointed[-1] == pytest.approx((120, 60), abs=0.5)
    drawing.key(Qt.Key.Key_Escape)
    assert drawing.lesions()[0] == "part-1"
    drawing.key(Qt.Key.Key_Escape)

    assert drawing.lesions()[0] == "lesion-1"


def test_one_mode_ends_the_other(drawing: Desk) -> None:
    tools = drawing.window.tools
    drawing.key(Qt.Key.Key_P)
    assert (tools.pointing.active, tools.regions.active) == (True, False)
    drawing.key(Qt.Key.Key_R)
    assert (tools.pointing.active, tools.regions.active) == (False, True)
    drawing.click_match(0)

    assert not tools.active, "nothing is drawn in the comparison"
    assert not drawing.window.commands.action("region").isEnabled()


def test_a_region_s_pair_is_saved_with_its_outlines(drawing: Desk) -> None:
    drawing.drag(*BOX)
    alone = drawing.window.answer_page.sheet()
    assert alone is not None and isinstance(alone.panels[0].mark, Outline)
    drawing.click_match(0)
    sheet = drawing.window.answer_page.sheet()

    assert sheet is not None
    ours, theirs = sheet.panels
    assert isinstance(ours.mark, Outline) and ours.mark.ours and ours.heat is None
    assert isinstance(theirs.mark, Outline) and not theirs.mark.ours and theirs.heat is not None
    assert "the marked area" in sheet.words.help


def test_zoom_and_chosen_map_stay_when_a_region_is_searched_for(drawing: Desk) -> None:
    pane(drawing).classes.setCurrentIndex(1)
    pane(drawing).view.viewport.zoom_by(2)
    drawing.drag(*BOX)

    assert pane(drawing).view.viewport.zoom == 2
    assert pane(drawing).classes.currentIndex() == 1


def test_buttons_of_the_mode_stand_in_the_order_of_tab(drawing: Desk) -> None:
    row = pane(drawing).tools
    assert not row.point.isVisible()
    shown = [part for part in (row.region, row.box, row.free, row.search) if part.isVisible()]
    assert len(shown) == 4
    pane(drawing).view.setFocus()
    order = []
    for _ in range(5):
        drawing.key(Qt.Key.Key_Tab)
        order.append(drawing.window.focusWidget())

    assert [widget for widget in order if widget in shown] == [row.region, row.box, row.search]


@pytest.mark.parametrize("mode", ["point", "region"])
def test_the_line_of_help_is_whole_beside_the_gallery(drawing: Desk, mode: str) -> None:
    if mode == "point":
        drawing.key(Qt.Key.Key_P)
    else:
        drawing.drag(*BOX)
    drawing.key(Qt.Key.Key_L)
    line = drawing.window.answer_page.key.help

    assert line.text().startswith("Inside the lines")
    assert line.fontMetrics().horizontalAdvance(line.text()) <= line.width()
