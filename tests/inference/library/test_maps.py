"""Feature maps beside the vectors: written together, read by picture or all, never at a cost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.errors import LibraryError
from inference.library import library as library_module
from inference.library import schema
from inference.library.build import build
from inference.library.describe import describe
from inference.library.library import Library
from inference.library.source import read_source
from tests.inference.library.conftest import MODEL, FakeEncoder, FakeManifest, make_older

OTHER = "b" * 64
MAP, INNER = NAMES = FakeManifest.maps
Floats = npt.NDArray[np.float32]
ALL = list(range(1, 31))


def _count(folder: Path, what: str) -> int:
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0])


def _vectors(folder: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection:
        return connection.execute("SELECT * FROM vectors ORDER BY id").fetchall()


@pytest.fixture
def older(built: Library) -> Path:
    """The folder of a library as it was made before maps were kept."""
    built.close()
    make_older(built.folder, 1)
    return built.folder


def test_a_build_keeps_the_map_that_each_vector_is_the_mean_of(
    built: Library, encoder: FakeEncoder
) -> None:
    kept = built.maps_of([7, 3], MODEL, MAP)
    assert sorted(kept.images.tolist()) == [3, 7]
    assert kept.values.dtype == np.float16 and kept.values.shape == (2, 16, 2, 3)
    for image, embedding, values in zip(
        kept.images.tolist(), kept.embeddings, kept.values, strict=True
    ):
        prepared = encoder.prepare(built.read_image(image))[None]
        vectors, maps, _ = encoder.describe(prepared)
        assert np.array_equal(embedding, vectors[0]), "the vector that is searched is not rounded"
        assert values == pytest.approx(maps[MAP][0], rel=1e-3, abs=1e-6)
        assert values.mean(axis=(1, 2)) == pytest.approx(embedding, abs=1e-3)
    inner = built.maps_of([7], MODEL, INNER)
    assert np.array_equal(
        inner.values[0], encoder.prepare(built.read_image(7))[:4, :4].T.swapaxes(1, 2)
    )
    assert built.unmapped(MODEL, NAMES) == [] and built.unmapped(OTHER, NAMES) == ALL
    assert built.unmapped(MODEL, [MAP, "another"]) == ALL, "a map that the model gives since then"


def test_all_maps_come_in_batches_and_each_once(
    built: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "MAPS_AT_ONCE", 7)
    batches = list(built.all_maps(MODEL, MAP))
    assert [len(batch) for batch in batches] == [7, 7, 7, 7, 2]
    assert np.concatenate([batch.images for batch in batches]).tolist() == list(range(1, 31))
    cases = np.concatenate([batch.cases for batch in batches]).tolist()
    assert cases == [built.image(image).case for image in range(1, 31)]
    assert list(built.all_maps(OTHER, MAP)) == []
    assert len(built.maps_of([999], MODEL, MAP)) == 0


def test_a_library_from_before_is_backed_up_and_keeps_all_it_had(older: Path) -> None:
    before = _vectors(older)
    with Library.open(older) as library:
        assert library.info().models == {MODEL: 30}
        assert library.undescribed(MODEL) == [], "it is searched as it was"
        assert library.unmapped(MODEL, NAMES) == list(range(1, 31))
        assert len(library.nearest(np.ones(16, np.float32), 20, model=MODEL)) == 20
        assert len(library.maps_of([1, 2], MODEL, MAP)) == 0
    assert _vectors(older) == before
    assert len(list((older / "backups").iterdir())) == len(schema.MIGRATIONS) - 1
    (backup,) = (older / "backups").glob("library-format1-*")
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM vectors").fetchone() == (30,)


@pytest.mark.usefixtures("small_batches")
def test_describing_it_again_adds_the_maps_and_nothing_else(
    older: Path, encoder: FakeEncoder
) -> None:
    before = _vectors(older)
    index = {path: path.stat().st_mtime_ns for path in older.glob("index/*/*")}
    assert index
    with Library.open(older) as library:
        report = describe(library, encoder)
        assert (report.added, report.skipped, report.rejected) == (30, 0, ())
        assert library.unmapped(MODEL, NAMES) == []
        assert {path: path.stat().st_mtime_ns for path in older.glob("index/*/*")} == index
        encoder.batches = 0
        assert describe(library, encoder).skipped == 30 and encoder.batches == 0
    assert _vectors(older) == before


@pytest.mark.usefixtures("small_batches")
def test_maps_that_fail_take_their_vectors_with_them(
    tmp_path: Path, make_source: Callable[..., Path]
) -> None:
    """Both are written in one transaction."""

    class Torn(FakeEncoder):
        def describe(
            self, prepared: npt.NDArray[np.uint8]
        ) -> tuple[Floats, dict[str, Floats], dict[int, npt.NDArray[np.uint8]]]:
            vectors, maps, codes = super().describe(prepared)
            if self.batches > 1:
                maps[INNER] = maps[INNER][:, :, :0]
            return vectors, maps, codes

    with Library.create(tmp_path / "torn", "Torn") as library:
        with pytest.raises(sqlite3.IntegrityError):
            build(library, read_source(make_source(8)), Torn())
        assert library.info().images == library.info().embedded == 4
        assert library.unmapped(MODEL, NAMES) == []


def test_a_picture_that_goes_takes_its_map_along(built: Library) -> None:
    with closing(sqlite3.connect(built.folder / "library.sqlite")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM images WHERE id = 5")
    assert _count(built.folder, "maps") == 2 * _count(built.folder, "vectors") == 2 * 29


def test_numbers_beyond_half_precision_are_cut_not_lost(built: Library) -> None:
    vectors, maps = np.eye(1, 16, dtype=np.float32), np.full((1, 16, 2, 3), 1e6, np.float32)
    built.add_vectors([1], vectors, OTHER, {MAP: maps})
    assert (built.maps_of([1], OTHER, MAP).values == 65504).all()


def test_a_map_of_the_wrong_size_is_told(built: Library) -> None:
    with closing(sqlite3.connect(built.folder / "library.sqlite")) as connection, connection:
        connection.execute("UPDATE maps SET half = zeroblob(10) WHERE vector_id = 4")
    with pytest.raises(LibraryError, match="feature map has the wrong length"):
        built.maps_of([4], MODEL, MAP)
    with pytest.raises(LibraryError, match="feature map has the wrong length"):
        list(built.all_maps(MODEL, MAP))


def test_the_released_format_is_still_the_first_step() -> None:
    """A migration is appended, never edited: this is what libraries of the first release have."""
    assert len(schema.MIGRATIONS[0]) == 9 and "maps" not in " ".join(schema.MIGRATIONS[0])
