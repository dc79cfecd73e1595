"""Loneliness against brute force, and p-values that keep the promise they are made for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from inference.library import novelty
from inference.library.novelty import Reference


def _unit(rng: np.random.Generator, count: int, size: int = 8) -> npt.NDArray[np.float32]:
    vectors = rng.normal(size=(count, size))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)


def _by_hand(
    query: npt.NDArray[np.float32], gallery: npt.NDArray[np.float32], lesions: list[str], rank: int
) -> float:
    best = {
        name: max(float(gallery[i] @ query) for i, lesion in enumerate(lesions) if lesion == name)
        for name in set(lesions)
    }
    return sorted(best.values(), reverse=True)[rank - 1]


def test_closeness_is_the_cosine_to_the_lesion_at_that_rank() -> None:
    rng = np.random.default_rng(5)
    gallery, queries = _unit(rng, 50), _unit(rng, 150)
    lesions = [f"L{i}" for i in rng.integers(0, 20, 50)]
    found = novelty.closeness(queries, gallery, lesions, ranks=(1, 4))
    assert found.shape == (150, 2)
    for query, row in zip(queries, found, strict=True):
        wanted = [_by_hand(query, gallery, lesions, rank) for rank in (1, 4)]
        assert row == pytest.approx(wanted, abs=1e-6)


def test_a_library_case_is_searched_without_its_own_lesion() -> None:
    """Three pictures of one lesion lie together; what counts is the way to the others."""
    angles = np.radians([0.0, 1.0, 2.0, 30.0, 90.0])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = novelty.reference(vectors, ["a", "a", "a", "b", "c"], neighbour=1)
    assert len(found.similarities) == 3
    # c to b and, for whichever picture of a was drawn, a to b; b to a's nearest picture
    assert found.similarities[0] == pytest.approx(np.cos(np.radians(60)), abs=1e-6)
    assert found.similarities[2] == pytest.approx(np.cos(np.radians(28)), abs=1e-6)
    assert np.cos(np.radians(30)) - 1e-6 <= found.similarities[1] <= np.cos(np.radians(28)) + 1e-6


def test_each_case_counts_once_and_at_most_the_sample_is_drawn() -> None:
    rng = np.random.default_rng(2)
    vectors = _unit(rng, 400)
    lesions = [f"L{i // 2}" for i in range(400)]
    assert len(novelty.reference(vectors, lesions).similarities) == 200
    few = novelty.reference(vectors, lesions, sample=150)
    again = novelty.reference(vectors, lesions, sample=150)
    assert few.similarities.tolist() == again.similarities.tolist()
    assert len(few.similarities) == 150
    assert (np.diff(few.similarities) >= 0).all() and few.similarities.dtype == np.float32


def test_the_p_value_counts_the_cases_that_are_at_least_as_lonely() -> None:
    """Four cases at .2, .5, .5, .9: (1 + count) / 5 by hand."""
    known = Reference(np.array([0.2, 0.5, 0.5, 0.9], np.float32), neighbour=1)
    values = known.p_value([0.1, 0.2, 0.5, 0.8, 1.0])
    assert values == pytest.approx([1 / 5, 2 / 5, 4 / 5, 4 / 5, 1.0])
    assert known.p_value(0.1).shape == ()


def test_queries_like_the_library_are_rarely_called_new_and_strangers_are() -> None:
    rng = np.random.default_rng(11)

    def near_the_pole(count: int) -> npt.NDArray[np.float32]:
        vectors = np.concatenate([np.full((count, 1), 5.0), rng.normal(size=(count, 7))], axis=1)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors, np.float32)

    library = near_the_pole(1500)
    lesions = [str(i) for i in range(1500)]
    known = novelty.reference(library, lesions)
    alike = known.p_value(novelty.closeness(near_the_pole(1500), library, lesions)[:, 0])
    for level in (0.05, 0.2):
        assert (alike <= level).mean() == pytest.approx(level, abs=0.03)
    strangers = known.p_value(novelty.closeness(-near_the_pole(20), library, lesions)[:, 0])
    assert strangers == pytest.approx(1 / 1501)


@pytest.mark.parametrize("rank", [0, 4])
def test_a_rank_that_is_not_there_is_refused(rank: int) -> None:
    vectors = _unit(np.random.default_rng(0), 3)
    with pytest.raises(ValueError, match="among 3 lesions"):
        novelty.closeness(vectors, vectors, ["a", "b", "c"], ranks=(rank,))


def test_a_library_too_small_to_compare_with_is_refused() -> None:
    vectors = _unit(np.random.default_rng(0), 3)
    with pytest.raises(ValueError, match="among 2 lesions"):
        novelty.reference(vectors, ["a", "b", "c"], neighbour=3)
