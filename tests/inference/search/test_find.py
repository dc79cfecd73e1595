"""Matches carry their case and rank, and the vote counts them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inference.encoder.model import Encoding, Field
from inference.library.filters import Filter
from inference.library.library import Library
from inference.library.model import Case, CaseImage
from inference.library.store import Arrival
from inference.search import Match, find, vote

MODEL = "d" * 64


def encoding(embedding: list[float]) -> Encoding:
    """Return an encoding of which only the embedding matters."""
    nothing = np.zeros((1, 1, 1), dtype=np.float32)
    return Encoding(
        embedding=np.array(embedding, dtype=np.float32),
        logits=np.zeros(1, dtype=np.float32),
        probabilities=np.ones(1, dtype=np.float32),
        feature_map=nothing,
        class_maps=nothing,
        unfamiliarity=0.0,
        familiar=True,
        classes=("nv",),
        field=Field(0, 0, 1, 1, 1, 1),
        model=MODEL,
    )


def match(rank: int, diagnosis: str) -> Match:
    """Return a match of which only the diagnosis matters."""
    case = Case(rank, f"L{rank}", diagnosis, "unknown")
    return Match(rank, case, CaseImage(rank, rank, "", "", Path(), 1, 1), 0.5)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Three lesions in the plane; the first has two pictures."""
    directions = {"a1": 0.0, "a2": 10.0, "b": 20.0, "c": 90.0}
    arrivals = [
        Arrival(
            Case(0, name[0], "mel" if name[0] == "a" else "nv", "consensus"),
            f"{name}.png",
            f"{number:064x}",
            ".png",
            1,
            1,
            0,
            np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))], dtype=np.float32),
        )
        for number, (name, angle) in enumerate(directions.items())
    ]
    made = Library.create(tmp_path / "library", "Plane")
    made.add(arrivals, [], MODEL)
    return made


def test_matches_are_ranked_one_for_each_lesion(library: Library) -> None:
    with library:
        found = find(library, encoding([1.0, 0.0]), 16)
    assert [(m.rank, m.case.lesion, m.image.name) for m in found] == [
        (1, "a", "a1.png"),
        (2, "b", "b.png"),
        (3, "c", "c.png"),
    ]
    cosines = [1.0, np.cos(np.radians(20)), 0.0]
    assert [m.similarity for m in found] == pytest.approx(cosines, abs=1e-6)
    assert found[0].case.images == (1, 2)


def test_length_of_the_query_does_not_matter(library: Library) -> None:
    with library:
        short, long = find(library, encoding([0.1, 0.0])), find(library, encoding([9.0, 0.0]))
    assert [m.similarity for m in short] == pytest.approx([m.similarity for m in long], abs=1e-6)


def test_querys_own_picture_can_be_left_out(library: Library) -> None:
    with library:
        found = find(library, encoding([1.0, 0.0]), 1, without=[f"{0:064x}"])
    assert [m.image.name for m in found] == ["a2.png"]


def test_ranks_are_those_among_the_cases_that_pass(library: Library) -> None:
    with library:
        found = find(library, encoding([1.0, 0.0]), 2, filter=Filter(diagnosis=("nv",)))
        assert library.base_rates(Filter(diagnosis=("nv",))) == {"nv": 2}
        assert library.base_rates() == {"mel": 1, "nv": 2}
    assert [(m.rank, m.case.lesion) for m in found] == [(1, "b"), (2, "c")]


def test_vote_counts_diagnoses_and_the_nearer_leads_a_tie() -> None:
    matches = [match(n, name) for n, name in enumerate(("nv", "mel", "mel", "nv", "bcc"), 1)]
    assert list(vote(matches).items()) == [("nv", 2), ("mel", 2), ("bcc", 1)]
    assert vote([]) == {}
