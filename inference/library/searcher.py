"""Search over all vectors of one model: the index, and beside it what came since."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import LibraryError
from inference.library import annoy_index
from inference.library.annoy_index import AnnoyNeighbours, Expectation, StaleIndexError
from inference.library.index import ExactIndex, FloatArray, Ids, NeighbourIndex, Scores
from inference.library.novelty import NEIGHBOUR, Reference, reference
from inference.library.store import Entries, LibraryStore


@dataclass(frozen=True, slots=True, eq=False)
class _Snapshot:
    """Everything that one search needs, unchanging.

    Attributes:
        state: the store's token at that time.
        main: the index, or the exact search in its place.
        last: id of the last vector in ``main``.
        recent: vectors that came later.
        entries: the images that are in the library.
        population: of ``main``'s images that are in the library, and their cases; see
            `_population`.
    """

    state: tuple[int, ...]
    main: NeighbourIndex
    last: int
    recent: NeighbourIndex
    entries: Entries
    population: str

    def nearest(self, query: FloatArray, k: int) -> tuple[Ids, Scores]:
        """Return the nearest images of both parts together, best first."""
        ids, scores = self.main.nearest(query, k)
        if self.recent.count:
            more_ids, more_scores = self.recent.nearest(query, k)
            ids = np.concatenate([ids, more_ids])
            scores = np.concatenate([scores, more_scores])
            order = np.lexsort((ids, -scores))[:k]
            ids, scores = ids[order], scores[order]
        return ids, scores

    def cases_of(self, images: Ids) -> Ids:
        """Return the case of each image, int64 (n,); 0 for one that has left the library."""
        return _cases_of(self.entries, images)


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
        self._snapshot: _Snapshot | None = None
        self._reference: tuple[str, Reference | None] = ("", None)

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._expected.dimension

    def nearest(
        self, query: FloatArray, k: int, excluded: Collection[int]
    ) -> list[tuple[int, float]]:
        """Return (image id, cosine), best first, one image for each of the nearest ``k`` cases.

        Args:
            query: float32 (dimension,), L2-normalised.
            k: how many cases, at least 1.
            excluded: ids of images that are passed over.
        """
        snapshot = self._current()
        total = snapshot.main.count + snapshot.recent.count
        fetch = 2 * k + len(excluded)
        while True:
            best = _best_of_each_case(snapshot, *snapshot.nearest(query, fetch), excluded)
            if len(best) >= k or fetch >= total:
                return best[:k]
            fetch = min(total, 4 * fetch)

    def reference(self) -> Reference | None:
        """Return how close the library's cases are to one another, if that is known.

        None of a small library, and where no index can be kept. It was measured when the index
        was built, and is measured anew once cases of it have been deleted or merged.
        """
        snapshot = self._current()
        with self._lock:
            if self._reference[0] != snapshot.population:
                self._reference = (snapshot.population, _reference_of(snapshot))
            return self._reference[1]

    def rebuild(self) -> None:
        """Build the index from the store and use it from now on.

        Raises:
            LibraryError: the disk is full, or nothing can be written.
        """
        with self._lock:
            self._build()
            self._snapshot = None

    def fault(self) -> str:
        """Say why the index files would not be used; "" when they would, or there are none.

        Files of an older format are none: the first search builds them again.
        """
        if not annoy_index.is_of_this_format(self._folder):
            return ""
        try:
            self._load()
        except StaleIndexError as error:
            return str(error)
        return ""

    def files(self) -> set[Path]:
        """Return the files of the index: those that its manifest names, and the manifest."""
        try:
            manifest = annoy_index.read_manifest(self._folder, self._expected)
        except StaleIndexError:
            return {path for path in self._folder.glob("*") if not path.name.startswith(".")}
        names = {facts.name for facts in manifest.files.values()}
        return {self._folder / name for name in (*names, annoy_index.MANIFEST)}

    def _current(self) -> _Snapshot:
        with self._lock:
            state = self._store.state()
            if self._snapshot is None or self._snapshot.state != state:
                self._snapshot = self._refreshed(self._snapshot, state)
            return self._snapshot

    def _refreshed(self, old: _Snapshot | None, state: tuple[int, ...]) -> _Snapshot:
        """Read what changed. The state was read first: a change since then is found next time."""
        main, last = (old.main, old.last) if old else self._open()
        later = self._store.vectors(self._expected.model, after=last)
        recent = ExactIndex(later.images, later.values)
        entries = self._store.entries(self._expected.model)
        return _Snapshot(state, main, last, recent, entries, _population(main, entries))

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
            annoy_index.discard(self._folder)
            return
        # Should another program purge one of them in between, the counts differ, and the index
        # is found stale when it is loaded.
        _, fingerprint = self._store.fingerprint(self._expected.model, vectors.last)
        cases = _cases_of(self._store.entries(self._expected.model), vectors.images)
        annoy_index.build(
            self._root,
            self._folder,
            self._expected,
            vectors.images,
            vectors.values,
            closeness=_closeness(vectors.values, cases),
            last=vectors.last,
            fingerprint=fingerprint,
            population=_digest(cases),
        )

    def _nothing(self) -> ExactIndex:
        empty = np.empty((0, self._expected.dimension), dtype=np.float32)
        return ExactIndex(np.empty(0, dtype=np.int64), empty)


def _reference_of(snapshot: _Snapshot) -> Reference | None:
    index = snapshot.main
    if not isinstance(index, AnnoyNeighbours):
        return None
    closeness = index.closeness
    if index.population != snapshot.population:
        closeness = _closeness(index.vectors, snapshot.cases_of(index.ids))
    return Reference(np.asarray(closeness), NEIGHBOUR) if len(closeness) else None


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


def _population(index: NeighbourIndex, entries: Entries) -> str:
    """Return what tells the images of an index that count, and their cases, from others."""
    if not isinstance(index, AnnoyNeighbours):
        return ""
    return _digest(_cases_of(entries, index.ids))


def _digest(cases: Ids) -> str:
    # Which images they are is fixed by the index that the digest belongs to.
    return hashlib.sha256(cases.astype("<i8").tobytes()).hexdigest()


def _cases_of(entries: Entries, images: Ids) -> Ids:
    known = entries.images
    if len(known) == 0:
        return np.zeros(len(images), dtype=np.int64)
    places = np.minimum(np.searchsorted(known, images), len(known) - 1)
    return np.where(known[places] == images, entries.cases[places], 0)


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


def _best_of_each_case(
    snapshot: _Snapshot, ids: Ids, scores: Scores, excluded: Collection[int]
) -> list[tuple[int, float]]:
    """Return the first hit of each case; the hits come best first."""
    cases = snapshot.cases_of(ids)
    allowed = np.flatnonzero((cases > 0) & ~np.isin(ids, np.fromiter(excluded, dtype=np.int64)))
    _, first = np.unique(cases[allowed], return_index=True)
    chosen = allowed[np.sort(first)]
    cosines = np.clip(scores[chosen], -1.0, 1.0)
    return list(zip(ids[chosen].tolist(), cosines.tolist(), strict=True))
