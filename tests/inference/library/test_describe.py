"""A library is described anew by another model from the pictures that it kept."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.errors import Cancelled, LibraryError
from inference.images import MedicalImage
from inference.library.build import build
from inference.library.describe import describe
from inference.library.library import Library
from inference.library.model import Progress
from inference.library.source import read_source
from tests.inference.library.conftest import MODEL, FakeEncoder

pytestmark = pytest.mark.usefixtures("small_batches")
OTHER = "b" * 64


@pytest.fixture
def other() -> FakeEncoder:
    """An encoder that has described nothing yet, of another dimension."""
    return FakeEncoder(OTHER, 24)


def _vectors(folder: Path, model: str) -> dict[int, bytes]:
    """Return image id to the stored vector of a model."""
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection:
        rows = connection.execute(
            "SELECT image_id, embedding FROM vectors JOIN models ON models.id = model_id "
            "WHERE sha256 = ?",
            (model,),
        )
        return dict(rows.fetchall())


def test_it_gives_what_a_build_with_that_model_would_have_given(
    built: Library, tmp_path: Path, other: FakeEncoder
) -> None:
    before = _vectors(built.folder, MODEL)
    shutil.move(tmp_path / "built source", tmp_path / "elsewhere")
    report = describe(built, other)
    assert (report.added, report.skipped, report.rejected) == (30, 0, ())
    with Library.create(tmp_path / "fresh", "Fresh") as fresh:
        build(fresh, read_source(tmp_path / "elsewhere"), other)
    assert _vectors(built.folder, OTHER) == _vectors(tmp_path / "fresh", OTHER)
    assert _vectors(built.folder, MODEL) == before, "the other model's vectors stay"
    assert built.info().models == {OTHER: 30, MODEL: 30}


def test_the_index_of_that_model_is_built(built: Library, other: FakeEncoder) -> None:
    describe(built, other)
    assert len(list(built.folder.glob(f"index/{OTHER[:16]}/trees-*"))) == 1
    query = other.embed(other.prepare(built.read_image(7))[None])[0]
    ((image, similarity),) = built.nearest(query, 1, model=OTHER)
    assert image == 7 and similarity == pytest.approx(1)


def test_only_what_is_missing_is_described(built: Library, other: FakeEncoder) -> None:
    assert built.undescribed(MODEL) == []
    assert built.undescribed(OTHER) == list(range(1, 31))
    vectors = np.eye(3, 24, dtype=np.float32)
    maps = {name: np.ones((3, 24, 2, 3), np.float32) for name in other.manifest.maps}
    codes = {bits: np.zeros((3, bits // 8), np.uint8) for bits in other.manifest.bits}
    assert built.add_vectors([5, 9, 999], vectors, OTHER, maps, codes) == 2
    assert built.undescribed(OTHER) == [n for n in range(1, 31) if n not in (5, 9)]
    report = describe(built, other)
    assert (report.added, report.skipped) == (28, 2)
    assert _vectors(built.folder, OTHER)[5] == vectors[0].tobytes()
    other.batches = 0
    assert describe(built, other).skipped == 30
    assert other.batches == 0


def test_vectors_arrive_all_or_none(built: Library) -> None:
    """A dimension that the model's vectors here do not have."""
    with pytest.raises(LibraryError, match="have 16 numbers, the new ones 24"):
        built.add_vectors([1], np.eye(1, 24, dtype=np.float32), MODEL)
    with pytest.raises(ValueError, match="shorter"):
        built.add_vectors([1, 2, 3], np.eye(2, 24, dtype=np.float32), OTHER)
    assert built.info().models == {MODEL: 30}


