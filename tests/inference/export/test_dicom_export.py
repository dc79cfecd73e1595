"""Exported objects have what the standard requires, say nothing else, and open again.

Attributes of type 1 and 2 are those of PS3.3 2026c, tables A.32.4-1, A.32.12-1 and A.8-1.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from highdicom import sr
from PIL import Image, ImageCms
from pydicom import dcmread, uid
from pydicom.dataset import Dataset, FileDataset

from inference.consultation import Answer
from inference.encoder import Encoding, Field
from inference.encoder.manifest import read_manifest
from inference.export.dicom import (
    Study,
    measurement_report,
    photograph,
    secondary_capture,
    written,
)
from inference.export.dicom.jpeg_stream import picture_alone
from inference.images import MedicalImage, read
from inference.library.model import Case, CaseImage
from inference.locations import shipped
from inference.search import Match

SECRET = "PLANTED"
_Y, _X = np.mgrid[0:48, 0:64]
SKIN = np.stack([190 + _X // 2, 120 + _Y, 90 + (_X + _Y) // 3], axis=-1).astype(np.uint8)

COMMON = {
    1: "StudyInstanceUID Modality SeriesInstanceUID SamplesPerPixel PhotometricInterpretation Rows "
    "Columns BitsAllocated BitsStored HighBit PixelRepresentation SOPClassUID SOPInstanceUID",
    2: "PatientName PatientID PatientBirthDate PatientSex StudyDate StudyTime AccessionNumber "
    "ReferringPhysicianName StudyID SeriesNumber InstanceNumber Laterality PatientOrientation",
}
PHOTOGRAPH = {1: "ImageType", 2: "Manufacturer AcquisitionContextSequence LossyImageCompression"}
DERMOSCOPIC = {
    1: "Manufacturer ManufacturerModelName DeviceSerialNumber SoftwareVersions "
    "RecognizableVisualFeatures FrameOfReferenceUID",
    2: "LightSourcePolarization EmitterColorTemperature ContactMethod OpticalMagnificationFactor "
    "PositionReferenceIndicator",
}


def assert_complete(dataset: Dataset, *modules: dict[int, str]) -> None:
    for module in modules:
        assert [k for k in module.get(1, "").split() if dataset.get(k) in (None, "")] == []
        assert [k for k in module.get(2, "").split() if k not in dataset] == []


def jpeg(pixels: npt.NDArray[np.uint8] = SKIN, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90, **options)
    return file.getvalue()


def with_secrets() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = exif[0x013B] = SECRET
    return jpeg(exif=exif, comment=SECRET, xmp=SECRET.encode()) + SECRET.encode()


def exported(source: bytes, *, dermoscopic: bool = False) -> tuple[FileDataset, bytes]:
    data = written(photograph(source, read(source), Study(), dermoscopic=dermoscopic))
    return dcmread(io.BytesIO(data)), data


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_a_jpeg_keeps_its_samples_and_loses_all_that_its_file_says(subsampling: int) -> None:
    source = jpeg(subsampling=subsampling)
    dataset, data = exported(source)
    assert dataset.file_meta.TransferSyntaxUID == uid.JPEGBaseline8Bit
    assert np.array_equal(read(data).pixels, read(source).pixels)
    scan = source[source.index(b"\xff\xda") : -2]
    assert scan in data, "the compressed samples are the same, bit for bit"
    assert dataset.PhotometricInterpretation == ("YBR_FULL_422" if subsampling else "YBR_FULL")
    assert (dataset.LossyImageCompression, dataset.LossyImageCompressionMethod) == (
        "01",
        "ISO_10918_1",
    )


def test_nothing_that_a_jpeg_says_of_its_maker_comes_along() -> None:
    source = with_secrets()
    assert SECRET.encode() in source
    _, data = exported(source)
    assert SECRET.encode() not in data
    assert np.array_equal(read(data).pixels, read(source).pixels)


@pytest.mark.parametrize(("dermoscopic", "modality"), [(False, "XC"), (True, "DMS")])
def test_a_photograph_has_what_its_class_requires(dermoscopic: bool, modality: str) -> None:
    dataset, data = exported(jpeg(), dermoscopic=dermoscopic)
    assert_complete(dataset, COMMON, PHOTOGRAPH, DERMOSCOPIC if dermoscopic else {})
    assert dataset.Modality == modality
    assert read(data).acquisition.kind == ("dermoscopy" if dermoscopic else "photograph")
    assert not dataset.PatientName
    assert not dataset.PatientID


def oriented(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return jpeg(exif=exif)


def with_profile() -> bytes:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return jpeg(icc_profile=profile)


def as_png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(SKIN).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("source", "lossy"),
    [
        (oriented(6), "01"),
        (with_profile(), "01"),
        (jpeg(progressive=True), "01"),
        (as_png(), "00"),
    ],
    ids=["turned", "with a profile", "progressive", "PNG"],
)
def test_what_dicom_cannot_take_as_it_is_is_stored_uncompressed(source: bytes, lossy: str) -> None:
    dataset, data = exported(source)
    assert dataset.file_meta.TransferSyntaxUID == uid.ExplicitVRLittleEndian
    assert np.array_equal(read(data).pixels, read(source).pixels)
    assert dataset.LossyImageCompression == lossy


def test_a_grey_jpeg_is_monochrome() -> None:
    source = jpeg(SKIN[..., 0])
    dataset, data = exported(source)
    assert dataset.PhotometricInterpretation == "MONOCHROME2"
    assert np.array_equal(read(data).pixels, read(source).pixels)


@pytest.mark.parametrize("kept", [2, 30, 200, 400, 600])
def test_a_jpeg_that_is_not_whole_has_no_picture_alone(kept: int) -> None:
    assert picture_alone(jpeg()) is not None
    assert picture_alone(jpeg()[:kept]) is None


def test_an_export_belongs_to_whom_the_caller_says() -> None:
    study = Study("4711", "Doe^Jane", "19660606", "F", "A1", uid="1.2.3")
    dataset = photograph(jpeg(), read(jpeg()), study, dermoscopic=True)
    assert (dataset.PatientID, dataset.PatientName, dataset.PatientSex) == ("4711", "Doe^Jane", "F")
    assert (dataset.StudyInstanceUID, dataset.AccessionNumber) == ("1.2.3", "A1")


def test_a_capture_shows_its_pixels_and_names_its_source() -> None:
    source, _ = exported(jpeg())
    study = Study(uid=source.StudyInstanceUID)
    data = written(secondary_capture(255 - SKIN, study, source=source, description="A map"))
    dataset = dcmread(io.BytesIO(data))
    assert_complete(dataset, COMMON, {1: "ConversionType ImageType"})
    assert np.array_equal(read(data).pixels, 255 - SKIN)
    assert read(data).acquisition.kind == "secondary capture"
    assert dataset.SourceImageSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert dataset.StudyInstanceUID == source.StudyInstanceUID
    assert dataset.DerivationDescription == "A map"


def answer(image: MedicalImage) -> Answer:
    """Return an answer to a picture: two classes, two matches, one word of caution."""
    encoding = Encoding(
        embedding=np.full(4, 0.5, np.float32),
        logits=np.log(np.array([0.75, 0.25], np.float32)),
        probabilities=np.array([0.75, 0.25], np.float32),
        feature_map=np.ones((4, 7, 7), np.float32),
        class_maps=np.ones((2, 7, 7), np.float32),
        unfamiliarity=0.0,
        familiar=True,
        classes=("mel", "bkl"),
        field=Field(0, 0, image.height, image.width, image.height, image.width),
        model="0" * 64,
    )
    matches = tuple(
        Match(
            rank,
            Case(rank, f"L{rank}", diagnosis, "histopathology", source="An archive"),
            CaseImage(rank, rank, f"{rank}.png", "0" * 64, Path(), 48, 64),
            0.9 - rank / 10,
        )
        for rank, diagnosis in enumerate(["mel", "a word of the archive's own"], start=1)
    )
    return Answer(image, encoding, matches, flags=("blurred",))


def test_a_report_says_estimate_matches_cautions_and_which_model() -> None:
    source, _ = exported(jpeg(), dermoscopic=True)
    model = read_manifest(shipped("models"))
    report = measurement_report(answer(read(jpeg())), model, "Clinic", source=source)
    data = written(report)
    read_again = sr.srread(io.BytesIO(data))
    content = read_again.content
    assert isinstance(content, sr.MeasurementReport)
    groups: list[Any] = content.get_image_measurement_groups()
    assert [group.tracking_identifier for group in groups] == [
        "estimate mel",
        "estimate bkl",
        "match 1: An archive L1",
        "match 2: An archive L2",
        "cautions",
    ]
    values = [group.get_measurements()[0].value for group in groups[:4]]
    assert values == pytest.approx([0.75, 0.25, 0.8, 0.7])
    # SNOMED CT 372244006 is malignant melanoma; benign keratosis joins three and has no concept.
    findings = [group.finding_type for group in groups[:4]]
    assert (findings[0].value, findings[0].scheme_designator) == ("372244006", "SCT")
    assert (findings[1].value, findings[1].scheme_designator) == ("bkl", "99CASELENS")
    assert findings[3].value == "a word of the ar", "16 characters are the most"
    assert findings[3].meaning == "a word of the archive's own"
    confirmed = groups[2].get_qualitative_evaluations()[0].value
    assert confirmed.value == "histopathology"
    assert "blurred" in groups[4].get_qualitative_evaluations()[0].value.meaning
    assert model.sha256.encode() in data
    assert model.name.encode() in data
    assert (read_again.CompletionFlag, read_again.VerificationFlag) == ("PARTIAL", "UNVERIFIED")
    assert read_again.StudyInstanceUID == source.StudyInstanceUID
    evidence = read_again.CurrentRequestedProcedureEvidenceSequence[0]
    referenced = evidence.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
    assert referenced.ReferencedSOPInstanceUID == source.SOPInstanceUID
