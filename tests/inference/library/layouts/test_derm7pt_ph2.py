"""Derm7pt and PH² are taken as their authors release them."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.errors import LibraryError
from tests.inference.library.layouts.conftest import Read, draw, write


def test_derm7pt_gives_its_dermoscopic_pictures_and_says_what_it_leaves(
    tmp_path: Path, read: Read
) -> None:
    folder = tmp_path / "release_v0"
    write(
        folder / "meta" / "meta.csv",
        "case_num,diagnosis,seven_point_score,location,sex,clinic,derm,case_id",
        "1,basal cell carcinoma,0,head neck,male,NEL/NEL025.JPG,NEL/Nel026.jpg,",
        "2,melanoma (less than 0.76 mm),3,lower limbs,female,NEL/NEL027.jpg,NEL/Nel028.jpg,",
        "3,miscellaneous,1,abdomen,female,,NEL/Nel030.jpg,",
        "4,clark nevus,1,back,male,NEL/NEL031.jpg,NEL/Nel032.jpg,",
    )
    for seed, name in enumerate(("NEL025.JPG", "Nel026.jpg", "NEL027.jpg", "Nel028.jpg",
                                 "Nel030.jpg", "NEL031.jpg")):  # fmt: skip
        draw(folder / "images" / "NEL" / name, seed)
    opened = read(folder)
    assert opened.layout.name == "derm7pt"
    found = [(each.item.path.name, each.item.case) for each in opened.reading.found]
    assert [(name, case.lesion, case.diagnosis, case.site, case.sex) for name, case in found] == [
        ("Nel026.jpg", "Derm7pt/1", "bcc", "head/neck", "male"),
        ("Nel028.jpg", "Derm7pt/2", "mel", "lower extremity", "female"),
        ("Nel030.jpg", "Derm7pt/3", "miscellaneous", "abdomen", "female"),
    ]
    assert {case.licence for _, case in found} == {"research only"}
    assert opened.reading.notes == (
        "3 clinical photographs are left out: only dermoscopy is searched",
    )
    assert [(each.where, each.reason) for each in opened.reading.rejected] == [
        ("meta.csv, line 5", "its picture is not there")
    ]


TEXT = (
    "PH2 Dataset - table of the medical annotations",
    "",
    "||   Name || Histological Diagnosis || Clinical Diagnosis || Asymmetry | Pigment Network | "
    "Dots/Globules | Streaks | Regression Areas | Blue-Whitish Veil ||           Colors ||",
    "|| IMD003 ||                        ||                  0 ||         0 |               T | "
    "            A |       A |                A |                 A ||                4 ||",
    "|| IMD155 ||                        ||                  1 ||         0 |               T | "
    "            A |       A |                A |                 A ||             3  4 ||",
    "|| IMD058 ||  Melanoma              ||                  2 ||         2 |              AT | "
    "           AT |       P |                P |                 P ||       3  4  5  6 ||",
    "|| IMD061 ||                        ||                  7 ||         2 |              AT | "
    "           AT |       P |                P |                 P ||       3  4  5  6 ||",
    "",
    "Clinical Diagnosis: 0 - Common Nevus; 1 - Atypical Nevus; 2 - Melanoma.",
)
CSV = (
    ",,,,,,",
    "Image Name,Histological Diagnosis,Common Nevus,Atypical Nevus,Melanoma,Asymmetry,Colors",
    "IMD003,,X,,,0,4",
    "IMD155,,,X,,0,3 4",
    "IMD058,Melanoma,,,X,2,3 4 5 6",
    "IMD061,,X,X,,2,3 4 5 6",
)
CODED = (
    "Name,Histological Diagnosis,Clinical Diagnosis",
    "IMD003,,0",
    "IMD155,,Atypical Nevus",
    "IMD058,Melanoma,2",
    "IMD061,,none of them",
)


@pytest.mark.parametrize(
    ("table", "lines"),
    [("PH2_dataset.txt", TEXT), ("PH2_dataset.csv", CSV), ("PH2_dataset.csv", CODED)],
)
def test_ph2_is_taken_from_its_text_and_from_its_spreadsheet(
    tmp_path: Path, read: Read, table: str, lines: tuple[str, ...]
) -> None:
    folder = tmp_path / "PH2Dataset"
    write(folder / table, *lines)
    for seed, name in enumerate(("IMD003", "IMD155", "IMD058", "IMD061")):
        inner = folder / "PH2 Dataset images" / name
        draw(inner / f"{name}_Dermoscopic_Image" / f"{name}.bmp", seed)
        draw(inner / f"{name}_lesion" / f"{name}_lesion.bmp", 90)
        draw(inner / f"{name}_roi" / f"{name}_R1_Label3.bmp", 91)
    opened = read(tmp_path / "PH2Dataset")
    assert opened.layout.name == "ph2"
    cases = [each.item.case for each in opened.reading.found]
    assert [(case.lesion, case.diagnosis, case.confirmation) for case in cases] == [
        ("PH2/IMD003", "nv", "unknown"),
        ("PH2/IMD155", "nv", "unknown"),
        ("PH2/IMD058", "mel", "histopathology"),
    ]
    assert [each.item.path.name for each in opened.reading.found] == [
        "IMD003.bmp", "IMD155.bmp", "IMD058.bmp",
    ]  # fmt: skip
    assert [each.word.lower() for each in opened.reading.found] == [
        "common nevus", "atypical nevus", "melanoma",
    ]  # fmt: skip
    assert [(each.name, each.reason) for each in opened.reading.rejected] == [
        ("IMD061", "it states no one diagnosis")
    ]


def test_ph2_table_without_column_names_is_refused(tmp_path: Path, read: Read) -> None:
    write(tmp_path / "ph2" / "PH2_dataset.txt", "|| IMD003 ||  || 0 ||")
    with pytest.raises(LibraryError, match="no line of it names its columns"):
        read(tmp_path / "ph2")
