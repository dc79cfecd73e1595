"""A build adds each picture once, tells of those it could not take, and can be cut off anywhere."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.errors import Cancelled, LibraryError
from inference.images import reader
from inference.library import build as build_module
from inference.library.build import build
from inference.library.library import Library
from inference.library.model import Case, Progress
from inference.library.source import read_source
from inference.library.store import Arrival
from tests.inference.library.conftest import ROOT, FakeEncoder, write_source

pytestmark = pytest.mark.usefixtures("small_batches")


def test_everything_arrives_with_its_facts(
    tmp_path: Path, make_source: Callable[..., Path], encoder: FakeEncoder
) -> None:
    source = make_source(10, lesions=6)
    with Library.create(tmp_path / "library", "Häute") as library:
        report = build(library, read_source(source), encoder)
        assert (report.added, report.skipped, report.rejected) == (10, 0, ())
        info = library.info()
        assert (info.name, info.cases, info.images, info.embedded) == ("Häute", 6, 10, 10)
        assert info.model == encoder.manifest.sha256
        assert info.diagnoses == {"bcc": 2, "mel": 2, "nv": 2}
        assert info.confirmations == {"histopathology": 6}
        files = [path for path in library.folder.rglob("*") if path.is_file()]
        assert info.bytes_on_disk == sum(path.stat().st_size for path in files)
        case = library.case(1)
        assert (case.lesion, case.images, case.age, case.sex, case.site) == (
            "L0", (1, 7), 40.0, "male", "back",
        )  # fmt: skip


def test_original_bytes_come_back_unchanged(
    tmp_path: Path, make_source: Callable[..., Path], encoder: FakeEncoder
) -> None:
    source = make_source(3)
    with Library.create(tmp_path / "library", "L") as library:
        build(library, read_source(source), encoder)
        image = library.image(2)
        original = source / "images" / image.name
        assert image.path.read_bytes() == original.read_bytes()
        assert image.path.name == f"{image.content_hash}.png"
        assert image.path.parent.name == image.content_hash[:2]
        assert library.read_image(2).content_hash == image.content_hash
        assert library.thumbnail(2).shape == (30, 40, 3)


def test_second_build_adds_nothing(built: Library, tmp_path: Path, encoder: FakeEncoder) -> None:
    before = _database_rows(built.folder)
    report = build(built, read_source(tmp_path / "built source"), encoder)
    assert (report.added, report.skipped, report.rejected) == (0, 30, ())
    assert _database_rows(built.folder) == before


def test_unreadable_and_missing_pictures_are_named_and_the_rest_goes_on(
    tmp_path: Path, make_source: Callable[..., Path], encoder: FakeEncoder
) -> None:
    source = make_source(9)
    (source / "images" / "picture_002.png").write_bytes(b"not a picture")
    (source / "images" / "picture_005.png").unlink()
    with Library.create(tmp_path / "library", "L") as library:
        report = build(library, read_source(source), encoder)
        assert report.added == library.info().images == 7
    reasons = dict(report.rejected)
    assert set(reasons) == {"picture_002.png", "picture_005.jpg"}
    assert reasons["picture_005.jpg"].startswith("there is no such file. Look whether ")
    assert reasons["picture_002.png"].endswith(
        "Choose a JPEG, PNG, TIFF, WebP, BMP or DICOM picture"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipe_and_oversized_file_are_rejected_without_reading_them(
    tmp_path: Path,
    make_source: Callable[..., Path],
    encoder: FakeEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = make_source(4)
    (source / "images" / "picture_001.png").unlink()
    os.mkfifo(source / "images" / "picture_001.png")
    (source / "images" / "picture_002.png").write_bytes(bytes(20_000))
    monkeypatch.setattr(reader, "MAX_FILE_BYTES", 10_000)
    with Library.create(tmp_path / "library", "L") as library:
        report = build(library, read_source(source), encoder)
    assert report.added == 2
    reasons = dict(report.rejected)
    assert "not an ordinary file" in reasons["picture_001.png"]
    assert "larger than" in reasons["picture_002.png"]


def test_same_picture_under_two_lesions_is_refused_the_second_time(
    tmp_path: Path, make_source: Callable[..., Path], encoder: FakeEncoder
) -> None:
    source = make_source(6)
    shutil.copy(source / "images" / "picture_000.png", source / "images" / "picture_005.png")
    with Library.create(tmp_path / "library", "L") as library:
        for _ in range(2):
            report = build(library, read_source(source), encoder)
            assert report.rejected == (
                ("picture_005.png", "the same picture is already in the library, under lesion L0"),
            )
        assert library.info().images == 5


def test_lesion_with_two_diagnoses_is_refused_the_second_time(
    tmp_path: Path, make_source: Callable[..., Path], encoder: FakeEncoder
) -> None:
    source = make_source(4)
    table = source / "labels.csv"
    table.write_text(table.read_text().replace("picture_003,L3,nv", "picture_003,L1,nv"))
    with Library.create(tmp_path / "library", "L") as library:
        report = build(library, read_source(source), encoder)
    assert report.added == 3
    assert report.rejected == (
        ("picture_003.png", "lesion L1 is in the library with the diagnosis mel, not nv"),
    )


@pytest.mark.parametrize(
    ("phantoms", "taken", "other", "reason"),
    [
        (False, "histo", "drawn", "it is a computer-drawn phantom, and"),
        (
            True,
            "drawn",
            "histo",
            "it is not marked as drawn, and",
        ),
    ],
)
def test_phantoms_and_patients_are_never_in_one_library(
    tmp_path: Path, encoder: FakeEncoder, *, phantoms: bool, taken: str, other: str, reason: str
) -> None:
    source = write_source(tmp_path / "source", 6, confirmation=taken)
    table = source / "labels.csv"
    table.write_text(table.read_text().replace(f"L4,mel,{taken}", f"L4,mel,{other}"))
    items = read_source(source)
    with Library.create(tmp_path / "library", "L", phantoms=phantoms) as library:
        report = build(library, items, encoder)
        assert report.added == library.info().images == 5
        ((name, told),) = report.rejected
        assert name == "picture_004.png"
        assert told.startswith(reason)
        # Nothing of it is left in the folder.
        assert len(list(library.folder.glob("images/*/*"))) == 5


@pytest.mark.parametrize("phantoms", [False, True])
def test_store_itself_keeps_phantoms_and_patients_apart(tmp_path: Path, *, phantoms: bool) -> None:
    arrivals = [
        Arrival(
            Case(0, f"L{number}", "nv", confirmation), "p.png", f"{number:064x}", ".png", 1, 1, 0,
            np.eye(1, 16, dtype=np.float32)[0],
        )
        for number, confirmation in enumerate(("unknown", "drawn"))
    ]  # fmt: skip
    with Library.create(tmp_path / "library", "L", phantoms=phantoms) as library:
        outcomes = library.add(arrivals, [], "a" * 64)
        assert [outcome.kind == "added" for outcome in outcomes] == [not phantoms, phantoms]
        assert list(library.info().confirmations) == ["drawn" if phantoms else "unknown"]


def test_picture_that_the_model_cannot_describe_is_refused(
    tmp_path: Path, make_source: Callable[..., Path]
) -> None:
    class NanEncoder(FakeEncoder):
        def embed(self, prepared: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
            vectors = super().embed(prepared)
            vectors[0] = np.nan
            return vectors

    with Library.create(tmp_path / "library", "L") as library:
        report = build(library, read_source(make_source(8)), NanEncoder())
        assert report.added == library.info().embedded == 6
        assert [name for name, _ in report.rejected] == ["picture_000.png", "picture_004.png"]


def test_progress_counts_up_to_the_total_and_says_how_long(
    tmp_path: Path, make_source: Callable[..., Path], encoder: FakeEncoder
) -> None:
    told: list[Progress] = []
    with Library.create(tmp_path / "library", "L") as library:
        build(library, read_source(make_source(10)), encoder, progress=told.append)
    assert [p.done for p in told] == [0, 4, 8, 10, 10, 10]
    assert [p.stage for p in told][-2:] == ["indexing", "done"]
    assert all(p.total == 10 for p in told)
    assert told[0].seconds_left is None
    assert told[1].seconds_left is not None and told[1].seconds_left > 0
    assert told[1].per_second > 0
    assert told[-1].seconds_left == 0


def test_cancelled_build_keeps_what_is_complete_and_continues(
    tmp_path: Path, make_source: Callable[..., Path], encoder: FakeEncoder
) -> None:
    items = read_source(make_source(20))
    told: list[Progress] = []
    with Library.create(tmp_path / "library", "L") as library:
        with pytest.raises(Cancelled):
            build(
                library,
                items,
                encoder,
                progress=told.append,
                cancelled=lambda: bool(told) and told[-1].done >= 8,
            )
        assert library.info().images == 8
        report = build(library, items, encoder)
        assert (report.added, report.skipped) == (12, 8)
        assert library.info().images == 20


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("batches", [0, 1, 3, 5])
def test_killed_build_leaves_nothing_half_and_continues_to_the_same_library(
    tmp_path: Path,
    make_source: Callable[..., Path],
    encoder: FakeEncoder,
    build_program: list[str],
    batches: int,
) -> None:
    source = make_source(20, lesions=13)
    folder = tmp_path / "killed"
    command = [*build_program, str(source), str(folder), str(batches)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "standing still"
        child.send_signal(signal.SIGKILL)
    with Library.open(folder) as library:
        info = library.info()
        assert info.images == info.embedded == 4 * batches
        for image_id in range(1, info.images + 1):
            assert library.read_image(image_id).pixels.shape == (30, 40, 3)
        build(library, read_source(source), encoder)
    with Library.create(tmp_path / "uninterrupted", "Small") as whole:
        build(whole, read_source(source), encoder)
    assert _database_rows(folder) == _database_rows(tmp_path / "uninterrupted")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("step", ["before", "after"])
def test_kill_around_the_first_tables_leaves_a_folder_that_can_be_used(
    tmp_path: Path, step: str
) -> None:
    program = f"""
