"""Nothing that was planted in a file comes out of it; what the picture needs does."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms
from pydicom import dcmread, uid
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from inference.errors import ImageError
from inference.export import Box, Pseudonyms, deidentify
from inference.images import read

SECRET = "PLANTED"
SECRET_UID = "1.2.826.0.1.3680043.666.777"
SECRETS = [SECRET.encode(), SECRET_UID.encode(), b"19660606", b"161718", b"66.0606", b"660606"]
TABLE = Path(__file__).parent / "annex_e.txt"
SKIN = np.random.default_rng(5).integers(60, 200, (16, 24, 3), np.uint8)

VALUES: dict[str, Any] = {
    "AE": SECRET, "AS": "066Y", "CS": SECRET, "DA": "19660606", "DS": "66.0606",
    "DT": "19660606161718", "IS": "660606", "LO": SECRET, "LT": SECRET,
    "OB": SECRET.encode() + b"!", "OW": SECRET.encode() + b"!", "PN": SECRET, "SH": SECRET,
    "ST": SECRET, "TM": "161718", "UC": SECRET, "UI": SECRET_UID, "UN": SECRET.encode() + b"!",
    "UR": SECRET, "US": 6606, "UT": SECRET,
}  # fmt: skip
"""A value to plant by value representation."""


def annex_e() -> list[int]:
    lines = TABLE.read_text().splitlines()
    return [int(line.split()[0], 16) for line in lines if not line.startswith("#")]


def plantable() -> list[int]:
    """Return those that a file's data set may have: not those of messages and of its own head."""
    return [tag for tag in annex_e() if tag >> 16 not in (0x0000, 0x0002)]


def plant(dataset: Dataset, tag: int) -> None:
    vr = dictionary_VR(tag) if dictionary_has_tag(tag) else "UN"
    vr = vr.split(" or ")[0]
    if vr == "SQ":
        item = Dataset()
        item.PatientName, item.TextValue, item.UID = SECRET, SECRET, SECRET_UID
        dataset[tag] = DataElement(tag, "SQ", Sequence([item]))
    else:
        dataset[tag] = DataElement(tag, vr, VALUES[vr])


def picture(samples: npt.NDArray[Any] = SKIN, **attributes: Any) -> FileDataset:  # noqa: ANN401
    """Return an uncompressed Dermoscopic Photography data set."""
    dataset = Dataset()
    dataset.SOPClassUID = uid.DermoscopicPhotographyImageStorage
    dataset.SOPInstanceUID, dataset.StudyInstanceUID = "1.2.3.4.1", "1.2.3.4.2"
    dataset.SeriesInstanceUID, dataset.Modality = "1.2.3.4.3", "DMS"
    dataset.Rows, dataset.Columns = samples.shape[:2]
    dataset.SamplesPerPixel = 3 if samples.ndim == 3 else 1
    dataset.PhotometricInterpretation = "RGB" if samples.ndim == 3 else "MONOCHROME2"
    if samples.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = samples.dtype.itemsize * 8
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, 0
    dataset.PixelData = samples.tobytes()
    dataset["PixelData"].VR = "OB" if samples.dtype == np.uint8 else "OW"
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return reread(saved(dataset))


def saved(dataset: Dataset, syntax: uid.UID = uid.ExplicitVRLittleEndian) -> bytes:
    file = io.BytesIO()
    if not hasattr(dataset, "file_meta"):
        dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def reread(data: bytes) -> FileDataset:
    return dcmread(io.BytesIO(data))


def without_identity(data: bytes, **options: Any) -> FileDataset:  # noqa: ANN401
    return reread(deidentify(data, "DOE_JANE.dcm", Pseudonyms(), **options).data)


def assert_nothing_of(data: bytes) -> None:
    assert [secret for secret in SECRETS if secret in data] == []


@pytest.fixture(scope="module")
def planted() -> bytes:
    """Return a file with secrets in every attribute of Annex E, and wherever else there is room."""
    dataset = picture()
    for tag in plantable():
        plant(dataset, tag)
    dataset.BurnedInAnnotation = "NO"
    for tag, vr in {0x50003000: "OW", 0x50020010: "US", 0x60003000: "OW", 0x60004000: "LT"}.items():
        dataset[tag] = DataElement(tag, vr, VALUES[vr])
    block = dataset.private_block(0x0009, SECRET, create=True)
    block.add_new(1, "LO", SECRET)
    block.add_new(2, "OB", SECRET.encode() + b"!")
    dataset.LUTLabel = dataset.ManufacturerModelName = SECRET
    dataset.file_meta.SourceApplicationEntityTitle = SECRET
    dataset.file_meta.PrivateInformationCreatorUID = uid.UID(SECRET_UID)
    dataset.file_meta.PrivateInformation = SECRET.encode() + b"!"
    dataset.preamble = SECRET.encode().ljust(128, b"\0")
    return saved(dataset)


