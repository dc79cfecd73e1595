"""DICOM's grey, colour, spacing and non-pictures; expected values follow the cited formulas."""

from __future__ import annotations

import tracemalloc
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from inference.errors import ImageError
from inference.images import View, dicom_file, read
from tests.inference.images.conftest import MakeDicom

Attributes = dict[str, Any]


def lut(entries: list[int], first: int, bits: int) -> Sequence:
    item = Dataset()
    item.LUTDescriptor = [len(entries), first, bits]
    item.LUTData = np.array(entries, dtype="<u2").tobytes()
    item["LUTDescriptor"].VR = "US"
    item["LUTData"].VR = "OW"
    return Sequence([item])


# PS3.3 C.11.2.1.2: LINEAR is (x - (c - .5)) / (w - 1) + .5; LINEAR_EXACT is (x - c) / w + .5;
# SIGMOID is 1 / (1 + exp(-4 (x - c) / w)); each clipped to 0..1 and times 255.
GREY: dict[str, tuple[list[int], str, Attributes, list[int]]] = {
    "8 bits as they are": ([0, 7, 128, 255], "u1", {}, [0, 7, 128, 255]),
    "16 bits from darkest to brightest": ([100, 200, 300], "u2", {}, [0, 128, 255]),
    "signed": ([-100, 0, 100], "i2", {}, [0, 128, 255]),
    "padding does not count": (
        [-2000, 0, 50, 100],
        "i2",
        {"PixelPaddingValue": -2000},
        [0, 0, 128, 255],
    ),
    "linear window": (
        [0, 100, 150, 200, 300],
        "u2",
        {"WindowCenter": 150.5, "WindowWidth": 101},
        [0, 0, 128, 255, 255],
    ),
    "first of two windows": (
        [0, 150, 300],
        "u2",
        {"WindowCenter": [150.5, 0], "WindowWidth": [101, 1]},
        [0, 128, 255],
    ),
    "exact linear window": (
        [100, 125, 200],
        "u2",
        {"WindowCenter": 150, "WindowWidth": 100, "VOILUTFunction": "LINEAR_EXACT"},
        [0, 64, 255],
    ),
    "sigmoid window": (
        [100, 150, 200],
        "u2",
        {"WindowCenter": 150, "WindowWidth": 100, "VOILUTFunction": "SIGMOID"},
        [30, 128, 225],
    ),
    "window of width 1 is a threshold": (
        [149, 150],
        "u2",
        {"WindowCenter": 150, "WindowWidth": 1},
        [0, 255],
    ),
    "a window without width is passed over": (
        [0, 100],
        "u2",
        {"WindowCenter": 0, "WindowWidth": 0},
        [0, 255],
    ),
    "rescaled, then windowed": (
        [0, 1024, 2048],
        "u2",
        {"RescaleSlope": 2, "RescaleIntercept": -2048, "WindowCenter": 0.5, "WindowWidth": 4097},
        [0, 128, 255],
    ),
    "VOI table before window": (
        [0, 1, 2],
        "u2",
        {"VOILUTSequence": lut([0, 51, 255], 0, 8), "WindowCenter": 0, "WindowWidth": 1},
        [0, 51, 255],
    ),
    "modality table, then window": (
        [0, 1, 2],
        "u2",
        {
            "ModalityLUTSequence": lut([100, 150, 200], 0, 16),
            "WindowCenter": 150.5,
            "WindowWidth": 101,
        },
        [0, 128, 255],
    ),
    "32 bits": ([0, 1_000_000, 2_000_000], "u4", {}, [0, 128, 255]),
    "all of one value": ([700, 700], "u2", {}, [128, 128]),
}


@pytest.mark.parametrize("case", GREY)
def test_grey_is_shown_by_table_window_or_full_range(case: str, make_dicom: MakeDicom) -> None:
    stored, kind, attributes, expected = GREY[case]
    samples = np.array([stored], dtype=kind)
    pixels = read(make_dicom(samples, photometric="MONOCHROME2", **attributes)).pixels
    assert pixels[0, :, 0].tolist() == expected
    assert (pixels == pixels[..., :1]).all()
    inverted = read(make_dicom(samples, photometric="MONOCHROME1", **attributes)).pixels
    assert np.array_equal(inverted, 255 - pixels)


