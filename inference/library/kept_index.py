"""The index files of one model as the store's cache: loaded if they agree with it, else built."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import Cancelled, LibraryError
from inference.library import annoy_index
from inference.library.annoy_index import AnnoyNeighbours, Expectation, StaleIndexError
from inference.library.files import make_below
from inference.library.index import ExactIndex, FloatArray, Ids, NeighbourIndex
from inference.library.lockfile import held
from inference.library.novelty import NEIGHBOUR, Reference, reference
from inference.library.snapshot import Snapshot, cases_of
from inference.library.store import Entries, LibraryStore, Vectors

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

    def population(self, entries: Entries) -> str:
        """Return the population of its images that are among the entries; "" when not kept."""
        if not isinstance(self.index, AnnoyNeighbours):
            return ""
        return population_of(self.index.images, cases_of(entries, self.index.images))


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
        self._lock = self._folder.with_suffix(".lock")
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

    def fault(self) -> str:
        """Say why the files would not be used; "" when they would, or there are none.

        Files of an older format are none: the first search builds them again.
        """
        if not annoy_index.is_of_this_format(self._folder):
            return ""
        try:
            self.load()
        except StaleIndexError as error:
            return str(error)
        return ""

    def files(self) -> set[Path]:
        """Return the files of the index: the manifest, those that it names, and the lock."""
        try:
            manifest = annoy_index.read_manifest(self._folder, self._expected)
        except StaleIndexError:
            files = {path for path in self._folder.glob("*") if not path.name.startswith(".")}
            return {self._lock, *files}
        names = {facts.name for facts in manifest.files.values()}
        return {self._lock, *(self._folder / name for name in (*names, annoy_index.MANIFEST))}

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
        with held(self._lock) as ours:
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
            annoy_index.discard(self._folder)
            return
        # Should another program have purged one of them meanwhile, the counts differ, and the
        # index is found stale when it is loaded.
        _, fingerprint = self._store.fingerprint(self._expected.model, vectors.last)
        cases = cases_of(self._store.entries(self._expected.model), vectors.images)
        annoy_index.build(
            self._root,
            self._folder,
            self._expected,
            vectors.images,
            vectors.values,
            closeness=_closeness(vectors.values, cases),
            last=vectors.last,
            fingerprint=fingerprint,
            population=population_of(vectors.images, cases),
            cancelled=cancelled,
        )


def reference_of(snapshot: Snapshot) -> Reference | None:
    """Return how close the cases of the snapshot's index are to one another.

    As it was measured when the index was built, or measured anew where cases of it have been
    deleted or merged since. None of a small library, and where no index is kept.
    """
    index = snapshot.main
    if not isinstance(index, AnnoyNeighbours):
        return None
    closeness = index.closeness
    if index.population != snapshot.population:
        closeness = _closeness(index.vectors, snapshot.cases_of(index.images))
    return Reference(np.asarray(closeness), NEIGHBOUR) if len(closeness) else None


def population_of(images: Ids, cases: Ids) -> str:
    """Return what tells images of an index that count, and their cases, from others: a SHA-256.

    Args:
        images: int64 (n,), the index's images.
        cases: int64 (n,), the case of each; 0 for one that has left the library.
    """
    return hashlib.sha256(np.stack([images, cases]).astype("<i8").tobytes()).hexdigest()


def _closeness(vectors: FloatArray, cases: Ids) -> FloatArray:
    """Compute `Reference.similarities`; none where there are too few cases.

    Args:
        vectors: float32 (n, dimension), L2-normalised.
        cases: int64 (n,), the case of each; 0 for one that has left the library.
    """
    present = cases > 0
    if len(np.unique(cases[present])) <= NEIGHBOUR:
        return np.empty(0, dtype=np.float32)
    return reference(vectors[present], cases[present]).similarities
