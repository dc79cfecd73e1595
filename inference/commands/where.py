"""``--where FACT=WORD,WORD``: a filter, as it is typed in a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterable

from inference.errors import CaseLensError
from inference.library.filters import FACTS, AgeRange, Filter

UNKNOWN = "unknown"
"""Stands for what is not stated of a case; stored as the empty word."""

_FACTS = (*FACTS, "age")
_NOT_STATED_AS_EMPTY = ("site", "sex", "source")


def read_filter(conditions: Iterable[str]) -> Filter:
    """Return the filter that conditions such as ``diagnosis=mel,nv`` or ``age=40-60`` make.

    The words of one fact, also of several conditions on it, are alternatives; different facts
    must all be met. ``age=60-`` and ``age=-40`` are open on one side, ``age=50`` is one year.

    Raises:
        CaseLensError: a condition cannot be understood; the advice says what can.
    """
    found: dict[str, list[str]] = {}
    for condition in conditions:
        fact, separator, words = condition.partition("=")
        named = [word.strip() for word in words.split(",")]
        fact = fact.strip().lower()
        if not separator or fact not in _FACTS or not all(named):
            raise CaseLensError(
                f"--where {condition}",
                "this is not a condition on cases",
                f"Write FACT=WORD or FACT=WORD,WORD with one of the facts {', '.join(_FACTS)}",
            )
        found.setdefault(fact, []).extend(named)
    ages = tuple(_age_range(word) for word in found.pop("age", ()))
    words_of = {fact: tuple(_stored(fact, word) for word in words) for fact, words in found.items()}
    return Filter(age=ages, **words_of)


def _stored(fact: str, word: str) -> str:
    return "" if word.lower() == UNKNOWN and fact in _NOT_STATED_AS_EMPTY else word


def _age_range(text: str) -> AgeRange:
    begin, separator, end = text.partition("-")
    try:
        youngest = float(begin) if begin else None
        oldest = float(end) if end else None
    except ValueError:
        youngest = oldest = None
    ends = [age for age in (youngest, oldest) if age is not None]
    if not ends or not all(math.isfinite(age) for age in ends) or ends != sorted(ends):
        raise CaseLensError(
            f"--where age={text}",
            "this is not a range of ages",
            "Write age=40-60, age=60- or age=-40, in years",
        )
    return AgeRange(youngest, oldest if separator else youngest)
