"""The nearest case of each diagnosis, each searched by itself."""

from __future__ import annotations

from pathlib import Path

from inference.library.model import Case, CaseImage
from inference.search import Match, nearest_of_each


def _match(case: int, diagnosis: str, similarity: float, distance: int | None = None) -> Match:
    return Match(
        7,
        Case(case, f"L{case}", diagnosis, "histopathology"),
        CaseImage(case, case, "x.png", "0" * 64, Path("x"), 4, 4),
        similarity,
        distance=distance,
    )


def test_rivals_are_ranked_anew_by_their_similarity() -> None:
    nearest = {"nv": _match(1, "nv", 0.5), "mel": _match(2, "mel", 0.7), "df": _match(3, "df", -1)}
    found = nearest_of_each(nearest, lambda name: (nearest[name],))
    assert [(m.rank, m.case.diagnosis) for m in found] == [(1, "mel"), (2, "nv"), (3, "df")]


def test_by_hash_code_fewer_differing_bits_come_first() -> None:
    nearest = {"nv": _match(1, "nv", 0.9, 12), "mel": _match(2, "mel", 0.2, 3)}
    found = nearest_of_each(nearest, lambda name: (nearest[name],))
    assert [m.case.diagnosis for m in found] == ["mel", "nv"]


def test_a_diagnosis_of_which_nothing_is_left_and_cases_without_one_have_no_place() -> None:
    found = nearest_of_each(
        ["mel", "nv", "unknown"], lambda name: (_match(1, name, 0.5),) * (name != "mel")
    )
    assert [m.case.diagnosis for m in found] == ["nv"]


def test_one_case_stands_once_however_its_diagnosis_is_spelt() -> None:
    found = nearest_of_each(["MEL", "mel"], lambda _: (_match(1, "mel", 0.5),))
    assert [m.case.id for m in found] == [1]
