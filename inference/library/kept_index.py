"""The index files of one model as the store's cache: loaded if they agree with it, else built."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import Cancelled, LibraryError
from inference.library import annoy_index
from inference.library.annoy_index import AnnoyNeighbours, Expectation, StaleIndexError
from inference.library.files import make_below
from inference.library.index import ExactIndex, FloatArray, NeighbourIndex
from inference.library.lockfile import held
from inference.library.novelty import NEIGHBOUR, Reference, reference
from inference.library.snapshot import cases_of
from inference.library.store import LibraryStore, Vectors

VECTORS_AT_ONCE = 2000
"""Read in one go for a build. It takes 18 ms, for which a search may have to wait."""


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """An index in use.

    Attributes:
        index: the vectors in it.
        last: id of the last of them, or 0.
    """

    index: NeighbourIndex
    last: int

    @property
    def reference(self) -> Reference | None:
        """How close its cases are to one another; None of few, and of one that is not kept."""
        closeness = self.index.closeness if isinstance(self.index, AnnoyNeighbours) else ()
        return Reference(np.asarray(closeness), NEIGHBOUR) if len(closeness) else None


class KeptIndex:
    """Loads and builds the index files of one model. Thread-safe.

    One program builds at a time, and no other waits for it: what its index will lack is searched
    beside that.
    """

    def __init__(self, store: LibraryStore, root: Path, expected: Expectation) -> None:
        """Keep files below the library's folder ``root``."""
        self._store = store
        self._root = root
        self._folder = root / "index" / expected.model[:16]
        self._expected = expected

    def open(self) -> Generation:
        """Load the files; built first where they do not agree with the store.

        Where they cannot be written either, an index of nothing is returned.
        """
        with contextlib.suppress(StaleIndexError):
            return self.load()
        if self._store.writable:
            # A full disk must not cost the answer. Should the store have failed instead, or be
            # gone, the exact search that follows will say so.
            with contextlib.suppress(LibraryError):
                self.build()
            # Not written, or swapped by another program for its own.
            with contextlib.suppress(StaleIndexError):
                return self.load()
        empty = np.empty((0, self._expected.dimension), dtype=np.float32)
        return Generation(ExactIndex(np.empty(0, dtype=np.int64), empty), 0)

    def load(self) -> Generation:
        """Verify the files and map them.

        Raises:
            StaleIndexError: there are none, or they are damaged or made from other vectors.
        """
        manifest = annoy_index.read_manifest(self._folder, self._expected)
        known = self._store.fingerprint(self._expected.model, manifest.last)
        if known != (manifest.count, manifest.fingerprint):
            raise StaleIndexError("the index was made from other vectors")
        return Generation(annoy_index.load(self._folder, manifest), manifest.last)

    def build(self, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Build the files from the store and put them in the place of the old ones.

        Args:
            cancelled: asked now and then; see `annoy_index.build`.

        Returns:
            False where another program is building them, and nothing was done.

        Raises:
            Cancelled: as ``cancelled`` asked; the old files stay.
            LibraryError: the disk is full, or nothing can be written.
        """
        make_below(self._root, self._folder.parent)
        with held(self._folder.with_suffix(".lock")) as ours:
            if ours:
                self._write(self._vectors(cancelled), cancelled)
            return ours

    def _vectors(self, cancelled: Callable[[], bool]) -> Vectors:
        """Read all vectors, some thousands at a time."""
        model = self._expected.model
        parts = [self._store.vectors(model, limit=VECTORS_AT_ONCE)]
        while len(parts[-1].images) == VECTORS_AT_ONCE:
            if cancelled():
                raise Cancelled
            parts.append(self._store.vectors(model, after=parts[-1].last, limit=VECTORS_AT_ONCE))
        return Vectors(
            max(part.last for part in parts),
            np.concatenate([part.images for part in parts]),
            np.concatenate([part.values for part in parts]),
        )

    def _write(self, vectors: Vectors, cancelled: Callable[[], bool]) -> None:
        if len(vectors.images) == 0:
            return
        # Should another program have deleted one of them meanwhile, the counts differ, and the
        # index is found stale when it is loaded.
        _, fingerprint = self._store.fingerprint(self._expected.model, vectors.last)
        annoy_index.build(
            self._root,
            self._folder,
            self._expected,
            vectors.images,
            vectors.values,
            closeness=self._closeness(vectors),
            last=vectors.last,
            fingerprint=fingerprint,
            cancelled=cancelled,
        )

    def _closeness(self, vectors: Vectors) -> FloatArray:
        """Compute `Reference.similarities`; none where there are too few cases."""
        cases = cases_of(self._store.entries(self._expected.model), vectors.images)
        present = cases > 0
        if len(np.unique(cases[present])) <= NEIGHBOUR:
            return np.empty(0, dtype=np.float32)
        return reference(vectors.values[present], cases[present]).similarities
