"""Pictures of no known archive are taken from a table of any columns, or from folders' names."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.errors import LibraryError
from tests.inference.library.layouts.conftest import Read, draw, write


def test_columns_are_guessed_and_told(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "Klinik"
    write(
        folder / "Fälle.csv",
        "\ufeffDatei;Diagnose;patient_id;lesion_id;Geschlecht;Alter;Lokalisation",
        "häut 1.jpg;Melanom;P1;17;w;70;Rücken",
        "sub\\zwei.png;Naevus;P1;18;f;70;",
        "drei;bcc;P2;;m;;unknown",
    )
    draw(folder / "bilder" / "häut 1.jpg", 1)
    draw(folder / "sub" / "zwei.png", 2)
    draw(folder / "drei.JPEG", 3)
    opened = read(folder)
    assert opened.layout.name == "table"
    assert opened.reading.columns == {
        "picture": "Datei", "diagnosis": "Diagnose", "lesion": "lesion_id",
        "patient": "patient_id", "age": "Alter", "sex": "Geschlecht", "site": "Lokalisation",
    }  # fmt: skip
    cases = [each.item.case for each in opened.reading.found]
    assert [(case.lesion, case.diagnosis, case.age, case.sex, case.site) for case in cases] == [
        ("Klinik/P1/17", "Melanom", 70.0, "", "rücken"),
        ("Klinik/P1/18", "nv", 70.0, "female", ""),
        ("Klinik/P2/drei.JPEG", "bcc", None, "male", ""),
    ]
    assert {case.source for case in cases} == {"Klinik"}


def test_columns_are_taken_as_they_are_named(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "clinic"
    write(folder / "list.csv", "no,Dx,diagnosis,naevus_no", "a,mel,to be checked,L9")
    draw(folder / "a.jpg")
    named = {"picture": "no", "diagnosis": "Dx", "lesion": "naevus_no"}
    opened = read(folder, columns=named)
    (each,) = opened.reading.found
    assert opened.layout.name == "table"
    assert (each.item.case.lesion, each.item.case.diagnosis) == ("clinic/L9", "mel")
    with pytest.raises(LibraryError, match="none of the layouts"):
        read(folder)
    with pytest.raises(LibraryError, match=r"no table has the columns.*list\.csv: no, Dx"):
        read(folder, columns={"picture": "number"})
    with pytest.raises(LibraryError, match="no column colour to be filled"):
        read(folder, columns={"colour": "Dx"})
    with pytest.raises(LibraryError, match="has its own columns"):
        read(folder, layout="ph2", columns=named)


def test_rows_of_a_table_that_cannot_be_used_are_rejected(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "clinic"
    write(
        folder / "table.csv",
        "image,dx",
        "a,nv",
        "twice,nv",
        "a/twice,nv",
        "a,",
        "/etc/passwd,nv",
        "C:\\Users\\a.jpg,nv",
        "..\\a.jpg,nv",
        "IMG.7,nv",
    )
    for seed, name in enumerate(("a.jpg", "a/twice.jpg", "b/twice.jpg", "IMG.jpg")):
        draw(folder / name, seed)
    reading = read(folder).reading
    assert [each.item.path.relative_to(folder).as_posix() for each in reading.found] == [
        "a.jpg", "a/twice.jpg",
    ]  # fmt: skip
    assert [(each.where.rsplit(" ", 1)[1], each.reason) for each in reading.rejected] == [
        ("3", "2 pictures have this name"),
        ("5", "the picture or the diagnosis is empty"),
        ("6", "'/etc/passwd' is not the name of a picture"),
        ("7", "'C:\\\\Users\\\\a.jpg' is not the name of a picture"),
        ("8", "'..\\\\a.jpg' is not the name of a picture"),
        ("9", "its picture is not there"),
    ]


def test_several_tables_that_could_be_meant_are_named(tmp_path: Path, read: Read) -> None:
    for name in ("old.csv", "new.csv"):
        write(tmp_path / "clinic" / name, "image,dx", "a,nv")
    with pytest.raises(LibraryError, match=r"could be meant: new\.csv, old\.csv"):
        read(tmp_path / "clinic")


def test_names_with_accents_in_two_parts_are_found(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "clinic" / "t.csv", "image,dx", "caf\u00e9,nv")
    draw(tmp_path / "clinic" / "cafe\u0301.jpg")
    (each,) = read(tmp_path / "clinic").reading.found
    assert each.item.path.name == "cafe\u0301.jpg"


def test_folders_give_their_names_as_diagnoses(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "atlas"
    draw(folder / "melanoma" / "1.jpg", 1)
    draw(folder / "melanoma" / "deeper" / "1.png", 2)
    draw(folder / "Clear cell acanthoma" / "1.jpg", 3)
    draw(folder / "melanoma_masks" / "1.png", 4)
    write(folder / "melanoma" / "notes.txt", "not a picture")
    opened = read(folder)
    assert opened.layout.name == "folders"
    cases = [each.item.case for each in opened.reading.found]
    assert [(case.lesion, case.diagnosis) for case in cases] == [
        ("atlas/Clear cell acanthoma/1.jpg", "Clear cell acanthoma"),
        ("atlas/melanoma/1.jpg", "mel"),
        ("atlas/melanoma/deeper/1.png", "mel"),
    ]


def test_folders_inside_splits_are_taken(tmp_path: Path, read: Read) -> None:
    draw(tmp_path / "atlas" / "train" / "nevus" / "1.jpg", 1)
    draw(tmp_path / "atlas" / "test" / "bcc" / "1.jpg", 2)
    found = read(tmp_path / "atlas").reading.found
    assert [each.item.case.lesion for each in found] == [
        "atlas/test/bcc/1.jpg", "atlas/train/nevus/1.jpg",
    ]  # fmt: skip


def test_folders_of_unknown_names_become_diagnoses_only_when_asked_for(
    tmp_path: Path, read: Read
) -> None:
    folder = tmp_path / "pictures"
    draw(folder / "Smith, John" / "1.jpg")
    with pytest.raises(LibraryError, match="none of the layouts"):
        read(folder)
    (each,) = read(folder, layout="folders").reading.found
    assert each.item.case.diagnosis == "Smith, John"
