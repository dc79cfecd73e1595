"""Buttons for commands of the table."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from viewer.commands import CommandTable


def tool_button(
    commands: CommandTable, command_id: str, *, hide_when_disabled: bool = False
) -> QToolButton:
    """Make a button for a command of the table."""
    button = QToolButton()
    action = commands.action(command_id)
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setAccessibleName(action.text().replace("&", ""))
    if hide_when_disabled:
        action.enabledChanged.connect(button.setVisible)
    return button
