"""What a reader does with the window, by real events: drops, keys, clicks."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QProgressBar,
    QToolBar,
    QWidget,
)

from inference.library.model import Progress
from tests.viewer.conftest import Desk, HeldDesk, MakeDesk
from tests.viewer.fakes import HeldExecutor, InlineExecutor, picture
from viewer.session import Stage
from viewer.words import notice, phantom_label


def shown_text(window: QWidget) -> str:
    """All words of labels and buttons that are on screen now."""
    labels = [part.text() for part in window.findChildren(QLabel) if part.isVisible()]
    buttons = [part.text() for part in window.findChildren(QAbstractButton) if part.isVisible()]
    return "\n".join([*labels, *buttons])


def test_a_dropped_picture_shows_sixteen_matches_and_the_evidence(
    desk: Desk, tmp_path: Path
) -> None:
    assert desk.drop(picture(tmp_path))

    assert desk.window.answered()
    assert desk.lesions() == [f"lesion-{rank}" for rank in range(1, 17)]
    assert "lesion.png · 160 x 120 pixels" in shown_text(desk.window)
    assert "Melanocytic nevus: 9 of 16 matches" in shown_text(desk.window)
    table = desk.window.answer_page.evidence.table.model()
    assert table.index(0, 1).data() == "9 of 16; 67 % of this library"
    assert desk.window.windowTitle() == "lesion.png – CaseLens"


def test_a_picture_that_is_no_dermoscopy_is_answered_with_a_warning_and_without_estimate(
    desk: Desk, tmp_path: Path
) -> None:
    desk.workstation.adviser.familiar = False
    desk.drop(picture(tmp_path, "hand.png"))

    text = shown_text(desk.window)
    assert text.count("This does not look like dermoscopy") == 2
    assert "Melanocytic nevus: 9 of 16 matches" not in text
    table = desk.window.answer_page.evidence.table.model()
    assert {table.index(row, 2).data() for row in range(table.rowCount())} == {"not given"}
    assert "%" not in desk.window.answer_page.query.classes.currentText()

    desk.workstation.adviser.familiar = True
    desk.drop(picture(tmp_path, "lesion.png"))
    assert "This does not look like dermoscopy" not in shown_text(desk.window)


def test_dropping_b_after_a_never_shows_the_gallery_of_a(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk, executor = held_desk.desk, held_desk.executor
    desk.drop(picture(tmp_path, "a.png"))
    executor.release()  # the drop is gathered; A is asked
    desk.settle()
    desk.drop(picture(tmp_path, "b.png"))
    galleries: list[str] = []
    desk.window.answer_page.model.modelReset.connect(lambda: galleries.extend(desk.lesions()[:1]))
    assert len(executor.held) == 2
    executor.release(1)  # B is gathered before A's answer is there
    desk.settle()
    executor.release(1)  # B is answered first
    desk.settle()
    executor.release(0)  # A's answer comes late
    desk.settle()
    held_desk.finish()

    assert galleries == ["b-1"]
    assert desk.lesions()[0] == "b-1"


def test_a_picture_dropped_before_the_library_is_open_waits_for_it(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    executor = HeldExecutor()
    desk = make_desk(executor)
    desk.window.shelf.open_demonstration()
    assert desk.drop(picture(tmp_path))
    executor.release(1)  # gathered, while the library is still being opened
    desk.settle()
    assert "Looking at lesion.png" in shown_text(desk.window)
    HeldDesk(desk, executor).finish()

    assert desk.lesions()[0] == "lesion-1"


def test_a_text_file_shows_the_failure_and_the_window_goes_on(desk: Desk, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a picture")
    assert desk.drop(text)

    words = shown_text(desk.window)
    assert desk.window.session.stage is Stage.FAILED
    assert "notes.txt" in words
    assert "text file, not a picture" in words.lower()
    assert "Choose a" in words
    desk.key(Qt.Key.Key_Escape)
    assert "Drop a dermoscopy picture here" in shown_text(desk.window)
    desk.drop(picture(tmp_path))
    assert desk.window.answered()


def test_a_folder_becomes_a_queue_and_the_window_says_so(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "Clinic"
    folder.mkdir()
    for name in ("c.png", "a.png", "b.png"):
        picture(folder, name)
    (folder / "list.csv").write_text("ignored")
    desk.drop(folder)

    assert "Picture 1 of 3 from the folder Clinic" in shown_text(desk.window)
    assert desk.lesions()[0] == "a-1"
    desk.key(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert "Picture 2 of 3" in shown_text(desk.window)
    assert desk.lesions()[0] == "b-1"
    desk.key(Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert desk.lesions()[0] == "a-1"


def test_a_folder_without_pictures_is_refused_with_advice(desk: Desk, tmp_path: Path) -> None:
    desk.drop(tmp_path)

    assert "holds no picture" in shown_text(desk.window)
    assert "Drop a folder with" in shown_text(desk.window)


def test_pasting_pixels_asks_about_them(desk: Desk) -> None:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(0xFFCC9988)
    QGuiApplication.clipboard().setImage(image)
    desk.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    consultation = desk.window.session.consultation
    assert consultation is not None
    assert consultation.answer.image.name == "Pasted picture"
    assert consultation.answer.image.pixels[0, 0].tolist() == [0xCC, 0x99, 0x88]


def test_pasting_a_file_asks_about_it(desk: Desk, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture(tmp_path)))])
    QGuiApplication.clipboard().setMimeData(mime)
    desk.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    assert desk.lesions()[0] == "lesion-1"


def test_pasting_words_says_that_there_is_no_picture(desk: Desk) -> None:
    QGuiApplication.clipboard().setText("a phrase")
    desk.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    assert "holds no picture" in desk.window.status.currentMessage()
    assert desk.window.session.stage is Stage.EMPTY


def test_words_dragged_over_the_window_are_not_taken(desk: Desk) -> None:
    mime = QMimeData()
    mime.setText("a phrase")

    assert not desk.drop_mime(mime)


def test_h_hides_the_heatmaps_and_shows_them_again(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    view = desk.window.answer_page.query.view
    with_map = view.grab().toImage()
    desk.key(Qt.Key.Key_H)
    without_map = view.grab().toImage()
    assert not desk.window.maps.visible
    desk.key(Qt.Key.Key_H)

    assert with_map != without_map
    assert view.grab().toImage() == with_map


def test_choosing_a_class_shows_its_map(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    pane = desk.window.answer_page.query
    assert pane.classes.currentText() == "Melanoma · 60 %"
    before = pane.view.heat
    pane.classes.setFocus()
    desk.key(Qt.Key.Key_Down)

    assert pane.classes.currentText() == "Melanocytic nevus · 24 %"
    assert pane.view.heat is not before


def test_enter_compares_arrows_step_and_escape_returns(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    desk.key(Qt.Key.Key_Right)  # from the first match to the second
    desk.key(Qt.Key.Key_Return)
    assert desk.window.comparing()
    assert "Match 2 of 16" in shown_text(desk.window)
    assert desk.window.answer_page.compare.case.picture is not None
    desk.key(Qt.Key.Key_Right)
    assert "Match 3 of 16" in shown_text(desk.window)
    desk.key(Qt.Key.Key_Left)
    desk.key(Qt.Key.Key_Left)
    assert "Match 1 of 16" in shown_text(desk.window)
    desk.key(Qt.Key.Key_Left)  # there is none before the first
    assert "Match 1 of 16" in shown_text(desk.window)
    desk.key(Qt.Key.Key_Escape)

    assert not desk.window.comparing()
    assert desk.window.answered()
    assert desk.window.answer_page.gallery.currentIndex().row() == 0
    assert desk.window.answer_page.gallery.hasFocus()


def test_a_click_on_a_match_compares_it(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    desk.click_match(4)

    assert desk.window.comparing()
    assert "Match 5 of 16" in shown_text(desk.window)
    assert "52 years · female · back · lesion-5 · CC0" in shown_text(desk.window)


def test_zoom_and_pan_are_linked_in_the_comparison(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    desk.click_match(0)
    compare = desk.window.answer_page.compare
    query_before, case_before = compare.query.picture_rect(), compare.case.picture_rect()
    place = QPointF(compare.query.rect().center())
    wheel = QWheelEvent(
        place,
        compare.query.mapToGlobal(place),
        QPoint(),
        QPoint(0, 480),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(compare.query, wheel)
    desk.key(Qt.Key.Key_Plus)
    grown = compare.query.picture_rect().width() / query_before.width()
    assert grown > 2
    assert compare.case.picture_rect().width() / case_before.width() == pytest.approx(grown)

    still = compare.query.picture_rect()
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(compare.case, left, pos=QPoint(200, 200))
    QTest.mouseMove(compare.case, QPoint(160, 170))
    QTest.mouseRelease(compare.case, left, pos=QPoint(160, 170))
    assert compare.query.picture_rect().x() < still.x()
    assert compare.query.picture_rect().y() < still.y()

    desk.key(Qt.Key.Key_0)
    assert compare.query.picture_rect() == query_before


def test_a_new_picture_leaves_the_comparison(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path, "a.png"))
    desk.click_match(3)
    desk.drop(picture(tmp_path, "b.png"), onto=desk.window)

    assert desk.window.answered()
    assert not desk.window.comparing()
    assert desk.lesions()[0] == "b-1"


def test_a_case_whose_picture_is_gone_says_so_in_the_comparison(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    from inference.errors import LibraryError

    desk.workstation.adviser.explain_error = LibraryError("lesion-1.png", "the file is missing")
    desk.click_match(0)

    assert "the file is missing" in shown_text(desk.window)
    desk.key(Qt.Key.Key_Escape)
    assert desk.window.answered()


def test_six_matches_and_the_whole_query_fit_a_1366_by_768_screen(
    desk: Desk, tmp_path: Path
) -> None:
    desk.drop(picture(tmp_path, size=(600, 450)))
    gallery = desk.window.answer_page.gallery
    model = desk.window.answer_page.model
    visible = gallery.viewport().rect()
    whole = [
        row
        for row in range(model.rowCount())
        if visible.contains(gallery.visualRect(model.index(row)))
    ]
    view = desk.window.answer_page.query.view
    query = view.picture_rect().toAlignedRect()

    assert (desk.window.width(), desk.window.height()) == (1366, 768)
    assert len(whole) >= 6
    assert view.rect().adjusted(-1, -1, 1, 1).contains(query)
    assert query.width() > 400


def test_the_notice_and_the_estimate_are_whole_in_the_smallest_window(
    desk: Desk, tmp_path: Path
) -> None:
    desk.drop(picture(tmp_path))
    desk.window.resize(desk.window.minimumSizeHint())
    desk.settle()
    status = desk.window.status
    words = status.notice.fontMetrics().horizontalAdvance(status.notice.text())
    place = status.notice.mapTo(desk.window, QPoint(0, 0)).x()
    table = desk.window.answer_page.evidence.table

    assert status.notice.width() >= words
    assert place + status.notice.width() <= desk.window.width() <= 1100
    assert table.viewport().width() >= table.horizontalHeader().length()


def test_a_large_window_shows_all_matches_without_scrolling(desk: Desk, tmp_path: Path) -> None:
    desk.window.resize(1920, 1080)
    desk.drop(picture(tmp_path))
    gallery, model = desk.window.answer_page.gallery, desk.window.answer_page.model
    last = gallery.visualRect(model.index(15))

    assert gallery.viewport().rect().contains(last)
    assert last.width() > 220


def test_notice_and_phantoms_are_named_on_every_screen(desk: Desk, tmp_path: Path) -> None:
    assert notice() in shown_text(desk.window)
    assert "computer-drawn phantoms" in shown_text(desk.window)
    desk.drop(picture(tmp_path))
    assert notice() in shown_text(desk.window)
    assert phantom_label() in shown_text(desk.window)
    desk.click_match(0)
    assert notice() in shown_text(desk.window)


def test_status_tells_model_library_and_milliseconds(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))

    words = desk.window.status.facts.text()
    assert "model Fake" in words
    assert "library Demonstration, 100 cases" in words
    assert "read 1 ms, encode 2 ms, search 3 ms, maps" in words


def test_building_shows_progress_time_left_and_can_be_stopped(make_desk: MakeDesk) -> None:
    executor = HeldExecutor()
    desk = make_desk(executor)
    desk.workstation.progress = Progress(21, 84, 20.0, 31.0, "encoding")
    desk.window.shelf.open_demonstration()
    token_time = executor.held[0]
    # The report arrives while the work is still under way.
    desk.window.shelf.progress = desk.workstation.progress
    desk.window.shelf.changed.emit()
    desk.settle()
    words = shown_text(desk.window)
    assert "21 of 84 pictures · about 30 seconds left" in words
    bar = next(b for b in desk.window.findChildren(QProgressBar) if b.isVisible())
    assert (bar.value(), bar.maximum()) == (21, 84)
    button = next(
        b for b in desk.window.findChildren(QAbstractButton) if b.isVisible() and b.text() == "Stop"
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert executor.held == [token_time]
    HeldDesk(desk, executor).finish()

    assert desk.window.shelf.engine is None
    assert "No case library is open" in shown_text(desk.window)


def test_a_folder_that_is_no_library_is_refused_and_the_open_one_stays(
    desk: Desk, tmp_path: Path
) -> None:
    desk.drop(picture(tmp_path))
    desk.window.shelf.open_folder(tmp_path)
    desk.settle()
    assert "there is no case library in it" in shown_text(desk.window).lower()
    desk.key(Qt.Key.Key_Escape)

    assert desk.window.answered()
    assert desk.settings.libraries == ()


def test_a_picture_dropped_on_the_message_of_a_refused_library_is_answered(
    desk: Desk, tmp_path: Path
) -> None:
    desk.window.shelf.open_folder(tmp_path)
    desk.settle()
    assert "This library could not be opened" in shown_text(desk.window)
    desk.drop(picture(tmp_path))

    assert desk.lesions()[0] == "lesion-1"
    assert desk.window.answered()


def test_another_library_answers_the_same_query_and_the_former_is_closed(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "library").touch()
    desk.drop(picture(tmp_path))
    desk.window.shelf.open_folder(tmp_path)
    desk.settle()

    assert [store.closings for store in desk.workstation.stores] == [1, 0]
    assert desk.window.answered()
    assert tmp_path.name in desk.window.status.facts.text()
    assert desk.settings.libraries == (tmp_path,)
    assert not desk.settings.demonstration


def test_every_control_has_a_name_for_screen_readers(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    desk.click_match(0)
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in desk.window.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.objectName().startswith("qt_")
        and not (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        and not isinstance(widget.parent(), QComboBox)
    ]

    assert nameless == []


def test_tab_reaches_query_map_controls_gallery_and_evidence_in_that_order(
    desk: Desk, tmp_path: Path
) -> None:
    desk.drop(picture(tmp_path))
    page = desk.window.answer_page
    page.query.view.setFocus()
    order: list[QWidget] = []
    for _ in range(16):
        focus = QApplication.focusWidget()
        if focus is not None:
            order.append(focus)
        desk.key(Qt.Key.Key_Tab)
    wanted = [page.query.view, page.query.classes, page.gallery, page.evidence.table]

    assert [widget for widget in order if widget in wanted][:4] == wanted


def test_every_key_of_the_table_works_while_menus_are_closed(desk: Desk) -> None:
    keys = [
        action.shortcut().toString()
        for action in desk.window.actions()
        if not action.shortcut().isEmpty()
    ]

    assert len(keys) == len(set(keys))
    assert len(keys) == len([command for command in desk.window.commands if command.shortcuts])
    bar = desk.window.findChild(QToolBar)
    assert bar is not None
    assert [a.objectName() for a in bar.actions() if a.objectName()] == ["open", "paste", "ask"]


def test_closing_in_the_middle_of_work_leaves_nothing_behind(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    executor = HeldExecutor()
    desk = make_desk(executor)
    desk.window.shelf.open_demonstration()
    executor.release_all()
    desk.settle()
    desk.drop(picture(tmp_path))
    executor.release()
    desk.settle()
    assert executor.held
    desk.window.close()

    assert desk.tasks.pending == 0
    assert [store.closings for store in desk.workstation.stores] == [1]


def test_choices_outlive_the_window(make_desk: MakeDesk, tmp_path: Path) -> None:
    desk = make_desk(InlineExecutor())
    desk.window.maps.set_opacity(70)
    desk.key(Qt.Key.Key_H)
    desk.window.choose_theme("dark")
    desk.window.close()

    assert (desk.settings.opacity, desk.settings.map_visible) == (70, False)
    assert desk.settings.theme == "dark"
    assert desk.settings.geometry
    del tmp_path
