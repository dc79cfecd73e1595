"""A search by hash codes ranks by differing bits, then by cosine, and leaves nothing out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.errors import LibraryError
from inference.library.filters import Filter
from inference.library.hamming import CodeIndex, nearest_cases
from inference.library.library import Library
from inference.library.model import Case
from inference.library.store import Arrival
from tests.inference.library.conftest import MODEL

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint8]
LENGTHS = (8, 16, 24, 32, 64, 128)
CASES = 250
PICTURES = 2 * CASES


def _codes(count: int, seed: int) -> dict[int, Codes]:
    """Return codes of each length; two pictures in three have no bit in the first half of it."""
    generator = np.random.default_rng(seed)
    found = {}
    for bits in LENGTHS:
        codes = generator.integers(0, 256, (count, bits // 8), dtype=np.uint8)
        codes[: 2 * count // 3, : bits // 16] = 0
        found[bits] = codes
    return found


def _arrivals(vectors: Floats, codes: dict[int, Codes], begin: int = 0) -> list[Arrival]:
    return [
        Arrival(
            Case(0, f"L{n % CASES}", "mel" if n % CASES % 3 else "nv", "unknown"),
            f"{n}.png", f"{n:064x}", ".png", 1, 1, 0, vectors[n], {},
            {bits: values[n] for bits, values in codes.items()},
        )
        for n in range(begin, len(vectors))
    ]  # fmt: skip


@pytest.fixture
def library(tmp_path: Path, make_vectors: Callable[..., Floats]) -> Iterator[Library]:
    """Two pictures of each of 250 lesions, some of them beside an older index."""
    arrivals = _arrivals(make_vectors(PICTURES), _codes(PICTURES, 1))
    with Library.create(tmp_path / "library", "Codes") as made:
        made.add(arrivals[:400], [], MODEL)
        made.rebuild_index(MODEL)
        made.add(arrivals[400:], [], MODEL)
        yield made


@pytest.mark.parametrize("bits", LENGTHS)
def test_distances_are_counts_of_differing_bits(bits: int) -> None:
    codes, query = _codes(300, 1)[bits], _codes(1, 2)[bits][0]
    expected = np.unpackbits(codes ^ query, axis=1).sum(axis=1)
    index = CodeIndex(np.arange(1, 301), codes)
    assert index.distances(query).tolist() == expected.tolist()
    assert CodeIndex(np.empty(0, np.int64), codes[:0]).distances(query).tolist() == []
    assert index.distances(codes[7])[7] == 0


def test_rows_as_near_as_the_last_case_that_is_wanted_are_kept() -> None:
    distances = np.array([4, 0, 2, 2, 1, 9, 2])
    cases = np.array([7, 7, 3, 7, 7, 5, 9])
    assert nearest_cases(distances, cases, 1).tolist() == [1]
    assert nearest_cases(distances, cases, 2).tolist() == [1, 2, 3, 4, 6]
    assert nearest_cases(distances, cases, 4).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert nearest_cases(distances, cases, 99).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert nearest_cases(distances[:0], cases[:0], 3).tolist() == []


def _truth(
    vectors: Floats, codes: Codes, query: Floats, code: Codes, passes: Callable[[int], bool]
) -> list[tuple[int, int]]:
    """Return (distance, case number), ordered by distance, cosine and arrival, of each lesion."""
    cosines = vectors.astype(np.float64) @ query.astype(np.float64)
    away = np.unpackbits(codes ^ code, axis=1).sum(axis=1)
    order = np.lexsort((np.arange(len(cosines)), -cosines, away))
    best: dict[int, int] = {}
    for n in order.tolist():
        if passes(n % CASES):
            best.setdefault(n % CASES, int(away[n]))
    return [(distance, case) for case, distance in best.items()]


@pytest.mark.parametrize("bits", LENGTHS)
@pytest.mark.parametrize("wanted", [Filter(), Filter(diagnosis=("nv",))])
def test_hits_equal_comparing_everything(
    library: Library, make_vectors: Callable[..., Floats], bits: int, wanted: Filter
) -> None:
    vectors, codes = make_vectors(PICTURES), _codes(PICTURES, 1)[bits]
    for n, query in enumerate(make_vectors(8, seed=3)):
        code = _codes(8, 4)[bits][n]
        truth = _truth(vectors, codes, query, code, lambda c: not wanted or c % 3 == 0)
        for k in (1, 16, 1000):
            found = library.nearest_by_code(code, query, k, model=MODEL, filter=wanted)
            assert [(hit.distance, (hit.image - 1) % CASES) for hit in found] == truth[:k]
            for hit in found:
                cosine = float(vectors[hit.image - 1].astype(np.float64) @ query)
                assert hit.similarity == pytest.approx(cosine, abs=1e-6)


def test_pictures_that_came_or_went_count_at_once(
    library: Library, make_vectors: Callable[..., Floats]
) -> None:
    codes, vectors = _codes(PICTURES + 1, 1)[64], make_vectors(PICTURES + 1, seed=6)
    every = _codes(PICTURES + 1, 1)
    new = every[64][PICTURES]
    library.nearest_by_code(new, vectors[0], 1, model=MODEL)
    library.add(_arrivals(vectors, every, PICTURES), [], MODEL)
    (hit,) = library.nearest_by_code(codes[PICTURES], vectors[0], 1, model=MODEL)
    assert (hit.image, hit.distance) == (PICTURES + 1, 0)
    own = library.image(hit.image).content_hash
    (other,) = library.nearest_by_code(new, vectors[0], 1, model=MODEL, without=[own])
    assert other.image != hit.image
    with closing(sqlite3.connect(library.folder / "library.sqlite")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM images WHERE id = ?", (hit.image,))
    assert library.nearest_by_code(new, vectors[0], 1, model=MODEL) == [other]


def test_a_picture_without_a_code_is_passed_over_and_counted(
    library: Library, make_vectors: Callable[..., Floats]
) -> None:
    with closing(sqlite3.connect(library.folder / "library.sqlite")) as connection, connection:
        connection.execute("DELETE FROM codes WHERE vector_id % 250 = 7 AND bits = 32")
    query, code = make_vectors(1)[0], _codes(1, 1)[32][0]
    assert library.uncoded(MODEL, [32]) == [7, 257] and library.uncoded(MODEL, [64]) == []
    found = library.nearest_by_code(code, query, 1000, model=MODEL)
    assert len(found) == CASES - 1 and not {7, 257} & {hit.image for hit in found}


def test_a_library_without_codes_says_how_to_get_them(
    library: Library, make_vectors: Callable[..., Floats]
) -> None:
    query = make_vectors(1)[0]
    with pytest.raises(LibraryError, match="no hash codes of 256 bits") as caught:
        library.nearest_by_code(np.zeros(32, np.uint8), query, 3, model=MODEL)
    assert "caselens library describe" in caught.value.advice
    with pytest.raises(LibraryError, match="described by another model"):
        library.nearest_by_code(np.zeros(8, np.uint8), query, 3, model="f" * 64)
    with pytest.raises(ValueError, match="at least 1"):
        library.nearest_by_code(np.zeros(8, np.uint8), query, 0, model=MODEL)


def test_an_empty_library_has_no_codes_to_compare(tmp_path: Path) -> None:
    with Library.create(tmp_path / "empty", "Empty") as empty:
        code, query = np.zeros(8, np.uint8), np.ones(16, np.float32)
        assert empty.nearest_by_code(code, query, 3, model=MODEL) == []