def test_empty_tables_and_slopes_are_passed_over(make_dicom: MakeDicom) -> None:
    empty = Dataset()
    empty.LUTDescriptor = None
    data = make_dicom(
        np.array([[3, 200]], dtype=np.uint8),
        photometric="MONOCHROME2",
        ModalityLUTSequence=Sequence([empty]),
        VOILUTSequence=Sequence([empty]),
        RescaleSlope="",
        RescaleIntercept="",
        WindowCenter="",
        WindowWidth="",
    )
    assert read(data).pixels[..., 0].tolist() == [[3, 200]]


def test_colour_by_plane_is_put_together(
    make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    planes = skin.transpose(2, 0, 1).tobytes()
    data = make_dicom(skin, photometric="RGB", PlanarConfiguration=1, PixelData=planes)
    assert np.array_equal(read(data).pixels, skin)


def test_colour_of_16_bits_is_scaled(make_dicom: MakeDicom) -> None:
    samples = np.array([[[0, 257, 65535], [514, 32768, 2570]]], dtype=np.uint16)
    pixels = read(make_dicom(samples, photometric="RGB")).pixels
    assert pixels.tolist() == [[[0, 1, 255], [2, 128, 10]]]


# PS3.3 C.7.6.3.1.2: full-range YCbCr of ITU-R BT.601; these are white, black, red and blue.
YCBCR = np.array([[[255, 128, 128], [0, 128, 128], [76, 85, 255], [29, 255, 107]]], dtype=np.uint8)
YCBCR_SHOWN = np.array([[[255, 255, 255], [0, 0, 0], [254, 0, 0], [0, 0, 254]]])


def test_uncompressed_ycbcr_is_converted(make_dicom: MakeDicom) -> None:
    pixels = read(make_dicom(YCBCR, photometric="YBR_FULL")).pixels
    assert np.abs(pixels.astype(int) - YCBCR_SHOWN).max() <= 1


def test_uncompressed_ycbcr_with_halved_colour_is_converted(make_dicom: MakeDicom) -> None:
    # Two pixels share a Cb and a Cr: Y Y Cb Cr (PS3.3 C.7.6.3.1.2).
    data = bytes([255, 0, 128, 128, 76, 76, 85, 255])
    pixels = read(make_dicom(YCBCR, photometric="YBR_FULL_422", PixelData=data)).pixels
    assert pixels[0, :2].tolist() == [[255, 255, 255], [0, 0, 0]]
    assert np.abs(pixels[0, 2:].astype(int) - (254, 0, 0)).max() <= 1


def test_ycbcr_of_partial_range_is_converted(make_dicom: MakeDicom) -> None:
    # Retired from PS3.3 after 2003, C.7.6.3.1.2: black is 16, white 235 (ITU-R BT.601); the red
    # and blue are that recommendation's 81 90 240 and 41 240 110.
    data = bytes([235, 16, 128, 128, 81, 81, 90, 240, 41, 41, 240, 110])
    samples = np.zeros((1, 6, 3), np.uint8)
    pixels = read(make_dicom(samples, photometric="YBR_PARTIAL_422", PixelData=data)).pixels
    expected = [[255] * 3, [0] * 3, [255, 0, 0], [255, 0, 0], [0, 0, 255], [0, 0, 255]]
    assert np.abs(pixels[0].astype(int) - expected).max() <= 1


@pytest.mark.parametrize("photometric", ["HSV", "ARGB", "CMYK"])
def test_colours_that_left_the_standard_are_named(
    photometric: str, make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    samples = 4 if photometric != "HSV" else 3
    data = make_dicom(
        skin,
        photometric=photometric,
        SamplesPerPixel=samples,
        PixelData=bytes(48 * 64 * samples),
    )
    with pytest.raises(ImageError, match=f'stored as "{photometric}"') as caught:
        read(data, name="old.dcm")
    assert "RGB" in caught.value.advice


def test_each_of_several_windows_can_be_chosen(make_dicom: MakeDicom) -> None:
    # The formulas above: a table first, then two windows, of which the file names one.
    data = make_dicom(
        np.array([[0, 1, 2]], np.uint16),
        photometric="MONOCHROME2",
        VOILUTSequence=lut([0, 51, 255], 0, 8),
        WindowCenter=[1.5, 2],
        WindowWidth=[3, 1],
        WindowCenterWidthExplanation="SOFT",
    )
    images = [read(data, view=View(window=i)) for i in range(4)]
    shown = [image.pixels[0, :, 0].tolist() for image in images]
    assert shown == [[0, 51, 255], [0, 128, 255], [0, 0, 255], [0, 51, 255]]
    assert images[0].acquisition.windows == ("Table 1", "SOFT", "2 / 1")


def test_a_frame_of_an_enhanced_file_has_the_window_of_its_own_groups(
    make_dicom: MakeDicom,
) -> None:
    def voi(centre: float) -> Dataset:
        item, group = Dataset(), Dataset()
        item.WindowCenter, item.WindowWidth = centre, 1
        group.FrameVOILUTSequence = Sequence([item])
        return group

    rescale, shared = Dataset(), Dataset()
    rescale.RescaleSlope, rescale.RescaleIntercept = 1, 100
    shared.PixelValueTransformationSequence = Sequence([rescale])
    data = make_dicom(
        np.array([[0, 50]], np.uint16),
        photometric="MONOCHROME2",
        NumberOfFrames=2,
        PixelData=np.array([0, 50, 0, 50], "<u2").tobytes(),
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence([voi(125), voi(200)]),
    )
    frames = [read(data, view=View(frame=i)).pixels[0, :, 0].tolist() for i in range(2)]
    assert frames == [[0, 255], [0, 0]]


@pytest.mark.parametrize(("bits", "factor"), [(8, 1), (16, 257)])
def test_palette_colours_are_looked_up(bits: int, factor: int, make_dicom: MakeDicom) -> None:
    kind = "<u1" if bits == 8 else "<u2"
    tables: Attributes = {}
    for colour, entries in {"Red": [1, 200], "Green": [2, 100], "Blue": [3, 50]}.items():
        table = (np.array(entries) * factor).astype(kind).tobytes()
        tables[f"{colour}PaletteColorLookupTableDescriptor"] = [2, 0, bits]
        tables[f"{colour}PaletteColorLookupTableData"] = table
    data = make_dicom(np.array([[0, 1]], dtype=np.uint8), photometric="PALETTE COLOR", **tables)
    assert read(data).pixels.tolist() == [[[1, 2, 3], [200, 100, 50]]]


def pixel_measures(spacing: list[float]) -> Sequence:
    measures, group = Dataset(), Dataset()
    measures.PixelSpacing = spacing
    group.PixelMeasuresSequence = Sequence([measures])
    return Sequence([group])


SPACING: dict[str, tuple[Attributes, tuple[float, float] | None]] = {
    "none": ({}, None),
    "row and column": ({"PixelSpacing": [0.02, 0.03]}, (0.02, 0.03)),
    "of many frames": (
        {"SharedFunctionalGroupsSequence": pixel_measures([0.5, 0.25])},
        (0.5, 0.25),
    ),
    "at the detector": ({"ImagerPixelSpacing": [0.1, 0.1]}, None),
    "on scanned paper": ({"NominalScannedPixelSpacing": [0.1, 0.1]}, None),
    "repeats the paper's": (
        {"NominalScannedPixelSpacing": [0.1, 0.1], "PixelSpacing": [0.1, 0.1]},
        None,
    ),
    "in regions of ultrasound": ({"SequenceOfUltrasoundRegions": Sequence([Dataset()])}, None),
    "repeats the detector's": (
        {"ImagerPixelSpacing": [0.1, 0.1], "PixelSpacing": [0.1, 0.1]},
        None,
    ),
    "calibrated": (
        {
            "ImagerPixelSpacing": [0.1, 0.1],
            "PixelSpacing": [0.1, 0.1],
            "PixelSpacingCalibrationType": "FIDUCIAL",
        },
        (0.1, 0.1),
    ),
    "zero": ({"PixelSpacing": [0, 0]}, None),
}


@pytest.mark.parametrize("case", SPACING)
def test_spacing_is_told_only_when_it_is_a_physical_size(case: str, make_dicom: MakeDicom) -> None:
    attributes, expected = SPACING[case]
    samples = np.zeros((2, 2), dtype=np.uint8)
    image = read(make_dicom(samples, photometric="MONOCHROME2", **attributes))
    assert image.spacing_mm == expected
    assert bool(image.acquisition.spacing) == (case not in ("none", "zero"))


def test_it_is_told_where_a_spacing_comes_from(make_dicom: MakeDicom) -> None:
    def meaning(**attributes: Any) -> str:  # noqa: ANN401 - whatever the attribute holds
        samples = np.zeros((2, 2), dtype=np.uint8)
        data = make_dicom(samples, photometric="MONOCHROME2", **attributes)
        return read(data).acquisition.spacing

    pixel, imager = {"PixelSpacing": [0.1, 0.1]}, {"ImagerPixelSpacing": [0.1, 0.2]}
    assert meaning(**pixel) == "Pixel Spacing"
    assert "known size" in meaning(**pixel, PixelSpacingCalibrationType="FIDUCIAL")
    assert "assumed magnification" in meaning(**pixel, PixelSpacingCalibrationType="GEOMETRY")
    assert meaning(**imager).startswith("0.1 x 0.2 mm at the detector")


@pytest.mark.parametrize(
    ("sop_class", "kind"),
    [
        (uid.DermoscopicPhotographyImageStorage, "dermoscopy"),
        (uid.VLPhotographicImageStorage, "photograph"),
        (uid.SecondaryCaptureImageStorage, "secondary capture"),
        (uid.MultiFrameTrueColorSecondaryCaptureImageStorage, "secondary capture"),
        (uid.CTImageStorage, ""),
    ],
)
def test_the_kind_of_picture_is_known_by_its_sop_class(
    sop_class: uid.UID, kind: str, make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    data = make_dicom(skin, photometric="RGB", SOPClassUID=sop_class)
    assert read(data).acquisition.kind == kind


def test_the_facts_of_the_acquisition_come_along(
    make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    data = make_dicom(
        skin,
        photometric="RGB",
        Manufacturer="Maker",
        ManufacturerModelName="Scope",
        PatientName="Doe^Jane",
    )
    facts = read(data).acquisition
    assert (facts.format, facts.modality, facts.device) == ("DICOM", "DMS", "Maker Scope")
    assert facts.sop_class == "Dermoscopic Photography Image Storage"
    assert facts.photometric == "RGB"
    assert "Doe" not in repr(facts)


def test_a_data_set_without_preamble_is_read(
    make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    data = make_dicom(skin, photometric="RGB")
    meta_length = int.from_bytes(data[140:144], "little")
    for bare in (data[132:], data[144 + meta_length :]):  # with and without group 0002
        assert np.array_equal(read(bare).pixels, skin)


@pytest.mark.parametrize(
    ("sop_class", "reason"),
    [
        (uid.SegmentationStorage, "segmentation"),
        (uid.RTDoseStorage, "dose"),
        (uid.MediaStorageDirectoryStorage, "DICOMDIR"),
        (uid.BasicTextSRStorage, "Basic Text SR"),
        (uid.EncapsulatedPDFStorage, "Encapsulated PDF"),
        (uid.DermoscopicPhotographyImageStorage, "pixels were left out"),
    ],
)
def test_what_is_no_picture_says_what_it_is(
    sop_class: uid.UID, reason: str, make_dicom: MakeDicom
) -> None:
    samples = np.zeros((2, 2), dtype=np.uint8)
    data = make_dicom(samples, photometric="MONOCHROME2", SOPClassUID=sop_class, PixelData=None)
    with pytest.raises(ImageError, match=reason) as caught:
        read(data, name="report.dcm")
    assert caught.value.subject == "report.dcm"
    assert caught.value.advice


def test_a_segmentation_with_pixels_is_still_no_picture(make_dicom: MakeDicom) -> None:
    samples = np.zeros((2, 2), dtype=np.uint8)
    data = make_dicom(samples, photometric="MONOCHROME2", SOPClassUID=uid.SegmentationStorage)
    with pytest.raises(ImageError, match="marks regions"):
        read(data)


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_a_truncated_file_is_an_error(
    kept: float, make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    data = make_dicom(skin, photometric="RGB")
    with pytest.raises(ImageError, match=r"half\.dcm"):
        read(data[: int(len(data) * kept)], name="half.dcm")


def test_a_picture_without_rows_is_an_error(
    make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    with pytest.raises(ImageError, match="how many rows"):
        read(make_dicom(skin, photometric="RGB", Rows=None))


def test_a_huge_picture_is_refused(make_dicom: MakeDicom) -> None:
    samples = np.zeros((2, 2), dtype=np.uint8)
    data = make_dicom(samples, photometric="MONOCHROME2", Rows=40_000, Columns=40_000)
    with pytest.raises(ImageError, match="more than 200 million pixels"):
        read(data)


def test_a_deflated_bomb_is_stopped_while_it_inflates(
    make_dicom: MakeDicom, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 2**20
    monkeypatch.setattr(dicom_file, "MAX_FILE_BYTES", limit)
    syntax = uid.DeflatedExplicitVRLittleEndian
    samples = np.zeros((4, 4), dtype=np.uint8)
    data = make_dicom(samples, photometric="MONOCHROME2", syntax=syntax)
    head = data[: 144 + int.from_bytes(data[140:144], "little")]
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = head + squeeze.compress(bytes(64 * limit)) + squeeze.flush()
    tracemalloc.start()
    with pytest.raises(ImageError, match="inflates to more than"):
        read(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * limit