def test_the_table_has_the_attributes_of_the_standard() -> None:
    tags = annex_e()
    assert len(tags) == len(set(tags)) == 652
    # Some of them, by PS3.15 2026c.
    assert {0x00100010, 0x00100020, 0x00080090, 0x00104000, 0x00204000, 0x0040A730} <= set(tags)


def test_the_plants_are_there_before(planted: bytes) -> None:
    assert all(secret in planted for secret in SECRETS)
    assert {int(element.tag) for element in reread(planted)} >= set(plantable())


def test_no_secret_of_any_attribute_of_annex_e_survives(planted: bytes) -> None:
    result = deidentify(planted, "DOE_JANE.dcm", Pseudonyms())
    assert_nothing_of(result.data)
    assert "DOE" not in result.name
    before, after = reread(planted), reread(result.data)
    for tag in plantable():
        kept = tag in after and not after[tag].is_empty
        assert not kept or after[tag].value != before[tag].value, after[tag]
    assert not [element for element in after.iterall() if element.tag.is_private]
    assert not [element for element in after if element.tag.group in (0x5000, 0x5002, 0x6000)]
    assert after.preamble == bytes(128)


def test_what_the_picture_needs_survives(planted: bytes) -> None:
    result = deidentify(planted, "x.dcm", Pseudonyms())
    assert np.array_equal(read(result.data).pixels, SKIN)
    after = reread(result.data)
    assert after.SOPClassUID == uid.DermoscopicPhotographyImageStorage
    assert after.Modality == "DMS"


def test_the_method_is_recorded_in_the_standard_attributes() -> None:
    after = without_identity(saved(picture()), boxes=[Box(0, 0, 2, 2)], keep_characteristics=True)
    assert after.PatientIdentityRemoved == "YES"
    assert after.LongitudinalTemporalInformationModified == "REMOVED"
    assert after.DeidentificationMethod[0].startswith("CaseLens ")
    items = after.DeidentificationMethodCodeSequence
    assert [item.CodeValue for item in items] == ["113100", "113101", "113108"]
    assert {item.CodingSchemeDesignator for item in items} == {"DCM"}
    plain = without_identity(saved(picture()))
    assert [i.CodeValue for i in plain.DeidentificationMethodCodeSequence] == ["113100"]


@pytest.mark.parametrize(
    "keyword",
    ["Modality", "ImageType", "PhotometricInterpretation", "ConversionType", "Laterality"],
)
def test_a_secret_in_the_place_of_a_word_that_may_leave_does_not(keyword: str) -> None:
    dataset = picture()
    if keyword != "PhotometricInterpretation":
        setattr(dataset, keyword, SECRET)
    dataset.PixelSpacingCalibrationDescription = SECRET
    result = deidentify(saved(dataset), "x.dcm", Pseudonyms())
    assert_nothing_of(result.data)


def test_secrets_in_and_under_tables_that_may_leave_do_not() -> None:
    grey = np.arange(12, dtype=np.uint16).reshape(3, 4)
    table, measures, group = Dataset(), Dataset(), Dataset()
    table.LUTDescriptor, table.LUTExplanation = [12, 0, 8], SECRET
    table["LUTDescriptor"].VR = "US"
    entries = np.arange(0, 240, 20, dtype="<u2")
    table.LUTData = entries.tobytes() + SECRET.encode() + b"!"
    table["LUTData"].VR = "OW"
    measures.PixelSpacing, measures.PatientName = [0.5, 0.5], SECRET
    group.PixelMeasuresSequence = Sequence([measures])
    group.FrameContentSequence = Sequence([measures])
    dataset = picture(
        grey,
        VOILUTSequence=Sequence([table]),
        SharedFunctionalGroupsSequence=Sequence([group]),
        WindowCenterWidthExplanation=SECRET,
    )
    result = deidentify(saved(dataset), "x.dcm", Pseudonyms())
    assert_nothing_of(result.data)
    image = read(result.data)
    assert image.pixels[..., 0].ravel().tolist() == entries.tolist()
    assert image.spacing_mm == (0.5, 0.5)


