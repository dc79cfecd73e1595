"""Building an index: reads the vectors that are not in it yet, writes segments, swaps at the end.

Memory is bounded by a segment and what its trees take, not by the library.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from inference.errors import Cancelled
from inference.files import remove_abandoned
from inference.library import annoy_index, basis, effort, segment
from inference.library.annoy_index import AnnoyNeighbours
from inference.library.files import make_below
from inference.library.index import FloatArray, Ids
from inference.library.index_manifest import (
    FORMAT,
    METRIC,
    Effort,
    Expectation,
    History,
    Manifest,
    SegmentFacts,
    read_manifest,
    write_manifest,
)
from inference.library.novelty import NEIGHBOUR, reference
from inference.library.store import ENDLESS, Vectors
from inference.library.vouched import FileFacts, StaleIndexError, place, publish_array


class Source(Protocol):
    """Where the vectors come from."""

    def read(self, after: int, upto: int) -> Iterator[Vectors]:
        """Yield the vectors with ids above ``after``, up to ``upto``, some at a time."""

    def population(self, last: int) -> str:
        """Return what tells the images that count up to a vector, and their cases, from others."""

    def history(self) -> History:
        """Return how far the library has come."""

    def cases_of(self, images: Ids) -> Ids:
        """Return the case of each image, int64 (n,); 0 for one that has left the library."""


def build(
    root: Path,
    folder: Path,
    expected: Expectation,
    source: Source,
    *,
    former: Manifest | None = None,
    keep: Sequence[bool] = (),
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Write a generation of index files and make it the current one.

    The same vectors give the same bytes: fixed seed, one job. Of no vectors nothing is kept.

    Args:
        root: the library's folder, which must be there.
        folder: below it, of this model's index; made when absent.
        expected: the model and its dimension.
        source: of the vectors.
        former: the generation before, of which some stays; its basis is kept then.
        keep: of each of its segments, whether it stays as it is.
        cancelled: asked now and then; True leaves the generation that is current as it is. Annoy
            does not listen while it plants the trees of a segment: some ten seconds.

    Raises:
        Cancelled: as ``cancelled`` asked.
        LibraryError: the disk is full, or the folder cannot be written.
    """
    make_below(root, folder)
    try:
        manifest = _made(folder, expected, source, former=former, keep=keep, cancelled=cancelled)
        if manifest is None:
            _discard(folder)
        else:
            write_manifest(folder, manifest)
    finally:
        # After a failure that is what was current before: a full disk needs the room.
        _remove_all_but(folder, _current_names(folder, expected))


def _made(
    folder: Path,
    expected: Expectation,
    source: Source,
    *,
    former: Manifest | None,
    keep: Sequence[bool],
    cancelled: Callable[[], bool],
) -> Manifest | None:
    """Write the files of a generation; None where there are no vectors."""
    segments = list(_segments(folder, source, former, keep, cancelled))
    if not segments:
        return None
    history = source.history()
    shared, directions = _basis(folder, segments, expected.dimension, former)
    planted = tuple(_planted(folder, facts, directions, cancelled) for facts in segments)
    count = sum(facts.count for facts in planted)
    manifest = Manifest(
        format=FORMAT,
        byteorder=sys.byteorder,
        model=expected.model,
        metric=METRIC,
        dimension=expected.dimension,
        reduced=expected.dimension if directions is None else directions.shape[1],
        trees=segment.TREES,
        seed=segment.SEED,
        fitted=count if former is None else former.fitted,
        history=history,
        population="",
        effort=Effort(effort.LADDER[0], 0.0),
        segments=planted,
        files=shared,
    )
    _stop_if(cancelled)
    manifest = _measured(folder, manifest, directions, source)
    _stop_if(cancelled)
    return manifest


def _segments(
    folder: Path,
    source: Source,
    former: Manifest | None,
    keep: Sequence[bool],
    cancelled: Callable[[], bool],
) -> Iterator[SegmentFacts]:
    """Yield the segments in the order of their ids; new ones still lack their trees.

    A range of ids is a segment's for ever, so that others need not be touched when it is read
    anew, except that the last one grows.
    """
    last, segments = 0, former.segments if former else ()
    for facts, stays in zip(segments, keep, strict=True):
        if stays:
            yield facts
        elif facts is not segments[-1]:
            yield from _read(folder, source, facts.after, facts.last, cancelled)
        else:
            break
        last = facts.last
    yield from _read(folder, source, last, ENDLESS, cancelled)


