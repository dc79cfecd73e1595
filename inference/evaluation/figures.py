"""A figure with its uncertainty: bootstrap over lesions or patients, percentile intervals.

Pictures of one lesion are not independent, so whole lesions are drawn with replacement (cluster
bootstrap, Davison & Hinkley 1997, ch. 3.8); where a table knows patients, whole patients. They are
drawn within their class, since the number of queries of each class was fixed by the protocol; a
patient with lesions of several classes is drawn among those with the same ones, so that no
resample lacks a class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]
Statistic = Callable[[Indices], float]

SEED = 20260101


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


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A statistic on all queries and on every resample.

    Attributes:
        value: on all queries.
        draws: float64 (resamples,).
        n: number of queries.
    """

    value: float
    draws: npt.NDArray[np.float64]
    n: int

    def figure(self) -> Figure:
        """Return the value with the interval that holds 95 % of the resamples."""
        low, high = np.percentile(self.draws, [2.5, 97.5])
        return Figure(self.value, float(low), float(high), self.n)

    def over(self, other: Estimate) -> Estimate | None:
        """Return the ratio to an estimate on other queries, resampled with another seed.

        Resamples in which the other is 0 have no ratio and are left out; None where its value
        is 0.
        """
        if not other.value:
            return None
        defined = other.draws != 0
        draws = self.draws[defined] / other.draws[defined]
        return Estimate(self.value / other.value, draws, self.n)


class Bootstrap:
    """Draws the same resamples for every figure of one set of queries.

    Args:
        groups: lesion, or patient, of each query: what is drawn as a whole.
        labels: int (queries,), class of each query.
        resamples: how many.
        seed: of the draws.
    """

    def __init__(
        self,
        groups: Sequence[str],
        labels: npt.NDArray[np.int64],
        *,
        resamples: int = 1000,
        seed: int = SEED,
    ) -> None:
        rng = np.random.default_rng(seed)
        names, group = np.unique(np.asarray(groups), return_inverse=True)
        members = [np.flatnonzero(group == i) for i in range(len(names))]
        alike: dict[tuple[int, ...], list[int]] = {}
        for i, queries in enumerate(members):
            alike.setdefault(tuple(np.unique(labels[queries]).tolist()), []).append(i)
        strata = [np.array(alike[classes]) for classes in sorted(alike)]
        self.n = len(labels)
        self._draws: list[Indices] = []
        for _ in range(resamples):
            drawn = np.concatenate([rng.choice(stratum, len(stratum)) for stratum in strata])
            self._draws.append(np.concatenate([members[i] for i in drawn]))

    def estimate(self, statistic: Statistic) -> Estimate:
        """Compute a statistic on all queries and on every resample.

        Args:
            statistic: takes query indices, possibly repeated, and returns the number.
        """
        draws = np.array([statistic(draw) for draw in self._draws])
        return Estimate(statistic(np.arange(self.n)), draws, self.n)

    def figure(self, statistic: Statistic) -> Figure:
        """Return a statistic with its interval."""
        return self.estimate(statistic).figure()
