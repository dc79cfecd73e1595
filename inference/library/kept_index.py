"""The index files of one model as the store's cache: taken as far as they agree with it, or built.

How an index is known to have been made from this store's vectors, without reading all of them:

- its manifest holds the store's history (`LibraryStore.history`): a library that was put back from
  a backup, or put in another's place, has another one;
- some vectors, evenly spread over each segment, are compared bit by bit with the store's;
- which of its vectors the store still has, and which it lacks, is found by their ids (`Beside`,
  `Snapshot`): what has left the library is never returned, what the index lacks is searched beside
  it.

What its files are worth is told in `vouched`.

A library of a million cases whose index is absent altogether (a first opening after a copy without
it) is answered from memory until it is built: all vectors are read once, which takes some ten
seconds and 1 GB. A damaged segment costs an eighth of that.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import LibraryError
from inference.library import annoy_index, index_build, segment
from inference.library.annoy_index import COMPARED_WHOLE, AnnoyNeighbours
from inference.library.beside import AT_ONCE
from inference.library.files import make_below
from inference.library.index import NONE, Ids, NeighbourIndex
from inference.library.index_manifest import (
    NAME,
    Expectation,
    History,
    Manifest,
    is_of_this_format,
    read_manifest,
)
from inference.library.lockfile import held
from inference.library.novelty import NEIGHBOUR, Reference
from inference.library.segment import Segment
from inference.library.store import ENDLESS, LibraryStore, Vectors
from inference.library.vouched import (
    NOTES,
    FileFacts,
    StaleIndexError,
    Vouchers,
    Watch,
    forget,
    read_again,
)

WAITED_FOR = 2 * COMPARED_WHOLE
"""An index of so many vectors is built while the first search waits: a matter of seconds. A larger
one is built beside searches that compare everything."""

_COMPARED = 16
"""Vectors of each segment that are compared with the store's."""

GONE = 0.2
"""Share of a segment's vectors that may have left the library before it is written anew.

A purge allows none: what it forgets leaves the files too.
"""

_GROWTH = 2
"""So many times the vectors that a basis was made from, and a new one is made."""


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """An index in use.

    Attributes:
        index: the vectors in it.
        numbers: their ids, int64 (n,).
        last: id up to which it should hold all, or 0.
        whole: whether none of its segments had to be left out.
        unread: files that were taken on the word of a note, see `vouched`.
        watch: whether somebody writes to its files.
        population: of the store, when it was measured how close the cases are to one another.
    """

    index: NeighbourIndex
    numbers: Ids
    last: int
    whole: bool
    unread: Sequence[FileFacts]
    watch: Watch
    population: str = ""