def test_an_anatomic_region_is_kept_by_its_concept_and_named_by_us() -> None:
    known, unknown = Dataset(), Dataset()
    known.CodeValue, known.CodingSchemeDesignator, known.CodeMeaning = "14975008", "SCT", SECRET
    unknown.CodeValue, unknown.CodingSchemeDesignator, unknown.CodeMeaning = SECRET, "SCT", SECRET
    for region, kept in ((known, True), (unknown, False)):
        after = without_identity(saved(picture(AnatomicRegionSequence=Sequence([region]))))
        assert ("AnatomicRegionSequence" in after) == kept
        if kept:
            # SNOMED CT 14975008 is the forearm.
            assert after.AnatomicRegionSequence[0].CodeMeaning.lower().endswith("forearm")


def jpeg_with_secrets() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = exif[0x010E] = exif[0x013B] = exif[0x9286] = SECRET
    exif.get_ifd(0x8825)[0x001D] = "1966:06:06"
    exif.get_ifd(0x8769)[0x927C] = SECRET.encode()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = io.BytesIO()
    Image.fromarray(SKIN).save(
        file, "JPEG", quality=95, exif=exif, comment=SECRET, icc_profile=profile,
        xmp=f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode(),
    )  # fmt: skip
    return file.getvalue() + SECRET.encode()


def test_nothing_survives_inside_a_compressed_frame() -> None:
    dataset = picture(PhotometricInterpretation="YBR_FULL_422")
    jpeg = jpeg_with_secrets()
    dataset.PixelData = encapsulate([jpeg])
    dataset["PixelData"].is_undefined_length = True
    data = saved(dataset, uid.JPEGBaseline8Bit)
    assert SECRET.encode() in data
    result = deidentify(data, "x.dcm", Pseudonyms())
    assert_nothing_of(result.data)
    assert np.array_equal(read(result.data).pixels, read(data).pixels)


def png_with_secrets() -> bytes:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Author", SECRET)
    words.add_itxt("XML:com.adobe.xmp", SECRET)
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = SECRET
    Image.fromarray(SKIN).save(file, "PNG", pnginfo=words, exif=exif)
    return file.getvalue() + SECRET.encode()


def tiff_with_secrets() -> bytes:
    file = io.BytesIO()
    thumbnail = Image.fromarray(SKIN[:4, :4])
    tags = {270: SECRET, 315: SECRET, 33432: SECRET}
    Image.fromarray(SKIN).save(
        file, "TIFF", tiffinfo=tags, save_all=True, append_images=[thumbnail]
    )
    return file.getvalue()


def webp_with_secrets() -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = SECRET
    Image.fromarray(SKIN).save(file, "WEBP", lossless=True, exif=exif, xmp=SECRET.encode())
    return file.getvalue()


@pytest.mark.parametrize(
    "make", [jpeg_with_secrets, png_with_secrets, tiff_with_secrets, webp_with_secrets]
)
def test_a_photo_leaves_as_its_pixels_alone(make: Callable[[], bytes]) -> None:
    data = make()
    assert SECRET.encode() in data
    result = deidentify(data, "DOE_JANE.jpg", Pseudonyms())
    assert_nothing_of(result.data)
    assert result.name.endswith(".png") and "DOE" not in result.name
    assert np.array_equal(read(result.data).pixels, read(data).pixels)
    with Image.open(io.BytesIO(result.data)) as image:
        assert image.info == {}


def test_bits_above_those_stored_are_cleared() -> None:
    # Retired overlays, or a message: 12 bits are stored, the picture's, and 4 more are there.
    grey = np.array([[0xF123, 0xA456]], np.uint16)
    dataset = picture(grey, BitsStored=12, HighBit=11)
    after = without_identity(saved(dataset))
    assert np.frombuffer(after.PixelData, "<u2").tolist() == [0x123, 0x456]
    assert after.BitsStored == 12


def test_every_frame_leaves_with_its_levels() -> None:
    frames = np.arange(24, dtype=np.uint16).reshape(2, 3, 4)
    dataset = picture(frames[0], NumberOfFrames=2, PixelData=frames.tobytes())
    dataset["PixelData"].VR = "OW"
    after = without_identity(saved(dataset))
    assert np.frombuffer(after.PixelData, "<u2").tolist() == list(range(24))
    assert after.NumberOfFrames == 2


def test_levels_of_a_big_endian_file_stay_what_they_are() -> None:
    grey = np.array([[1, 2, 300]], np.uint16)
    dataset = Dataset(picture(grey))
    dataset.PixelData = grey.astype(">u2").tobytes()
    dataset["PixelData"].VR = "OW"
    after = without_identity(saved(dataset, uid.ExplicitVRBigEndian))
    assert np.frombuffer(after.PixelData, "<u2").tolist() == [1, 2, 300]


