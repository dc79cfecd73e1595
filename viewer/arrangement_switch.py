"""Three buttons that say, and choose, how an answer is read."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from viewer.buttons import tool_button
from viewer.commands import CommandTable

ARRANGEMENTS = ("read_grid", "read_diagnoses", "read_rivals")
"""The commands, in their order."""


class ArrangementSwitch(QWidget):
    """The commands of the arrangements side by side, of which one is on."""

    def __init__(self, commands: CommandTable) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for command_id in ARRANGEMENTS:
            button = tool_button(commands, command_id)
            button.setObjectName("segment")
            row.addWidget(button)
