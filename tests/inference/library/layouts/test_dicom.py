"""DICOM pictures give what their headers say of the case, and nothing that names a patient."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset

from inference.errors import LibraryError
from tests.inference.images.conftest import _make_dicom
from tests.inference.library.layouts.conftest import Read, draw, write


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return an item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def write_dicom(path: Path, number: int = 0, **attributes: Any) -> Path:  # noqa: ANN401
    """Write a dermoscopic picture; make its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.full((8, 9, 3), number, np.uint8)
    named = {"SOPInstanceUID": f"1.2.3.{number}", "PatientID": "4711", "PatientName": "Muster^Eva"}
    path.write_bytes(_make_dicom(samples, photometric="RGB", **(named | attributes)))
    return path


def write_directory(folder: Path, *files: list[str]) -> Path:
    """Write a DICOMDIR that lists these files."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = uid.MediaStorageDirectoryStorage
    meta.MediaStorageSOPInstanceUID = uid.UID("1.2.3")
    directory, records = Dataset(), []
    for kind, file in (("PATIENT", None), *(("IMAGE", file) for file in files)):
        record = Dataset()
        record.DirectoryRecordType = kind
        if file:
            record.ReferencedFileID = file
        records.append(record)
    directory.file_meta = meta
    directory.DirectoryRecordSequence = records
    content = BytesIO()
    directory.save_as(content, enforce_file_format=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "DICOMDIR").write_bytes(content.getvalue())
    return folder / "DICOMDIR"


@pytest.mark.filterwarnings("ignore:Invalid value for VR")  # what the test writes
def test_header_gives_the_facts_of_the_case(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "export"
    write_dicom(
        folder / "S1" / "IM1",
        1,
        PatientAge="062Y",
        PatientSex="F",
        AnatomicRegionSequence=[code("77568009", "SCT", "Back")],
        AdmittingDiagnosesCodeSequence=[code("254701007", "SCT", "Basaliom")],
    )
    write_dicom(folder / "S1" / "IM2", 2, AdmittingDiagnosesDescription="Nevus",
                BodyPartExamined="ARM", PatientAge="old")  # fmt: skip
    write_dicom(folder / "S2" / "IM3.dcm", 3)
    write(folder / "README", "made by an export")
    opened = read(folder)
    assert opened.layout.name == "dicom" and opened.reading.rejected == ()
    cases = [each.item.case for each in opened.reading.found]
    assert [(c.diagnosis, c.confirmation, c.age, c.sex, c.site) for c in cases] == [
        ("bcc", "unknown", 62.0, "female", "back"),
        ("nv", "unknown", None, "", "arm"),
        ("unknown", "unknown", None, "", ""),
    ]
    assert opened.reading.notes == ("1 of 3 DICOM pictures name no diagnosis",)


def test_pictures_of_a_tracked_lesion_are_one_case_and_others_are_not(
    tmp_path: Path, read: Read
) -> None:
    folder = tmp_path / "export"
    write_dicom(folder / "a", 1, TrackingUID="1.9", PatientID="A")
    write_dicom(folder / "b", 2, TrackingUID="1.9", PatientID="A")
    write_dicom(folder / "c", 3, TrackingID="1.9", PatientID="B")
    write_dicom(folder / "d", 4, PatientID="A")
    write_dicom(folder / "e", 5, PatientID="A")
    lesions = [each.item.case.lesion for each in read(folder).reading.found]
    assert lesions[0] == lesions[1]
    assert len(set(lesions)) == 4


def test_no_identifier_of_the_patient_is_among_the_facts(tmp_path: Path, read: Read) -> None:
    write_dicom(tmp_path / "export" / "a", 1)
    (each,) = read(tmp_path / "export").reading.found
    assert "4711" not in repr(each.item.case) and "Muster" not in repr(each.item.case)


def test_what_holds_no_picture_or_is_damaged_is_rejected(tmp_path: Path, read: Read) -> None:
    folder = tmp_path / "export"
    sound = write_dicom(folder / "1", 1)
    write_dicom(folder / "2", 2, SOPClassUID="1.2.840.10008.5.1.4.1.1.66.4")
    (folder / "3").write_bytes(sound.read_bytes()[:300])
    reading = read(folder).reading
    assert [each.item.path.name for each in reading.found] == ["1"]
    reasons = {each.name: each.reason for each in reading.rejected}
    assert set(reasons) == {"2", "3"}
    assert "a segmentation" in reasons["2"]


@pytest.mark.filterwarnings("ignore:Invalid value for VR")  # what the test writes
def test_dicomdir_gives_the_pictures_that_it_lists(tmp_path: Path, read: Read) -> None:
    disc = tmp_path / "disc"
    write_dicom(disc / "DICOM" / "IM1", 1)
    write_dicom(disc / "dicom2" / "im2", 2)
    write_dicom(disc / "DICOM" / "UNLISTED", 3)
    write_dicom(tmp_path / "OUTSIDE", 4)
    listed = [["DICOM", "IM1"], ["DICOM2", "IM2"], ["DICOM", "GONE"], ["..", "OUTSIDE"]]
    directory = write_directory(disc, *listed)
    for source in (directory, disc):
        opened = read(source)
        assert opened.layout.name == "dicom"
        assert [each.item.path.name for each in opened.reading.found] == ["IM1", "im2"]
        assert [(each.name, each.where, each.reason) for each in opened.reading.rejected] == [
            ("DICOM/GONE", "DICOMDIR", "its file is not there"),
            ("../OUTSIDE", "DICOMDIR", "its file is not there"),
        ]


def test_dicomdir_that_is_none_is_refused(tmp_path: Path, read: Read) -> None:
    disc = tmp_path / "disc"
    write_dicom(disc / "DICOMDIR", 1)
    with pytest.raises(LibraryError, match="it is no DICOMDIR"):
        read(disc)
    write(disc / "DICOMDIR", "no DICOM at all")
    with pytest.raises(LibraryError, match="DICOMDIR"):
        read(disc / "DICOMDIR")


@pytest.mark.real_data
def test_real_files_are_taken_or_rejected_one_by_one(
    tmp_path: Path, read: Read, real_data: Path
) -> None:
    folder = tmp_path / "dicom"
    folder.mkdir()
    for path in sorted((real_data / "dicom").glob("*.dcm"))[:20]:
        shutil.copy(path, folder)
    draw(folder / "photo.jpg")
    reading = read(folder, layout="dicom").reading
    assert len(reading.found) >= 15
    assert len(reading.found) + len(reading.rejected) == 20
