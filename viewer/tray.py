"""The pictures that were handed over together: which is asked about, which failed, and why."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtWidgets import QHBoxLayout, QListView, QToolButton, QVBoxLayout, QWidget

from viewer.buttons import tool_button
from viewer.commands import CommandTable
from viewer.intake import Queue
from viewer.labels import label
from viewer.session import Session
from viewer.tool_words import complaint

Index = QModelIndex | QPersistentModelIndex

_MOST_REASONS = 12


class TrayModel(QAbstractListModel):
    """The pictures of a queue, with what became of each."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._queue: Queue | None = None

    def follow(self) -> None:
        """Show the present queue."""
        if self._session.queue is not self._queue:
            self.beginResetModel()
            self._queue = self._session.queue
            self.endResetModel()
        elif self._queue is not None:
            self.dataChanged.emit(self.index(0), self.index(len(self._queue.sources) - 1))

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Count the pictures."""
        nested = parent is not None and parent.isValid()
        return 0 if nested or self._queue is None else len(self._queue.sources)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Return a picture's name with a sign of what became of it, or that in words."""
        if not index.isValid() or self._queue is None:
            return None
        row = index.row()
        name, outcomes = self._queue.sources[row].name, self._session.outcomes
        if role == Qt.ItemDataRole.DisplayRole:
            sign = "" if row not in outcomes else "✕ " if outcomes[row] else "✓ "
            return f"{sign}{name}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{name}: {self._words(row)}"
        return None

    def _words(self, row: int) -> str:
        outcomes = self._session.outcomes
        if row not in outcomes:
            return self.tr("not asked about yet")
        return complaint(outcomes[row]) or self.tr("answered")


class Tray(QWidget):
    """Lists the queue in one line; hidden while there is but one picture."""

    def __init__(self, session: Session, commands: CommandTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.model = TrayModel(session)
        self.place = label("", "muted")
        self.list = _list(self.model, self.tr("Pictures that were handed over"))
        self.list.selectionModel().currentChanged.connect(self._choose)
        self.refused = QToolButton()
        self.refused.setCheckable(True)
        self.refused.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.reasons = label("")
        self.reasons.setWordWrap(True)
        self.reasons.hide()
        self.refused.toggled.connect(self.reasons.setVisible)
        row = QHBoxLayout()
        row.addWidget(self.place)
        row.addWidget(self.list, 1)
        row.addWidget(self.refused)
        row.addWidget(tool_button(commands, "previous_picture"))
        row.addWidget(tool_button(commands, "next_picture"))
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 3, 6, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.reasons)
        session.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show what the session has."""
        session, queue = self._session, self._session.queue
        self.model.follow()
        if queue is None:
            self.hide()
            return
        self.place.setText(self._place_words(queue))
        current = self.model.index(session.position)
        if self.list.currentIndex().row() != session.position:
            self.list.selectionModel().setCurrentIndex(
                current, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
        self.list.scrollTo(current)
        self._show_refused(queue)
        self.setVisible(len(queue.sources) > 1 or bool(queue.refused))

    def _choose(self, current: QModelIndex) -> None:
        """Ask about the picture that the reader chose; following the session chooses nothing."""
        if current.isValid() and current.row() != self._session.position:
            self._session.step(current.row() - self._session.position)

    def _show_refused(self, queue: Queue) -> None:
        self.refused.setText(self.tr("Not taken: {n}").format(n=len(queue.refused)))
        self.refused.setVisible(bool(queue.refused))
        lines = [f"{one.name}: {one.reason}." for one in queue.refused[:_MOST_REASONS]]
        more = len(queue.refused) - _MOST_REASONS
        if more > 0:
            lines.append(self.tr("and {n} more").format(n=more))
        self.reasons.setText("\n".join(lines))
        if not queue.refused:
            self.refused.setChecked(False)

    def _place_words(self, queue: Queue) -> str:
        words = self.tr("Picture {n} of {total}").format(
            n=self._session.position + 1, total=len(queue.sources)
        )
        if queue.folder:
            words = self.tr("{words} from the folder {folder}").format(
                words=words, folder=queue.folder
            )
        if queue.left_out:
            words = self.tr("{words} ({n} more left out)").format(words=words, n=queue.left_out)
        return words


def _list(model: TrayModel, name: str) -> QListView:
    view = QListView()
    view.setModel(model)
    view.setFlow(QListView.Flow.LeftToRight)
    view.setSpacing(2)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setFixedHeight(view.fontMetrics().height() + 12)
    view.setAccessibleName(name)
    return view
