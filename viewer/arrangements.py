"""The three ways to read an answer: by similarity, by diagnosis, and as a differential."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from inference.search.model import Match
from viewer.consultation import Consultation
from viewer.evidence import counted_bar, counted_words, rows_of
from viewer.gallery_delegate import Card, usual_facts
from viewer.gallery_layout import Arrangement, Section
from viewer.map_words import MapKind
from viewer.numbers import whole
from viewer.vocabulary import diagnosis_words
from viewer.words import confirmation_words, similarity_words, source_words

translate = QCoreApplication.translate

_SMALL_WIDTH = 142
"""Six columns beside the query at 1366 pixels: a row of one diagnosis is seen at a glance."""


def sections_of(arrangement: Arrangement, consultation: Consultation) -> tuple[Section, ...]:
    """Return the rows of an answer's matches in sections, each with its heading."""
    matches = consultation.answer.matches
    if arrangement != "diagnoses":
        return (Section(tuple(range(len(matches)))),)
    filtered = bool(consultation.answer.filter)
    return tuple(
        Section(
            tuple(n for n, match in enumerate(matches) if match.case.diagnosis == row.diagnosis),
            diagnosis_words(row.diagnosis),
            counted_words(row, filtered=filtered),
            counted_bar(row),
        )
        for row in rows_of(consultation.answer)
        if row.neighbours
    )


def card_of(arrangement: Arrangement, consultation: Consultation) -> Card:
    """Return what the cards of an answer say."""
    if arrangement == "grid":
        return Card()
    if arrangement == "diagnoses":
        return Card(_SMALL_WIDTH, lines=3, titled=False, facts=usual_facts)
    rates = consultation.answer.base_rates

    def facts(match: Match) -> tuple[str, ...]:
        case = match.case
        return (
            confirmation_words(case),
            similarity_words(match),
            nearest_words(rates.get(case.diagnosis, 0)),
            source_words(case),
        )

    return Card(facts=facts)


def nearest_words(searched: int) -> str:
    """Say that a case is the nearest of its diagnosis."""
    if searched <= 1:
        return translate("Arrangements", "the only case of it")
    return translate("Arrangements", "nearest of {n} cases").format(n=whole(searched))


def flags_of(consultation: Consultation) -> tuple[str, ...]:
    """Return an answer's words of caution, also that the encoder does not know such pictures."""
    answer = consultation.answer
    flags = tuple(flag for flag in answer.flags if flag != "not_dermoscopy")
    return flags if answer.encoding.familiar else ("not_dermoscopy", *flags)


def gallery_kind(consultation: Consultation) -> MapKind:
    """Return what the maps of an answer's matches are."""
    if consultation.shape is not None:
        return MapKind.REGION
    return MapKind.GALLERY if consultation.own else MapKind.GALLERY_OF_CASE


def answer_title(consultation: Consultation) -> str:
    """Say what the cases on screen are."""
    n = len(consultation.answer.matches)
    if n == 0:
        return translate("Arrangements", "No matches")
    if consultation.rivals:
        return translate("Arrangements", "Nearest case of each diagnosis")
    if not consultation.own:
        return translate("Arrangements", "{n} cases like this case").format(n=n)
    if consultation.shape is not None:
        return translate("Arrangements", "{n} matches for the region").format(n=n)
    if "unlike_library" in consultation.answer.flags:
        return translate("Arrangements", "{n} nearest cases, none of them close").format(n=n)
    return translate("Arrangements", "{n} most similar cases").format(n=n)


def only_cases_left_out(former: Consultation, present: Consultation) -> bool:
    """Say whether two answers differ in nothing but cases that the reader left out."""
    plain = [replace(one.question, without=()) for one in (former, present)]
    same = former.picture is present.picture and former.rivals == present.rivals
    return same and plain[0] == plain[1]