def _read(
    folder: Path, source: Source, after: int, upto: int, cancelled: Callable[[], bool]
) -> Iterator[SegmentFacts]:
    """Write the vectors of a range of ids as segments without trees."""
    waiting: list[Vectors] = []
    for batch in source.read(after, upto):
        _stop_if(cancelled)
        waiting.append(batch)
        while sum(len(part.numbers) for part in waiting) >= segment.SEGMENT:
            full, rest = _split(_joined(waiting), segment.SEGMENT)
            yield _written(folder, full, after)
            after, waiting = full.last, [rest] if len(rest.numbers) else []
    if waiting:
        yield _written(folder, _joined(waiting), after)


def _joined(parts: Sequence[Vectors]) -> Vectors:
    return Vectors(
        np.concatenate([part.numbers for part in parts]),
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.values for part in parts]),
    )


def _split(whole: Vectors, count: int) -> tuple[Vectors, Vectors]:
    # A copy of the rest, so that the whole can go.
    return (
        Vectors(whole.numbers[:count], whole.images[:count], whole.values[:count]),
        Vectors(
            whole.numbers[count:].copy(), whole.images[count:].copy(), whole.values[count:].copy()
        ),
    )


def _written(folder: Path, rows: Vectors, after: int) -> SegmentFacts:
    files = segment.write_rows(folder, rows.images, rows.numbers, rows.values)
    return SegmentFacts(len(rows.numbers), after, rows.last, files)


def _basis(
    folder: Path, segments: Sequence[SegmentFacts], dimension: int, former: Manifest | None
) -> tuple[dict[str, FileFacts], FloatArray | None]:
    """Return the file of the basis and the basis: the former one, or one that fits."""
    if dimension <= basis.REDUCED:
        return {}, None
    if former is not None:
        return {"basis": former.files["basis"]}, annoy_index.load_basis(
            former, partial(place, folder)
        )
    moments = basis.Moments(dimension)
    for facts in segments:
        moments.add(segment.rows_of(folder, facts.files, dimension))
    directions = moments.basis(basis.REDUCED)
    return {"basis": publish_array(folder, "basis", ".f32", directions)}, directions


def _planted(
    folder: Path,
    facts: SegmentFacts,
    directions: FloatArray | None,
    cancelled: Callable[[], bool],
) -> SegmentFacts:
    if "trees" in facts.files:
        return facts
    _stop_if(cancelled)
    dimension = facts.files["vectors"].size // (4 * facts.count)
    vectors = segment.rows_of(folder, facts.files, dimension)
    trees = segment.write_trees(folder, basis.reduce(vectors, directions))
    return replace(facts, files={**facts.files, "trees": trees})


def _measured(
    folder: Path, manifest: Manifest, directions: FloatArray | None, source: Source
) -> Manifest:
    """Say what the library's own vectors tell of it: see `effort` and `novelty`."""
    find = partial(place, folder)
    segments = [segment.load(facts, manifest.reduced, find) for facts in manifest.segments]
    # Without a reference: whatever the trees bring counts.
    unaware = np.empty(0, np.float32)
    index = AnnoyNeighbours(segments, directions, manifest.effort.search_k, unaware)
    # Asked before the cases are: what changes in between is noticed later, and measured anew.
    population = source.population(manifest.last)
    file = publish_array(folder, "closeness", ".f32", closeness(index, source))
    return replace(
        manifest,
        population=population,
        effort=effort.measure(index),
        files={**manifest.files, "closeness": file},
    )


def closeness(index: AnnoyNeighbours, source: Source) -> FloatArray:
    """Compute `Reference.similarities`; none where there are too few cases.

    Args:
        index: of which the images count that are in the library.
        source: says which these are, and of which cases.
    """
    cases = np.concatenate([source.cases_of(each.images) for each in index.segments])
    cases[cases == 0] = -1
    if len(np.unique(cases[cases > 0])) <= NEIGHBOUR:
        return np.empty(0, dtype=np.float32)
    return reference([each.vectors for each in index.segments], cases).similarities


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled


def _discard(folder: Path) -> None:
    """Delete the files of an index, as far as the system lets it: there is nothing to index."""
    for path in folder.glob("*"):
        with contextlib.suppress(OSError):
            path.unlink()


def _current_names(folder: Path, expected: Expectation) -> set[str]:
    try:
        return {file.name for file in read_manifest(folder, expected).every_file()}
    except StaleIndexError:
        return set()


def _remove_all_but(folder: Path, keep: set[str]) -> None:
    """Delete older generations; a file that another program has mapped may have to stay."""
    remove_abandoned(folder)
    for path in folder.glob("*-*.*"):
        if path.name not in keep:
            with contextlib.suppress(OSError):
                path.unlink()
