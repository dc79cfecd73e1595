"""Which cases a search is limited to, and the SQL that picks them.

A filter names the facts of a case, each by any of several words; a case passes that meets all of
those that are named. It becomes a condition on the table of cases, so that the database decides
and no other place knows how: a further fact is one more entry in `_conditions`. Whether a case is
there at all is the statement's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

Word = Literal["diagnosis", "site", "sex", "confirmation", "source"]
"""A fact that is a word: an attribute of `Filter`, and a column of the table of cases."""

WORDS: Final[tuple[Word, ...]] = get_args(Word)
"""The facts that are one word of a case."""

FACTS: Final = (*WORDS, "tag")
"""All facts that are words: a case may have several tags."""

Condition = tuple[str, tuple[object, ...]]
"""SQL with a mark for each parameter, and the parameters."""


@dataclass(frozen=True, slots=True)
class AgeRange:
    """Ages in years, both ends included; None stands for no limit on that side."""

    youngest: float | None = None
    oldest: float | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """The cases that a search is limited to. An empty tuple leaves that fact open.

    Words are compared without regard to the case of ASCII letters.

    Attributes:
        diagnosis: any of these, see `Case.diagnosis`.
        site: any of these body sites, in the source's words; ``""`` for one that is not stated.
        sex: any of ``"female"``, ``"male"`` and ``""``.
        confirmation: any of these, keys of `inference.diagnoses.CONFIRMATIONS`.
        source: any of these, see `Case.source`.
        tag: any of these, one of which is enough; see `Case.tags`.
        age: within any of these; a case whose age is unknown is within none.
    """

    diagnosis: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    sex: tuple[str, ...] = ()
    confirmation: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    age: tuple[AgeRange, ...] = ()

    def __bool__(self) -> bool:
        """Say whether it can leave any case out."""
        return bool(self.age) or any(getattr(self, word) for word in FACTS)


def naming(wanted: Filter, word: Word, words: tuple[str, ...]) -> Filter:
    """Return a filter that names a fact by these words, and not by its former ones."""
    changes: dict[str, Any] = {word: words}
    return replace(wanted, **changes)


def leaving_open(wanted: Filter, word: Word) -> Filter:
    """Return a filter that leaves one fact open."""
    return naming(wanted, word, ())


EVERYTHING: Final = Filter()
"""The filter that every case passes."""


def condition(wanted: Filter) -> Condition:
    """Return what holds of the cases that pass, for a statement that reads the table of cases."""
    parts = list(_conditions(wanted))
    holds = " AND ".join(f"({sql})" for sql, _ in parts)
    return holds or "TRUE", tuple(value for _, values in parts for value in values)


def _conditions(wanted: Filter) -> Iterator[Condition]:
    for word in WORDS:
        values: tuple[str, ...] = getattr(wanted, word)
        if values:
            yield f"{word} COLLATE NOCASE IN ({_marks(values)})", values
    if wanted.tag:
        tagged = f"SELECT case_id FROM tags WHERE tag COLLATE NOCASE IN ({_marks(wanted.tag)})"  # noqa: S608
        yield f"cases.id IN ({tagged})", wanted.tag
    if wanted.age:
        ranges = [_within(one) for one in wanted.age]
        yield " OR ".join(sql for sql, _ in ranges), tuple(v for _, ends in ranges for v in ends)


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))


def _within(ages: AgeRange) -> Condition:
    ends = ((">=", ages.youngest), ("<=", ages.oldest))
    limits = "".join(f" AND age {sign} ?" for sign, end in ends if end is not None)
    return f"(age IS NOT NULL{limits})", tuple(end for _, end in ends if end is not None)
