"""The index: candidates from Annoy's trees, segment by segment, scored exactly.

    index/<model>/manifest.json         which files, their sizes and hashes; replaced atomically
    index/<model>/sound.json            which of them were found sound, see `vouched`
    index/<model>/basis-<hash>.f32      float32 (dimension, reduced), see `basis`
    index/<model>/closeness-<hash>.f32  float32 (m,), `Reference.similarities`
    index/<model>/...                   of each segment, see `segment`

Files are named by their content and never written in place: a reader that has one mapped keeps
what it mapped, whoever builds meanwhile.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.library.basis import reduce
from inference.library.index import (
    TIE_MARGIN,
    ExactIndex,
    FloatArray,
    Ids,
    Scores,
    best_of,
    rescored,
)
from inference.library.index_manifest import Manifest
from inference.library.novelty import NEIGHBOUR
from inference.library.segment import Segment
from inference.library.segment import load as load_segment
from inference.library.vouched import PathOf, StaleIndexError

COMPARED_WHOLE = 10_000
"""A library of no more vectors is compared as a whole.

Over dermoscopy-1's embeddings of the 8,447 train and val images of HAM10000, 201 test images asking
for 32: 20 trees find .981 of the true neighbours at 2,500 nodes, .990 at 5,000 and .995 at 8,000,
yet for the unluckiest query six of the first sixteen are not among them. Comparing all 8,447 took
8 ms in the same run, beside a busy core, and misses none: a reader does not feel the difference.
"""

COMPARED_WITH_FILTER = 100_000
"""With a filter, all vectors that pass are compared up to so many.

Annoy knows no filter, and what it finds thins out. Over 60,000 drawn vectors of 256 numbers, asking
for 32: of 10,000 that pass it finds .62 in 3.8 ms by inspecting 10,000 nodes; of 30,000, .934 in
7.4 ms by inspecting twice as many; of 50,000, .998 in 4.4 ms. Comparing all that pass misses none
and takes 3.6, 8.5 and 8 ms; of 100,000 among a million, some 36.
"""

POOL = 128
"""Candidates of a segment that are scored, at least: the trees see less of a vector than counts.

Where more nodes are inspected, because fewer do not find what they should, a twelfth as many
candidates are scored: it may be the scoring that was too little.
"""

_NODES_PER_CANDIDATE = 12

LONELY = 0.02
"""A query with less company than all but this share of the library's own cases is compared whole.

