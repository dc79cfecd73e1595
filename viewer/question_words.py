"""What is asked, in words: one chip for each thing that is not as usual."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from inference.library.filters import WORDS, AgeRange, Word, leaving_open
from viewer.question import MATCHES, Question
from viewer.vocabulary import confirmation_of, diagnosis_words, site_words

translate = QCoreApplication.translate

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that is asked for.

    Attributes:
        words: what is shown.
        without: the question without it.
    """

    words: str
    without: Question


def chips_of(question: Question) -> list[Chip]:
    """Return a chip for each part of a question that is not as usual, in the order of reading."""
    return [*_about(question), *_conditions(question), *_left_out(question), *_search(question)]


def fact_title(fact: Word) -> str:
    """Name a fact of a case."""
    return {
        "diagnosis": translate("Question", "Diagnosis"),
        "site": translate("Question", "Body site"),
        "sex": translate("Question", "Sex"),
        "confirmation": translate("Question", "Confirmed by"),
        "source": translate("Question", "Source"),
    }[fact]


def fact_words(fact: Word, word: str) -> str:
    """Return what is shown for a stored word of a fact."""
    if not word:
        return translate("Question", "not stated")
    if fact == "diagnosis":
        return diagnosis_words(word)
    if fact == "confirmation":
        return confirmation_of(word)
    if fact == "sex":
        known = {
            "female": translate("Question", "female"),
            "male": translate("Question", "male"),
        }
        return known.get(word, word)
    return site_words(word) if fact == "site" else word


def search_words(bits: int | None) -> str:
    """Name a kind of search."""
    if bits is None:
        return translate("Question", "Embeddings (most exact)")
    return translate("Question", "Hash codes of {n} bits").format(n=bits)


def _about(question: Question) -> list[Chip]:
    chips = []
    if question.like is not None:
        words = translate("Question", "Like a case: {diagnosis} ({lesion})").format(
            diagnosis=diagnosis_words(question.like.case.diagnosis),
            lesion=question.like.case.lesion,
        )
        chips.append(Chip(words, question.about_own()))
    if question.shape is not None:
        words = translate("Question", "Region of the picture")
        chips.append(Chip(words, question.about_whole()))
    return chips


def _conditions(question: Question) -> list[Chip]:
    wanted, chips = question.filter, []
    for fact in WORDS:
        values: tuple[str, ...] = getattr(wanted, fact)
        if values:
            words = f"{fact_title(fact)}: {_list([fact_words(fact, value) for value in values])}"
            chips.append(Chip(words, replace(question, filter=leaving_open(wanted, fact))))
    if wanted.age:
        ages = _list([_age_words(one) for one in wanted.age])
        words = translate("Question", "Age: {ages}").format(ages=ages)
        chips.append(Chip(words, replace(question, filter=replace(wanted, age=()))))
    return chips


def _left_out(question: Question) -> list[Chip]:
    out = question.without
    if len(out) > _MOST_NAMED:
        words = translate("Question", "Without {n} cases").format(n=len(out))
        return [Chip(words, replace(question, without=()))]
    return [
        Chip(
            translate("Question", "Without {diagnosis} ({lesion})").format(
                diagnosis=diagnosis_words(match.case.diagnosis), lesion=match.case.lesion
            ),
            question.taking_in(match),
        )
        for match in out
    ]


def _search(question: Question) -> list[Chip]:
    chips = []
    if question.bits is not None:
        chips.append(Chip(search_words(question.bits), replace(question, bits=None)))
    if question.k != MATCHES:
        words = translate("Question", "{n} cases").format(n=question.k)
        chips.append(Chip(words, replace(question, k=MATCHES)))
    return chips


def _age_words(ages: AgeRange) -> str:
    if ages.youngest is None and ages.oldest is None:
        return translate("Question", "stated")
    if ages.oldest is None:
        return translate("Question", "{n:g} or older").format(n=ages.youngest)
    if ages.youngest is None:
        return translate("Question", "{n:g} or younger").format(n=ages.oldest)
    return translate("Question", "{a:g} to {b:g}").format(a=ages.youngest, b=ages.oldest)


def _list(words: list[str]) -> str:
    if len(words) <= _MOST_NAMED:
        return ", ".join(words)
    named = ", ".join(words[:_MOST_NAMED])
    return translate("Question", "{words} and {n} more").format(
        words=named, n=len(words) - _MOST_NAMED
    )
