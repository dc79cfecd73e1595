"""What the screen says of cases, counts and estimates, in sentences a colleague would say."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from inference.library.model import DRAWN, Case
from inference.search.model import Match
from viewer.numbers import decimal
from viewer.vocabulary import confirmation_of, diagnosis_words, flag_words, site_words

translate = QCoreApplication.translate


def notice() -> str:
    """Return the notice that is always on screen."""
    return translate("Words", "Research and education, not a diagnosis")


def phantom_label() -> str:
    """Return what every screen with a computer-drawn picture says."""
    return translate("Words", "Computer-drawn phantom")


def confirmation_words(case: Case) -> str:
    """Say how the diagnosis was established."""
    return confirmation_of(case.confirmation)


def is_phantom(case: Case) -> bool:
    """Say whether the case is computer-drawn."""
    return case.confirmation == DRAWN


def similarity_words(match: Match) -> str:
    """Say how similar the match is, and by how many bits hash codes differ."""
    words = translate("Words", "similarity {value}").format(value=decimal(match.similarity))
    if match.distance is None:
        return words
    return translate("Words", "{words}, {n} bits differ").format(words=words, n=match.distance)


def source_words(case: Case) -> str:
    """Say where the case comes from."""
    return case.source or translate("Words", "source not stated")


def match_sentence(match: Match) -> str:
    """Describe a match in one sentence, for screen readers and tool tips."""
    return translate(
        "Words", "Match {rank}: {diagnosis}, confirmed by: {confirmation}, {similarity}, {source}"
    ).format(
        rank=match.rank,
        diagnosis=diagnosis_words(match.case.diagnosis),
        confirmation=confirmation_words(match.case),
        similarity=similarity_words(match),
        source=source_words(match.case),
    )


def age_words(case: Case) -> str:
    """Say how old the patient was; "" where it is not stated."""
    return "" if case.age is None else translate("Words", "{age:.0f} years").format(age=case.age)


def sex_words(case: Case) -> str:
    """Name the patient's sex; "" where it is not stated."""
    words = {"female": translate("Words", "female"), "male": translate("Words", "male")}
    return words.get(case.sex, "")


def case_facts(case: Case) -> str:
    """List what else is known of a case: patient, site, lesion, licence."""
    facts = [
        age_words(case),
        sex_words(case),
        site_words(case.site),
        case.lesion,
        case.licence,
    ]
    return " · ".join(fact for fact in facts if fact)


def flag_sentence(flag: str) -> str:
    """Say what a word of caution means; a word that is not known is shown as it is."""
    return flag_words(flag) + "."


def share(part: int, whole: int) -> str:
    """Return a percentage in words: "67 %", "under 1 %", "none"."""
    if part == 0 or whole == 0:
        return translate("Words", "none")
    return percent(part / whole)


def percent(fraction: float) -> str:
    """Return a fraction in [0, 1] as a whole percentage, or "under 1 %"."""
    if fraction < 0.01:
        return translate("Words", "under 1 %")
    return translate("Words", "{value:.0f} %").format(value=100 * fraction)
