"""A picture of the window without a display, and the matches as a table."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from inference.consultation import Answer
from inference.errors import CaseLensError
from inference.export import match_table
from viewer.session import Stage
from viewer.window import Window


class Snapshot(QObject):
    """Waits until answer, pair maps and thumbnails are on screen, or work has failed."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        self._loop = QEventLoop(self)
        self._bug: BaseException | None = None
        window.tasks.broken.connect(self._give_up)
        window.session.reasons.completed.connect(self._check)
        window.session.changed.connect(self._check)
        window.shelf.changed.connect(self._check)
        window.thumbnails.arrived.connect(self._check)

    def wait(self) -> Answer:
        """Wait for the answer.

        Raises:
            CaseLensError: library or picture failed.
        """
        if not self._settled():
            self._loop.exec()
        if self._bug is not None:
            raise self._bug
        error = self._error()
        if error is not None:
            raise error
        consultation = self._window.session.consultation
        if consultation is None:
            raise CaseLensError("caselens-viewer", "the library was not opened")
        return consultation.answer

    def compare(self, rank: int) -> None:
        """Show a match beside the query, and wait until it is there.

        Raises:
            CaseLensError: there is no such match, or its picture cannot be shown.
        """
        page, session = self._window.answer_page, self._window.session
        if rank > page.model.rowCount():
            raise CaseLensError(
                "caselens-viewer",
                f"there is no match {rank}",
                f"Choose one from 1 to {page.model.rowCount()}",
            )
        session.reasons.pair_changed.connect(self._check_pair)
        page.open_match(rank - 1)
        while not self._paired() and self._bug is None:
            self._loop.exec()  # may end early: a quit that `wait` asked for can still be due
        if self._bug is not None:
            raise self._bug
        if session.reasons.pair_error is not None:
            raise session.reasons.pair_error

    def write(self, path: Path) -> None:
        """Write the window, as it looks now, to a PNG file.

        Raises:
            CaseLensError: the file cannot be written.
        """
        QApplication.processEvents()
        if not self._window.grab().save(str(path), "PNG"):
            raise CaseLensError(
                path, "the picture cannot be written", "Name a file in a folder that exists"
            )

    def _give_up(self, bug: BaseException) -> None:
        self._bug = bug
        self._loop.quit()

    def _check(self) -> None:
        if self._settled():
            # Let everything that listens to the same signal have its turn first.
            QTimer.singleShot(0, self._loop.quit)

    def _check_pair(self) -> None:
        if self._paired():
            QTimer.singleShot(0, self._loop.quit)

    def _paired(self) -> bool:
        session = self._window.session
        return session.reasons.pair is not None or session.reasons.pair_error is not None

    def _settled(self) -> bool:
        session = self._window.session
        answered = session.stage is Stage.ANSWERED and session.reasons.maps_ms is not None
        shown = answered and self._window.thumbnails.pending == 0
        return shown or self._error() is not None

    def _error(self) -> CaseLensError | None:
        return self._window.shelf.error or self._window.session.error


def table(answer: Answer) -> str:
    """Return the matches as lines of text, best first."""
    return f"Query: {answer.image.name}\n{match_table(answer.matches)}"
