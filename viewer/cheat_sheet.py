"""All keys on one sheet, made from the table of commands; and what the mouse does on pictures."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from viewer.commands import CommandTable, all_keys, plain_title
from viewer.labels import label

translate = QCoreApplication.translate

Group = tuple[str, list[tuple[str, str]]]
"""Title, and (keys, what they do)."""

_COLUMNS = 3


def groups_of(commands: CommandTable) -> list[Group]:
    """Return the keys of all commands that have some, menu by menu, and those of pictures."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for command in commands:
        if command.shortcuts:
            rows = groups.setdefault(plain_title(command.menu), [])
            rows.append((all_keys(command), plain_title(command.title)))
    return [*groups.items(), *_on_pictures()]


def _on_pictures() -> Iterator[Group]:
    yield (
        translate("CheatSheet", "On a picture"),
        [
            (translate("CheatSheet", "Wheel"), translate("CheatSheet", "Zoom at the pointer")),
            (translate("CheatSheet", "Drag"), translate("CheatSheet", "Move the picture")),
            (translate("CheatSheet", "Shift+arrows"), translate("CheatSheet", "Move the picture")),
            (translate("CheatSheet", "Double click"), translate("CheatSheet", "Whole picture")),
        ],
    )
    yield (
        translate("CheatSheet", "In the gallery"),
        [
            (translate("CheatSheet", "Arrows"), translate("CheatSheet", "Choose a match")),
            (translate("CheatSheet", "Enter, click"), translate("CheatSheet", "Compare it")),
            (translate("CheatSheet", "Right click"), translate("CheatSheet", "What can be done")),
        ],
    )


class CheatSheet(QDialog):
    """The sheet; it stays beside the window until Escape."""

    def __init__(self, commands: CommandTable, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keys"))
        self.groups = groups_of(commands)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        for groups in _even(self.groups):
            column = QVBoxLayout()
            for group in groups:
                column.addLayout(_table(*group))
                column.addSpacing(10)
            column.addStretch(1)
            columns.addLayout(column)
        sheet = QWidget()
        sheet.setLayout(columns)
        area = QScrollArea()
        area.setWidget(sheet)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(self.tr("Keys"))
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        wanted = sheet.sizeHint()
        self.resize(wanted.width() + 60, min(wanted.height() + 40, parent.height()))
        area.setFocus()


def _even(groups: list[Group]) -> list[list[Group]]:
    """Deal groups to columns so that these are about equally long, in reading order."""
    whole = sum(len(rows) + 2 for _, rows in groups)
    columns: list[list[Group]] = [[] for _ in range(_COLUMNS)]
    taken = 0
    for title, rows in groups:
        place = min(_COLUMNS - 1, (taken + len(rows) // 2) * _COLUMNS // whole)
        columns[place].append((title, rows))
        taken += len(rows) + 2
    return columns


def _table(title: str, rows: list[tuple[str, str]]) -> QGridLayout:
    table = QGridLayout()
    table.setHorizontalSpacing(14)
    table.setVerticalSpacing(3)
    table.setColumnStretch(1, 1)
    table.addWidget(label(title, "muted"), 0, 0, 1, 2)
    for number, (keys, words) in enumerate(rows, start=1):
        table.addWidget(label(keys, "heading"), number, 0)
        table.addWidget(label(words), number, 1)
    return table
