"""Search over all vectors of one model: keeps what a search sees up to date with the store."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import numpy as np

from inference.errors import LibraryError
from inference.library import annoy_index
from inference.library.annoy_index import AnnoyNeighbours, Expectation, StaleIndexError
from inference.library.hamming import CodeIndex
from inference.library.index import ExactIndex, FloatArray, NeighbourIndex
from inference.library.novelty import NEIGHBOUR, Reference, reference
from inference.library.snapshot import CodeHit, Selection, Snapshot, cases_of
from inference.library.store import CodeArray, LibraryStore, Vectors


class Searcher:
    """Finds the nearest lesions by the vectors of one model. Thread-safe.

    The index files are verified and loaded on the first search. Files that fail are built again
    from the store; where they cannot be written, every vector is compared instead.
    """

    def __init__(self, store: LibraryStore, root: Path, model: str, dimension: int) -> None:
        """Search the vectors of ``model`` in ``store``, with index files below ``root``."""
        self._store = store
        self._root = root
        self._folder = root / "index" / model[:16]
        self._expected = Expectation(model, dimension)
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._codes: dict[int, tuple[tuple[int, ...], CodeIndex]] = {}

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._expected.dimension

    def nearest(self, query: FloatArray, k: int, selection: Selection) -> list[tuple[int, float]]:
        """Return (image id, cosine) of the nearest lesions; see `Snapshot.nearest_lesions`."""
        return self._current().nearest_lesions(query, k, selection)

    def nearest_by_code(
        self, code: CodeArray, query: FloatArray, k: int, selection: Selection
    ) -> list[CodeHit]:
        """Return the nearest lesions by hash code; see `Snapshot.nearest_by_code`.

        Raises:
            LibraryError: no picture has a code of this length.
        """
        snapshot = self._current()
        codes = self._codes_of(8 * len(code), snapshot.state)
        if len(codes.images) == 0:
            raise LibraryError(
                self._root,
                f"it keeps no hash codes of {8 * len(code)} bits of its pictures",
                "Run caselens library describe DIR --encoder NAME with its folder and this model, "
                "or search without codes",
            )
        return snapshot.nearest_by_code(codes, code, query, k, selection)

    def reference(self) -> Reference | None:
        """Return how close the library's cases are to one another, if that is known."""
        return self._current().reference

    def rebuild(self) -> None:
        """Build the index from the store and use it from now on.

        Raises:
            LibraryError: the disk is full, or nothing can be written.
        """
        with self._lock:
            self._build()
            self._snapshot = None

    def _current(self) -> Snapshot:
        with self._lock:
            state = self._store.state()
            if self._snapshot is None or self._snapshot.state != state:
                self._snapshot = self._refreshed(self._snapshot, state)
            return self._snapshot

    def _codes_of(self, bits: int, state: tuple[int, ...]) -> CodeIndex:
        """Return the codes of a length as they were in a state of the store, or later."""
        with self._lock:
            kept = self._codes.get(bits)
            if kept is None or kept[0] != state:
                codes = self._store.codes(self._expected.model, bits)
                kept = (state, CodeIndex(codes.images, codes.values))
                self._codes[bits] = kept
            return kept[1]

    def _refreshed(self, old: Snapshot | None, state: tuple[int, ...]) -> Snapshot:
        """Read what changed. The state was read first: a change since then is found next time."""
        if old:
            main, last, reference = old.main, old.last, old.reference
        else:
            main, last = self._open()
            reference = _reference_of(main)
        later = self._store.vectors(self._expected.model, after=last)
        recent = ExactIndex(later.images, later.values)
        entries = self._store.entries(self._expected.model)
        return Snapshot(state, main, last, recent, entries, reference)

    def _open(self) -> tuple[NeighbourIndex, int]:
        try:
            return self._load()
        except StaleIndexError:
            pass
        if self._store.writable:
            # A full disk must not cost the answer. Should the store have failed instead, or be
            # gone, the exact search that follows will say so.
            with contextlib.suppress(LibraryError):
                self._build()
            try:
                return self._load()
            except StaleIndexError:
                # Not written, or swapped by another program for its own.
                pass
        return self._nothing(), 0

    def _load(self) -> tuple[NeighbourIndex, int]:
        manifest = annoy_index.read_manifest(self._folder, self._expected)
        known = self._store.fingerprint(self._expected.model, manifest.last)
        if known != (manifest.count, manifest.fingerprint):
            raise StaleIndexError("the index was made from other vectors")
        return annoy_index.load(self._folder, manifest), manifest.last

    def _build(self) -> None:
        vectors = self._store.vectors(self._expected.model)
        if len(vectors.images) == 0:
            return
        # Should another program delete one of them in between, the counts differ, and the index
        # is found stale when it is loaded.
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
        )

    def _closeness(self, vectors: Vectors) -> FloatArray:
        """Compute `Reference.similarities`; none where there are too few cases."""
        cases = cases_of(self._store.entries(self._expected.model), vectors.images)
        present = cases > 0
        if len(np.unique(cases[present])) <= NEIGHBOUR:
            return np.empty(0, dtype=np.float32)
        return reference(vectors.values[present], cases[present]).similarities

    def _nothing(self) -> ExactIndex:
        empty = np.empty((0, self._expected.dimension), dtype=np.float32)
        return ExactIndex(np.empty(0, dtype=np.int64), empty)


def _reference_of(index: NeighbourIndex) -> Reference | None:
    closeness = index.closeness if isinstance(index, AnnoyNeighbours) else ()
    return Reference(np.asarray(closeness), NEIGHBOUR) if len(closeness) else None


def unit(embedding: FloatArray, dimension: int) -> FloatArray:
    """Return ``embedding`` as float32 (dimension,) of length 1.

    Raises:
        ValueError: it has another shape.
        LibraryError: it holds NaN or infinity, or nothing but zeros: no direction to search in.
    """
    vector = np.asarray(embedding, dtype=np.float64)
    if vector.shape != (dimension,):
        raise ValueError(f"an embedding of shape ({dimension},) is needed, not {vector.shape}")
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length == 0.0:
        raise LibraryError(
            "this picture",
            "the model gave no usable description of it, so nothing can be similar to it",
            "Try another picture; if this happens with every picture, install the model again",
        )
    return (vector / length).astype(np.float32)
