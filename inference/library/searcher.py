"""Search over all vectors of one model: keeps what a search sees up to date with the store."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from inference.errors import LibraryError
from inference.library.annoy_index import Expectation, StaleIndexError
from inference.library.hamming import CodeIndex
from inference.library.index import ExactIndex, FloatArray
from inference.library.kept_index import Generation, KeptIndex, reference_of
from inference.library.novelty import Reference
from inference.library.snapshot import CodeHit, Selection, Snapshot
from inference.library.store import CodeArray, Entries, LibraryStore
from inference.library.upkeep import Upkeep

RECENT_AT_LEAST = 2000
RECENT_SHARE = 0.1
"""The index is built anew when more vectors than these lie beside it, and more than such a share
of those in it.

What lies beside it is read after every change of the library: 1,000 vectors of 256 numbers took
8 ms, 2,000 took 18, beside two busy cores. To compare them takes a tenth of that. The share keeps
an import of any size from building more than a few times over what it adds.
"""


class Searcher:
    """Finds the nearest lesions by the vectors of one model. Thread-safe.

    The index files are verified and loaded on the first search. Files that fail are built again
    from the store; where they cannot be written, every vector is compared instead. When much has
    come since they were built, they are built anew beside the searches.
    """

    def __init__(
        self, store: LibraryStore, root: Path, expected: Expectation, upkeep: Upkeep
    ) -> None:
        """Search the vectors of a model in ``store``, with index files below ``root``."""
        self._store = store
        self._root = root
        self._expected = expected
        self._kept = KeptIndex(store, root, expected)
        self._upkeep = upkeep
        self._lock = threading.Lock()
        self._renewing = threading.Lock()
        self._given_up = False
        self._main: Generation | None = None
        self._snapshot: Snapshot | None = None
        self._measuring = threading.Lock()
        self._reference: tuple[str, Reference | None] = ("", None)
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
        """Return how close the library's cases are to one another; see `reference_of`."""
        snapshot = self._current()
        with self._measuring:
            if self._reference[0] != snapshot.population:
                self._reference = (snapshot.population, reference_of(snapshot))
            return self._reference[1]

    def fault(self) -> str:
        """Say why the index files would not be used; see `KeptIndex.fault`."""
        with self._renewing:
            return self._kept.fault()

    def files(self) -> set[Path]:
        """Return the files of the index, which nobody else owns."""
        with self._renewing:
            return self._kept.files()

    def rebuild(self) -> None:
        """Build the index from the store and use it from now on.

        Where another program is about that, nothing is done: what its index lacks is searched
        beside it.

        Raises:
            LibraryError: the disk is full, or nothing can be written.
        """
        with self._renewing:
            self._renew(lambda: False)

    def _current(self) -> Snapshot:
        """Return what a search sees now; have the index built anew when too much lies beside it."""
        with self._lock:
            state = self._store.state()
            if self._snapshot is None or self._snapshot.state != state:
                self._snapshot = self._refreshed(state)
            snapshot = self._snapshot
        most = max(RECENT_AT_LEAST, RECENT_SHARE * snapshot.main.count)
        if snapshot.recent.count > most and self._store.writable and not self._given_up:
            self._upkeep.begin(self._catch_up)
        return snapshot

    def _refreshed(self, state: tuple[int, ...]) -> Snapshot:
        """Read what changed. The state was read first: a change since then is found next time."""
        if self._main is None:
            self._main = self._kept.open()
        main = self._main
        entries = self._store.entries(self._expected.model)
        recent = self._beside(main, entries)
        return Snapshot(state, main.index, recent, entries, main.population(entries))

    def _beside(self, main: Generation, entries: Entries) -> ExactIndex:
        """Return the vectors that are in the library and not in the index."""
        model = self._expected.model
        later = self._store.vectors(model, after=main.last)
        # A case that is put back after its removal may have its old number, and the index may
        # have been built in between.
        known = np.concatenate([main.index.images, later.images])
        lacking = np.setdiff1d(entries.images, known)
        if len(lacking) == 0:
            return ExactIndex(later.images, later.values)
        back = self._store.vectors_of(model, lacking)
        return ExactIndex(
            np.concatenate([later.images, back.images]),
            np.concatenate([later.values, back.values]),
        )

    def _codes_of(self, bits: int, state: tuple[int, ...]) -> CodeIndex:
        """Return the codes of a length as they were in a state of the store, or later."""
        with self._lock:
            kept = self._codes.get(bits)
            if kept is None or kept[0] != state:
                codes = self._store.codes(self._expected.model, bits)
                kept = (state, CodeIndex(codes.images, codes.values))
                self._codes[bits] = kept
            return kept[1]

    def _catch_up(self, cancelled: Callable[[], bool]) -> None:
        """Take a newer index that another program has built, or else build one.

        What cannot be written is not tried again until the library is opened anew.
        """
        if not self._renewing.acquire(blocking=False):
            return
        try:
            if not self._took_newer():
                self._renew(cancelled)
        except LibraryError:
            self._given_up = True
        finally:
            self._renewing.release()

    def _took_newer(self) -> bool:
        """Use the index that is kept, if it reaches further than the one in use."""
        with contextlib.suppress(StaleIndexError):
            kept = self._kept.load()
            if self._main is None or kept.last > self._main.last:
                self._use(kept)
                return True
        return False

    def _renew(self, cancelled: Callable[[], bool]) -> None:
        if self._kept.build(cancelled):
            with contextlib.suppress(StaleIndexError):
                self._use(self._kept.load())

    def _use(self, kept: Generation) -> None:
        with self._lock:
            self._main, self._snapshot = kept, None


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
