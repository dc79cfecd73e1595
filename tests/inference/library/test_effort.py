"""A search inspects as much as the library needs, as measured on cases like its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.library import annoy_index, effort, segment
from inference.library.annoy_index import AnnoyNeighbours
from inference.library.library import Library
from tests.inference.library.conftest import MODEL

Floats = npt.NDArray[np.float32]
Make = Callable[[Floats], AnnoyNeighbours]


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _spread(count: int, seed: int) -> Floats:
    """Return vectors without any order, the hardest that there are."""
    return _unit(np.random.default_rng(seed).standard_normal((count, 16), np.float32))


def _in_lines(count: int, seed: int) -> Floats:
    """Return vectors of which each has twenty close by and all else far off."""
    generator = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((150, 16), np.float32)
    noise = 0.05 * generator.standard_normal((count, 16), np.float32)
    return _unit(centres[generator.integers(0, 150, count)] + noise)


@pytest.fixture
def make(
    tmp_path: Path, add_vectors: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Make]:
    """``make(vectors)`` returns the index of a library that holds them."""
    monkeypatch.setattr(annoy_index, "COMPARED_WHOLE", 100)
    monkeypatch.setattr(segment, "SEGMENT", 2000)
    monkeypatch.setattr(effort, "SAMPLE", 60)
    monkeypatch.setattr(effort, "LADDER", (50, 100, 200, 400, 800, 1200))
    libraries: list[Library] = []

    def made(vectors: Floats) -> AnnoyNeighbours:
        library = Library.create(tmp_path / f"library {len(libraries)}", "L")
        libraries.append(library)
        add_vectors(library, vectors, [f"L{n}" for n in range(len(vectors))])
        library.rebuild_index(MODEL)
        library.nearest(vectors[0], 1, model=MODEL)
        index = library._searchers._of[MODEL]._current().main
        assert isinstance(index, AnnoyNeighbours)
        return index

    yield made
    for library in libraries:
        library.close()


def _recall(index: AnnoyNeighbours, vectors: Floats, queries: Floats) -> float:
    shares = []
    for query in queries:
        truth = 1 + np.argsort(-(vectors @ query))[: effort.NEIGHBOURS]
        found, _ = index.nearest(query, effort.NEIGHBOURS)
        shares.append(len(np.intersect1d(found, truth)) / effort.NEIGHBOURS)
    return float(np.mean(shares))


def test_neighbours_that_are_hard_to_tell_from_the_rest_take_more_effort(make: Make) -> None:
    easy, hard = make(_in_lines(3000, 1)), make(_spread(3000, 1))
    assert easy.search_k < hard.search_k
    # `effort.WANTED`, less what fifty queries may miss by chance.
    assert _recall(easy, _in_lines(3000, 1), _in_lines(50, 2)) >= effort.WANTED - 0.01
    assert _recall(hard, _spread(3000, 1), _spread(50, 2)) >= effort.WANTED - 0.01


def test_the_least_effort_that_is_enough_is_chosen(make: Make) -> None:
    index = make(_in_lines(3000, 1))
    chosen = index.search_k
    measured = effort.measure(index)
    assert measured.search_k == chosen and measured.recall >= effort.WANTED
    parts = [each.vectors for each in index.segments]
    queries = effort._drawn(parts, index.count)
    if chosen > effort.LADDER[0]:
        index.search_k = effort.LADDER[effort.LADDER.index(chosen) - 1]
        assert _recall(index, _in_lines(3000, 1), queries) < effort.WANTED


def test_cases_are_drawn_as_far_from_a_clusters_centre_as_its_own() -> None:
    noise = np.random.default_rng(3).standard_normal((500, 16), np.float32)
    vectors = _unit(np.eye(16, dtype=np.float32)[0] + 0.1 * noise)
    drawn = effort._drawn([vectors], len(vectors))
    own, new = (1 - (each @ vectors.mean(axis=0)).mean() for each in (vectors, drawn))
    # Neighbours were added up, which lie together: nearer to the centre than any four would.
    assert 0.5 * own < new < 1.5 * own
