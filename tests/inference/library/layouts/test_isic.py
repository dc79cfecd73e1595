"""The ISIC's exports and challenges are taken in their older and newer forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inference.library.layouts.conftest import Read, draw, write

NEW = (
    "isic_id,attribution,copyright_license,age_approx,anatom_site_general,concomitant_biopsy,"
    "diagnosis_1,diagnosis_2,diagnosis_3,diagnosis_4,diagnosis_5,diagnosis_confirm_type,"
    "image_type,lesion_id,patient_id,sex"
)


def test_export_of_today_is_taken_with_every_fact(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "isic"
    write(
        folder / "metadata.csv",
        NEW,
        "ISIC_1,Hospital Clínic de Barcelona,CC-BY-NC,85+,anterior torso,False,Malignant,"
        "Malignant melanocytic proliferations (Melanoma),Melanoma Invasive,"
        '"Melanoma Invasive, Nodular",,histopathology,dermoscopic,IL_1,IP_1,female',
        "ISIC_2,Anonymous,CC-0,40.0,,False,Benign,"
        "Benign soft tissue proliferations - Vascular,,,,single image expert consensus,"
        "dermoscopic,,IP_2,male",
        "ISIC_3,ViDIR Group,CC-BY,,head/neck,,Benign,Benign dermal proliferations,Scar,,,"
        "serial imaging showing no change,dermoscopic,,,",
    )
    for number in (1, 2, 3):
        draw(folder / f"ISIC_{number}.jpg", number)
    opened = read(folder)
    assert (opened.layout.name, opened.reading.rejected) == ("isic", ())
    one, two, three = (each.item.case for each in opened.reading.found)
    assert (one.lesion, one.diagnosis, one.confirmation) == ("IL_1", "mel", "histopathology")
    assert (one.age, one.sex, one.site) == (85.0, "female", "anterior torso")
    assert (one.source, one.licence) == (
        "ISIC Archive: Hospital Clínic de Barcelona", "CC BY-NC 4.0",
    )  # fmt: skip
    assert (two.lesion, two.diagnosis, two.confirmation) == ("IP_2/ISIC_2", "vasc", "consensus")
    assert (two.source, two.licence) == ("ISIC Archive: Anonymous", "CC0 1.0")
    assert (three.lesion, three.diagnosis, three.confirmation) == ("ISIC_3", "Scar", "follow_up")
    assert opened.reading.found[0].word == "Melanoma Invasive"


def test_what_is_no_dermoscopy_is_left_out_and_counted(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "isic"
    write(
        folder / "metadata.csv",
        "isic_id,diagnosis,image_type",
        "ISIC_1,nevus,dermoscopic",
        "ISIC_2,nevus,clinical: close-up",
        "ISIC_3,nevus,clinical: close-up",
        "ISIC_4,nevus,TBP tile: close-up",
        "ISIC_5,,dermoscopic",
    )
    for number in range(1, 6):
        draw(folder / f"ISIC_{number}.jpg", number)
    reading = read(folder).reading
    assert [each.item.path.name for each in reading.found] == ["ISIC_1.jpg"]
    assert reading.notes == (
        '1 pictures of the kind "TBP tile: close-up" are left out: only dermoscopy is searched',
        '2 pictures of the kind "clinical: close-up" are left out: only dermoscopy is searched',
    )
    assert [(each.name, each.reason) for each in reading.rejected] == [
        ("ISIC_5", "it states no diagnosis")
    ]


@pytest.mark.parametrize(
    ("header", "row", "word"),
    [
        (
            "image_name,patient_id,sex,age_approx,anatom_site_general_challenge,diagnosis,"
            "benign_malignant,target",
            "ISIC_1,IP_7,male,45,torso,seborrheic keratosis,benign,0",
            "bkl",
        ),
        (
            "name,meta.acquisition.image_type,meta.clinical.sex,meta.clinical.age_approx,"
            "meta.clinical.anatom_site_general,meta.clinical.diagnosis,"
            "meta.clinical.benign_malignant",
            "ISIC_1,dermoscopic,male,45,torso,nevus,benign",
            "nv",
        ),
        ("image_name,sex,age_approx,anatom_site_general,diagnosis,benign_malignant",
         "ISIC_1,male,45,torso,unknown,benign", "benign"),
    ],
)  # fmt: skip
def test_older_tables_are_taken(
    tmp_path: Path, read: Read, header: str, row: str, word: str
) -> None:
    folder = tmp_path / "isic"
    write(folder / "train.csv", header, row)
    draw(folder / "jpeg" / "train" / "ISIC_1.jpg")
    (each,) = read(folder).reading.found
    case = each.item.case
    assert (case.diagnosis, case.sex, case.age, case.site) == (word, "male", 45.0, "torso")


def write_isic2019(folder: Path) -> Path:
    """Write the training set's tables with three sound rows and two bad ones."""
    write(
        folder / "ISIC_2019_Training_GroundTruth.csv",
        "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK",
        "ISIC_0000000,0.0,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0",
        "ISIC_0053454,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,0.0",
        "ISIC_0024306,0.0,0.0,0.0,1.0,0.0,0.0,0.0,0.0,0.0",
        "ISIC_0000004,1.0,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0",
        "ISIC_0000006,0.0,yes,0.0,0.0,0.0,0.0,0.0,0.0,0.0",
    )
    write(
        folder / "ISIC_2019_Training_Metadata.csv",
        "image,age_approx,anatom_site_general,lesion_id,sex",
        "ISIC_0000000,55.0,anterior torso,,female",
        "ISIC_0053454,80.0,head/neck,BCN_0003884,male",
        "ISIC_0024306,45.0,,HAM_0000550,male",
    )
    for seed, name in enumerate(("0000000", "0053454", "0024306", "0000004", "0000006")):
        draw(folder / "ISIC_2019_Training_Input" / f"ISIC_{name}.jpg", seed)
    return folder


