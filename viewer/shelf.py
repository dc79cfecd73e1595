"""Which case library is open, and the opening of another."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from inference.errors import CaseLensError
from inference.library.model import Progress
from viewer.engine import Engine, Workstation
from viewer.settings import Settings
from viewer.tasks import Tasks, Token


class _Opening(Protocol):
    def __call__(self, token: Token) -> Engine: ...


class Shelf(QObject):
    """Holds the open `Engine`, and opens another one on a worker.

    Attributes:
        engine: the open library with its encoder, or None.
        opening: what is being opened, in words, or ``""``.
        progress: how far the building of a library has come, or None when none is built.
        error: why the last opening failed, until dismissed.
    """

    changed = Signal()
    engine_changed = Signal()

    def __init__(
        self, tasks: Tasks, workstation: Workstation, settings: Settings, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._workstation = workstation
        self._settings = settings
        self.engine: Engine | None = None
        self.opening = ""
        self.progress: Progress | None = None
        self.error: CaseLensError | None = None
        self._folder: Path | None = None

    def open_last(self) -> None:
        """Open the library that was open at the last close; at the first start, our own."""
        if self._settings.demonstration or not self._settings.libraries:
            self.open_demonstration()
        else:
            self.open_folder(self._settings.libraries[0])

    def open_folder(self, folder: Path) -> None:
        """Open the library in ``folder``; the present one stays open until then."""
        folder = folder.absolute()
        self._folder = folder
        self._open(lambda _token: self._workstation.open_folder(folder), folder.name)

    def open_demonstration(self) -> None:
        """Open the demonstration library, which is built at its first opening."""
        self._folder = None
        self._open(
            lambda token: self._workstation.open_demonstration(token.report, token.cancelled),
            self.tr("Demonstration library"),
        )

    def cancel(self) -> None:
        """Stop opening or building; the library that was open stays open."""
        self._tasks.cancel("library")
        self._settle(None)

    def dismiss_error(self) -> None:
        """Take the message of the failed opening away."""
        self._settle(None)

    def close(self) -> None:
        """Close the open library when nothing works on it any more."""
        if self.engine is not None:
            self.engine.retire()
            self.engine = None

    def _open(self, fn: _Opening, words: str) -> None:
        self._tasks.cancel("library")
        self.opening, self.progress, self.error = words, None, None
        self._tasks.run(
            fn,
            done=self._opened,
            failed=self._failed,
            progress=self._progressed,
            dropped=Engine.retire,
            group="library",
        )
        self.changed.emit()

    def _opened(self, engine: Engine) -> None:
        self.close()
        self.engine = engine
        if self._folder is not None:
            self._settings.remember_library(self._folder)
        else:
            self._settings.demonstration = True
        self._settle(None)
        self.engine_changed.emit()

    def _failed(self, error: CaseLensError) -> None:
        if self._folder is not None and not self._folder.is_dir():
            self._settings.forget_library(self._folder)
        self._settle(error)

    def _progressed(self, progress: Progress) -> None:
        self.progress = progress
        self.changed.emit()

    def _settle(self, error: CaseLensError | None) -> None:
        self.opening, self.progress, self.error = "", None, error
        self.changed.emit()
