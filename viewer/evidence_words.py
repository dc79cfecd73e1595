"""What matches and model show, in sentences, side by side, and never one verdict."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QCoreApplication

from inference.consultation import Answer
from inference.diagnoses import is_malignant
from viewer.numbers import whole
from viewer.question import Question
from viewer.vocabulary import diagnosis_words
from viewer.words import flag_sentence, percent, share

translate = QCoreApplication.translate

_LEANS = 0.5


def evidence_sentences(answer: Answer, question: Question) -> list[str]:
    """Say what the matches and the model show, side by side, and never one verdict."""
    counts = Counter(match.case.diagnosis for match in answer.matches)
    if not counts:
        return [_nothing(answer, question)]
    total = len(answer.matches)
    if not answer.encoding.familiar:
        return [
            *_question_sentences(answer, question),
            flag_sentence("not_dermoscopy"),
            translate("Words", "The model's estimate is left out for that reason."),
        ]
    rates = answer.base_rates
    named = sorted(counts, key=lambda name: (-counts[name], rates.get(name, 0)))[:2]
    return [
        *_question_sentences(answer, question),
        *(_count_sentence(name, counts[name], total, answer) for name in named),
        _malignant_sentence(answer, counts),
        *([] if answer.region is not None else [_estimate_sentence(answer, counts)]),
    ]


def _nothing(answer: Answer, question: Question) -> str:
    if answer.filter or question.without:
        return translate("Words", "No case passes what is asked for: take a condition away.")
    return translate("Words", "This library holds no case to compare with.")


def _malignant_sentence(answer: Answer, counts: Counter[str]) -> str:
    words = (
        translate(
            "Words",
            "Malignant or pre-malignant: {n} of {total} matches, {rate} of the cases that pass.",
        )
        if answer.filter
        else translate(
            "Words", "Malignant or pre-malignant: {n} of {total} matches, {rate} of this library."
        )
    )
    rates = answer.base_rates
    malignant = sum(n for name, n in counts.items() if is_malignant(name))
    searched = sum(n for name, n in rates.items() if is_malignant(name))
    rate = share(searched, sum(rates.values()))
    return words.format(n=malignant, total=len(answer.matches), rate=rate)


def _question_sentences(answer: Answer, question: Question) -> list[str]:
    """Say what the counts no longer mean, since the question is not the plain one."""
    sentences = _region_sentences(answer)
    if question.like is not None:
        sentences.insert(
            0,
            translate(
                "Words",
                "These cases are like a case of the library, {diagnosis}, not like your picture: "
                "counts and estimate are about that case.",
            ).format(diagnosis=diagnosis_words(question.like.case.diagnosis)),
        )
    if answer.bits is not None and answer.unsearched:
        sentences.append(
            translate(
                "Words",
                "Not searched: {n} pictures of which this library keeps no hash code; "
                "caselens library describe makes them.",
            ).format(n=whole(answer.unsearched))
        )
    if answer.filter.diagnosis:
        sentences.append(
            translate(
                "Words",
                "Only some diagnoses were searched: that the others are missing means nothing.",
            )
        )
    return sentences


def _region_sentences(answer: Answer) -> list[str]:
    """Say what matches for a region are, and what no longer follows from them."""
    if answer.region is None:
        return []
    sentences = [
        translate(
            "Words",
            "These cases hold something like the area you marked. A structure is shared by "
            "several diagnoses: the counts do not say what your picture shows as a whole, and "
            "the model's estimate is not about the area.",
        )
    ]
    if answer.unsearched:
        sentences.append(
            translate(
                "Words",
                "Not searched: {n} pictures of which this library keeps no map; "
                "caselens library describe makes them.",
            ).format(n=whole(answer.unsearched))
        )
    return sentences


def _count_sentence(name: str, count: int, total: int, answer: Answer) -> str:
    cases = sum(answer.base_rates.values())
    expected = total * answer.base_rates.get(name, 0) / cases if cases else 0.0
    chance = (
        translate("Words", "about {n:.0f}").format(n=expected)
        if expected >= 1
        else translate("Words", "less than one")
    )
    words = (
        translate(
            "Words",
            "{diagnosis}: {n} of {total} matches; its share of the cases that pass would make "
            "{chance}.",
        )
        if answer.filter
        else translate(
            "Words",
            "{diagnosis}: {n} of {total} matches; its share of this library would make {chance}.",
        )
    )
    return words.format(diagnosis=diagnosis_words(name), n=count, total=total, chance=chance)


def _estimate_sentence(answer: Answer, counts: Counter[str]) -> str:
    leader, probability = max(answer.estimate.items(), key=lambda item: item[1])
    commonest = [name for name, n in counts.items() if n == max(counts.values())]
    if probability < _LEANS:
        return translate(
            "Words", "The model alone is undecided: no diagnosis reaches half of its estimate."
        )
    if answer.filter.diagnosis:
        return translate("Words", "The model alone leans to {diagnosis} ({percent}).").format(
            diagnosis=diagnosis_words(leader), percent=percent(probability)
        )
    if leader not in commonest:
        return translate(
            "Words", "Matches and model disagree: the model alone leans to {diagnosis} ({percent})."
        ).format(diagnosis=diagnosis_words(leader), percent=percent(probability))
    return translate(
        "Words", "The model alone leans to {diagnosis} too ({percent}); both can be wrong together."
    ).format(diagnosis=diagnosis_words(leader), percent=percent(probability))
