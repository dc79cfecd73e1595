"""The window on a fake engine whose work runs inline, or when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from tests.viewer.fakes import FakeWorkstation, HeldExecutor, InlineExecutor
from viewer import language, theme
from viewer.image_view import ImageView
from viewer.settings import Settings
from viewer.tasks import Tasks
from viewer.window import Window


@pytest.fixture(scope="session")
def application() -> QApplication:
    """The one application of the test run, in English whatever the machine's locale is."""
    present = QApplication.instance()
    made = present if isinstance(present, QApplication) else QApplication(["caselens"])
    language.install(made, "en")
    made.setStyle("Fusion")
    theme.apply(made, theme.LIGHT)
    return made


@dataclass
class Desk:
    """A window, what stands behind it, and a reader's hands."""

    window: Window
    workstation: FakeWorkstation
    settings: Settings
    tasks: Tasks

    def settle(self) -> None:
        """Let everything that is due arrive."""
        for _ in range(60):
            QCoreApplication.processEvents()

    def drop(self, *paths: Path, onto: QWidget | None = None) -> bool:
        """Drag files over the window and let go; say whether the window took them."""
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        return self.drop_mime(mime, onto)

    def drop_mime(self, mime: QMimeData, onto: QWidget | None = None) -> bool:
        """Drop anything."""
        target = onto or self.window
        left, nothing = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        copy = Qt.DropAction.CopyAction
        enter = QDragEnterEvent(QPoint(50, 50), copy, mime, left, nothing)
        enter.ignore()
        QCoreApplication.sendEvent(target, enter)
        if not enter.isAccepted():
            return False
        drop = QDropEvent(QPointF(50, 50), copy, mime, left, nothing)
        QCoreApplication.sendEvent(target, drop)
        self.settle()
        return drop.isAccepted()

    def key(
        self,
        key: Qt.Key,
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> None:
        """Press a key where the focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)
        self.settle()

    def click_match(self, row: int) -> None:
        """Click on a match with the mouse."""
        gallery = self.window.answer_page.gallery
        place = gallery.visualRect(self.window.answer_page.model.index(row)).center()
        QTest.mouseClick(
            gallery.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
        )
        self.settle()

    def hover(self, x: float, y: float, view: ImageView | None = None) -> None:
        """Move the mouse over a pixel of the query, no button pressed."""
        view = view or self.window.answer_page.query.view
        QTest.mouseMove(view, place_of(view, x, y))
        self.settle()

    def drag(self, *places: tuple[float, float]) -> None:
        """Drag the mouse over pixels of the query."""
        view, left = self.window.answer_page.query.view, Qt.MouseButton.LeftButton
        first, *others = (place_of(view, *place) for place in places)
        QTest.mousePress(view, left, pos=first)
        for place in others:
            QTest.mouseMove(view, place)
        QTest.mouseRelease(view, left, pos=others[-1] if others else first)
        self.settle()

    def colour_of_match(self, row: int, across: float = 0.5, down: float = 0.5) -> QColor:
        """Colour on a match's thumbnail, at shares of its width and height."""
        gallery = self.window.answer_page.gallery
        card = gallery.visualRect(self.window.answer_page.model.index(row)).adjusted(4, 4, -4, -4)
        image = gallery.viewport().grab().toImage()
        height = round(card.width() * 0.75)  # a thumbnail is four by three, and so is its place
        return image.pixelColor(
            card.left() + round(across * card.width()), card.top() + round(down * height)
        )

    def lesions(self) -> list[str]:
        """Lesions of the matches in the gallery."""
        model = self.window.answer_page.model
        return [model.match_at(row).case.lesion for row in range(model.rowCount())]


def all_menus(window: Window) -> Iterator[QMenu]:
    """Yield the menus of the menu bar, and the menus within them."""
    waiting = list(window.menuBar().actions())
    while waiting:
        menu = waiting.pop().menu()
        if isinstance(menu, QMenu):
            yield menu
            waiting.extend(menu.actions())


def mnemonics(menu: QMenu) -> list[str]:
    """Return the letters by which the entries of a menu are chosen."""
    titles = [action.text().replace("&&", "") for action in menu.actions()]
    return [words[words.index("&") + 1].lower() for words in titles if "&" in words]


def place_of(view: ImageView, x: float, y: float) -> QPoint:
    """Return where a pixel of the picture lies in a view."""
    assert view.picture is not None
    whole = view.picture_rect()
    across, down = whole.width() / view.picture.width, whole.height() / view.picture.height
    return QPointF(whole.x() + x * across, whole.y() + y * down).toPoint()


MakeDesk = Callable[[Executor], Desk]


@pytest.fixture
def make_desk(application: QApplication) -> Iterator[MakeDesk]:
    """Open windows, and take them away afterwards."""
    desks: list[Desk] = []

    def make(executor: Executor) -> Desk:
        settings, workstation = Settings(theme="light"), FakeWorkstation()
        tasks = Tasks(executor)
        window = Window(settings, tasks, workstation)
        desk = Desk(window, workstation, settings, tasks)
        desks.append(desk)
        window.resize(1366, 768)
        window.show()
        window.activateWindow()
        desk.settle()
        return desk

    yield make
    for desk in desks:
        desk.window.close()
        desk.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        desk.settle()
        assert {store.closings for store in desk.workstation.stores} <= {1}, "left open"
    theme.apply(application, theme.LIGHT)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A window with an open library, whose work runs inline."""
    made = make_desk(InlineExecutor())
    made.window.shelf.open_demonstration()
    made.settle()
    return made


@dataclass
class HeldDesk:
    """A window with an open library, whose further work waits for the test."""

    desk: Desk
    executor: HeldExecutor

    def finish(self) -> None:
        """Let all work run, and what follows from it."""
        while self.executor.held:
            self.executor.release_all()
            self.desk.settle()


@pytest.fixture
def held_desk(make_desk: MakeDesk) -> HeldDesk:
    """A window whose work runs when the test says so."""
    executor = HeldExecutor()
    held = HeldDesk(make_desk(executor), executor)
    held.desk.window.shelf.open_demonstration()
    held.finish()
    return held
