"""The facts of a case that are changed by hand: tidied, checked, told, and as JSON takes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from inference.diagnoses import CONFIRMATIONS
from inference.errors import LibraryError
from inference.library.model import Case
from inference.library.recording import wrong_kind

EDITABLE: Final = (
    "diagnosis",
    "confirmation",
    "age",
    "sex",
    "site",
    "source",
    "licence",
    "patient",
    "tags",
    "note",
    "follow_ups",
)
"""Attributes of `Case` that can be changed by hand."""

_TEXTS = ("diagnosis", "confirmation", "sex", "site", "source", "licence", "patient", "note")
_TOLD_WITHOUT_CONTENT = ("note", "patient")
_LONGEST_TAG = 60


def tidied(case: Case) -> Case:
    """Return the case with its texts stripped, and its tags and days each once, ascending."""
    tags: dict[str, str] = {}
    for tag in case.tags:
        word = " ".join(tag.split())
        tags.setdefault(word.lower(), word)
    tags.pop("", None)
    texts = {name: getattr(case, name).strip() for name in _TEXTS}
    return replace(
        case,
        **texts,
        tags=tuple(tags[word] for word in sorted(tags)),
        follow_ups=tuple(sorted(set(case.follow_ups))),
    )


def values(case: Case, names: Collection[str]) -> dict[str, Any]:
    """Return facts of a case as JSON takes them."""
    found = {name: getattr(case, name) for name in names}
    if "follow_ups" in found:
        found["follow_ups"] = [day.isoformat() for day in case.follow_ups]
    if "tags" in found:
        found["tags"] = list(case.tags)
    return found


def with_values(case: Case, changed: Mapping[str, Any]) -> Case:
    """Return the case with some facts, given as `values` gives them."""
    own = dict(changed)
    if "follow_ups" in own:
        own["follow_ups"] = tuple(date.fromisoformat(day) for day in own["follow_ups"])
    if "tags" in own:
        own["tags"] = tuple(own["tags"])
    return replace(case, **own)


def check(case: Case, *, phantoms: bool) -> None:
    """Refuse facts that no case can have.

    Args:
        case: tidied.
        phantoms: whether its library is one of computer-drawn phantoms.

    Raises:
        LibraryError: saying which fact, and why.
    """
    kind = wrong_kind(case, phantoms=phantoms)
    ways = ", ".join(CONFIRMATIONS)
    reasons = (
        ("the diagnosis is empty", not case.diagnosis),
        (
            f"{case.confirmation!r} is no way to confirm a diagnosis; those are {ways}",
            case.confirmation not in CONFIRMATIONS,
        ),
        (
            f"the sex {case.sex!r} is none of female, male or empty",
            case.sex not in ("female", "male", ""),
        ),
        (
            f"the age {case.age} is not between 0 and 150",
            case.age is not None and not 0 <= case.age <= 150,
        ),
        (
            f"a tag has more than {_LONGEST_TAG} letters",
            any(len(tag) > _LONGEST_TAG for tag in case.tags),
        ),
        (kind, bool(kind)),
    )
    for reason, applies in reasons:
        if applies:
            raise LibraryError(f"case {case.id}", reason, "Correct it")


def told(name: str, before: Case, after: Case) -> str:
    """Say what became of one fact, without what could tell who a patient is."""
    shown = name.replace("_", "-")
    if name in _TOLD_WITHOUT_CONTENT:
        return shown
    old, new = values(before, [name])[name], values(after, [name])[name]
    if isinstance(old, list):
        gone = [f"-{word}" for word in old if word not in new]
        come = [f"+{word}" for word in new if word not in old]
        return " ".join([shown, *gone, *come])
    return f"{shown} {_shown(old)} to {_shown(new)}"


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return "empty" if value is None or value == "" else str(value)
