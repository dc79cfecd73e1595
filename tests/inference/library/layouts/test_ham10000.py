"""HAM10000 is taken as Dataverse and Kaggle hand it out."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from inference.errors import LibraryError
from tests.inference.library.layouts.conftest import Read, draw, write, write_ham10000

FACTS = {
    "ISIC_0027419.jpg": ("HAM_0000118", "bkl", "histopathology", 80.0, "male", "scalp"),
    "ISIC_0025030.jpg": ("HAM_0000118", "bkl", "histopathology", 80.0, "male", "scalp"),
    "ISIC_0026769.jpg": ("HAM_0002730", "nv", "follow_up", None, "", ""),
    "ISIC_0031633.jpg": ("HAM_0001466", "mel", "confocal", 75.0, "female", "ear"),
}


def facts(archive: Path, read: Read) -> dict[str, tuple[object, ...]]:
    """Return what was found, by the picture's name."""
    opened = read(archive)
    assert opened.layout.name == "ham10000"
    assert opened.reading.rejected == ()
    cases = {each.item.path.name: each.item.case for each in opened.reading.found}
    assert all(each.item.path.is_file() for each in opened.reading.found)
    assert {(case.source, case.licence) for case in cases.values()} == {
        ("HAM10000", "CC BY-NC 4.0")
    }
    return {
        name: (case.lesion, case.diagnosis, case.confirmation, case.age, case.sex, case.site)
        for name, case in cases.items()
    }


@pytest.mark.parametrize("table", ["HAM10000_metadata.csv", "HAM10000_metadata"])
def test_table_and_folders_are_taken_with_every_fact(
    tmp_path: Path, read: Read, table: str
) -> None:
    assert facts(write_ham10000(tmp_path / "ham", table=table), read) == FACTS


def test_table_of_dataverse_with_tabulators_and_quotes_is_read(tmp_path: Path, read: Read) -> None:
    folder = write_ham10000(tmp_path / "ham")
    text = (folder / "HAM10000_metadata.csv").read_text()
    quoted = "\n".join(
        "\t".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()
    )
    (folder / "HAM10000_metadata.csv").unlink()
    write(folder / "HAM10000_metadata.tab", quoted)
    assert facts(folder, read) == FACTS


def test_parts_are_read_from_their_zips_and_leave_nothing_behind(
    tmp_path: Path, read: Read
) -> None:
    folder = write_ham10000(tmp_path / "ham")
    for part in ("HAM10000_images_part_1", "HAM10000_images_part_2"):
        shutil.make_archive(str(folder / part), "zip", folder / part)
        shutil.rmtree(folder / part)
    assert facts(folder, read) == FACTS


def test_second_copy_of_the_folders_in_kaggles_archive_is_passed_over(
    tmp_path: Path, read: Read
) -> None:
    folder = write_ham10000(tmp_path / "ham")
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(folder.rglob("*.*")):
            inner = path.relative_to(folder).as_posix()
            packed.write(path, inner)
            if path.suffix == ".jpg":
                packed.write(path, inner.replace("HAM", "ham"))
    assert facts(archive, read) == FACTS
    for part in ("images_part_1", "images_part_2"):
        twin = folder / f"ham10000_{part}"
        if not twin.exists():  # where capitals matter
            shutil.copytree(folder / f"HAM10000_{part}", twin)
    assert facts(folder, read) == FACTS


def test_lesion_masks_beside_the_pictures_are_not_taken(tmp_path: Path, read: Read) -> None:
    folder = write_ham10000(tmp_path / "ham")
    draw(folder / "HAM10000_segmentations_lesion_tschandl" / "ISIC_0027419.png")
    draw(folder / "HAM10000_images_part_1" / "masks" / "ISIC_0027419.png")
    assert facts(folder, read) == FACTS


def test_bad_rows_are_rejected_with_their_line_and_the_rest_is_taken(
    tmp_path: Path, read: Read
) -> None:
    folder = write_ham10000(tmp_path / "ham")
    with (folder / "HAM10000_metadata.csv").open("a") as file:
        file.write("HAM_1,ISIC_9999999,nv,histo,50,male,back\n")
        file.write("HAM_2,ISIC_0031633,nv,histo,old,male,back\n")
        file.write(",ISIC_0031633,nv,histo,50,male,back\n")
        file.write("HAM_3,../../secret,nv,histo,50,male,back\n")
    reading = read(folder).reading
    assert len(reading.found) == 4
    assert [(each.where, each.name, each.reason) for each in reading.rejected] == [
        ("HAM10000_metadata.csv, line 6", "ISIC_9999999", "its picture is not there"),
        ("HAM10000_metadata.csv, line 7", "ISIC_0031633", "the age 'old' is not a number"),
        ("HAM10000_metadata.csv, line 8", "ISIC_0031633", "image_id, lesion_id or dx is empty"),
        ("HAM10000_metadata.csv, line 9", "../../secret",
         "'../../secret' is not the name of a picture"),
    ]  # fmt: skip


def test_what_makes_the_whole_of_it_unusable_is_said(tmp_path: Path, read: Read) -> None:
    folder = write_ham10000(tmp_path / "ham")
    for part in (1, 2):
        shutil.rmtree(folder / f"HAM10000_images_part_{part}")
    with pytest.raises(LibraryError, match="HAM10000_images_part_1 and"):
        read(folder)
    write(folder / "HAM10000_metadata.csv", "image_id,dx", "ISIC_1,nv")
    with pytest.raises(LibraryError, match="lacks the columns lesion_id, dx_type"):
        read(folder)
