"""The pictures that were asked about lately, in the File menu, if the reader wants them kept."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu, QWidget

from viewer.commands import CommandTable
from viewer.intake import Offer
from viewer.session import Session
from viewer.settings import Settings

translate = QCoreApplication.translate


class RecentMenu(QMenu):
    """Files by name; and the switch that stops remembering and forgets them."""

    def __init__(
        self, session: Session, settings: Settings, commands: CommandTable, parent: QWidget
    ) -> None:
        super().__init__(translate("Commands", "&Recent pictures"), parent)
        self._session = session
        self._settings = settings
        self._commands = commands
        self.aboutToShow.connect(self.fill)
        self.fill()

    def fill(self) -> None:
        """List what is remembered now."""
        self.clear()
        for file in self._settings.pictures:
            action = self.addAction(f"{file.name}  ({file.parent})".replace("&", "&&"))
            action.triggered.connect(
                lambda _checked=False, file=file: self._session.take(Offer((file,)))
            )
        if self._settings.pictures:
            self.addSeparator()
        self.addAction(self._commands.action("remember"))
