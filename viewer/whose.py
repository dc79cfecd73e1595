"""Whose picture is shown as the query: the reader's, or a case's. Only the reader's is blue."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from viewer.labels import label


class WhoseLabel(QLabel):
    """Says it in words."""

    def __init__(self) -> None:
        super().__init__()
        made = label("", "query")
        self.setTextFormat(made.textFormat())
        self.show_own(own=True)

    def show_own(self, *, own: bool) -> None:
        """Say that it is the reader's picture, or a case's in its place."""
        self.setText(self.tr("YOUR PICTURE") if own else self.tr("A CASE, NOT YOUR PICTURE"))
        self.setProperty("role", "query" if own else "phantom")
        self.style().unpolish(self)
        self.style().polish(self)


class WhoseFrame(QFrame):
    """Has the accent round the reader's picture, and none round a case's."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(inside)
        self.show_own(own=True)

    def show_own(self, *, own: bool) -> None:
        """Mark it as the reader's, or as a case."""
        self.setObjectName("queryFrame" if own else "caseFrame")
        self.style().unpolish(self)
        self.style().polish(self)