def test_a_stopped_run_keeps_what_is_recorded_and_the_next_goes_on(
    built: Library, other: FakeEncoder
) -> None:
    told: list[Progress] = []
    with pytest.raises(Cancelled):
        describe(
            built, other, progress=told.append, cancelled=lambda: bool(told) and told[-1].done >= 8
        )
    assert built.info().models == {MODEL: 30, OTHER: 8}
    told.clear()
    report = describe(built, other, progress=told.append)
    assert (report.added, report.skipped) == (22, 8)
    assert [p.done for p in told] == [8, 12, 16, 20, 24, 28, 30, 30, 30]
    assert {p.total for p in told} == {30}
    assert [p.stage for p in told][-3:] == ["describing", "indexing", "done"]
    assert told[1].seconds_left is not None and told[1].seconds_left > 0


def test_a_run_that_dies_keeps_what_is_recorded(built: Library, other: FakeEncoder) -> None:
    class Dying(FakeEncoder):
        def embed(self, prepared: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
            if self.batches == 3:
                raise KeyboardInterrupt
            return super().embed(prepared)

    with pytest.raises(KeyboardInterrupt):
        describe(built, Dying(OTHER, 24))
    with Library.open(built.folder) as again:
        assert again.info().models[OTHER] == 12
        assert describe(again, other).added == 18


def test_missing_and_altered_pictures_are_named_and_the_rest_goes_on(
    built: Library, other: FakeEncoder
) -> None:
    gone, altered = built.image(3), built.image(11)
    gone.path.unlink()
    altered.path.write_bytes(altered.path.read_bytes() + b"\0")
    report = describe(built, other)
    assert report.added == 28
    reasons = dict(report.rejected)
    assert set(reasons) == {gone.name, altered.name}
    assert reasons[gone.name].startswith("it is no longer there. ")
    assert reasons[altered.name].startswith("the stored picture has been altered or damaged. ")
    assert built.undescribed(OTHER) == [3, 11]


def test_trying_the_unreadable_ones_again_leaves_the_index_alone(
    built: Library, other: FakeEncoder
) -> None:
    built.image(3).path.unlink()
    describe(built, other)
    (trees,) = built.folder.glob(f"index/{OTHER[:16]}/trees-*")
    stamp = trees.stat().st_mtime_ns
    report = describe(built, other)
    assert (report.added, report.skipped, len(report.rejected)) == (0, 29, 1)
    assert trees.stat().st_mtime_ns == stamp


def test_a_picture_that_the_model_cannot_describe_is_named(built: Library) -> None:
    class Blind(FakeEncoder):
        def embed(self, prepared: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
            vectors = super().embed(prepared)
            vectors[1] = np.nan
            return vectors

    report = describe(built, Blind(OTHER, 24))
    assert report.added == built.info().models[OTHER] == 22
    assert {reason for _, reason in report.rejected} == {
        "the model gave no usable description of it"
    }


def test_a_library_that_vanishes_stops_it(built: Library) -> None:
    """Thirty pictures that are each missing would be another story."""

    class Careless(FakeEncoder):
        def prepare(self, image: MedicalImage) -> npt.NDArray[np.uint8]:
            shutil.rmtree(built.folder, ignore_errors=True)
            return super().prepare(image)

    with pytest.raises(LibraryError, match="no longer there"):
        describe(built, Careless(OTHER, 24))


def test_a_library_that_may_only_be_read_is_refused_before_any_work(
    built: Library, other: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.library.sqlite_store.can_write", lambda _: False)
    with (
        Library.open(built.folder) as library,
        pytest.raises(LibraryError, match="nothing can be written there"),
    ):
        describe(library, other)
    assert other.batches == 0


def test_the_audit_tells_of_each_batch(built: Library, other: FakeEncoder) -> None:
    describe(built, other)
    with closing(sqlite3.connect(built.folder / "library.sqlite")) as connection:
        told = connection.execute(
            "SELECT detail FROM audit WHERE action = 'pictures described' ORDER BY id"
        ).fetchall()
    assert told == [(f"{n} by {OTHER}",) for n in (4, 4, 4, 4, 4, 4, 4, 2)]


def test_an_empty_library_has_nothing_to_describe(tmp_path: Path, other: FakeEncoder) -> None:
    with Library.create(tmp_path / "empty", "Empty") as library:
        report = describe(library, other)
        assert (report.added, report.skipped, report.rejected) == (0, 0, ())
