"""What is in the library and not in its index: searched beside it, exactly.

Most of it came since the index was built, and is read once, as it comes. The rest has ids that
the index should reach: it was put back under its old number while the index was built, or lay in a
segment whose files are damaged. Whether there is such a thing SQLite says in total, in less than a
tenth of a second of a million; only where the total has changed is the block looked for in which it
lies.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inference.library.index import NONE, ExactIndex, joined
from inference.library.store import Ids, LibraryStore
from inference.library.vector_rows import BLOCK, tally

AT_ONCE = 2000
"""Vectors read in one go. It takes 18 ms, for which another search may have to wait."""


class Beside:
    """Vectors of one model beside an index. For one thread at a time."""

    def __init__(self, store: LibraryStore, model: str, numbers: Ids, last: int) -> None:
        """Take the ids of the vectors in the index, and the id up to which it should reach."""
        self._store = store
        self._model = model
        self._numbers = np.sort(numbers)
        self._last = last
        self._totals = (len(numbers), int(numbers.sum()))
        self._read_to = last
        self._later = NONE
        self._back = NONE

    def index(self) -> ExactIndex:
        """Return them as they are now; what has left the library meanwhile may be among them."""
        totals = self._store.totals(self._model, self._last)
        if totals != self._totals:
            self._back = joined([self._read(ids) for ids in self._lacking()])
            self._totals = totals
        self._later = joined([self._later, *self._arrivals()])
        return joined([self._later, self._back])

    def _arrivals(self) -> Iterator[ExactIndex]:
        """Read what has come since it was last asked for."""
        while True:
            batch = self._store.vectors(self._model, after=self._read_to, limit=AT_ONCE)
            if len(batch.numbers) == 0:
                return
            self._read_to = batch.last
            yield ExactIndex(batch.images, batch.values)

    def _lacking(self) -> Iterator[Ids]:
        """Yield the ids of the vectors that the index should hold and does not, by blocks."""
        for block in _differing(self._store.tallies(self._model, self._last), tally(self._numbers)):
            after, upto = block * BLOCK - 1, min(self._last, (block + 1) * BLOCK - 1)
            there = self._store.numbers(self._model, after, upto)
            begin, end = np.searchsorted(self._numbers, [after + 1, upto + 1])
            yield np.setdiff1d(there, self._numbers[begin:end], assume_unique=True)

    def _read(self, ids: Ids) -> ExactIndex:
        vectors = self._store.vectors_of(self._model, ids)
        return ExactIndex(vectors.images, vectors.values)


def _differing(one: Ids, other: Ids) -> list[int]:
    """Return the numbers of the blocks that differ between two tallies."""
    mine, theirs = ({int(row[0]): tuple(row[1:].tolist()) for row in rows} for rows in (one, other))
    return sorted(n for n in mine.keys() | theirs.keys() if mine.get(n) != theirs.get(n))
