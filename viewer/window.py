"""The main window: joins session, shelf, pages and commands."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inference.search.model import Match
from viewer import theme
from viewer.answer_page import AnswerPage
from viewer.ask_panel import AskPanel
from viewer.bars import add_menus, add_toolbar, match_menu
from viewer.case_sheet import CaseSheet
from viewer.cheat_sheet import CheatSheet
from viewer.chip_bar import ChipBar
from viewer.commands import CommandTable
from viewer.dialogs import Dialogs
from viewer.engine import Workstation
from viewer.eye import Eye
from viewer.intake import Offer, offer_of
from viewer.labels import label
from viewer.language import LanguageChoice
from viewer.library_menu import LibraryButton, LibraryMenu
from viewer.map_saving import MapSaving
from viewer.maps import MapDisplay
from viewer.numbers import whole
from viewer.palette import Palette
from viewer.recent_menu import RecentMenu
from viewer.session import Session, Stage
from viewer.settings import Settings, ThemeChoice
from viewer.shelf import Shelf
from viewer.states import BuildingState, EmptyState, FailedState, LoadingState
from viewer.status import StatusLine
from viewer.tasks import Tasks
from viewer.thumbnails import Thumbnails
from viewer.tools import Tools
from viewer.tray import Tray
from viewer.window_commands import window_commands
from viewer.words import is_phantom


class Window(QMainWindow):
    """The one window. Takes drops anywhere.

    Args:
        settings: the reader's choices; changed in place.
        tasks: how work leaves the GUI thread; closed with the window.
        workstation: opens libraries.
    """

    closed = Signal()

    def __init__(self, settings: Settings, tasks: Tasks, workstation: Workstation) -> None:
        super().__init__()
        self.settings = settings
        self.tasks = tasks
        self._workstation = workstation
        tasks.setParent(self)
        self.shelf = Shelf(tasks, workstation, settings, self)
        self.session = Session(tasks, self.shelf, self)
        self.tools = Tools(tasks, self.shelf, self.session, self)
        self.thumbnails = Thumbnails(tasks, self)
        self.eye = Eye(self)
        self.maps = MapDisplay(
            visible=settings.map_visible,
            opacity=settings.opacity,
            mode=settings.map_mode,
            colour_map=settings.colour_map,
            parent=self,
        )
        self.dialogs = Dialogs(self.session.take, self.shelf.open_folder, self)
        self.saving = MapSaving(tasks, self.shelf, self.dialogs, self)
        self.commands = CommandTable(window_commands(self), self)
        self.ask_panel = AskPanel(tasks, self.shelf, self.session, self.commands, self)
        self.answer_page = AnswerPage(
            self.session,
            self.tools,
            self.thumbnails,
            self.maps,
            eye=self.eye,
            commands=self.commands,
            asking=self.ask_panel,
            parent=self,
        )
        self.answer_page.choose(settings.arrangement)
        self._empty = EmptyState(self.commands, self)
        self._loading = LoadingState(self)
        self._building = BuildingState(self.commands, self)
        self._failed = FailedState(self.commands, ("open", "next_picture", "back"), self)
        self._refused = FailedState(
            self.commands, ("open_library", "open_demonstration", "back"), self
        )
        self._pages = QStackedWidget()
        for page in (
            self._empty, self._loading, self._building, self._failed, self._refused,
            self.answer_page,
        ):  # fmt: skip
            self._pages.addWidget(page)
        self.tray = Tray(self.session, self.commands, self)
        chips = ChipBar(self.session, self.commands, self)
        self.setCentralWidget(_stacked(chips, self.tray, self._pages))
        library_menu = LibraryMenu(self.shelf, settings, self.commands, self)
        recent = RecentMenu(self.session, settings, self.commands, self)
        add_menus(self, self.commands, library_menu, recent)
        self._phantoms = add_toolbar(
            self,
            self.commands,
            LibraryButton(self.shelf, library_menu, self),
            label(self.tr("Computer-drawn phantoms, not patients"), "phantom"),
        )
        self.status = StatusLine(self.session, self.shelf, self)
        self.setStatusBar(self.status)
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 600)
        self._restore_geometry()
        self._listen()
        self.refresh()

    # What commands ask and do

    def answered(self) -> bool:
        """Say whether an answer is on screen."""
        return self._pages.currentWidget() is self.answer_page

    def comparing(self) -> bool:
        """Say whether a match is compared with the query."""
        return self.answered() and self.answer_page.comparing()

    def matched(self) -> bool:
        """Say whether there are matches on screen."""
        return self.answered() and self.answer_page.model.rowCount() > 0

    def can_compare(self) -> bool:
        """Say whether there is a match to compare."""
        return self.matched() and not self.comparing()

    def compare_current(self) -> None:
        """Compare the match that is chosen in the gallery."""
        self.answer_page.open_match(max(0, self.answer_page.gallery.currentIndex().row()))

    def chosen_match(self) -> Match | None:
        """Return the match that is compared, or chosen in the gallery."""
        return self.answer_page.current_match()

    def asking(self) -> bool:
        """Say whether filters and kind of search are on screen."""
        return self.answered() and self.answer_page.asking()

    def can_ask(self) -> bool:
        """Say whether they can be."""
        return self.answered()

    def toggle_asking(self) -> None:
        """Show filters and kind of search in the place of the evidence, or put them away."""
        self.answer_page.toggle_asking()

    def show_palette(self) -> None:
        """List the commands that can be done now, by name."""
        Palette(self.commands, self).open()

    def show_keys(self) -> None:
        """Show the sheet of all keys."""
        CheatSheet(self.commands, self).show()

    def show_case(self) -> None:
        """Show everything that is known of the chosen match."""
        match, engine = self.chosen_match(), self.shelf.engine
        if match is not None and engine is not None:
            CaseSheet(match, engine.info.name, self).show()

    def can_go_back(self) -> bool:
        """Say whether Escape leads anywhere."""
        failed = self.session.stage is Stage.FAILED or self.shelf.error is not None
        asked = self.tools.active or self.session.showing_region or self.session.showing_case
        return failed or self.comparing() or asked or self.asking() or self._looks_through_loupe()

    def back(self) -> None:
        """Put a message of failure away, or leave a mode, the comparison, or what is asked."""
        if self.shelf.error is not None:
            self.shelf.dismiss_error()
        elif self.session.stage is Stage.FAILED:
            self.session.clear()
        elif self.tools.active:
            self.tools.leave()
        elif self._looks_through_loupe():
            self.answer_page.viewport().hold_loupe(None)
        elif self.comparing():
            self.answer_page.leave_comparison()
        elif self.asking():
            self.toggle_asking()
        elif self.session.showing_region:
            self.session.show_whole()
        else:
            self.session.show_own()

    def can_save_map(self) -> bool:
        """Say whether there is a picture with its map to save."""
        return self.answered() and self.answer_page.sheet() is not None

    def paste(self) -> None:
        """Ask about what the clipboard holds."""
        offer = offer_of(QGuiApplication.clipboard().mimeData())
        if offer is None:
            self.status.say(self.tr("The clipboard holds no picture and no picture file."))
        else:
            self.session.take(offer)

    def choose_theme(self, choice: ThemeChoice) -> None:
        """Show light, dark, or what the desktop shows."""
        self.settings.theme = choice
        self._paint_theme()

    def open_from_outside(self, files: tuple[Path, ...]) -> None:
        """Come to the front, and ask about what another start was to open."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()
        if files:
            self.session.take(Offer(files))

    def choose_language(self, choice: LanguageChoice) -> None:
        """Speak another language from the next start on: what stands here was made in this one."""
        if choice != self.settings.language:
            self.settings.language = choice
            self.status.say(self.tr("The language changes at the next start."))

    def refresh(self) -> None:
        """Show the page that session and shelf call for."""
        self._pages.setCurrentWidget(self._page())
        self._phantoms.setVisible(self._shows_phantoms())
        source = self.session.source
        self.setWindowTitle(f"{source.name} – CaseLens" if source else "CaseLens")
        self.commands.refresh()

    # What Qt tells

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files, folders and pictures."""
        if offer_of(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Ask about what was dropped."""
        offer = offer_of(event.mimeData())
        if offer is not None:
            event.acceptProposedAction()
            self.session.take(offer)
            self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stop all work, close the library, and note the choices."""
        self.settings.geometry = bytes(self.saveGeometry().data())
        self.settings.opacity = self.maps.opacity
        self.settings.map_visible = self.maps.visible
        self.settings.map_mode = self.maps.mode
        self.settings.colour_map = self.maps.colour_map
        self._workstation.close()  # first: a picture that takes long must not hold the window up
        self.settings.arrangement = self.answer_page.arrangement
        self.tasks.close()
        self.shelf.close()
        super().closeEvent(event)
        self.closed.emit()

    # Inside

    def _remember(self, file: Path) -> None:
        self.settings.remember_picture(file)

    def _looks_through_loupe(self) -> bool:
        return self.answered() and self.answer_page.viewport().loupe is not None

    def _page(self) -> QWidget:
        shelf, session = self.shelf, self.session
        consultation = session.consultation
        waiting = session.source.name if session.source else ""
        if shelf.progress is not None:
            self._building.say(shelf.opening, shelf.progress, waiting, shelf.describing)
            return self._building
        if shelf.error is not None:
            self._refused.say(self.tr("This library could not be opened"), shelf.error)
            return self._refused
        if session.stage is Stage.FAILED and session.error is not None:
            self._failed.say(self.tr("This picture could not be looked at"), session.error)
            return self._failed
        if consultation is not None and shelf.engine is not None:
            self.answer_page.show_answer(consultation)
            return self.answer_page
        if session.stage is Stage.ASKING and (shelf.engine is not None or shelf.opening):
            self._say_loading(waiting)
            return self._loading
        self._empty.say(self._library_words(waiting))
        return self._empty

    def _shows_phantoms(self) -> bool:
        engine, consultation = self.shelf.engine, self.session.consultation
        matches = consultation.answer.matches if consultation is not None else ()
        drawn = engine is not None and engine.info.phantoms
        return drawn or any(is_phantom(match.case) for match in matches)

    def _say_loading(self, waiting: str) -> None:
        title = self.tr("Looking at {name}").format(name=waiting or self.tr("your picture"))
        detail = ""
        if self.shelf.engine is None:
            detail = self.tr("It is asked as soon as the library is open: {library}").format(
                library=self.shelf.opening
            )
        self._loading.say(title, detail)

    def _library_words(self, waiting: str) -> str:
        shelf = self.shelf
        if shelf.opening:
            return self.tr("Opening {library} … drop a picture already, it will wait.").format(
                library=shelf.opening
            )
        if shelf.engine is None:
            words = self.tr("No case library is open: choose one in the Library menu.")
            if waiting:
                words += " " + self.tr("Then {name} is looked at.").format(name=waiting)
            return words
        info = shelf.engine.info
        words = self.tr("Compared with: {library}, {n} cases.").format(
            library=info.name, n=whole(info.cases)
        )
        if info.phantoms:
            words += " " + self.tr("All of them are computer-drawn phantoms, not patients.")
        return words

    def _listen(self) -> None:
        self.shelf.engine_changed.connect(lambda: self.thumbnails.use(self.shelf.engine))
        self.shelf.changed.connect(self.refresh)
        self.shelf.engine_changed.connect(self.refresh)
        self.session.changed.connect(self.refresh)
        self.maps.changed.connect(self.commands.refresh)
        self.session.reasons.pair_changed.connect(self.commands.refresh)
        self.tools.changed.connect(self.commands.refresh)
        self.eye.changed.connect(self.commands.refresh)
        self.answer_page.menu_wanted.connect(match_menu(self, self.commands).popup)
        self.session.answered.connect(self._remember)
        self.saving.said.connect(self.status.say)
        self.answer_page.compare.match_shown.connect(self.commands.refresh)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._paint_theme)

    def _paint_theme(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, theme.colours(self.settings.theme))

    def _restore_geometry(self) -> None:
        if not (
            self.settings.geometry and self.restoreGeometry(QByteArray(self.settings.geometry))
        ):
            self.resize(1280, 720)


def _stacked(*parts: QWidget) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for part in parts:
        column.addWidget(part)
    column.setStretchFactor(parts[-1], 1)
    return whole