import os, signal, sys
from pathlib import Path
from inference.library import sqlite_store
real = sqlite_store.lay_out
def lay_out(connection):
    if {step!r} == "after":
        real(connection)
    os.kill(os.getpid(), signal.SIGKILL)
sqlite_store.lay_out = lay_out
sqlite_store.SqliteStore.create(Path(sys.argv[1]) / "library.sqlite", "L", phantoms=False)
"""
    folder = tmp_path / "library"
    folder.mkdir()
    ended = subprocess.run([sys.executable, "-c", program, str(folder)], check=False, cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL
    assert (folder / "library.sqlite").exists()
    with pytest.raises(LibraryError, match="never finished"):
        Library.open(folder)
    with Library.open_or_create(folder, "Again") as library:
        assert (library.name, library.info().images) == ("Again", 0)


def test_full_disk_is_said_and_keeps_what_is_complete(
    tmp_path: Path,
    make_source: Callable[..., Path],
    encoder: FakeEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = read_source(make_source(20))
    with Library.create(tmp_path / "library", "L") as library:
        build(library, items[:8], encoder)
        store = library._store
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]
        monkeypatch.setattr(build_module, "BATCH", 12)
        with pytest.raises(LibraryError, match="disk is full"):
            for seed in range(200):
                _add_many(library, encoder, seed)
        store._connection.execute("PRAGMA max_page_count = 1000000")  # type: ignore[attr-defined]
        assert library.info().images % 8 == 0
        report = build(library, items, encoder)
        assert report.added == 12


def test_new_model_embeds_what_is_there_without_adding_pictures(
    built: Library, tmp_path: Path, make_encoder: type[FakeEncoder]
) -> None:
    other = make_encoder("b" * 64, 24)
    report = build(built, read_source(tmp_path / "built source"), other)
    assert report.added == 30
    info = built.info()
    assert (info.images, info.cases, info.model) == (30, 20, "b" * 64)
    query = np.ones(24, dtype=np.float32)
    assert len(built.nearest(query, 20, model="b" * 64)) == 20


def _add_many(library: Library, encoder: FakeEncoder, seed: int) -> None:
    generator = np.random.default_rng(seed)
    vectors = generator.normal(size=(8, 16)).astype(np.float32)
    arrivals = [
        Arrival(
            Case(0, f"S{seed}-{n}", "nv", "unknown"),
            f"{seed}-{n}.png",
            f"{seed * 8 + n + 1:064x}",
            ".png",
            1,
            1,
            0,
            vector / np.linalg.norm(vector),
        )
        for n, vector in enumerate(vectors)
    ]
    library.add(arrivals, [], encoder.manifest.sha256)


def _database_rows(folder: Path) -> list[list[tuple[object, ...]]]:
    """Return everything but times and file facts: what two equal libraries have in common."""
    tables = (
        "SELECT * FROM cases ORDER BY id",
        "SELECT * FROM images ORDER BY id",
        "SELECT * FROM vectors ORDER BY id",
        # A build that was cut off and goes on is two imports to the audit.
        "SELECT action, case_id, image_id, detail FROM audit WHERE action <> 'import' ORDER BY id",
    )
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return [connection.execute(table).fetchall() for table in tables]