def test_challenge_of_2019_is_taken_with_its_classes_and_lesions(
    tmp_path: Path, read: Read
) -> None:
    opened = read(write_isic2019(tmp_path / "challenge"))
    assert opened.layout.name == "isic2019"
    cases = [each.item.case for each in opened.reading.found]
    assert [(case.lesion, case.diagnosis, case.source) for case in cases] == [
        ("ISIC_0000000", "nv", "ISIC 2019"),
        ("BCN_0003884", "scc", "BCN20000"),
        ("HAM_0000550", "akiec", "HAM10000"),
    ]
    assert {case.licence for case in cases} == {"CC BY-NC 4.0"}
    assert (cases[0].age, cases[0].sex, cases[0].site) == (55.0, "female", "anterior torso")
    assert [(each.where, each.reason) for each in opened.reading.rejected] == [
        ("ISIC_2019_Training_GroundTruth.csv, line 5", "it marks 2 classes, not one"),
        ("ISIC_2019_Training_GroundTruth.csv, line 6", "NV is 'yes', not a number"),
    ]


def test_challenge_of_2018_takes_lesions_from_its_groupings(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "challenge"
    write(
        folder / "ISIC2018_Task3_Training_GroundTruth.csv",
        "image,MEL,NV,BCC,AKIEC,BKL,DF,VASC",
        "ISIC_0024306,0.0,0.0,0.0,1.0,0.0,0.0,0.0",
    )
    write(
        folder / "ISIC2018_Task3_Training_LesionGroupings.csv",
        "image,lesion_id,diagnosis_confirm_type",
        "ISIC_0024306,HAM_0000550,serial imaging showing no change",
    )
    draw(folder / "ISIC2018_Task3_Training_Input" / "ISIC_0024306.jpg")
    (each,) = read(folder).reading.found
    case = each.item.case
    assert (case.lesion, case.diagnosis, case.confirmation) == (
        "HAM_0000550", "akiec", "follow_up",
    )  # fmt: skip