How much a search has to inspect is measured on cases like the library's (see `effort`). A picture
of something that the library hardly knows lies further from its neighbours than those do, so that
the trees tell them worse from the rest; and a search that misses what is near seems lonely too.
"""

_NODES_PER_NEIGHBOUR = 40

Allowed = npt.NDArray[np.bool_]


class AnnoyNeighbours:
    """A `NeighbourIndex` over segments.

    The mapped files are let go when the last reference to this object goes, never under a thread
    that is searching.
    """

    def __init__(
        self,
        segments: Sequence[Segment],
        basis: FloatArray | None,
        search_k: int,
        closeness: FloatArray,
    ) -> None:
        """Search segments.

        Args:
            segments: at least one.
            basis: float32 (dimension, reduced); None where the trees see whole vectors.
            search_k: nodes to inspect in each segment.
            closeness: float32 (m,), `Reference.similarities`.
        """
        self.segments = tuple(segments)
        self.basis = basis
        self.search_k = search_k
        self.closeness = closeness
        self._lonely = float(np.quantile(closeness, LONELY)) if len(closeness) else -1.0
        self._most = max(int(segment.images.max()) for segment in self.segments)

    @property
    def count(self) -> int:
        """Number of vectors."""
        return sum(segment.count for segment in self.segments)

    def nearest(self, query: FloatArray, k: int, among: Ids | None = None) -> tuple[Ids, Scores]:
        """Return the nearest images; see `NeighbourIndex.nearest`.

        All that count are compared up to `COMPARED_WHOLE`, with a filter up to
        `COMPARED_WITH_FILTER`. Of more, Annoy is asked for so many that twice ``k`` can be expected
        to count, and inspects more nodes in proportion. Where that were as many nodes as there are
        vectors to choose from, where fewer than ``k`` come of it, or where what comes is further
        away than it should be (`LONELY`), all that count are compared after all.
        """
        allowed = None if among is None else self._allowed(among)
        choice = self.count if allowed is None else sum(int(a.sum()) for a in allowed)
        scale = self.count / max(1, choice)
        each = int(scale * max(self.search_k, _NODES_PER_NEIGHBOUR * k / len(self.segments)))
        most = COMPARED_WHOLE if among is None else max(COMPARED_WITH_FILTER, COMPARED_WHOLE)
        if choice > most and each * len(self.segments) < choice:
            pool = int(max(scale * max(POOL, 2 * k), each / _NODES_PER_CANDIDATE))
            ids, scores = self._found(query, max(k, NEIGHBOUR), allowed, pool, each)
            lonely = among is None and scores[NEIGHBOUR - 1 : NEIGHBOUR] < self._lonely
            if len(ids) >= k and not np.any(lonely):
                return ids[:k], scores[:k]
        return _compared(self.segments, query, k, allowed)

    def _found(
        self, query: FloatArray, k: int, allowed: Sequence[Allowed] | None, pool: int, nodes: int
    ) -> tuple[Ids, Scores]:
        """Score what the trees bring of each segment: all in single precision, the best exactly."""
        reduced = reduce(query, self.basis)
        brought = []
        for number, segment in enumerate(self.segments):
            rows = segment.candidates(reduced, pool, nodes)
            brought.append(rows if allowed is None else rows[allowed[number][rows]])
        rough = [
            segment.vectors[rows] @ query
            for segment, rows in zip(self.segments, brought, strict=True)
        ]
        least = _kth_largest(np.concatenate(rough), k + TIE_MARGIN)
        images, vectors = [], []
        for segment, rows, cosines in zip(self.segments, brought, rough, strict=True):
            best = rows[cosines >= least]
            images.append(segment.images[best])
            vectors.append(segment.vectors[best])
        some = np.concatenate(images)
        everyone = np.arange(len(some), dtype=np.int64)
        return rescored(some, np.concatenate(vectors), query, everyone, k)

    def _allowed(self, among: Ids) -> list[Allowed]:
        """Say of each row of each segment whether its image is one of ``among``."""
        table = np.zeros(self._most + 1, dtype=np.bool_)
        table[among[among <= self._most]] = True
        return [table[segment.images] for segment in self.segments]


def _kth_largest(values: FloatArray, k: int) -> float:
    """Return the ``k``-th largest of some values; minus infinity where there are fewer."""
    return float(np.partition(values, -k)[-k]) if len(values) >= k else -np.inf


def _compared(
    segments: Sequence[Segment], query: FloatArray, k: int, allowed: Sequence[Allowed] | None
) -> tuple[Ids, Scores]:
    """Score all that count."""
    parts = []
    for number, segment in enumerate(segments):
        exact = ExactIndex(segment.images, segment.vectors)
        rows = None if allowed is None else np.flatnonzero(allowed[number]).astype(np.int64)
        parts.append(exact.nearest_rows(query, k, rows))
    return best_of(parts, k)


def load(manifest: Manifest, path: PathOf) -> AnnoyNeighbours | None:
    """Map the files of a generation, as far as they are sound.

    Args:
        manifest: of the generation.
        path: returns where a file is, or raises `StaleIndexError` where it is not sound.

    Returns:
        An index without the segments that are not sound; None where there is no other.

    Raises:
        StaleIndexError: what all segments need is not sound.
    """
    basis = load_basis(manifest, path)
    try:
        closeness = np.fromfile(path(manifest.files["closeness"]), dtype=np.float32)
    except OSError as error:
        raise StaleIndexError(str(error)) from error
    segments = []
    for facts in manifest.segments:
        with contextlib.suppress(StaleIndexError):
            segments.append(load_segment(facts, manifest.reduced, path))
    if not segments:
        return None
    return AnnoyNeighbours(segments, basis, manifest.effort.search_k, closeness)


def load_basis(manifest: Manifest, path: PathOf) -> FloatArray | None:
    """Return the basis of a generation, float32 (dimension, reduced); None when it has none.

    Raises:
        StaleIndexError: its file is not sound.
    """
    if "basis" not in manifest.files:
        return None
    try:
        flat = np.fromfile(path(manifest.files["basis"]), dtype=np.float32)
    except OSError as error:
        raise StaleIndexError(str(error)) from error
    return flat.reshape(manifest.dimension, manifest.reduced)
