"""Hash codes beside the vectors: kept, and given to libraries from before."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from inference.library import schema
from inference.library.describe import describe, lacking
from inference.library.library import Library
from tests.inference.library.conftest import (
    MODEL,
    FakeEncoder,
    FakeManifest,
    codes_of,
    make_older,
)

OTHER = "b" * 64
LENGTHS = FakeManifest.bits
ALL = list(range(1, 31))


def _change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def older(built: Library) -> Path:
    """The folder of a library as it was made before codes were kept."""
    built.close()
    before = next(number for number, step in enumerate(schema.MIGRATIONS) if step is schema._CODES)
    make_older(built.folder, before)
    return built.folder


def test_a_build_keeps_the_codes_of_each_length(built: Library) -> None:
    vectors = built._store.vectors(MODEL)
    assert vectors.images.tolist() == ALL
    for bits, expected in codes_of(vectors.values).items():
        kept = built._store.codes(MODEL, bits)
        assert kept.images.tolist() == ALL and kept.values.dtype == np.uint8
        assert np.array_equal(kept.values, expected)
    assert built.uncoded(MODEL, LENGTHS) == [] and built.uncoded(OTHER, LENGTHS) == ALL
    assert built.uncoded(MODEL, [*LENGTHS, 32]) == ALL, "a length that the model gives since then"
    assert built._store.codes(OTHER, 8).values.shape == (0, 1)


@pytest.mark.usefixtures("small_batches")
def test_describing_a_library_from_before_adds_the_codes_and_nothing_else(
    older: Path, encoder: FakeEncoder
) -> None:
    with Library.open(older) as library:
        vectors = library._store.vectors(MODEL)
        assert library.undescribed(MODEL) == [] and library.uncoded(MODEL, LENGTHS) == ALL
        assert len(library.nearest(vectors.values[0], 20, model=MODEL)) == 20
        assert lacking(library, encoder.manifest) == ALL
        index = {path: path.stat().st_mtime_ns for path in older.glob("index/*/*")}
        report = describe(library, encoder)
        assert (report.added, report.skipped, report.rejected) == (30, 0, ())
        assert lacking(library, encoder.manifest) == []
        assert np.array_equal(library._store.vectors(MODEL).values, vectors.values)
        assert {path: path.stat().st_mtime_ns for path in older.glob("index/*/*")} == index
        for bits, expected in codes_of(vectors.values).items():
            assert np.array_equal(library._store.codes(MODEL, bits).values, expected)
    assert list((older / "backups").glob("library-format*"))


def test_codes_go_with_their_picture_and_their_vector(built: Library) -> None:
    _change(built.folder, "DELETE FROM images WHERE id = 5", "DELETE FROM vectors WHERE id = 7")
    assert built._store.codes(MODEL, 8).images.tolist() == [n for n in ALL if n not in (5, 7)]


def test_a_code_of_another_length_than_it_says_cannot_be_kept(built: Library) -> None:
    vectors = np.eye(1, 16, dtype=np.float32)
    with pytest.raises(sqlite3.IntegrityError):
        built.add_vectors([1], vectors, OTHER, codes={16: np.zeros((1, 1), np.uint8)})
    assert built.undescribed(OTHER) == ALL, "the vector goes with it"
