"""The library chooser: a folder, recent ones, the demonstration, and with which encoder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from viewer.commands import CommandTable
from viewer.settings import Settings
from viewer.shelf import Shelf
from viewer.window_commands import ENCODERS

translate = QCoreApplication.translate


class LibraryMenu(QMenu):
    """The commands of the library, the recent libraries, and the encoders to choose from."""

    def __init__(
        self, shelf: Shelf, settings: Settings, commands: CommandTable, parent: QWidget
    ) -> None:
        super().__init__(translate("Commands", "&Library"), parent)
        self._shelf = shelf
        self._settings = settings
        self._commands = commands
        self.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """List what can be opened now."""
        self.clear()
        self.addAction(self._commands.action("open_library"))
        self.addAction(self._commands.action("open_demonstration"))
        self.addAction(self._commands.action("cancel"))
        if self._settings.libraries:
            self.addSection(self.tr("Recent libraries"))
        for folder in self._settings.libraries:
            self._add(folder)
        encoders = [command for command in self._commands if command.group == ENCODERS]
        if encoders:
            self.addSection(self.tr("Encoder"))
        self.addActions([self._commands.action(command.id) for command in encoders])

    def _add(self, folder: Path) -> None:
        # An ampersand in a folder's name is no mnemonic.
        action = self.addAction(f"{folder.name}  ({folder.parent})".replace("&", "&&"))
        action.triggered.connect(lambda: self._shelf.open_folder(folder))


class LibraryButton(QToolButton):
    """Names the open library, and opens the menu."""

    def __init__(self, shelf: Shelf, menu: LibraryMenu, parent: QWidget) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(self.tr("Choose the case library"))
        shelf.changed.connect(self._follow)
        shelf.engine_changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        engine = self._shelf.engine
        name = engine.info.name if engine else self._shelf.opening or self.tr("none open")
        words = self.tr("Library: {name}").format(name=name)
        self.setText(words.replace("&", "&&") + " ▾")
        self.setAccessibleName(words)
