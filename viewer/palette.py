"""Every command by its name: type some of its words, press Enter."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from viewer.commands import Command, CommandTable, plain_title, shown_keys

Index = QModelIndex | QPersistentModelIndex

ENTRY_ROLE = int(Qt.ItemDataRole.UserRole)
_WIDTH, _HEIGHT, _MARGIN = 520, 380, 8
_TO_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command as it is listed.

    Attributes:
        id: of the command.
        title: without mnemonic.
        menu: where it stands.
        keys: that do it too, or "".
    """

    id: str
    title: str
    menu: str
    keys: str

    def matches(self, words: list[str]) -> bool:
        """Say whether title and menu hold all of these words, or parts of them."""
        text = f"{self.title} {self.menu}".casefold()
        return all(word in text for word in words)


def entry_of(command: Command) -> Entry:
    """Return a command as it is listed."""
    menu = plain_title(command.menu)
    return Entry(command.id, plain_title(command.title), menu, shown_keys(command))


class PaletteModel(QAbstractListModel):
    """The commands that can be done now and hold the words that were typed."""

    def __init__(self, entries: list[Entry], parent: QObject) -> None:
        super().__init__(parent)
        self._all = entries
        self._shown = entries

    def narrow(self, text: str) -> None:
        """Keep those that hold all words; those whose title begins with the text come first."""
        words = text.casefold().split()
        found = [entry for entry in self._all if entry.matches(words)]
        start = text.casefold().strip()
        self.beginResetModel()
        self._shown = sorted(found, key=lambda entry: not entry.title.casefold().startswith(start))
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Count those that are left."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Return a command's title, its words for screen readers, or the `Entry`."""
        if not index.isValid():
            return None
        entry = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.title, entry.menu, entry.keys) if part)
        return entry if role == ENTRY_ROLE else None


class EntryDelegate(QStyledItemDelegate):
    """Draws a command: its title, and at the right its menu and keys."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Ask for a line with some air."""
        size = super().sizeHint(option, index)
        return QSize(size.width(), size.height() + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw it; the chosen one is inverted."""
        entry = index.data(ENTRY_ROLE)
        # The members of style options are missing from PySide's type information.
        rect: QRect = getattr(option, "rect")  # noqa: B009
        palette: QPalette = getattr(option, "palette")  # noqa: B009
        state: QStyle.StateFlag = getattr(option, "state")  # noqa: B009
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        roles = QPalette.ColorRole
        if chosen:
            painter.fillRect(rect, palette.color(roles.Highlight))
        inner = rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(palette.color(roles.HighlightedText if chosen else roles.Text))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, entry.title)
        painter.setPen(palette.color(roles.HighlightedText if chosen else roles.PlaceholderText))
        aside = "   ".join(part for part in (entry.menu, entry.keys) if part)
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, aside)


class Palette(QDialog):
    """Lists the commands that can be done now; Enter or a click does one, Escape none."""

    def __init__(self, commands: CommandTable, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Commands"))
        self.setModal(True)
        self._commands = commands
        self.model = PaletteModel(
            [
                entry_of(command)
                for command in commands
                if command.id != "palette" and commands.action(command.id).isEnabled()
            ],
            self,
        )
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("What do you want to do?"))
        self.field.setAccessibleName(self.tr("Words of a command"))
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(EntryDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName(self.tr("Commands"))
        self.list.clicked.connect(self._run)
        layout = QVBoxLayout(self)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        self.resize(_WIDTH, _HEIGHT)
        self._narrow("")
        self.field.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Send from the field to the list the keys that choose."""
        if watched is self.field and isinstance(event, QKeyEvent):
            pressed = event.type() == QEvent.Type.KeyPress
            if pressed and event.key() in _TO_LIST:
                self.list.keyPressEvent(event)
                return True
            if pressed and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _narrow(self, text: str) -> None:
        self.model.narrow(text)
        self.list.setCurrentIndex(self.model.index(0))

    def _run(self, index: Index) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Entry):
            self.close()
            self._commands.action(entry.id).trigger()
