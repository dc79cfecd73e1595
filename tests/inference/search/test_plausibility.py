"""Whether a library says that it holds nothing like a query."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inference.encoder.model import Encoding
from inference.library.library import Library
from inference.library.model import Case
from inference.library.novelty import NEIGHBOUR
from inference.library.store import Arrival
from inference.search import find, plausibility
from tests.inference.search.test_find import MODEL, encoding

HOME = np.array([1.0, *[0.0] * 7], np.float32)
AWAY = np.array([*[0.0] * 7, 1.0], np.float32)


def _library(folder: Path, count: int) -> Library:
    """Make a library of ``count`` cases that all lie around `HOME`."""
    rng = np.random.default_rng(0)
    vectors = HOME + 0.1 * rng.normal(size=(count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    arrivals = [
        Arrival(Case(0, f"L{i}", "nv", "unknown"), f"{i}.png", f"{i:064x}", ".png", 1, 1, 0, vector)
        for i, vector in enumerate(vectors.astype(np.float32))
    ]
    library = Library.create(folder, "L")
    library.add(arrivals, [], MODEL)
    return library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with _library(tmp_path / "library", 60) as made:
        yield made


def _plausibility(library: Library, vector: np.ndarray, k: int = 16) -> float | None:
    asked: Encoding = encoding(vector.tolist())
    return plausibility(library, asked, find(library, asked, k), content_hash="f" * 64)


def test_a_query_amid_the_cases_is_plausible_and_one_far_away_is_not(library: Library) -> None:
    assert _plausibility(library, HOME) == pytest.approx(1.0)
    assert _plausibility(library, AWAY) == pytest.approx(1 / 61)


def test_it_does_not_depend_on_how_many_matches_were_asked_for(library: Library) -> None:
    vector = HOME + 0.3 * AWAY
    vector /= np.linalg.norm(vector)
    few, many = _plausibility(library, vector, 3), _plausibility(library, vector, 40)
    assert few == many
    assert few is not None and 1 / 61 < few < 1


def test_the_query_s_own_picture_is_no_company(library: Library) -> None:
    image = library.image(1)
    row = library._store.vectors(MODEL).values[0]
    asked = encoding(row.tolist())
    matches = find(library, asked, 16)
    assert matches[0].image.content_hash == image.content_hash
    own = plausibility(library, asked, matches, content_hash=image.content_hash)
    alone = [m.similarity for m in matches[1:]]
    reference = library.reference(MODEL)
    assert reference is not None
    assert own == pytest.approx(float(reference.p_value(alone[NEIGHBOUR - 1])))


def test_it_is_kept_beside_the_index(library: Library) -> None:
    before = library.reference(MODEL)
    library.rebuild_index(MODEL)
    folder = library.folder
    library.close()
    with Library.open(folder) as again:
        after = again.reference(MODEL)
        assert before is not None and after is not None
        assert after.similarities.tolist() == before.similarities.tolist()
        assert len(after.similarities) == 60


def test_a_library_too_small_to_tell_does_not(tmp_path: Path) -> None:
    with _library(tmp_path / "small", NEIGHBOUR) as small:
        assert _plausibility(small, AWAY) is None
