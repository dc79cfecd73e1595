"""Conditions on cases as they are typed after ``--where``."""

from __future__ import annotations

import pytest

from inference.commands.where import read_filter
from inference.errors import CaseLensError
from inference.library.filters import EVERYTHING, AgeRange, Filter


def test_words_of_one_fact_are_alternatives_and_facts_add_up() -> None:
    typed = [
        "diagnosis=mel,nv",
        "sex=female",
        "diagnosis = bcc",
        "site=lower extremity",
        "tag=Teaching",
    ]
    assert read_filter(typed) == Filter(
        diagnosis=("mel", "nv", "bcc"),
        sex=("female",),
        site=("lower extremity",),
        tag=("Teaching",),
    )
    assert read_filter([]) == EVERYTHING


def test_what_is_not_stated_can_be_asked_for() -> None:
    assert read_filter(["site=unknown,back", "sex=Unknown"]) == Filter(site=("", "back"), sex=("",))
    assert read_filter(["confirmation=unknown"]) == Filter(confirmation=("unknown",)), (
        "its own word"
    )


def test_ages_are_ranges_open_on_either_side() -> None:
    found = read_filter(["age=40-60,75", "age=-20", "age=80-"])
    assert found.age == (
        AgeRange(40, 60), AgeRange(75, 75), AgeRange(None, 20), AgeRange(80, None)
    )  # fmt: skip


@pytest.mark.parametrize(
    "typed", ["", "mel", "diagnosis=", "diagnosis=mel,", "colour=red", "age", "=mel"]
)
def test_a_condition_that_is_none_is_told_with_what_can_be_written(typed: str) -> None:
    with pytest.raises(CaseLensError, match="not a condition on cases") as caught:
        read_filter([typed])
    assert "diagnosis, site, sex, confirmation, source, tag, age" in caught.value.advice


@pytest.mark.parametrize("typed", ["old", "60-40", "-", "4O-50", "nan", "1-inf", "1-2-3"])
def test_a_range_of_ages_that_is_none_is_told(typed: str) -> None:
    with pytest.raises(CaseLensError, match="not a range of ages"):
        read_filter([f"age={typed}"])
