"""What one search sees of a library: its vectors in two parts, and which case each belongs to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inference.library.hamming import CodeIndex, Distances, nearest_cases, nearest_rows
from inference.library.index import FloatArray, Ids, NeighbourIndex, Scores, best_of
from inference.library.store import CodeArray


class CodeHit(NamedTuple):
    """An image found by its hash code.

    Attributes:
        image: its id.
        similarity: cosine of its embedding with the query's.
        distance: how many bits of its code differ from the query's.
    """

    image: int
    similarity: float
    distance: int


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The images that may be found.

    Attributes:
        excluded: ids that may not.
        among: int64 (n,), ids that may, ascending; None for all others.
    """

    excluded: Collection[int] = ()
    among: Ids | None = None

    def allows(self, images: Ids) -> npt.NDArray[np.bool_]:
        """Say of each image whether it may be found, bool (n,)."""
        allowed = ~np.isin(images, np.fromiter(self.excluded, dtype=np.int64))
        return allowed if self.among is None else allowed & _held(self.among, images)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Everything that one search needs, unchanging.

    Attributes:
        state: the store's token at that time.
        main: the index, or the exact search in its place.
        recent: vectors that are not in it.
        cases_of: returns the case of each image, int64 (n,), as it is in the store now; 0 for one
            that has left it. So nothing need be known of all images to search them.
    """

    state: tuple[int, ...]
    main: NeighbourIndex
    recent: NeighbourIndex
    cases_of: Callable[[Ids], Ids]

    def nearest_lesions(
        self, query: FloatArray, k: int, selection: Selection
    ) -> list[tuple[int, float]]:
        """Return (image id, cosine), best first, one image for each of the nearest ``k`` cases.

        Args:
            query: float32 (dimension,), L2-normalised.
            k: how many cases, at least 1.
            selection: the images to choose from.
        """
        among = selection.among
        total = self.main.count + self.recent.count if among is None else len(among)
        fetch = 2 * k + len(selection.excluded)
        while True:
            ids, scores = self._nearest(query, fetch, among)
            chosen = self._first_of_each_case(ids, selection)
            if len(chosen) >= k or fetch >= total:
                cosines = np.clip(scores[chosen[:k]], -1.0, 1.0)
                return list(zip(ids[chosen[:k]].tolist(), cosines.tolist(), strict=True))
            fetch = min(total, 4 * fetch)

    def nearest_by_code(
        self,
        codes: CodeIndex,
        code: CodeArray,
        query: FloatArray,
        k: int,
        selection: Selection,
    ) -> list[CodeHit]:
        """Return the nearest image of each of the nearest ``k`` cases by hash code, best first.

        Equally distant images are in the order of their cosines; whatever could be among the
        first ``k`` is compared, so ties are broken among all that are tied.

        Args:
            codes: of the library.
            code: the query's, uint8 (bits / 8,).
            query: float32 (dimension,), L2-normalised.
            k: how many cases, at least 1.
            selection: the images to choose from.
        """
        distances = codes.distances(code)
        near = self._near_by_code(codes, distances, k, selection)
        if len(near) == 0:
            return []
        ids, scores = self._nearest(query, len(near), near)
        away = distances[np.searchsorted(codes.images, ids)]
        order = np.argsort(away, kind="stable")  # within a distance the cosines are in order
        ids, scores, away = ids[order], np.clip(scores[order], -1.0, 1.0), away[order]
        chosen = self._first_of_each_case(ids, selection)[:k]
        found = zip(*(part[chosen].tolist() for part in (ids, scores, away)), strict=True)
        return [CodeHit(*hit) for hit in found]

    def _nearest(self, query: FloatArray, k: int, among: Ids | None) -> tuple[Ids, Scores]:
        """Return the nearest images of both parts together; see `NeighbourIndex.nearest`."""
        parts = [self.main.nearest(query, k, among)] if self.main.count else []
        if self.recent.count:
            parts.append(self.recent.nearest(query, k, among))
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.float64)
        ids, scores = best_of(parts, 2 * k)
        # A picture that was put back under a new number may be in both.
        _, first = np.unique(ids, return_index=True)
        places = np.sort(first)[:k]
        return ids[places], scores[places]

    def _near_by_code(
        self, codes: CodeIndex, distances: Distances, k: int, selection: Selection
    ) -> Ids:
        """Return the images that are at most as far as the ``k``-th nearest case."""
        rows = np.flatnonzero(selection.allows(codes.images))
        fetch = 4 * k
        while True:
            near = rows[nearest_rows(distances[rows], fetch)]
            cases = self.cases_of(codes.images[near])
            there = cases > 0
            if len(np.unique(cases[there])) >= k or len(near) == len(rows):
                near, cases = near[there], cases[there]
                return codes.images[near[nearest_cases(distances[near], cases, k)]]
            fetch *= 4

    def _first_of_each_case(self, ids: Ids, selection: Selection) -> npt.NDArray[np.intp]:
        """Return the places of each case's first hit that may be found, ascending."""
        cases = self.cases_of(ids)
        allowed = np.flatnonzero((cases > 0) & selection.allows(ids))
        _, first = np.unique(cases[allowed], return_index=True)
        return allowed[np.sort(first)]


def _held(ascending: Ids, images: Ids) -> npt.NDArray[np.bool_]:
    """Say of each image whether it is among some, which may be many more: bool (m,)."""
    if len(ascending) == 0:
        return np.zeros(len(images), dtype=np.bool_)
    places = np.minimum(np.searchsorted(ascending, images), len(ascending) - 1)
    return np.asarray(ascending[places] == images)
