"""What is asked beyond the usual, as chips that a click or a key takes away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from viewer.buttons import tool_button
from viewer.commands import CommandTable
from viewer.flow_layout import FlowLayout
from viewer.labels import label
from viewer.question import Question
from viewer.question_words import Chip, chips_of
from viewer.session import Session

_TAKE_AWAY = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ChipButton(QToolButton):
    """One chip: a click, Space, Enter, Delete or Backspace takes it away."""

    def __init__(self, chip: Chip, session: Session) -> None:
        super().__init__()
        self.setObjectName("chip")
        self.setText(f"{chip.words}  ✕".replace("&", "&&"))
        self.setToolTip(self.tr("Take away: {words}").format(words=chip.words))
        self.setAccessibleName(self.tr("Take away: {words}").format(words=chip.words))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(lambda: session.change(chip.without))

    def event(self, event: QEvent) -> bool:
        """Keep from shortcuts the keys that take it away."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in _TAKE_AWAY:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Take it away by the keys that delete, too."""
        if event.key() in _TAKE_AWAY:
            self.click()
        else:
            super().keyPressEvent(event)


class ChipBar(QWidget):
    """The chips of the present question, before they are answered even; hidden without any."""

    def __init__(self, session: Session, commands: CommandTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: Question | None = None
        self.chips: list[ChipButton] = []
        self.setAccessibleName(self.tr("What is asked"))
        self._flow = QWidget()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 4, 6, 0)
        self._row.addWidget(label(self.tr("Asked for"), "muted"))
        self._row.addWidget(self._flow, 1)
        for name in ("clear_question", "undo"):
            self._row.addWidget(tool_button(commands, name))
        session.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show what is asked now."""
        question = self._session.question
        if question == self._shown:
            return
        self._shown = question
        focused = next((n for n, chip in enumerate(self.chips) if chip.hasFocus()), None)
        self.chips = [ChipButton(chip, self._session) for chip in chips_of(question)]
        former, self._flow = self._flow, QWidget()
        layout = FlowLayout(self._flow, spacing=6)
        layout.setContentsMargins(0, 0, 0, 0)
        for chip in self.chips:
            layout.addWidget(chip)
        self._row.replaceWidget(former, self._flow)
        former.hide()
        former.deleteLater()
        self.setVisible(bool(self.chips))
        if focused is not None and self.chips:
            self.chips[min(focused, len(self.chips) - 1)].setFocus()
