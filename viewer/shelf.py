"""Which case library is open, and the opening of another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inference.errors import CaseLensError
from inference.library.model import Progress
from viewer.engine import Engine, Workstation
from viewer.settings import Settings
from viewer.tasks import Tasks, Token


@dataclass(frozen=True, slots=True)
class _Wish:
    """A library, by its folder (None for the demonstration), and the encoder to open it with."""

    folder: Path | None
    encoder: str


class Shelf(QObject):
    """Holds the open `Engine`, and opens another one on a worker.

    Attributes:
        engine: the open library with its encoder, or None.
        choices: the encoders to choose from.
        opening: what is being opened, in words, or ``""``.
        progress: how far the building of a library, or the describing of its pictures, has come;
            None when neither is under way.
        describing: title of the encoder by which they are described, or ``""``.
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
        self.choices = workstation.choices()
        self.opening = ""
        self.progress: Progress | None = None
        self.describing = ""
        self.error: CaseLensError | None = None
        self._wish: _Wish | None = None
        self._granted: _Wish | None = None

    @property
    def encoder(self) -> str:
        """Name of the encoder that the reader chose; "" for the one that fits each library."""
        chosen = self._settings.encoder
        return chosen if any(choice.name == chosen for choice in self.choices) else ""

    def open_last(self) -> None:
        """Open the library that was open at the last close; at the first start, our own."""
        if self._settings.demonstration or not self._settings.libraries:
            self.open_demonstration()
        else:
            self.open_folder(self._settings.libraries[0])

    def open_folder(self, folder: Path) -> None:
        """Open the library in ``folder``; the present one stays open until then."""
        self._open(_Wish(folder.absolute(), self.encoder))

    def open_demonstration(self) -> None:
        """Open the demonstration library, which is built at its first opening."""
        self._open(_Wish(None, self.encoder))

    def choose_encoder(self, name: str) -> None:
        """Open the present library with another encoder; the choice holds once that is done.

        While another library is being opened, it is that one; where none is open, the last one
        that was to be.

        Args:
            name: of the encoder; "" for the one that fits each library.
        """
        wish = self._wish if self.opening or self.engine is None else self._granted
        if wish is None:
            self._settings.encoder = name
            self.changed.emit()
        elif self.opening or self.engine is None or name != self.encoder:
            self._open(replace(wish, encoder=name))

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

    def _open(self, wish: _Wish) -> None:
        self._tasks.cancel("library")
        self._wish = wish
        self.opening = wish.folder.name if wish.folder else self.tr("Demonstration library")
        self.progress, self.describing, self.error = None, "", None
        self._tasks.run(
            lambda token: self._brought(wish, token),
            done=self._opened,
            failed=self._failed,
            progress=self._progressed,
            dropped=Engine.retire,
            group="library",
        )
        self.changed.emit()

    def _brought(self, wish: _Wish, token: Token) -> Engine:
        """Open a library; runs on a worker."""

        def tell(progress: Progress, encoder: str) -> None:
            token.report((progress, encoder))

        if wish.folder is None:
            return self._workstation.open_demonstration(wish.encoder, tell, token.cancelled)
        return self._workstation.open_folder(wish.folder, wish.encoder, tell, token.cancelled)

    def _opened(self, engine: Engine) -> None:
        self.close()
        self.engine, self._granted = engine, self._wish
        if self._wish is not None:
            self._remember(self._wish)
        self._settle(None)
        self.engine_changed.emit()

    def _remember(self, wish: _Wish) -> None:
        self._settings.encoder = wish.encoder
        if wish.folder is not None:
            self._settings.remember_library(wish.folder)
        else:
            self._settings.demonstration = True

    def _failed(self, error: CaseLensError) -> None:
        folder = self._wish.folder if self._wish else None
        if folder is not None and not folder.is_dir():
            self._settings.forget_library(folder)
        self._settle(error)

    def _progressed(self, report: tuple[Progress, str]) -> None:
        self.progress, self.describing = report
        self.changed.emit()

    def _settle(self, error: CaseLensError | None) -> None:
        self.opening, self.progress, self.describing, self.error = "", None, "", error
        self.changed.emit()
