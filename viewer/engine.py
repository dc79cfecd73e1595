"""What the window needs from `inference`: an encoder with an open library, and how to get them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from inference.consultation import Answer, Consultant, PairExplanation
from inference.errors import Cancelled, CaseLensError
from inference.explain import GalleryMaps, Heatmap, Region
from inference.images import IsolatedReader
from inference.library.demonstration import open_demonstration
from inference.library.filters import EVERYTHING, Filter, Word
from inference.library.model import LibraryInfo, Progress
from inference.opening import Encoders, complete, open_library
from inference.search.model import Match


class CaseStore(Protocol):
    """The part of a case library that the window uses; callable from any thread."""

    def info(self) -> LibraryInfo:
        """Count its cases."""

    def counts(self, fact: Word, filter: Filter) -> dict[str, int]:
        """Return each word of a fact to how many cases with it would pass."""

    def thumbnail(self, image_id: int) -> npt.NDArray[np.uint8]:
        """Return uint8 (h, w, 3), longer side at most 320."""

    def close(self) -> None:
        """Give the folder back."""


class Adviser(Protocol):
    """Asks the encoder and the library; callable from any thread."""

    def ask(
        self,
        source: Path | bytes,
        *,
        k: int = 16,
        name: str | None = None,
        filter: Filter = EVERYTHING,
        bits: int | None = None,
    ) -> Answer:
        """Read a picture and find the most similar cases."""

    def ask_again(
        self,
        answer: Answer,
        *,
        k: int = 16,
        filter: Filter = EVERYTHING,
        bits: int | None = None,
        without: Collection[str] = (),
    ) -> Answer:
        """Ask otherwise about the picture of an answer."""

    def ask_case(
        self,
        match: Match,
        *,
        k: int = 16,
        filter: Filter = EVERYTHING,
        bits: int | None = None,
        without: Collection[str] = (),
    ) -> Answer:
        """Find the cases most similar to a match."""

    def pictures_of(self, match: Match) -> tuple[str, ...]:
        """Return the content hashes of all pictures of a match's lesion."""

    def rivals(self, answer: Answer) -> Answer:
        """Find the nearest case of each diagnosis."""

    def ask_region(self, answer: Answer, region: Region, *, k: int = 16) -> Answer:
        """Find the cases that hold what is in a region of an answer's query."""

    def pair_maps(self, answer: Answer) -> GalleryMaps:
        """Say where the query and each match resemble one another, on one scale."""

    def point(self, answer: Answer, x: float, y: float) -> tuple[Heatmap | None, ...]:
        """Say where each match holds something like a spot of the query; empty if unseen."""

    def explain(self, answer: Answer, match: Match) -> PairExplanation:
        """Give the maps of one match with its picture."""


class Engine:
    """An encoder and an open library, ready to be asked.

    Work on other threads holds the engine with ``with engine.in_use():``, so that a library that
    the reader has left is closed only after the last piece of work on it has ended.

    Attributes:
        adviser: asks both.
        library: the open library.
        info: what it holds.
        model: title of the encoder.
        code_bits: lengths of the hash codes that it gives.
        demo: whether it is the demonstration library.
        left_out: how many of its pictures the encoder could not describe, so that they are not
            searched.
    """

    def __init__(
        self,
        adviser: Adviser,
        library: CaseStore,
        info: LibraryInfo,
        *,
        model: str,
        demo: bool,
        left_out: int = 0,
        code_bits: tuple[int, ...] = (),
    ) -> None:
        self.adviser = adviser
        self.library = library
        self.info = info
        self.model = model
        self.demo = demo
        self.left_out = left_out
        self.code_bits = code_bits
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


Tell = Callable[[Progress, str], None]
"""Told how far the opening of a library has come, and the title of the encoder by which its
pictures are described anew; "" while it is built."""


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """A shipped encoder as the reader chooses it: its name, and the title that is shown."""

    name: str
    title: str


class Workstation:
    """Opens libraries with the shipped encoders. Its methods belong on a worker, but `choices`.

    Args:
        models: folder of the encoders; None for the one that came with the program.
    """

    def __init__(self, models: Path | None = None) -> None:
        self._encoders = Encoders(models)
        self._reader = IsolatedReader()

    def close(self) -> None:
        """End the process that decodes pictures, and with it the reading of one. Any thread."""
        self._reader.close()

    def choices(self) -> tuple[EncoderChoice, ...]:
        """Return the encoders to choose from: none where their list is missing or damaged.

        Opening a library then says what is wrong. It reads one small file.
        """
        try:
            manifests = self._encoders.manifests()
        except CaseLensError:
            return ()
        return tuple(EncoderChoice(manifest.name, manifest.title) for manifest in manifests)

    def open_folder(
        self, folder: Path, encoder: str, tell: Tell, cancelled: Callable[[], bool]
    ) -> Engine:
        """Open the case library in ``folder``; pictures without a vector are described first.

        Args:
            folder: the library's.
            encoder: name; "" for the one that fits the library.
            tell: told while pictures are described.
            cancelled: True stops that, with what is described kept.

        Raises:
            ModelError: the encoder is missing or altered.
            LibraryError: the folder holds no library that can be opened with it.
            Cancelled: the reader stopped the describing.
        """
        self._reader.start()  # here, so that the window is there before and need not wait
        consultant = open_library(folder, self._encoders, encoder, reader=self._reader)
        title = consultant.encoder.manifest.title
        try:
            left_out = complete(
                consultant,
                progress=lambda progress: tell(progress, title),
                cancelled=cancelled,
            )
            return _engine(consultant, demo=False, left_out=left_out)
        except BaseException:
            consultant.library.close()
            raise

    def open_demonstration(self, encoder: str, tell: Tell, cancelled: Callable[[], bool]) -> Engine:
        """Open the demonstration library, building it first when it is not there yet.

        Each encoder has a demonstration library of its own.

        Args:
            encoder: name; "" for the default one.
            tell: told while it is built.
            cancelled: True stops that.

        Raises:
            ModelError: the encoder is missing or altered.
            LibraryError: the library cannot be built or opened.
            Cancelled: the reader stopped the building.
        """
        self._reader.start()
        loaded = self._encoders.load(encoder)
        library = open_demonstration(
            loaded, progress=lambda progress: tell(progress, ""), cancelled=cancelled
        )
        return _engine(Consultant(loaded, library, self._reader), demo=True)


def _engine(consultant: Consultant, *, demo: bool, left_out: int = 0) -> Engine:
    return Engine(
        consultant,
        consultant.library,
        consultant.library.info(),
        model=consultant.encoder.manifest.title,
        demo=demo,
        left_out=left_out,
        code_bits=consultant.encoder.manifest.bits,
    )
