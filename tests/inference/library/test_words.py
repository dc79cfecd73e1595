"""Cases are found by the words that are written of them, whatever is typed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.library import words
from inference.library.connection import connect
from inference.library.library import Library
from inference.library.schema import lay_out


@pytest.fixture
def library(built: Library) -> Library:
    """Twenty cases, of which some have more to say."""
    facts: dict[int, dict[str, object]] = {
        1: {"tags": ("amelanotic", "Ulzération")},
        2: {"note": "Patient's mother had amelanotic melanoma; 3 mm", "site": "lower leg"},
        4: {"source": "Clinic of Graz", "diagnosis": "bkl"},
    }
    for number, change in facts.items():
        case = built.case(number)
        built.curation.edit(case, replace(case, **change))  # type: ignore[arg-type]
    return built


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("amelanotic", [1, 2]),
        ("AMELANOTIC", [1, 2]),
        ("ulzeration", [1]),
        ("amelan", [1, 2]),
        ("mother amelan", [2]),
        ("amelan mother", []),
        ("patient's mother", [2]),
        ("lower leg", [2]),
        ("graz", [4]),
        ("picture_007", [8]),
        ("picture_007.png", [8]),
        ("picture_027", [8]),
        ("benign keratosis", [4]),
        ("bkl", [4]),
        ("L3", [4]),
        ("keratosis graz L3", [4]),
        ("keratosis -graz", [4]),
        ("note:mother", []),
        ("3 mm", [2]),
        ("", []),
        (" *\"'() ", []),
    ],
)
def test_words_find_their_cases(library: Library, text: str, found: list[int]) -> None:
    assert library.curation.search(text) == found


def test_a_name_comes_before_a_mention(library: Library) -> None:
    found = library.curation.search("melanoma")
    assert len(found) == 7
    assert library.curation.search("melanoma", limit=3) == found[:3]
    case = library.case(1)
    library.curation.edit(case, replace(case, note="no melanoma"))
    assert library.curation.search("melanoma")[-1] == 1


@pytest.mark.parametrize(
    "text",
    ["AND", "NOT a", "a OR", '"', '""" x', "a*b*", "^q", "a NEAR(b", "{x}: y", "-", "\0q", "😀"],
)
def test_signs_and_operators_of_the_engine_have_no_meaning(library: Library, text: str) -> None:
    assert library.curation.search(text) == []


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A database with the tables of a library."""
    with closing(connect(tmp_path_factory.mktemp("words") / "w.sqlite", "rwc")) as connection:
        lay_out(connection)
        yield connection


@given(text=st.text(max_size=40))
def test_nothing_that_is_typed_fails(empty: sqlite3.Connection, text: str) -> None:
    assert words.search(empty, text, None) == []


def test_words_follow_every_change(library: Library) -> None:
    def check() -> None:
        with closing(connect(library.folder / "library.sqlite", "ro")) as connection:
            assert words.out_of_step(connection) == []

    check()
    case = library.case(2)
    library.curation.edit(case, replace(case, tags=("x", "y"), site=""))
    check()
    library.curation.delete([7], images=[3])
    check()
    library.curation.merge(5, 2)
    library.curation.merge(2, 8)
    check()
    assert library.curation.search("picture_004") == [8]
    assert library.curation.search("L4") == library.curation.search("L1 mel") == [8]
    library.curation.undo()
    check()
    library.curation.undo()
    library.curation.undo()
    check()
    assert library.curation.search("L6") == [7]


def test_rows_that_fell_out_of_step_are_named(library: Library) -> None:
    with closing(connect(library.folder / "library.sqlite", "rw")) as connection:
        connection.execute("DELETE FROM words WHERE rowid = 4")
        connection.execute("INSERT INTO words (rowid, note) VALUES (99, 'ghost')")
        connection.execute("UPDATE words SET site = 'face' WHERE rowid = 6")
        assert words.out_of_step(connection) == [4, 6, 99]
        words.refill(connection)
        assert words.out_of_step(connection) == []
