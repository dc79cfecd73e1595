"""The states without an answer, each designed: empty, loading, building, failed."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from inference.errors import CaseLensError
from inference.library.model import Progress
from viewer.buttons import tool_button
from viewer.commands import CommandTable
from viewer.labels import Role, label

translate = QCoreApplication.translate

_WIDTH = 640
_FIRST_KEYS = ("open", "paste", "open_library", "ask", "palette", "keys")
"""What a reader needs first; the sheet of keys has the others."""


class EmptyState(QWidget):
    """What to drop here, and the keys."""

    def __init__(self, commands: CommandTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._library = _sentence("", "muted")
        keys = QGridLayout()
        keys.setColumnStretch(1, 1)
        keys.setColumnStretch(3, 1)
        keys.setHorizontalSpacing(14)
        keys.setVerticalSpacing(3)
        listed = commands.keys(*_FIRST_KEYS)
        rows = (len(listed) + 1) // 2
        for number, (shown, title) in enumerate(listed):
            side = 2 * (number // rows)
            keys.addWidget(label(shown, "heading"), number % rows, side)
            keys.addWidget(label(title), number % rows, side + 1)
        _centre(
            self,
            label(self.tr("Drop a dermoscopy picture here"), "title"),
            _sentence(
                self.tr(
                    "A JPEG, PNG, TIFF, WebP, BMP or DICOM file, or a folder of them. "
                    "You will see where the model looks, and the most similar confirmed cases. "
                    "The picture stays on this computer."
                )
            ),
            _buttons(commands, "open", "paste"),
            self._library,
            label(self.tr("Keys"), "heading"),
            keys,
            frame="dropZone",
        )

    def say(self, library: str) -> None:
        """Say how the library stands."""
        self._library.setText(library)


class LoadingState(QWidget):
    """What is being waited for, when nothing tells how long it takes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = label("", "title")
        self._detail = _sentence("", "muted")
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setAccessibleName(self.tr("At work"))
        _centre(self, self._title, self._detail, bar)

    def say(self, title: str, detail: str) -> None:
        """Say what is being done."""
        self._title.setText(title)
        self._detail.setText(detail)


class BuildingState(QWidget):
    """A library being built or described anew: how far, how long still, and a way to stop."""

    def __init__(self, commands: CommandTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = label("", "title")
        self._detail = _sentence("", "muted")
        self.bar = QProgressBar()
        self.bar.setAccessibleName(self.tr("Progress"))
        _centre(self, self._title, self.bar, self._detail, _buttons(commands, "cancel"))

    def say(self, library: str, progress: Progress, waiting: str, encoder: str) -> None:
        """Say how far the preparing of a library has come.

        Args:
            library: its name.
            progress: how far.
            waiting: the picture that waits for it, or "".
            encoder: title of the one that describes its pictures anew; "" while it is built.
        """
        words = self.tr("Describing “{library}” with {encoder}")
        if not encoder:
            words = self.tr("Preparing “{library}”")
        self._title.setText(words.format(library=library, encoder=encoder))
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        parts = [
            self.tr("{done} of {total} pictures").format(done=progress.done, total=progress.total)
        ]
        if progress.seconds_left is not None:
            parts.append(time_left(progress.seconds_left))
        parts.append(self.tr("This is done once."))
        if waiting:
            parts.append(self.tr("Your picture {name} comes next.").format(name=waiting))
        self._detail.setText(" · ".join(parts))


class NothingPasses(QWidget):
    """No case meets what is asked for: which is no failure, and easily changed."""

    def __init__(self, commands: CommandTable) -> None:
        super().__init__()
        _centre(
            self,
            label(self.tr("No case passes"), "title"),
            _sentence(self.tr("Nothing in this library meets all that is asked for.")),
            _buttons(commands, "undo", "clear_question"),
        )


class FailedState(QWidget):
    """What failed, why, and what to do."""

    def __init__(self, commands: CommandTable, buttons: tuple[str, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._title = label("", "title")
        self._title.setWordWrap(True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._subject = _sentence("", "muted")
        self._reason = _sentence("")
        self._advice = _sentence("", "heading")
        _centre(
            self,
            self._title,
            self._subject,
            self._reason,
            self._advice,
            _buttons(commands, *buttons),
        )

    def say(self, title: str, error: CaseLensError) -> None:
        """Show a domain error: file, reason, advice."""
        self._title.setText(title)
        self._subject.setText(error.subject)
        self._reason.setText(_as_sentence(error.reason))
        self._advice.setText(_as_sentence(error.advice))
        self._advice.setVisible(bool(error.advice))
        self.setAccessibleDescription(str(error))


def time_left(seconds: float) -> str:
    """Say how long work still takes, no more exactly than is known."""
    if seconds < 10:
        return translate("States", "a few seconds left")
    if seconds < 90:
        return translate("States", "about {n} seconds left").format(n=5 * round(seconds / 5))
    return translate("States", "about {n} minutes left").format(n=round(seconds / 60))


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _sentence(text: str, role: Role = "plain") -> QLabel:
    made = label(text, role)
    made.setWordWrap(True)
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made


def _buttons(commands: CommandTable, *ids: str) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addStretch(1)
    for command_id in ids:
        row.addWidget(tool_button(commands, command_id, hide_when_disabled=True))
    row.addStretch(1)
    return row


def _centre(page: QWidget, *parts: QWidget | QHBoxLayout | QGridLayout, frame: str = "") -> None:
    column = QVBoxLayout()
    column.setSpacing(12)
    for part in parts:
        if isinstance(part, QWidget):
            if isinstance(part, QLabel) and not part.wordWrap():
                part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(part)
        else:
            column.addLayout(part)
    inner = QFrame()
    inner.setObjectName(frame)
    inner.setLayout(column)
    inner.setFixedWidth(_WIDTH)
    across = QHBoxLayout()
    across.addStretch(1)
    across.addWidget(inner)
    across.addStretch(1)
    layout = QVBoxLayout(page)
    layout.addStretch(2)
    layout.addLayout(across)
    layout.addStretch(3)
