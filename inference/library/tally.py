"""How far the describing of many pictures has come, and what became of each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inference.errors import CaseLensError
from inference.library.model import Progress
from inference.library.store import FloatArray

UNUSABLE = "the model gave no usable description of it"
"""Why a picture is rejected whose embedding fails `is_usable`."""

_LENGTH_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Report:
    """What became of many pictures.

    Attributes:
        added: pictures that are new in the library, or new to this model.
        skipped: pictures that were there already.
        rejected: (file name, why and what to do, without the last full stop) of each picture
            that could not be taken.
        seconds: the whole time.
        images_per_second: added pictures by the whole time.
    """

    added: int
    skipped: int
    rejected: tuple[tuple[str, str], ...]
    seconds: float
    images_per_second: float


class Count:
    """Counts as batches end, and says how long the rest will take."""

    def __init__(
        self, total: int, progress: Callable[[Progress], None], *, skipped: int = 0
    ) -> None:
        self.added = 0
        self.skipped = skipped
        self.rejected: list[tuple[str, str]] = []
        self._total = total
        self._progress = progress
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Time since the beginning."""
        return time.monotonic() - self._start

    @property
    def per_second(self) -> float:
        """Added pictures by time: skipping is so much faster that it would promise too much."""
        return self.added / self.seconds if self.added else 0.0

    def tell(self, stage: str) -> None:
        """Pass on how far it has come."""
        done = self.added + self.skipped + len(self.rejected)
        rate = self.per_second
        left = (self._total - done) / rate if rate else None
        self._progress(Progress(done, self._total, rate, left, stage))

    def report(self) -> Report:
        """Return the result."""
        return Report(self.added, self.skipped, tuple(self.rejected), self.seconds, self.per_second)


def is_usable(embedding: FloatArray) -> bool:
    """Say whether an embedding has length 1, as every index here takes for granted."""
    # Written so that NaN fails it too.
    return abs(float(np.linalg.norm(embedding)) - 1.0) < _LENGTH_TOLERANCE


def told(error: CaseLensError) -> str:
    """Return reason and advice: the picture's name stands before them."""
    return f"{error.reason}. {error.advice}" if error.advice else error.reason
