"""A filtered search finds what comparing every case that passes finds, however few those are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.library import annoy_index, segment
from inference.library.annoy_index import AnnoyNeighbours
from inference.library.filters import EVERYTHING, AgeRange, Filter
from inference.library.library import Library
from inference.library.model import Case
from inference.library.store import Arrival
from tests.inference.library.conftest import MODEL

Floats = npt.NDArray[np.float32]
CASES = 3000
PICTURES = 2 * CASES
FACTS = [
    Case(1, "a", "mel", "histopathology", 45, "female", "back", "Clinic"),
    Case(2, "b", "nv", "follow_up", 60, "male", "Back", "Clinic"),
    Case(3, "c", "nv", "consensus", None, "", "", "HAM10000"),
    Case(4, "d", "bcc", "histopathology", 80, "male", "face", "HAM10000"),
]


def _arrivals(cases: list[Case], vectors: Floats) -> list[Arrival]:
    return [
        Arrival(case, f"{n}.png", f"{n:064x}", ".png", 1, 1, 0, vector)
        for n, (case, vector) in enumerate(zip(cases, vectors, strict=True))
    ]


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Library]:
    """One picture of each of four cases."""
    with Library.create(tmp_path / "four", "Four") as library:
        library.add(_arrivals(FACTS, np.eye(4, dtype=np.float32)), [], MODEL)
        yield library


@pytest.mark.parametrize(
    ("wanted", "passing"),
    [
        (EVERYTHING, [1, 2, 3, 4]),
        (Filter(diagnosis=("nv",)), [2, 3]),
        (Filter(diagnosis=("mel", "bcc")), [1, 4]),
        (Filter(site=("back",)), [1, 2]),
        (Filter(site=("",)), [3]),
        (Filter(sex=("male",), source=("Clinic",)), [2]),
        (Filter(confirmation=("histopathology",)), [1, 4]),
        (Filter(age=(AgeRange(45, 60),)), [1, 2]),
        (Filter(age=(AgeRange(oldest=59),)), [1]),
        (Filter(age=(AgeRange(60),)), [2, 4]),
        (Filter(age=(AgeRange(0, 50), AgeRange(70))), [1, 4]),
        (Filter(age=(AgeRange(),)), [1, 2, 4]),
        (Filter(diagnosis=("nv",), age=(AgeRange(70), AgeRange(oldest=50))), []),
        (Filter(diagnosis=("nv' OR '1'='1",)), []),
    ],
)
def test_a_case_passes_that_meets_every_fact_that_is_named(
    four: Library, wanted: Filter, passing: list[int]
) -> None:
    assert four.passing(wanted).tolist() == passing
    rates = four.base_rates(wanted)
    words = [FACTS[case - 1].diagnosis for case in passing]
    assert rates == {word: words.count(word) for word in sorted(set(words))}
    assert bool(wanted) == (wanted != EVERYTHING)
    hits = four.nearest(np.ones(4, np.float32), 9, model=MODEL, filter=wanted)
    assert [image for image, _ in hits] == passing


def test_the_counts_of_a_fact_leave_that_fact_open_and_no_other(four: Library) -> None:
    wanted = Filter(diagnosis=("nv",), age=(AgeRange(45, 60),))
    expected: dict[str, int] = {}
    for fact in FACTS:
        if fact.age is not None and 45 <= fact.age <= 60:
            expected[fact.diagnosis] = expected.get(fact.diagnosis, 0) + 1
    assert four.counts("diagnosis", wanted) == expected
    assert sum(four.counts("sex", wanted).values()) == len(four.passing(wanted))
    assert sum(four.counts("site").values()) == len(FACTS)


@pytest.fixture
def large(
    tmp_path: Path, make_vectors: Callable[..., Floats], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Library]:
    """Two pictures of each of 3,000 lesions, the last fifth of them beside an older index.

    Every diagnosis is rarer than the one before it, and two lie in corners of their own.
    """
    monkeypatch.setattr(annoy_index, "COMPARED_WHOLE", 1000)
    monkeypatch.setattr(annoy_index, "COMPARED_WITH_FILTER", 1000)
    monkeypatch.setattr(segment, "SEGMENT", 2500)
    vectors = make_vectors(PICTURES)
    names = [_diagnosis(vectors[n % CASES]) for n in range(PICTURES)]
    cases = [
        Case(0, f"L{n % CASES}", names[n], "unknown", float(n % CASES % 90))
        for n in range(PICTURES)
    ]
    arrivals = _arrivals(cases, vectors)
    with Library.create(tmp_path / "large", "Large") as library:
        library.add(arrivals[:4800], [], MODEL)
        library.rebuild_index(MODEL)
        library.add(arrivals[4800:], [], MODEL)
        yield library


def _diagnosis(vector: Floats) -> str:
    """Let what a case is hang on where it lies, as it does of real cases."""
    return "mel" if vector[0] > 0.45 else "bcc" if vector[1] > 0.3 else "nv"


def _truth(
    vectors: Floats, query: Floats, k: int, passes: Callable[[int], bool]
) -> list[tuple[int, float]]:
    """Return (case number, cosine) of the best ``k`` lesions by comparing everything."""
    scores = vectors.astype(np.float64) @ query.astype(np.float64)
    best = np.maximum(scores[:CASES], scores[CASES:])
    order = [int(n) for n in np.argsort(-best) if passes(int(n))]
    return [(n, float(best[n])) for n in order[:k]]


@pytest.mark.parametrize("word", ["mel", "bcc"])
def test_the_best_that_pass_are_found_also_where_nothing_near_the_query_passes(
    large: Library, make_vectors: Callable[..., Floats], word: str
) -> None:
    vectors = make_vectors(PICTURES)
    wanted = Filter(diagnosis=(word,))
    assert 32 < len(large.passing(wanted)) < annoy_index.COMPARED_WITH_FILTER
    for query in make_vectors(20, seed=8):
        found = large.nearest(query, 16, model=MODEL, filter=wanted)
        truth = _truth(vectors, query, 16, lambda n: _diagnosis(vectors[n]) == word)
        assert [(image - 1) % CASES for image, _ in found] == [n for n, _ in truth]
        assert [score for _, score in found] == pytest.approx([s for _, s in truth], abs=1e-6)


def test_where_most_pass_the_index_finds_the_best_as_surely_as_without_a_filter(
    large: Library, make_vectors: Callable[..., Floats]
) -> None:
    vectors, wanted = make_vectors(PICTURES), Filter(diagnosis=("nv",))
    recalls = []
    for query in make_vectors(40, seed=8):
        found = large.nearest(query, 16, model=MODEL, filter=wanted)
        truth = _truth(vectors, query, 16, lambda n: _diagnosis(vectors[n]) == "nv")
        assert len(found) == 16
        recalls.append(len({(i - 1) % CASES for i, _ in found} & {n for n, _ in truth}) / 16)
    # `effort.WANTED`, less what forty queries may miss by chance.
    assert np.mean(recalls) >= 0.985


def _index(library: Library) -> AnnoyNeighbours:
    """Return the index in use."""
    index = library._searchers._of[MODEL]._current().main
    assert isinstance(index, AnnoyNeighbours)
    return index


def test_few_that_pass_are_all_compared_and_many_come_from_the_index(
    large: Library, make_vectors: Callable[..., Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = make_vectors(1, seed=8)[0]
    large.nearest(query, 1, model=MODEL)
    index = _index(large)
    few, many = np.arange(1, 900), np.arange(1, 4400)
    index.search_k = 500
    exact = annoy_index._compared(index.segments, query, 16, index._allowed(few))
    with monkeypatch.context() as patch:
        patch.setattr(AnnoyNeighbours, "_found", None)
        assert index.nearest(query, 16, few)[0].tolist() == exact[0].tolist()
    truth = annoy_index._compared(index.segments, query, 16, index._allowed(many))
    monkeypatch.setattr(annoy_index, "_compared", None)
    ids, scores = index.nearest(query, 16, many)
    assert len(ids) == 16 and max(ids) < 4400
    assert scores.tolist() == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(truth[1][0])


def test_an_index_that_brings_too_few_that_pass_is_not_relied_on(
    large: Library, make_vectors: Callable[..., Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where all that pass lie far from the query."""
    query = make_vectors(1, seed=8)[0]
    large.nearest(query, 1, model=MODEL)
    index = _index(large)
    monkeypatch.setattr(annoy_index, "COMPARED_WHOLE", 64)
    monkeypatch.setattr(annoy_index, "COMPARED_WITH_FILTER", 64)
    monkeypatch.setattr(annoy_index, "POOL", 1)
    monkeypatch.setattr(annoy_index, "_NODES_PER_NEIGHBOUR", 1)
    everything, _ = annoy_index._compared(index.segments, query, 4800, None)
    far = np.sort(everything[2400:])
    index.search_k = 8
    ids, _ = index.nearest(query, 40, far)
    assert ids.tolist() == everything[2400:2440].tolist()


