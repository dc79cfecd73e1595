"""How unlike everything in a library a picture is: its nearest lesions against the library's own.

A cosine says little by itself: how close is close depends on the encoder and on the library. So
a query's closeness is compared with that of the library's own cases, each searched in the
library without its lesion. The score is the conformal p-value (Vovk, Gammerman & Shafer 2005,
ch. 2; for outliers Bates et al., Annals of Statistics 2023): were the query one more case like
those of the library, a p-value of at most a would come up in a share a of queries or less. No
distribution is assumed, only that case and query are exchangeable.

An encoder's own training pictures are not quite: it drew them together, so new pictures look a
little lonelier. With the model dermoscopy-1, whose training pictures are nine tenths of the
library, a p-value of .05 or less comes to .096 of HAM10000's test queries; with the validation
split as library, which it never learned, to .069.

What a library keeps for it is a `Reference`: at most 2,000 numbers, computed once for each
encoder and set of cases. A query then costs one look at its ranked matches: the similarity of
match number ``neighbour`` is its closeness, provided there is one hit for each lesion and the
query's own lesion is not among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.library.index import best_rows, taken
from inference.library.lesions import group_by_lesion

Floats = npt.NDArray[np.float32]

NEIGHBOUR = 10
"""Which nearest lesion measures closeness.

Of 1, 3, 5 and 10 it tells left-out classes best on HAM10000's validation split as queries against
the training split: AUROC .821, .864, .876, .884 with the model dermoscopy-1
(`inference.evaluation.left_out.by_neighbour`; ``caselens evaluate ham10000 --tables`` prints it
for any model). A single look-alike among the library's nevi does not make a stranger at home.
"""

SAMPLE = 2000
"""Cases that a reference looks at, if there are so many."""

_BLOCK = 128
_FETCHED = 6
"""Pictures looked at for each lesion that counts, and how many times more where that is too few."""

_SEED = 20260101


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """How close a library's own cases are to one another; what is stored beside its index.

    Attributes:
        similarities: float32 (n,), ascending: for each sampled case the cosine to its
            ``neighbour``-th nearest other lesion.
        neighbour: at least 1; the same for the queries.
    """

    similarities: Floats
    neighbour: int

    def p_value(self, closeness: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return how plausible it is that queries are cases like the library's.

        Args:
            closeness: (queries,) or a number: cosine to the ``neighbour``-th nearest lesion.

        Returns:
            float64 of that shape, in [1 / (n + 1), 1]: (1 + number of sampled cases that are at
            least as lonely) / (n + 1). Small: unlike anything in this library. With n below 19
            it never reaches .05.
        """
        lonelier = np.searchsorted(
            self.similarities, np.asarray(closeness, np.float32), side="right"
        )
        return np.asarray((1 + lonelier) / (len(self.similarities) + 1), np.float64)


def closeness(
    queries: Floats, gallery: Floats, lesions: Sequence[str], ranks: Sequence[int] = (NEIGHBOUR,)
) -> Floats:
    """Return the cosine of each query to its nearest lesions at some ranks.

    Args:
        queries: float32 (q, d), L2-normalised; pictures of none of the gallery's lesions.
        gallery: float32 (g, d), L2-normalised.
        lesions: lesion of each gallery picture, length g; its nearest picture stands for it.
        ranks: 1 is the nearest lesion.

    Returns:
        float32 (q, number of ranks).

    Raises:
        ValueError: a rank is below 1, or there are fewer lesions than that.
    """
    groups = group_by_lesion(lesions)
    _check_ranks(ranks, len(groups.starts))
    found = [
        _at_ranks(groups.best(queries[begin : begin + _BLOCK] @ gallery.T), ranks)
        for begin in range(0, len(queries), _BLOCK)
    ]
    return np.concatenate(found) if found else np.empty((0, len(ranks)), np.float32)


def reference(
    vectors: Floats | Sequence[Floats],
    lesions: Sequence[str] | npt.NDArray[np.integer],
    *,
    neighbour: int = NEIGHBOUR,
    sample: int = SAMPLE,
    seed: int = _SEED,
) -> Reference:
    """Measure how close a library's cases are to its other lesions.

    Memory stays bounded, however many pictures there are.

    Args:
        vectors: float32 (g, d), L2-normalised, of all pictures of the library, or in parts of it.
        lesions: lesion of each, length g; a number below 0 for a picture that does not count.
        neighbour: which nearest lesion counts.
        sample: cases to look at, drawn without replacement; of each, one picture at random.
        seed: of the draws: the same library always gives the same numbers.

    Raises:
        ValueError: the library has no ``neighbour`` lesions besides a case's own.
    """
    parts = [vectors] if isinstance(vectors, np.ndarray) else vectors
    groups = group_by_lesion(lesions)
    numbers = np.asarray(lesions)
    void = len(np.unique(numbers[numbers < 0])) if numbers.dtype.kind == "i" else 0
    count = len(groups.starts) - void  # those that do not count are the first groups
    _check_ranks([neighbour], count - 1)
    rng = np.random.default_rng(seed)
    drawn = void + np.sort(rng.permutation(count)[:sample])
    sizes = np.diff(groups.starts, append=len(groups.order))[drawn]
    rows = groups.order[groups.starts[drawn] + rng.integers(sizes)]
    similarities = np.full(len(drawn), np.nan, np.float32)
    left, fetch = np.arange(len(drawn)), _FETCHED * neighbour
    while len(left):
        found, cosines = best_rows(taken(parts, rows[left]), parts, fetch)
        for place, its, cosine in zip(left, groups.lesion[found], cosines, strict=True):
            company = (its != drawn[place]) & (its >= void)  # its own lesion is not company
            similarities[place] = _at_lesion(its[company], cosine[company], neighbour)
        left = left[np.isnan(similarities[left])] if fetch < len(groups.order) else left[:0]
        fetch *= _FETCHED
    return Reference(np.sort(similarities), neighbour)


def _at_lesion(lesions: npt.NDArray[np.intp], cosines: Floats, neighbour: int) -> np.float32:
    """Return the cosine of the ``neighbour``-th lesion, of pictures best first; NaN where fewer."""
    _, first = np.unique(lesions, return_index=True)
    if len(first) < neighbour:
        return np.float32(np.nan)
    return np.float32(cosines[np.sort(first)[neighbour - 1]])


def _check_ranks(ranks: Sequence[int], lesions: int) -> None:
    if min(ranks) < 1 or max(ranks) > lesions:
        raise ValueError(f"ranks {list(ranks)} among {lesions} lesions")


def _at_ranks(best: Floats, ranks: Sequence[int]) -> Floats:
    """Return the ranks-th highest of each row: (q, lesions) to (q, number of ranks)."""
    places = [rank - 1 for rank in ranks]
    return np.asarray(-np.partition(-best, places, axis=1)[:, places])
