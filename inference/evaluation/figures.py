"""A figure with its uncertainty: bootstrap over lesions, percentile intervals.

Pictures of one lesion are not independent, so whole lesions are drawn with replacement (cluster
bootstrap, Davison & Hinkley 1997, ch. 3.8). Lesions are drawn within their class, since the
number of queries of each class was fixed by the protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a protocol.

    Attributes:
        value: on all queries.
        low: lower end of the 95 % interval.
        high: upper end of the 95 % interval.
        n: number of queries it was computed on.
    """

    value: float
    low: float
    high: float
    n: int


class Bootstrap:
    """Draws the same resamples for every figure of one set of queries.

    Args:
        lesions: lesion of each query.
        labels: int (queries,), class of each query.
        resamples: how many.
        seed: of the draws.
    """

    def __init__(
        self,
        lesions: Sequence[str],
        labels: npt.NDArray[np.int64],
        *,
        resamples: int = 1000,
        seed: int = 20260101,
    ) -> None:
        rng = np.random.default_rng(seed)
        names, first, lesion = np.unique(
            np.asarray(lesions), return_index=True, return_inverse=True
        )
        members = [np.flatnonzero(lesion == i) for i in range(len(names))]
        strata = [np.flatnonzero(labels[first] == c) for c in np.unique(labels[first])]
        self.n = len(labels)
        self._draws: list[Indices] = []
        for _ in range(resamples):
            drawn = np.concatenate([rng.choice(stratum, len(stratum)) for stratum in strata])
            self._draws.append(np.concatenate([members[i] for i in drawn]))

    def figure(self, statistic: Callable[[Indices], float]) -> Figure:
        """Compute a statistic on all queries and on every resample.

        Args:
            statistic: takes query indices, possibly repeated, and returns the number.
        """
        values = [statistic(draw) for draw in self._draws]
        low, high = np.percentile(values, [2.5, 97.5])
        return Figure(statistic(np.arange(self.n)), float(low), float(high), self.n)