def test_every_lesion_that_passes_can_be_had(
    large: Library, make_vectors: Callable[..., Floats]
) -> None:
    vectors, query = make_vectors(PICTURES), make_vectors(1, seed=8)[0]
    wanted = Filter(diagnosis=("bcc",), age=(AgeRange(10, 40),))
    found = large.nearest(query, 10_000, model=MODEL, filter=wanted)
    truth = _truth(
        vectors, query, 10_000, lambda n: _diagnosis(vectors[n]) == "bcc" and 10 <= n % 90 <= 40
    )
    assert [(image - 1) % CASES for image, _ in found] == [n for n, _ in truth]


def test_what_leaves_the_library_leaves_a_filtered_answer_at_once(large: Library) -> None:
    query = np.ones(16, np.float32)
    wanted = Filter(diagnosis=("bcc",))
    before = large.nearest(query, 20, model=MODEL, filter=wanted)
    gone = [image for image, _ in before[:10]]
    with closing(sqlite3.connect(large.folder / "library.sqlite")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        lesions = [(large.image(image).case,) for image in gone]
        connection.executemany("DELETE FROM images WHERE case_id = ?", lesions)
        connection.executemany("DELETE FROM cases WHERE id = ?", lesions)
    after = large.nearest(query, 20, model=MODEL, filter=wanted)
    assert len(after) == 20 and after[:10] == before[10:]
    assert large.nearest(query, 20, model=MODEL, filter=wanted, without=[f"{0:064x}"])


def test_a_correction_of_a_case_counts_in_the_next_answer(four: Library) -> None:
    wanted = Filter(diagnosis=("df",))
    assert four.nearest(np.ones(4, np.float32), 4, model=MODEL, filter=wanted) == []
    with closing(sqlite3.connect(four.folder / "library.sqlite")) as connection, connection:
        connection.execute("UPDATE cases SET diagnosis = 'df' WHERE id = 3")
    ((image, _),) = four.nearest(np.ones(4, np.float32), 4, model=MODEL, filter=wanted)
    assert image == 3
