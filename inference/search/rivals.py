"""The nearest case of each diagnosis: what a differential diagnosis sets side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from inference.diagnoses import UNKNOWN
from inference.search.model import Match


def nearest_of_each(
    diagnoses: Iterable[str], nearest: Callable[[str], tuple[Match, ...]]
) -> tuple[Match, ...]:
    """Return one match for each diagnosis, best first and ranked anew from 1.

    Each diagnosis is searched by itself, so that a rare one is found however many cases of others
    lie nearer. Cases that are stored without a diagnosis are nobody's rivals.

    Args:
        diagnoses: words of cases, see `Case.diagnosis`.
        nearest: returns the nearest case of one of them first, or nothing.
    """
    found: dict[int, Match] = {}
    for diagnosis in diagnoses:
        if diagnosis != UNKNOWN:
            for match in nearest(diagnosis)[:1]:
                found.setdefault(match.case.id, match)
    ordered = sorted(found.values(), key=_nearness)
    return tuple(replace(match, rank=rank) for rank, match in enumerate(ordered, start=1))


def _nearness(match: Match) -> tuple[float, float]:
    """Return what matches are ranked by: differing bits of hash codes first, then similarity."""
    return (match.distance or 0, -match.similarity)
