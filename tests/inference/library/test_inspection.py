"""Every fault of a library is found and named, and a repair loses nothing that it does not say."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from inference.library import schema
from inference.library.build import build
from inference.library.describe import describe
from inference.library.inspection import REPAIRS, Finding
from inference.library.library import Library
from inference.library.model import Progress
from inference.library.source import read_source
from tests.inference.library.conftest import MODEL, FakeEncoder, make_older

Break = Callable[[Library], object]


def _kinds(findings: list[Finding]) -> list[str]:
    return [finding.kind for finding in findings]


def _sql(library: Library, *statements: str) -> None:
    with closing(sqlite3.connect(library.folder / "library.sqlite")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def _thumb(library: Library, image: int) -> Path:
    content_hash = library.image(image).content_hash
    return library.folder / "thumbs" / content_hash[:2] / f"{content_hash}.jpg"


def _old(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"whose?")
    os.utime(path, (1_000_000_000, 1_000_000_000))
    return path


def _alter(library: Library) -> None:
    path = library.image(5).path
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)


BREAKS: dict[str, Break] = {
    "missing picture": lambda library: library.image(4).path.unlink(),
    "altered picture": _alter,
    "thumbnail": lambda library: _thumb(library, 7).write_bytes(b"\xff\xd8\xff"),
    "vector": lambda library: _sql(
        library, "UPDATE vectors SET embedding = zeroblob(64) WHERE id = 9"
    ),
    "map": lambda library: _sql(library, "UPDATE maps SET half = zeroblob(3) WHERE id = 9"),
    "words": lambda library: _sql(library, "DELETE FROM words WHERE rowid = 2"),
    "index": lambda library: (
        [path.write_bytes(b"") for path in library.folder.glob("index/*/trees-*")] and None
    ),
    "nobody's file": lambda library: _old(library.folder / "images" / "ab" / "x.jpg"),
}


def test_a_sound_library_is_clean_and_says_how_far_it_is(built: Library) -> None:
    told: list[Progress] = []
    assert built.inspection.verify(progress=told.append) == []
    assert [(p.done, p.total, p.stage) for p in told] == [(30, 30, "checking")]
    built.curation.delete([3], images=[4])
    built.curation.merge(5, 2)
    assert built.inspection.verify() == built.inspection.verify(quick=True) == []


@pytest.mark.parametrize("kind", BREAKS)
def test_each_fault_is_named_and_repaired(built: Library, kind: str) -> None:
    BREAKS[kind](built)
    (finding,) = built.inspection.verify()
    assert finding.kind == kind and finding.repair == REPAIRS[finding.kind] != ""
    built.inspection.repair([finding])
    assert built.inspection.verify() == []
    with Library.open(built.folder) as again:
        assert again.inspection.verify() == []
        assert len(again.nearest(np.ones(16, np.float32), 99, model=MODEL)) == 20


def test_all_faults_at_once(built: Library) -> None:
    for fault in BREAKS.values():
        fault(built)
    found = built.inspection.verify()
    assert sorted(_kinds(found)) == sorted(BREAKS)
    built.inspection.repair(found)
    assert built.inspection.verify() == []


@pytest.mark.parametrize(("kind", "seen"), [("missing picture", True), ("altered picture", False)])
def test_a_quick_look_trusts_what_has_its_size(built: Library, kind: str, *, seen: bool) -> None:
    BREAKS[kind](built)
    assert bool(built.inspection.verify(quick=True)) == seen
    built.image(1).path.write_bytes(b"short")
    assert "altered picture" in _kinds(built.inspection.verify(quick=True))


def test_a_missing_picture_is_not_searched_until_its_file_is_back(built: Library) -> None:
    path, content = built.image(4).path, built.image(4).path.read_bytes()
    path.unlink()
    built.inspection.repair(built.inspection.verify())
    assert built.case(4).images == (24,)
    (change, *_) = built.curation.history(1)
    assert (change.action, change.detail) == ("mark as missing", "1 picture of case 4 (L3)")
    assert not change.can_undo, "that would not bring its file back"
    path.write_bytes(content)
    (finding,) = built.inspection.verify()
    assert finding.kind == "picture is back"
    built.inspection.repair([finding])
    assert built.case(4).images == (4, 24)
    assert built.inspection.verify() == []


def test_a_missing_picture_comes_back_with_an_import_and_keeps_what_was_written_of_it(
    built: Library, tmp_path: Path, encoder: FakeEncoder
) -> None:
    _sql(built, "UPDATE cases SET note = 'precious' WHERE id = 4")
    for image in (4, 24):
        built.image(image).path.unlink()
    built.inspection.repair(built.inspection.verify())
    assert built.info().cases == 19
    report = build(built, read_source(tmp_path / "built source"), encoder)
    assert (report.added, report.skipped, report.rejected) == (2, 28, ())
    assert (built.case(4).note, built.case(4).images) == ("precious", (4, 24))
    assert built.inspection.verify() == []


def test_an_altered_file_is_kept_in_lost_and_found(built: Library) -> None:
    _alter(built)
    path = built.image(5).path
    content = path.read_bytes()
    built.inspection.repair(built.inspection.verify())
    kept = built.folder / "lost+found" / path.relative_to(built.folder)
    assert kept.read_bytes() == content and not path.exists()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"neither is this")
    (finding,) = built.inspection.verify()
    assert finding.kind == "nobody's file"
    built.inspection.repair([finding])
    assert len(list(kept.parent.iterdir())) == 2, "beside what was there"


def test_a_deleted_pictures_file_is_looked_after_too(built: Library) -> None:
    path = built.image(4).path
    built.curation.delete([4])
    assert built.inspection.verify() == []
    path.unlink()
    (finding,) = built.inspection.verify()
    assert finding.kind == "missing picture"
    built.inspection.repair([finding])
    assert built.inspection.verify() == []
    assert built.purge() == 2


def test_files_of_an_import_that_is_under_way_are_left_alone(built: Library) -> None:
    (built.folder / "images" / "zz").mkdir()
    (built.folder / "images" / "zz" / "new.jpg").write_bytes(b"just arrived")
    (built.folder / "notes of the owner.txt").write_text("not ours to judge")
    assert built.inspection.verify() == []


def test_vectors_that_are_no_numbers_are_described_again(
    built: Library, encoder: FakeEncoder
) -> None:
    blob = np.full(16, np.nan, np.float32).tobytes().hex()
    _sql(built, f"UPDATE vectors SET embedding = x'{blob}' WHERE id = 3",
         "UPDATE vectors SET embedding = x'00' WHERE id = 8")  # fmt: skip
    built.inspection.repair(built.inspection.verify())
    assert built.undescribed(MODEL) == [3, 8]
    assert describe(built, encoder).added == 2
    assert built.inspection.verify() == []


def test_an_index_of_the_format_before_is_no_fault(built: Library) -> None:
    (manifest,) = built.folder.glob("index/*/manifest.json")
    facts = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**facts, "format": 3}))
    assert built.inspection.verify() == []
    manifest.write_text("{}")
    assert _kinds(built.inspection.verify()) == ["index"]


def test_a_damaged_database_is_said_and_left_to_a_backup(built: Library) -> None:
    _sql(built, "PRAGMA foreign_keys = OFF", "UPDATE images SET case_id = 999 WHERE id = 7")
    (finding,) = built.inspection.verify()
    assert (finding.kind, finding.repair) == ("database", "")
    assert finding.reason == "row 7 of images belongs to nothing in cases"
    built.inspection.repair([finding])
    assert built.inspection.verify() == [finding]


def test_a_library_of_each_format_before_is_clean_after_its_opening(
    built: Library, tmp_path: Path
) -> None:
    built.close()
    for version in range(1, len(schema.MIGRATIONS)):
        older = tmp_path / f"of format {version}"
        shutil.copytree(built.folder, older)
        make_older(older, version)
        with Library.open(older) as library:
            assert library.inspection.verify() == []
