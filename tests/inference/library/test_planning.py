"""A plan says beforehand what an import does, and an import ends the same however it came there."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from inference.errors import Cancelled, LibraryError
from inference.library.build import build
from inference.library.layouts import opened
from inference.library.library import Library
from inference.library.model import Progress
from inference.library.plan_report import plan_record, rejections, write_rejections
from inference.library.planning import Plan, plan
from inference.library.tally import Report
from tests.inference.library.conftest import FakeEncoder
from tests.inference.library.layouts.conftest import draw, write, write_ham10000


@pytest.fixture
def ham(tmp_path: Path) -> Path:
    """HAM10000 as downloaded: four pictures of three lesions."""
    return write_ham10000(tmp_path / "ham")


def planned(source: Path, library: Library | None = None) -> Plan:
    """Plan the import of a folder."""
    with opened(source, scratch=source.parent / "library") as archive:
        return plan(archive, library)


def import_into(
    library: Library, archive: Path, encoder: FakeEncoder, *, stop_at: int = 10**9
) -> Report:
    """Import an archive, until so many pictures are done."""
    told: list[Progress] = []
    with opened(archive, scratch=library.folder) as unpacked:
        return build(
            library,
            plan(unpacked, library).items,
            encoder,
            progress=told.append,
            cancelled=lambda: bool(told) and told[-1].done >= stop_at,
        )


def append(source: Path, *rows: str) -> None:
    """Add rows to the table of HAM10000."""
    with (source / "HAM10000_metadata.csv").open("a") as file:
        file.writelines(f"{row}\n" for row in rows)


def rows_of(folder: Path) -> list[list[tuple[object, ...]]]:
    """Return what two equal libraries have in common: everything but times."""
    tables = (
        "SELECT * FROM cases ORDER BY id",
        "SELECT * FROM images ORDER BY id",
        "SELECT * FROM vectors ORDER BY id",
    )
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection:
        return [connection.execute(table).fetchall() for table in tables]


def test_plan_counts_pictures_cases_bytes_and_diagnoses(ham: Path) -> None:
    its = planned(ham)
    assert its.layout.name == "ham10000"
    assert (len(its.items), its.cases, its.present) == (4, 3, 0)
    assert its.bytes == sum(path.stat().st_size for path in ham.rglob("*.jpg"))
    counts = [(each.diagnosis, each.pictures, each.cases, each.known) for each in its.diagnoses]
    assert counts == [("bkl", 2, 1, True), ("mel", 1, 1, True), ("nv", 1, 1, True)]
    assert [each.item.path.name for each in its.preview][:1] == ["ISIC_0027419.jpg"]


def test_mapped_and_unknown_words_are_told_apart(tmp_path: Path) -> None:
    folder = tmp_path / "clinic"
    write(folder / "t.csv", "image,dx", "a,Nevus", "b,blue nevus", "c,Spindle thing", "d,UNK")
    for seed, name in enumerate("abcd"):
        draw(folder / f"{name}.png", seed)
    counts = {each.diagnosis: (each.words, each.known) for each in planned(folder).diagnoses}
    assert counts == {
        "nv": (("Nevus", "blue nevus"), True),
        "Spindle thing": (("Spindle thing",), False),
        "unknown": (("UNK",), False),
    }


def test_no_picture_is_opened_to_plan(ham: Path) -> None:
    for path in ham.rglob("*.jpg"):
        path.write_bytes(b"no picture at all " + path.name.encode())
    assert len(planned(ham).items) == 4


def test_pictures_that_are_there_twice_are_named(ham: Path) -> None:
    part = ham / "HAM10000_images_part_1"
    shutil.copy(part / "ISIC_0027419.jpg", part / "ISIC_7.jpg")
    append(ham, "HAM_7,ISIC_7,nv,histo,50,male,back")
    assert planned(ham).duplicates == (("ISIC_7.jpg", "ISIC_0027419.jpg"),)


def test_lesion_with_a_second_diagnosis_is_rejected_with_its_line(ham: Path) -> None:
    draw(ham / "HAM10000_images_part_2" / "ISIC_8.jpg", 8)
    append(ham, "HAM_0000118,ISIC_8,mel,histo,50,male,back")
    (rejected,) = planned(ham).rejected
    assert (rejected.name, rejected.where, rejected.reason) == (
        "ISIC_8.jpg",
        "HAM10000_metadata.csv, line 6",
        "lesion HAM_0000118 is in this archive too, with the diagnosis bkl, not mel",
    )


def test_what_the_library_holds_already_is_counted(
    tmp_path: Path, ham: Path, encoder: FakeEncoder
) -> None:
    with Library.create(tmp_path / "library", "L") as library:
        build(library, planned(ham).items, encoder)
        draw(ham / "HAM10000_images_part_2" / "ISIC_8.jpg", 8)
        draw(ham / "HAM10000_images_part_2" / "ISIC_9.jpg", 9)
        append(ham, "HAM_8,ISIC_8,nv,histo,50,male,back")
        append(ham, "HAM_0001466,ISIC_9,nv,histo,50,male,back")
        again = planned(ham, library)
    assert (len(again.items), again.present) == (5, 4)
    assert [each.reason for each in again.rejected] == [
        "lesion HAM_0001466 is in the library with the diagnosis mel, not nv"
    ]


def test_labels_whose_picture_is_missing_are_rejected_by_the_plan(
    make_source: Callable[..., Path],
) -> None:
    source = make_source(3)
    (source / "images" / "picture_001.png").unlink()
    its = planned(source)
    assert len(its.items) == 2
    assert [(each.name, each.where) for each in its.rejected] == [
        ("picture_001.jpg", "labels.csv, line 3")
    ]


def test_record_of_a_plan_is_json(ham: Path) -> None:
    append(ham, "HAM_1,ISIC_99,nv,histo,50,male,back")
    record = json.loads(json.dumps(plan_record(planned(ham))))
    assert (record["layout"], record["pictures"], record["cases"]) == ("ham10000", 4, 3)
    assert record["diagnoses"][0] == {
        "diagnosis": "bkl", "name": "Benign keratosis", "words": ["bkl"], "known": True,
        "pictures": 2, "cases": 1,
    }  # fmt: skip
    assert record["rejected"] == [
        {"picture": "ISIC_99", "where": "HAM10000_metadata.csv, line 6",
         "reason": "its picture is not there. Put it beside the others"}
    ]  # fmt: skip
    assert record["preview"][0]["lesion"] == "HAM_0000118"


def test_rejected_rows_and_pictures_are_written_as_a_table(ham: Path, tmp_path: Path) -> None:
    append(ham, "HAM_1,ISIC_99,nv,histo,50,male,back")
    rows = rejections(planned(ham), [("häut.jpg", "the file is empty")])
    write_rejections(tmp_path / "report.csv", rows)
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["picture", "where", "reason"],
            ["ISIC_99", "HAM10000_metadata.csv, line 6",
             "its picture is not there. Put it beside the others"],
            ["häut.jpg", "", "the file is empty"],
        ]  # fmt: skip
    with pytest.raises(LibraryError, match="no longer there"):
        write_rejections(tmp_path / "nowhere" / "report.csv", rows)


def test_second_import_adds_nothing(tmp_path: Path, ham: Path, encoder: FakeEncoder) -> None:
    with Library.create(tmp_path / "library", "L") as library:
        first = build(library, planned(ham).items, encoder)
        before = rows_of(library.folder)
        second = build(library, planned(ham, library).items, encoder)
        assert (first.added, second.added, second.skipped) == (4, 0, 4)
        assert rows_of(library.folder) == before


@pytest.mark.usefixtures("small_batches")
def test_stopped_import_of_a_zip_ends_with_the_library_of_an_uninterrupted_one(
    tmp_path: Path, encoder: FakeEncoder
) -> None:
    folder = tmp_path / "atlas"
    for number in range(11):
        draw(folder / ("mel", "nv", "bcc")[number % 3] / f"Bild {number} ä.png", number)
    archive = Path(shutil.make_archive(str(tmp_path / "atlas"), "zip", folder))
    with Library.create(tmp_path / "stopped", "L") as library:
        with pytest.raises(Cancelled):
            import_into(library, archive, encoder, stop_at=4)
        assert library.info().images == 4
        assert import_into(library, archive, encoder).added == 7
    with Library.create(tmp_path / "whole", "L") as library:
        assert import_into(library, archive, encoder).added == 11
    assert rows_of(tmp_path / "stopped") == rows_of(tmp_path / "whole")
    assert not list(tmp_path.glob(".caselens-import-*"))


@pytest.mark.real_data
def test_real_pictures_of_ham10000_are_imported_from_the_layout_of_the_download(
    tmp_path: Path, encoder: FakeEncoder, real_data: Path
) -> None:
    archive = real_data / "ham10000"
    with (archive / "labels.csv").open(encoding="utf-8") as file:
        chosen = list(csv.DictReader(file))[:6]
    columns = ("lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization")
    folder = tmp_path / "dataverse_files"
    lines = [",".join(row[column] for column in columns) for row in chosen]
    write(folder / "HAM10000_metadata.csv", ",".join(columns), *lines)
    for number, row in enumerate(chosen):
        part = folder / f"HAM10000_images_part_{1 + number % 2}"
        part.mkdir(exist_ok=True)
        (picture,) = (archive / "images").glob(f"{row['image_id']}.*")
        shutil.copy(picture, part)
    with Library.create(tmp_path / "library", "HAM10000") as library:
        report = build(library, planned(folder).items, encoder)
        assert (report.added, report.rejected) == (6, ())
        assert library.info().cases == len({row["lesion_id"] for row in chosen})
        assert library.case(1).source == "HAM10000"
