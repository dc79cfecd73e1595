"""What the window needs from `inference`: an encoder with an open library, and how to get them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from inference.consultation import Answer, Consultant, PairExplanation
from inference.encoder.encoder import Encoder
from inference.errors import Cancelled
from inference.library.demonstration import open_demonstration
from inference.library.library import Library
from inference.library.model import LibraryInfo, Progress
from inference.search.model import Match


class CaseStore(Protocol):
    """The part of a case library that the window uses; callable from any thread."""

    def info(self) -> LibraryInfo:
        """Count its cases."""

    def thumbnail(self, image_id: int) -> npt.NDArray[np.uint8]:
        """Return uint8 (h, w, 3), longer side at most 320."""

    def close(self) -> None:
        """Give the folder back."""


class Adviser(Protocol):
    """Asks the encoder and the library; callable from any thread."""

    def ask(self, source: Path | bytes, *, k: int = 16, name: str | None = None) -> Answer:
        """Read a picture and find the most similar cases."""

    def explain(self, answer: Answer, match: Match) -> PairExplanation:
        """Say where the query and the match resemble one another."""


class Engine:
    """An encoder and an open library, ready to be asked.

    Work on other threads holds the engine with ``with engine.in_use():``, so that a library that
    the reader has left is closed only after the last piece of work on it has ended.
    """

    def __init__(
        self, adviser: Adviser, library: CaseStore, info: LibraryInfo, *, model: str, demo: bool
    ) -> None:
        self.adviser = adviser
        self.library = library
        self.info = info
        self.model = model
        self.demo = demo
        self._lock = threading.Lock()
        self._users = 0
        self._retired = False

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the library open meanwhile.

        Raises:
            Cancelled: the engine was retired before; the work is no longer wanted.
        """
        with self._lock:
            if self._left():
                raise Cancelled
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                last = self._left() and self._users == 0
            if last:
                self.library.close()

    def _left(self) -> bool:
        return self._retired

    def retire(self) -> None:
        """Close the library, now or when the last piece of work on it has ended."""
        with self._lock:
            close = not self._retired and self._users == 0
            self._retired = True
        if close:
            self.library.close()


class Workstation:
    """Loads the encoder once, and opens libraries with it. Its methods belong on a worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._encoder: Encoder | None = None

    def open_folder(self, folder: Path) -> Engine:
        """Open the case library in ``folder``.

        Raises:
            ModelError: the shipped model is missing or altered.
            LibraryError: the folder holds no library that can be opened.
        """
        encoder = self._load()
        return self._engine(encoder, Library.open(folder), demo=False)

    def open_demonstration(
        self, progress: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> Engine:
        """Open the demonstration library, building it first when it is not there yet.

        Raises:
            ModelError: the shipped model is missing or altered.
            LibraryError: the library cannot be built or opened.
            Cancelled: the reader stopped the building.
        """
        encoder = self._load()
        library = open_demonstration(encoder, progress=progress, cancelled=cancelled)
        return self._engine(encoder, library, demo=True)

    def _load(self) -> Encoder:
        with self._lock:
            if self._encoder is None:
                self._encoder = Encoder.load()
            return self._encoder

    @staticmethod
    def _engine(encoder: Encoder, library: Library, *, demo: bool) -> Engine:
        return Engine(
            Consultant(encoder, library),
            library,
            library.info(),
            model=encoder.manifest.title,
            demo=demo,
        )
