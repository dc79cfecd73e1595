"""Libraries of any size whose cases are drawn, recorded the way that an import records them.

Their vectors lie in clusters: a thousand, however large the library, as there are kinds of
pictures; or one for every fifty cases, which is much harder, since what lies near a query is then
hardly nearer than the rest. Blocks are drawn from seeds of their own, so that a benchmark can draw
the same vectors again instead of keeping them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.library.library import Library
from inference.library.model import Case
from inference.library.snapshot import Snapshot
from inference.library.store import Arrival

DIMENSION = 256
MODEL = "5" * 64
NOISE = np.float32(0.8)
"""Of each number, where the centres' have a deviation of 1: cosines in a cluster are near .6."""

_BLOCK = 5_000
_KINDS = ("nv", "mel", "bkl", "bcc", "akiec", "vasc", "df")
_SHARES = (0.67, 0.11, 0.11, 0.05, 0.03, 0.02, 0.01)
_SITES = ("back", "face", "scalp", "chest", "lower extremity", "upper extremity", "foot", "ear")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Drawing:
    """Clustered vectors of length 1.

    Attributes:
        count: how many.
        clusters: around how many centres.
    """

    count: int
    clusters: int

    def blocks(self) -> Iterator[Floats]:
        """Yield all vectors, float32 (up to 5,000, 256) at a time, always the same."""
        centres = self._centres()
        for begin in range(0, self.count, _BLOCK):
            size = min(_BLOCK, self.count - begin)
            yield _around(centres, size, np.random.default_rng([1, begin]))

    def whole(self) -> Floats:
        """Return all vectors, float32 (count, 256)."""
        vectors = np.empty((self.count, DIMENSION), np.float32)
        for number, block in enumerate(self.blocks()):
            vectors[number * _BLOCK :][: len(block)] = block
        return vectors

    def queries(self, count: int) -> Floats:
        """Return vectors that are not among them, drawn like them: float32 (count, 256)."""
        return _around(self._centres(), count, np.random.default_rng([2, 0]))

    def _centres(self) -> Floats:
        generator = np.random.default_rng([0, self.clusters])
        return generator.standard_normal((self.clusters, DIMENSION), np.float32)


def _around(centres: Floats, count: int, generator: np.random.Generator) -> Floats:
    vectors = centres[generator.integers(0, len(centres), count)]
    vectors += NOISE * generator.standard_normal(vectors.shape, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def record(folder: Path, drawing: Drawing) -> None:
    """Make a library in ``folder`` with a case of one picture for each vector; no pixels."""
    generator = np.random.default_rng(3)
    with Library.create(folder, "Drawn") as library:
        begin = 0
        for block in drawing.blocks():
            kinds = generator.choice(_KINDS, len(block), p=_SHARES)
            sites = generator.choice(_SITES, len(block))
            ages = generator.integers(1, 18, len(block)) * 5.0
            library.add(
                [
                    _arrival(begin + row, str(kinds[row]), str(sites[row]), ages[row], vector)
                    for row, vector in enumerate(block)
                ],
                [],
                MODEL,
            )
            begin += len(block)


def snapshot_of(library: Library) -> Snapshot:
    """Return what a search in a drawn library sees, its index verified and mapped."""
    searcher = library._searchers.of(MODEL)
    assert searcher is not None
    return searcher._current()


def _arrival(number: int, kind: str, site: str, age: float, vector: Floats) -> Arrival:
    sex = ("female", "male")[number % 2]
    return Arrival(
        case=Case(0, f"drawn-{number:08}", kind, "histopathology", age, sex, site, "Drawn", "CC0"),
        name=f"drawn_{number:08}.jpg",
        content_hash=hashlib.sha256(str(number).encode()).hexdigest(),
        suffix=".jpg",
        height=450,
        width=600,
        bytes=30_000,
        embedding=vector,
    )
