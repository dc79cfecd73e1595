"""What the screen says of cases, counts and estimates, in sentences a colleague would say."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QCoreApplication

from inference.cautions import FLAGS
from inference.consultation import Answer
from inference.diagnoses import CONFIRMATIONS, diagnosis_name, is_malignant
from inference.library.model import DRAWN, Case, LibraryInfo
from inference.search.model import Match

translate = QCoreApplication.translate

_LEANS = 0.5


def notice() -> str:
    """Return the notice that is always on screen."""
    return translate("Words", "Research and education, not a diagnosis")


def phantom_label() -> str:
    """Return what every screen with a computer-drawn picture says."""
    return translate("Words", "Computer-drawn phantom")


def confirmation_words(case: Case) -> str:
    """Say how the diagnosis was established."""
    return CONFIRMATIONS.get(case.confirmation, case.confirmation)


def is_phantom(case: Case) -> bool:
    """Say whether the case is computer-drawn."""
    return case.confirmation == DRAWN


def similarity_words(match: Match) -> str:
    """Say how similar the match is."""
    return translate("Words", "similarity {value:.2f}").format(value=match.similarity)


def source_words(case: Case) -> str:
    """Say where the case comes from."""
    return case.source or translate("Words", "source not stated")


def match_sentence(match: Match) -> str:
    """Describe a match in one sentence, for screen readers and tool tips."""
    return translate(
        "Words", "Match {rank}: {diagnosis}, confirmed by: {confirmation}, {similarity}, {source}"
    ).format(
        rank=match.rank,
        diagnosis=diagnosis_name(match.case.diagnosis),
        confirmation=confirmation_words(match.case),
        similarity=similarity_words(match),
        source=source_words(match.case),
    )


def case_facts(case: Case) -> str:
    """List what else is known of a case: patient, site, lesion, licence."""
    facts = [
        translate("Words", "{age:.0f} years").format(age=case.age) if case.age is not None else "",
        {"female": translate("Words", "female"), "male": translate("Words", "male")}.get(
            case.sex, ""
        ),
        case.site,
        case.lesion,
        case.licence,
    ]
    return " · ".join(fact for fact in facts if fact)


def flag_sentence(flag: str) -> str:
    """Say what a word of caution means; a word that is not known is shown as it is."""
    return FLAGS.get(flag, flag) + "."


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


def evidence_sentences(answer: Answer, info: LibraryInfo) -> list[str]:
    """Say what the matches and the model show, side by side, and never one verdict."""
    counts = Counter(match.case.diagnosis for match in answer.matches)
    if not counts:
        return [translate("Words", "This library holds no case to compare with.")]
    total = len(answer.matches)
    if not answer.encoding.familiar:
        return [
            *_region_sentences(answer),
            flag_sentence("not_dermoscopy"),
            translate("Words", "The model's estimate is left out for that reason."),
        ]
    named = sorted(counts, key=lambda name: (-counts[name], info.diagnoses.get(name, 0)))[:2]
    malignant = sum(n for name, n in counts.items() if is_malignant(name))
    malignant_known = sum(n for name, n in info.diagnoses.items() if is_malignant(name))
    return [
        *_region_sentences(answer),
        *(_count_sentence(name, counts[name], total, info) for name in named),
        translate(
            "Words", "Malignant or pre-malignant: {n} of {total} matches, {rate} of this library."
        ).format(n=malignant, total=total, rate=share(malignant_known, info.cases)),
        *([] if answer.region is not None else [_estimate_sentence(answer, counts)]),
    ]


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
            ).format(n=f"{answer.unsearched:,}")
        )
    return sentences


def _count_sentence(name: str, count: int, total: int, info: LibraryInfo) -> str:
    expected = total * info.diagnoses.get(name, 0) / info.cases if info.cases else 0.0
    chance = (
        translate("Words", "about {n:.0f}").format(n=expected)
        if expected >= 1
        else translate("Words", "less than one")
    )
    return translate(
        "Words",
        "{diagnosis}: {n} of {total} matches; its share of this library would make {chance}.",
    ).format(diagnosis=diagnosis_name(name), n=count, total=total, chance=chance)


def _estimate_sentence(answer: Answer, counts: Counter[str]) -> str:
    leader, probability = max(answer.estimate.items(), key=lambda item: item[1])
    commonest = [name for name, n in counts.items() if n == max(counts.values())]
    if probability < _LEANS:
        return translate(
            "Words", "The model alone is undecided: no diagnosis reaches half of its estimate."
        )
    if leader not in commonest:
        return translate(
            "Words", "Matches and model disagree: the model alone leans to {diagnosis} ({percent})."
        ).format(diagnosis=diagnosis_name(leader), percent=percent(probability))
    return translate(
        "Words", "The model alone leans to {diagnosis} too ({percent}); both can be wrong together."
    ).format(diagnosis=diagnosis_name(leader), percent=percent(probability))
