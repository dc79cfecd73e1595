"""A query beside all its matches, mapped together: one call, one scale.

Pair maps are those of `inference.explain.maps`, on the scale of the whole gallery: 1 is the
greatest contribution of any position in any pair. Were each match given a scale of its own, the
map of one that hardly matches would be as bright as the best one's, and noise would look like
evidence.

Local maps answer another question: where in each match is something like this place of the query?
Cosine of the local features there with those at each position, cut off at 0, on an absolute scale:
1 is the same direction, in every gallery and for every encoder. With dermoscopy-1, two positions
drawn from any two of 1,536 pictures of HAM10000 have a median cosine of .12, and one pair in twenty
has .46 or more; the best position of a match has .60. Of the embedding's features it would be .51
and .94: they say what lesion it is, wherever one looks (`inference.evaluation.regions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from inference.encoder.model import Features, in_row
from inference.explain.heatmap import Heatmap
from inference.explain.likeness import Likeness
from inference.explain.region import Region, spot

FloatArray = npt.NDArray[np.float32]
_Map = TypeVar("_Map")
_TINY = np.float32(1e-9)


@dataclass(frozen=True, slots=True, eq=False)
class PairMap:
    """Where two pictures resemble one another.

    Attributes:
        query: where the query resembles the case.
        case: where the case resembles the query.
    """

    query: Heatmap
    case: Heatmap


@dataclass(frozen=True, slots=True, eq=False)
class GalleryMaps:
    """The maps of a whole gallery, on one scale.

    Attributes:
        pairs: of each match, in their order; None where nothing is known of its picture.
        peak: what 1 stands for: of pair maps, the share of a cosine that one position adds; of a
            region's maps 1, the cosine itself.
        local: whether they are local maps, of a region.
    """

    pairs: tuple[PairMap | None, ...]
    peak: float
    local: bool = False


class Gallery:
    """A query's features beside those of its matches. Any thread may call it.

    Args:
        query: of the query's picture.
        cases: of the matches' pictures, by the same encoder; None for one that has neither a
            stored map nor a picture that can be read.
        likeness: runs the graphs.
    """

    def __init__(
        self, query: Features, cases: Sequence[Features | None], likeness: Likeness
    ) -> None:
        self._query = query
        self._known = tuple(case is not None for case in cases)
        self._cases = tuple(case for case in cases if case is not None)
        self._likeness = likeness
        maps = [case.feature_map for case in self._cases]
        self._rows = in_row(np.stack(maps)) if maps else None
        # Often the same maps, and then not held twice.
        places = [case.local_map for case in self._cases]
        same = all(one is other for one, other in zip(maps, places, strict=True))
        self._places = self._rows if same else in_row(np.stack(places))

    @cached_property
    def pairs(self) -> GalleryMaps:
        """Pair maps of all matches.

        Positions that speak against the similarity are 0.

        Raises:
            ModelError: the graph failed.
        """
        if self._rows is None:
            return GalleryMaps(self._placed(()), float(_TINY))
        embeddings = np.stack([case.embedding for case in self._cases])
        found = self._likeness.pairs(
            in_row(self._query.feature_map), self._query.embedding, self._rows, embeddings
        )
        ours, theirs = (np.maximum(terms, 0) for terms in found)
        peak = max(ours.max(), theirs.max(), _TINY)
        pairs = (
            PairMap(_shaped(one, self._query), _shaped(other, case))
            for one, other, case in zip(ours / peak, theirs / peak, self._cases, strict=True)
        )
        return GalleryMaps(self._placed(pairs), float(peak))

    def point(self, x: float, y: float) -> tuple[Heatmap | None, ...]:
        """Return where in each match something lies like what is at a spot of the query.

        Args:
            x: to the right from the query's left edge, in pixels of its picture.
            y: downwards from its upper edge.

        Returns:
            Local maps, in the order of the matches, None where nothing is known of one's picture;
            empty where the encoder did not look.

        Raises:
            ModelError: the graph failed.
        """
        weights = spot(self._query.field, self._query.local_grid, x, y)
        return () if weights is None else self._placed(self._local(weights))

    def region(self, region: Region) -> GalleryMaps:
        """Return where in each match something lies like what is in a region of the query.

        The query's map is the share of each cell that the region covers.

        Raises:
            RegionError: the encoder saw nothing of it.
            ModelError: the graph failed.
        """
        covered = region.coverage(self._query.field, self._query.local_grid)
        drawn = Heatmap(np.clip(covered, 0, 1), self._query.field)
        pairs = (PairMap(drawn, found) for found in self._local(covered / covered.sum()))
        return GalleryMaps(self._placed(pairs), 1.0, local=True)

    def _placed(self, maps: Iterable[_Map]) -> tuple[_Map | None, ...]:
        """Put the maps of the known pictures in the places of their matches."""
        rest = iter(maps)
        return tuple(next(rest) if known else None for known in self._known)

    def _local(self, weights: FloatArray) -> tuple[Heatmap, ...]:
        if self._places is None:
            return ()
        each = np.eye(self._places.shape[2], dtype=np.float32)
        row = in_row(self._query.local_map)
        cosines = self._likeness.places(row, weights.ravel(), self._places, each)
        positive = np.maximum(cosines, 0)
        return tuple(
            Heatmap(one.reshape(case.local_grid), case.field)
            for one, case in zip(positive, self._cases, strict=True)
        )


def _shaped(values: FloatArray, features: Features) -> Heatmap:
    grid = values.reshape(features.grid)
    return Heatmap(grid.astype(np.float32, copy=False), features.field)
