"""A source is recognised by what lies in it, says what it was taken for, or is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.errors import LibraryError
from inference.library.layouts import LAYOUTS
from tests.inference.library.conftest import write_source
from tests.inference.library.layouts.conftest import Read, draw, write, write_ham10000


def test_every_layout_has_a_name_of_its_own() -> None:
    names = [layout.name for layout in LAYOUTS]
    assert len(set(names)) == len(names) == 10


def test_archive_inside_lone_folders_is_found(tmp_path: Path, read: Read) -> None:
    write_ham10000(tmp_path / "download" / "dataverse_files" / "ham")
    write(tmp_path / "download" / ".DS_Store", "hidden")
    opened = read(tmp_path / "download")
    assert opened.layout.name == "ham10000" and len(opened.reading.found) == 4


def test_layout_can_be_named(tmp_path: Path, read: Read) -> None:
    folder = write_ham10000(tmp_path / "ham")
    assert read(folder).layout.name == "ham10000"
    opened = read(folder, layout="table")
    assert opened.layout.name == "table"
    assert opened.reading.found[0].item.case.lesion == "ham/HAM_0000118"
    with pytest.raises(LibraryError, match="PH2_dataset"):
        read(folder, layout="ph2")
    with pytest.raises(LibraryError, match="there is no such layout") as caught:
        read(folder, layout="nonsense")
    assert "ham10000, isic2019, isic" in caught.value.advice


@pytest.mark.parametrize("layout", [layout.name for layout in LAYOUTS])
def test_named_layout_that_is_not_there_is_an_error_or_gives_nothing(
    tmp_path: Path, read: Read, layout: str
) -> None:
    draw(tmp_path / "folder" / "picture.jpg")
    if layout in ("folders", "dicom"):
        assert read(tmp_path / "folder", layout=layout).reading.found == ()
    else:
        with pytest.raises(LibraryError) as caught:
            read(tmp_path / "folder", layout=layout)
        assert caught.value.advice


def test_plain_layout_rejects_bad_rows_and_takes_the_rest(tmp_path: Path, read: Read) -> None:
    source = write_source(tmp_path / "source", 4)
    with (source / "labels.csv").open("a") as table:
        table.write("picture_000,L9,nv,histo,forty,male,back,train\n")
    opened = read(source)
    assert opened.layout.name == "labels" and len(opened.reading.found) == 4
    assert [(each.where, each.reason) for each in opened.reading.rejected] == [
        ("labels.csv, line 6", "the age 'forty' is not a number")
    ]


def test_plain_table_of_other_columns_is_taken_for_any_table(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "derm" / "labels.csv", "image_id,label,diagnosis", "Nel026,bcc,clark nevus")
    draw(tmp_path / "derm" / "images" / "Nel026.jpg")
    opened = read(tmp_path / "derm")
    assert opened.layout.name == "table"
    assert opened.reading.found[0].word == "clark nevus"


def test_source_that_is_not_there_or_nothing_known_is_said(tmp_path: Path, read: Read) -> None:
    with pytest.raises(LibraryError, match="no such file or folder"):
        read(tmp_path / "nowhere")
    draw(tmp_path / "loose" / "a.jpg")
    with pytest.raises(LibraryError, match="none of the layouts") as caught:
        read(tmp_path / "loose")
    assert "--layout" in caught.value.advice
    write(tmp_path / "text.txt", "no archive")
    with pytest.raises(LibraryError, match="no ZIP"):
        read(tmp_path / "text.txt")


def test_rows_shorter_and_longer_than_the_first_line_are_read(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "clinic"
    write(folder / "t.csv", ",image,dx,age", "0,a,nv", "1,b,mel,50,further,words")
    for seed, name in enumerate("ab"):
        draw(folder / f"{name}.png", seed)
    cases = [each.item.case for each in read(folder).reading.found]
    assert [(case.diagnosis, case.age) for case in cases] == [("nv", None), ("mel", 50.0)]


def test_table_that_is_too_large_or_no_text_is_refused(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_ham10000(tmp_path / "ham")
    monkeypatch.setattr("inference.library.layouts.tables.MAX_BYTES", 100)
    with pytest.raises(LibraryError, match="the table is larger"):
        read(folder)
    (folder / "HAM10000_metadata.csv").write_bytes(b"image_id,\xff\xfe")
    with pytest.raises(LibraryError, match="not a table in UTF-8"):
        read(folder)