def test_a_picture_of_another_kind_leaves_as_secondary_capture() -> None:
    # Without where the patient lay and how the scanner was set it would be no valid CT image.
    group, measures = Dataset(), Dataset()
    measures.PixelSpacing = [0.5, 0.25]
    group.PixelMeasuresSequence = Sequence([measures])
    grey = np.arange(12, dtype=np.uint16).reshape(3, 4)
    dataset = picture(
        grey,
        SOPClassUID=uid.CTImageStorage,
        SharedFunctionalGroupsSequence=Sequence([group]),
        RescaleSlope=2,
        RescaleIntercept=-7,
    )
    after = without_identity(saved(dataset))
    assert after.SOPClassUID == uid.SecondaryCaptureImageStorage
    assert (after.ConversionType, after.RescaleType) == ("WSD", "US")
    assert list(after.PixelSpacing) == [0.5, 0.25]
    assert np.frombuffer(after.PixelData, "<u2").tolist() == list(range(12))


def test_boxes_are_blackened_in_every_frame_and_the_header_says_so() -> None:
    dataset = picture(BurnedInAnnotation="YES")
    with pytest.raises(ImageError, match="burnt into the picture") as caught:
        deidentify(saved(dataset), "x.dcm", Pseudonyms())
    assert "boxes" in caught.value.advice
    after = without_identity(saved(dataset), boxes=[Box(2, 3, 4, 5), Box(20, 14, 99, 99)])
    expected = SKIN.copy()
    expected[3:8, 2:6] = 0
    expected[14:, 20:] = 0
    assert np.frombuffer(after.PixelData, np.uint8).tolist() == expected.ravel().tolist()
    assert after.BurnedInAnnotation == "NO"


def test_boxes_are_black_in_inverted_grey_too() -> None:
    grey = np.zeros((2, 3), np.uint8)
    dataset = picture(grey, PhotometricInterpretation="MONOCHROME1")
    result = deidentify(saved(dataset), "x.dcm", Pseudonyms(), boxes=[Box(0, 0, 1, 1)])
    assert read(result.data).pixels[..., 0].tolist() == [[0, 255, 255], [255, 255, 255]]


def test_boxes_are_blackened_in_a_photo() -> None:
    result = deidentify(png_with_secrets(), "x.png", Pseudonyms(), boxes=[Box(0, 0, 3, 2)])
    assert read(result.data).pixels[:2, :3].max() == 0


def test_files_of_a_series_stay_together_under_one_secret_alone() -> None:
    first, second = picture(SOPInstanceUID="1.2.3.4.8"), picture(SOPInstanceUID="1.2.3.4.9")
    together = Pseudonyms()
    a, b = (reread(deidentify(saved(d), "x", together).data) for d in (first, second))
    assert a.SeriesInstanceUID == b.SeriesInstanceUID != first.SeriesInstanceUID
    assert a.StudyInstanceUID == b.StudyInstanceUID
    assert a.SOPInstanceUID != b.SOPInstanceUID
    assert a.file_meta.MediaStorageSOPInstanceUID == a.SOPInstanceUID
    assert uid.UID(a.SOPInstanceUID).is_valid
    assert without_identity(saved(first)).SeriesInstanceUID != a.SeriesInstanceUID


def test_age_and_sex_are_kept_if_asked_for_but_no_great_age() -> None:
    dataset = picture(PatientAge="094Y", PatientSex="F")
    assert "PatientAge" not in without_identity(saved(dataset))
    assert not without_identity(saved(dataset)).PatientSex
    kept = without_identity(saved(dataset), keep_characteristics=True)
    assert (kept.PatientAge, kept.PatientSex) == ("090Y", "F")
    odd = picture(PatientSex=SECRET)
    result = deidentify(saved(odd), "x", Pseudonyms(), keep_characteristics=True)
    assert_nothing_of(result.data)


def test_what_is_no_picture_is_refused() -> None:
    dataset = picture()
    del dataset.PixelData
    with pytest.raises(ImageError, match="pixels were left out") as caught:
        deidentify(saved(dataset), "x.dcm", Pseudonyms())
    assert caught.value.subject == "x.dcm"
    with pytest.raises(ImageError, match="damaged or incomplete"):
        deidentify(saved(picture())[:-100], "x.dcm", Pseudonyms())
