"""Search over all vectors of one model: keeps what a search sees up to date with the store."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from inference.errors import LibraryError
from inference.library.beside import Beside
from inference.library.hamming import CodeIndex
from inference.library.index import FloatArray
from inference.library.index_manifest import Expectation
from inference.library.kept_index import GONE, WAITED_FOR, Generation, KeptIndex
from inference.library.novelty import Reference
from inference.library.remembered import Remembered
from inference.library.segment import SEGMENT
from inference.library.snapshot import CodeHit, Selection, Snapshot
from inference.library.store import CodeArray, Ids, LibraryStore
from inference.library.upkeep import Upkeep
from inference.library.vouched import StaleIndexError

RECENT_AT_LEAST = 2000
RECENT_SHARE = 0.1
"""The index is built anew when more vectors than these lie beside it, and more than such a share
of those in it, or of a full segment: no more than the last segment is written anew then.

What lies beside it is compared at every search, and kept in memory: 13,000 vectors of 256 numbers
take a millisecond or two, and 13 MB. The share keeps an import of any size from building more than
a few times over what it adds.
"""


class Searcher:
    """Finds the nearest lesions by the vectors of one model. Thread-safe.

    The index files are verified and loaded on the first search. Files that fail are built again
    from the store; until they are, or where they cannot be written, the vectors that they held are
    compared one and all instead. When much has come since they were built, they are built anew
    beside the searches. Files that somebody writes to while they are in use are let go before the
    next search. Files that were used because nobody had touched them are read again in the
    background, once.
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
        self._beside: Beside | None = None
        self._unread = False
        self._snapshot: Snapshot | None = None
        self._measuring = threading.Lock()
        self._remembered = Remembered(store)
        self._reference: tuple[tuple[int, str], Reference | None] = ((0, ""), None)
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
        """Return how close the cases of the index are to one another; see `KeptIndex.reference`.

        To measure it anew takes the time of some thousand searches. Of a large index that is done
        in the background, and until then it is as it was when the index was built.
        """
        main, _ = self._in_use()
        population = self._population(main.last)
        known, reference = self._reference
        if known == (main.last, population):
            return reference
        if population != main.population and main.index.count > WAITED_FOR:
            self._upkeep.begin(lambda _: self._measure(main, population))
            return self._kept.reference(main, main.population)
        self._measure(main, population)
        return self._reference[1]

    def _population(self, last: int) -> str:
        ask = partial(self._store.population, self._expected.model, last)
        return self._remembered.answer(last, ask)

    def _measure(self, main: Generation, population: str) -> None:
        of = (main.last, population)
        with self._measuring:
            if self._reference[0] != of:
                self._reference = (of, self._kept.reference(main, population))

    def fault(self) -> str:
        """Say why the index files would not be used; see `KeptIndex.fault`."""
        with self._renewing:
            return self._kept.fault()

    def files(self) -> set[Path]:
        """Return the files of the index, which nobody else owns."""
        with self._renewing:
            return self._kept.files()

    def rebuild(self, *, gone: float = GONE) -> None:
        """Build the index from the store and use it from now on.

        Where another program is about that, nothing is done: what its index lacks is searched
        beside it.

        Args:
            gone: see `KeptIndex.build`; with 0.0 nothing that was purged stays in the files.

        Raises:
            LibraryError: the disk is full, or nothing can be written.
        """
        with self._renewing:
            self._renew(lambda: False, gone=gone)

    def _current(self) -> Snapshot:
        """Return what a search sees now; begin what else there is to do, in the background."""
        _, snapshot = self._in_use()
        most = max(RECENT_AT_LEAST, RECENT_SHARE * min(snapshot.main.count, SEGMENT))
        if snapshot.recent.count > most and self._store.writable and not self._given_up:
            self._upkeep.begin(self._catch_up)
        elif self._unread:
            self._upkeep.begin(self._read_again)
        return snapshot

    def _in_use(self) -> tuple[Generation, Snapshot]:
        """Return the index in use, and what a search sees now."""
        with self._lock:
            if self._main is not None and not self._main.watch.untouched():
                self._main = self._snapshot = None
            state = self._store.state()
            if self._snapshot is None or self._snapshot.state != state:
                self._snapshot = self._refreshed(state)
            assert self._main is not None
            return self._main, self._snapshot

    def _refreshed(self, state: tuple[int, ...]) -> Snapshot:
        """Read what changed. The state was read first: a change since then is found next time."""
        if self._main is None or self._beside is None:
            self._take(self._kept.open())
        assert self._main is not None and self._beside is not None
        return Snapshot(state, self._main.index, self._beside.index(), self._cases_of)

    def _take(self, kept: Generation) -> None:
        self._main, self._snapshot = kept, None
        self._beside = Beside(self._store, self._expected.model, kept.numbers, kept.last)
        self._unread = bool(kept.unread)

    def _cases_of(self, images: Ids) -> Ids:
        return self._store.cases_of(self._expected.model, images)

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
            main = self._main
            if main is None or kept.last > main.last or (kept.whole and not main.whole):
                self._use(kept)
                return True
        return False

    def _renew(self, cancelled: Callable[[], bool], *, gone: float = GONE) -> None:
        if self._kept.build(cancelled, gone=gone):
            with contextlib.suppress(StaleIndexError):
                self._use(self._kept.load())

    def _use(self, kept: Generation) -> None:
        with self._lock:
            self._take(kept)

    def _read_again(self, cancelled: Callable[[], bool]) -> None:
        """Read every byte of files that were used because nobody had touched them."""
        main, self._unread = self._main, False
        if main is None:
            return
        try:
            self._kept.read_again(main.unread, cancelled)
        except StaleIndexError:
            with self._lock:
                self._main = self._snapshot = None


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