_NOTHING = Generation(NONE, np.empty(0, np.int64), 0, whole=False, unread=(), watch=Watch(()))


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
        """Load the files; those of few vectors are built first where they are not sound.

        Where files cannot be written, or should not be waited for, what is sound of them is
        returned, or an index of nothing.
        """
        found = self._loaded()
        if found.whole or not self._store.writable or self._count() > WAITED_FOR:
            return found
        # A full disk must not cost the answer. Should the store have failed instead, or be
        # gone, the exact search that follows will say so.
        with contextlib.suppress(LibraryError):
            self.build()
        # Not written, or swapped by another program for its own.
        return self._loaded()

    def _loaded(self) -> Generation:
        try:
            return self.load()
        except StaleIndexError:
            return _NOTHING

    def load(self) -> Generation:
        """Verify the files and map them.

        Raises:
            StaleIndexError: there are none, or none is sound, or they are made from other vectors.
        """
        manifest = read_manifest(self._folder, self._expected)
        self._check_history(manifest)
        vouchers = Vouchers(self._folder)
        index = annoy_index.load(manifest, vouchers.path)
        vouchers.keep()
        if index is None:
            raise StaleIndexError("none of its segments is sound")
        for each in index.segments:
            self._compare(each)
        return Generation(
            index,
            np.concatenate([each.numbers for each in index.segments]),
            manifest.last,
            len(index.segments) == len(manifest.segments),
            tuple(vouchers.relied_on),
            Watch(vouchers.found),
            manifest.population,
        )

    def read_again(self, files: Sequence[FileFacts], cancelled: Callable[[], bool]) -> None:
        """Read files that were taken on the word of a note, from first byte to last.

        Raises:
            StaleIndexError: one is damaged; no note counts any more.
            Cancelled: as ``cancelled`` asked.
        """
        try:
            read_again(self._folder, files, cancelled)
        except StaleIndexError:
            forget(self._folder)
            raise

    def fault(self) -> str:
        """Say how the files are damaged; "" when they are whole, or there are none.

        Every byte is read. Files of an older format are as good as none: the first search builds
        them again. Vectors of which some have been purged since are no damage.
        """
        if not is_of_this_format(self._folder):
            return ""
        try:
            manifest = read_manifest(self._folder, self._expected)
            self.read_again(tuple(manifest.every_file()), lambda: False)
        except StaleIndexError as error:
            return str(error)
        return ""

    def files(self) -> set[Path]:
        """Return the files of the index: the manifest, those that it names, notes and the lock."""
        try:
            manifest = read_manifest(self._folder, self._expected)
        except StaleIndexError:
            files = {path for path in self._folder.glob("*") if not path.name.startswith(".")}
            return {self._lock, *files}
        names = {facts.name for facts in manifest.every_file()}
        return {self._lock, *(self._folder / name for name in (*names, NAME, NOTES))}

    def reference(self, main: Generation, population: str) -> Reference | None:
        """Return how close the cases of an index are to one another.

        As it was measured when the index was built, or measured anew where images of it have been
        deleted, have come back or have moved to other cases since. None of a small library, and
        where no index is kept.

        Args:
            main: the index.
            population: of the store now, up to the last vector of ``main``.
        """
        index = main.index
        if not isinstance(index, AnnoyNeighbours):
            return None
        closeness = index.closeness
        if population != main.population:
            source = _FromStore(self._store, self._expected.model)
            closeness = index_build.closeness(index, source)
        return Reference(np.asarray(closeness), NEIGHBOUR) if len(closeness) else None

    def build(self, cancelled: Callable[[], bool] = lambda: False, *, gone: float = GONE) -> bool:
        """Build the files from the store and put them in the place of the old ones.

        What is sound of those, and still agrees with the store, stays.

        Args:
            cancelled: asked now and then; see `index_build.build`.
            gone: share of a segment's vectors that may have left the library before it is written
                anew.

        Returns:
            False where another program is building them, and nothing was done.

        Raises:
            Cancelled: as ``cancelled`` asked; the old files stay.
            LibraryError: the disk is full, or nothing can be written.
        """
        make_below(self._root, self._folder.parent)
        with held(self._lock) as ours:
            if ours:
                former, keep = self._former(gone)
                index_build.build(
                    self._root,
                    self._folder,
                    self._expected,
                    _FromStore(self._store, self._expected.model),
                    former=former,
                    keep=keep,
                    cancelled=cancelled,
                )
            return ours

    def _former(self, gone: float) -> tuple[Manifest | None, list[bool]]:
        """Return the generation that is current, and which of its segments can stay."""
        try:
            manifest = read_manifest(self._folder, self._expected)
            self._check_history(manifest)
            vouchers = Vouchers(self._folder)
            annoy_index.load_basis(manifest, vouchers.path)
        except StaleIndexError:
            return None, []
        outgrown = self._count() > _GROWTH * manifest.fitted
        if outgrown or manifest.trees != segment.TREES:
            return None, []
        keep = []
        for facts in manifest.segments:
            try:
                each = segment.load(facts, manifest.reduced, vouchers.path)
                self._compare(each)
                keep.append(self._may_stay(each, gone))
            except StaleIndexError:
                keep.append(False)
        if keep[-1] and manifest.segments[-1].count < segment.SEGMENT:
            keep[-1] = False  # it grows
        vouchers.keep()
        return manifest, keep

    def _may_stay(self, each: Segment, gone: float) -> bool:
        """Say whether a segment holds all that the store has of its range, and little else."""
        facts = each.facts
        there = self._store.numbers(self._expected.model, facts.after, facts.last)
        common = np.intersect1d(there, each.numbers, assume_unique=True)
        return len(common) == len(there) and each.count - len(common) <= gone * each.count

    def _count(self) -> int:
        return self._store.totals(self._expected.model, ENDLESS)[0]

    def _check_history(self, manifest: Manifest) -> None:
        past = manifest.history
        if self._store.history(past.last) != (past.last, past.digest):
            raise StaleIndexError("the index was made from another library's vectors")

    def _compare(self, each: Segment) -> None:
        """Compare some vectors of a segment with the store's; those that have left it count not."""
        rows = np.unique(np.linspace(0, each.count - 1, _COMPARED).astype(np.intp))
        found = self._store.vectors_of(self._expected.model, each.numbers[rows])
        mine = rows[np.isin(each.numbers[rows], found.numbers)]
        agree = np.array_equal(each.images[mine], found.images) and np.array_equal(
            each.vectors[mine], found.values
        )
        if not agree:
            raise StaleIndexError("the index was made from other vectors")


@dataclass(frozen=True, slots=True)
class _FromStore:
    """The vectors of one model, some thousands at a time; see `index_build.Source`."""

    store: LibraryStore
    model: str

    def read(self, after: int, upto: int) -> Iterator[Vectors]:
        while True:
            batch = self.store.vectors(self.model, after=after, upto=upto, limit=AT_ONCE)
            if len(batch.numbers) == 0:
                return
            after = batch.last
            yield batch

    def population(self, last: int) -> str:
        return self.store.population(self.model, last)

    def history(self) -> History:
        return History(*self.store.history())

    def cases_of(self, images: Ids) -> Ids:
        parts = [
            self.store.cases_of(self.model, images[begin : begin + AT_ONCE])
            for begin in range(0, len(images), AT_ONCE)
        ]
        return np.concatenate(parts)
