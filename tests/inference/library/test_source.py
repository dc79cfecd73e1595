"""A source folder is read by its column names; what is wrong with it is said by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from inference.errors import LibraryError
from inference.library.source import read_source

HEADER = "image_id,lesion_id,dx,dx_type,age,sex,localization,frame,split"


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    """Write a table with these rows, and an empty folder of pictures."""
    (folder / "images").mkdir(exist_ok=True)
    (folder / "labels.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return folder


def test_rows_become_cases_in_the_order_of_the_table(tmp_path: Path) -> None:
    write(
        tmp_path,
        "B,HAM_2,mel,histo,55.0,female,lower extremity,full frame,train",
        "A,HAM_1,nv,follow_up,,unknown,unknown,centre square,test",
    )
    (tmp_path / "images" / "B.JPEG").touch()
    (tmp_path / "images" / "A.png").touch()
    first, second = read_source(tmp_path)
    assert (first.path.name, second.path.name) == ("B.JPEG", "A.png")
    case = first.case
    assert (case.lesion, case.diagnosis, case.confirmation) == ("HAM_2", "mel", "histopathology")
    assert (case.age, case.sex, case.site) == (55.0, "female", "lower extremity")
    assert (case.source, case.licence) == ("HAM10000", "CC BY-NC 4.0")
    case = second.case
    assert (case.age, case.sex, case.site, case.confirmation) == (None, "", "", "follow_up")


def test_source_and_licence_are_taken_from_the_table_else_from_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "Clinic"
    folder.mkdir()
    write(folder, "A,L1,nv,drawn,,,,,train,Atelier,Apache-2.0", header=HEADER + ",source,licence")
    (item,) = read_source(folder)
    assert (item.case.source, item.case.licence, item.case.confirmation) == (
        "Atelier", "Apache-2.0", "drawn",
    )  # fmt: skip
    write(folder, "A,L1,nv,drawn,,,,,train")
    (item,) = read_source(folder)
    assert (item.case.source, item.case.licence) == ("Clinic", "")


def test_only_the_wanted_splits_are_read(make_source: Callable[..., Path]) -> None:
    source = make_source(9)
    assert len(read_source(source)) == 9
    names = [item.path.stem for item in read_source(source, splits=("train", "val"))]
    assert names == [f"picture_{n:03}" for n in (0, 1, 3, 4, 6, 7)]
    with pytest.raises(LibraryError, match="no row has the split training"):
        read_source(source, splits=("training",))


def test_split_needs_its_column(tmp_path: Path) -> None:
    write(tmp_path, "A,L,nv,histo,,,", header=HEADER.replace(",frame,split", ""))
    assert len(read_source(tmp_path)) == 1
    with pytest.raises(LibraryError, match="lacks the column split"):
        read_source(tmp_path, splits=("train",))


def test_missing_picture_is_kept_for_the_report(tmp_path: Path) -> None:
    (item,) = read_source(write(tmp_path, "A,L,nv,histo,,,,,train"))
    assert item.path == tmp_path / "images" / "A.jpg"


@pytest.mark.parametrize(
    ("rows", "header", "reason"),
    [
        ([], "image_id,dx", "lacks the columns lesion_id, dx_type, age, sex, localization"),
        ([], "", "lacks the columns image_id"),
        ([], HEADER, "it lists no pictures"),
        (["A,L,nv,histo,forty,,,,"], HEADER, "line 2: the age 'forty' is not a number"),
        (["A,L,nv,histo,,,,,", "B,,nv,histo,,,,,"], HEADER, "line 3: image_id, lesion_id or dx is"),
        (["../../secret,L,nv,histo,,,,,"], HEADER, "line 2: '../../secret' is not the name"),
        (["A\\B,L,nv,histo,,,,,"], HEADER, "is not the name"),
    ],
)
def test_malformed_table_is_refused_with_the_place(
    tmp_path: Path, rows: list[str], header: str, reason: str
) -> None:
    with pytest.raises(LibraryError) as caught:
        read_source(write(tmp_path, *rows, header=header))
    assert reason in str(caught.value)
    assert "labels.csv" in str(caught.value)


def test_missing_parts_of_a_source_are_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match=r"labels\.csv: the table of the pictures is missing"):
        read_source(tmp_path)
    (tmp_path / "labels.csv").write_text(HEADER + "\nA,L,nv,histo,,,,,train\n")
    with pytest.raises(LibraryError, match="images: the folder of the pictures is missing"):
        read_source(tmp_path)


def test_table_that_is_not_utf8_text_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "labels.csv").write_bytes(HEADER.encode() + b"\nA,L,n\xe4vus,histo,,,,,\n")
    with pytest.raises(LibraryError, match="not a table in UTF-8"):
        read_source(tmp_path)


def test_source_that_the_system_refuses_to_look_at_is_explained(
    tmp_path: Path, lock: Callable[[str], None]
) -> None:
    with pytest.raises(LibraryError, match="its name is too long"):
        read_source(Path("x" * 5000))
    write(tmp_path, "A,L,nv,histo,,,,,train")
    for part in ("labels.csv", "images"):
        lock(part)
        with pytest.raises(LibraryError, match=f"{part}: it may not be read") as caught:
            read_source(tmp_path)
        assert caught.value.advice


def test_short_row_and_byte_order_mark_are_read(tmp_path: Path) -> None:
    write(tmp_path, "A,L,nv,histo")
    table = tmp_path / "labels.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    (item,) = read_source(tmp_path)
    assert (item.case.age, item.case.site) == (None, "")
