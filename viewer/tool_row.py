"""The row below the query: its two modes, what one of them offers, and the way back."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QToolButton, QWidget

from viewer.buttons import tool_button
from viewer.commands import CommandTable
from viewer.session import Session
from viewer.tools import Tools


class ToolRow(QWidget):
    """Buttons that begin the modes; while a region is drawn, its shape and the search."""

    def __init__(self, tools: Tools, session: Session, commands: CommandTable) -> None:
        super().__init__()
        self._tools = tools
        self._session = session
        self.point = tool_button(commands, "point")
        self.region = tool_button(commands, "region")
        self.whole = tool_button(commands, "whole_picture")
        self.box = QRadioButton(self.tr("&Box"))
        self.free = QRadioButton(self.tr("Fr&ee shape"))
        shapes = QButtonGroup(self)
        for button in (self.box, self.free):
            shapes.addButton(button)
        self.box.setChecked(True)
        self.free.toggled.connect(lambda on: tools.regions.choose(free=on))
        self.search = QToolButton()
        self.search.setText(self.tr("Search (Enter)"))
        self.search.setAccessibleName(self.tr("Search for the area that is drawn"))
        self.search.clicked.connect(tools.regions.search)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.point, self.region, self.box, self.free):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.search)
        row.addWidget(self.whole)
        tools.changed.connect(self._follow)
        session.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        drawing = self._tools.regions.active
        for widget in (self.box, self.free, self.search):
            widget.setVisible(drawing)
        self.point.setVisible(not drawing)
        self.whole.setVisible(self._session.showing_region and not drawing)
        self.search.setEnabled(not self._tools.regions.searching)
        with QSignalBlocker(self.free):
            (self.free if self._tools.regions.free else self.box).setChecked(True)
