"""A region of the query against every place of every case.

What is looked for is the mean of the query's local map over the region, each position weighted
by how much of it the region covers. It is compared with every window of every case's map that is
about as large as the region, upright or turned by a quarter: the mean of the features there. A
case's similarity is that of its best window, so a lesion that has the structure anywhere is found,
whatever the rest of it looks like. Nothing is approximated: all maps are compared.

The library's maps are read some hundreds at a time. With the model dermoscopy-1, whose local maps
are 192 x 6 x 6, a question to 8,447 pictures took .45 s on one thread of a busy machine: a quarter
of it for reading, a quarter for widening half precision, the rest for comparing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.encoder.model import FEATURE_MAP, Features, Field, in_row
from inference.encoder.preprocess import central_square
from inference.errors import LibraryError
from inference.explain import Likeness, Region
from inference.library.filters import EVERYTHING, Filter
from inference.library.library import Library
from inference.library.store import MapBatch
from inference.search.model import Match

FloatArray = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """Some cells of a map: ``height`` rows from ``top`` on, ``width`` columns from ``left`` on."""

    top: int
    left: int
    height: int
    width: int

    def within(self, field: Field, grid: tuple[int, int]) -> Field:
        """Return the pixels of a picture that lie in it.

        Args:
            field: where the whole map lies.
            grid: rows and columns of the map.
        """
        rows, columns = grid
        down, across = field.height / rows, field.width / columns
        top, bottom = (round(edge * down) for edge in (self.top, self.top + self.height))
        left, right = (round(edge * across) for edge in (self.left, self.left + self.width))
        return Field(
            field.top + top, field.left + left, max(1, bottom - top), max(1, right - left),
            field.picture_height, field.picture_width,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Hits:
    """The best window of each picture: parallel arrays (n,)."""

    images: Ids
    cases: Ids
    cosines: FloatArray
    windows: Ids


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """What is compared with what; see `Likeness.places`."""

    query: FloatArray
    weights: FloatArray
    windows: FloatArray


def find_region(
    library: Library,
    likeness: Likeness,
    query: Features,
    region: Region,
    k: int = 16,
    *,
    model: str,
    maps: str = FEATURE_MAP,
    without: Collection[str] = (),
    filter: Filter = EVERYTHING,
) -> tuple[Match, ...]:
    """Return the ``k`` cases with the place most similar to a region, one for each lesion.

    Args:
        library: where to look; only maps of ``model`` count.
        likeness: runs the graph.
        query: features of the query's picture.
        region: of that picture.
        k: how many cases, at least 1; fewer only when fewer pass the filter.
        model: SHA-256 of the encoder.
        maps: name of its local maps, the last of `Manifest.maps`.
        without: content hashes of pictures that must not come back, such as the query's own.
        filter: which cases may come back; maps of others are not even read.

    Returns:
        Matches, best first, whose ``similarity`` is the cosine of the region with ``where`` in
        the match's picture it was found.

    Raises:
        RegionError: the encoder saw nothing of the region.
        LibraryError: of no case that passes the library holds maps of this model, or it cannot
            be read.
        ModelError: the graph failed.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    covered = region.coverage(query.field, query.local_grid)
    windows = windows_like(covered)
    weights = (covered / covered.sum()).ravel()
    places = _Places(in_row(query.local_map), weights, _means(windows, query.local_grid))
    hits = _search(library.all_maps(model, maps, filter), likeness, places)
    if hits is None:
        return _nothing_found(library, filter)
    best = _best_of_each_case(hits, library.images_of(without))[:k]
    matches = []
    for rank, place in enumerate(best, start=1):
        image = library.image(int(hits.images[place]))
        seen = central_square(image.height, image.width)
        where = windows[hits.windows[place]].within(seen, query.local_grid)
        matches.append(
            Match(rank, library.case(image.case), image, float(hits.cosines[place]), where)
        )
    return tuple(matches)


def windows_like(covered: FloatArray) -> list[Window]:
    """Return all windows of a map that are about as large as a region, and of its proportions.

    Args:
        covered: float32 (rows, columns), what share of each cell the region covers.
    """
    rows, columns = covered.shape
    tall, wide = (_cells(covered.max(axis=axis).sum()) for axis in (1, 0))
    sizes = dict.fromkeys(
        (min(height, rows), min(width, columns)) for height, width in ((tall, wide), (wide, tall))
    )
    return [
        Window(top, left, height, width)
        for height, width in sizes
        for top in range(rows - height + 1)
        for left in range(columns - width + 1)
    ]


def _cells(extent: np.float32) -> int:
    return max(1, round(float(extent)))


def _search(batches: Iterable[MapBatch], likeness: Likeness, places: _Places) -> _Hits | None:
    """Compare all pictures; None where there are none."""
    parts = []
    for batch in batches:
        maps = in_row(batch.values.astype(np.float32))
        cosines = likeness.places(places.query, places.weights, maps, places.windows)
        best = cosines.argmax(axis=1)
        parts.append((batch.images, batch.cases, cosines[np.arange(len(best)), best], best))
    if not parts:
        return None
    images, cases, cosines, best = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _Hits(images, cases, cosines, best)


def _means(windows: list[Window], grid: tuple[int, int]) -> FloatArray:
    """Return the weights of a map's positions in each window: float32 (positions, windows)."""
    weights = np.zeros((len(windows), *grid), np.float32)
    for weight, one in zip(weights, windows, strict=True):
        inside = weight[one.top : one.top + one.height, one.left : one.left + one.width]
        inside[:] = 1 / inside.size
    return np.ascontiguousarray(weights.reshape(len(windows), -1).T)


def _best_of_each_case(hits: _Hits, excluded: Collection[int]) -> Ids:
    """Return the rows of each case's best picture, best first; equal ones by id."""
    allowed = np.flatnonzero(~np.isin(hits.images, np.fromiter(excluded, np.int64)))
    order = allowed[np.lexsort((hits.images[allowed], -hits.cosines[allowed]))]
    _, first = np.unique(hits.cases[order], return_index=True)
    return np.asarray(order[np.sort(first)], np.int64)


def _nothing_found(library: Library, filter: Filter) -> tuple[Match, ...]:
    """Return no matches of a library that is empty, or of which nothing passes.

    Raises:
        LibraryError: something passes.
    """
    if len(library.passing(filter)) == 0:
        return ()
    raise LibraryError(
        library.folder,
        "it keeps no feature maps of its pictures, which a search by region compares",
        "Run caselens library describe DIR --encoder NAME with its folder and this model",
    )
