"""Every transfer syntax: what went in comes out, and JPEG comes out as Pillow decodes it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from pydicom import dcmread, uid
from pydicom.pixels.encoders.base import RLELosslessEncoder

from inference.errors import ImageError
from inference.images import View, read
from tests.inference.images.conftest import MakeDicom

NATIVE = [
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
]
DEEP = np.array([[0, 257, 514], [32768, 65278, 65535]], dtype=np.uint16)
"""257 * n shows as n, since the full range 0..65535 is stretched to 0..255."""
DEEP_SHOWN = [[0, 1, 2], [128, 254, 255]]


def jpeg(pixels: npt.NDArray[np.uint8], **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90, **options)
    return file.getvalue()


def pillow(data: bytes) -> npt.NDArray[np.uint8]:
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("syntax", NATIVE, ids=lambda s: s.keyword)
def test_uncompressed_colour_and_grey_are_exact(
    syntax: uid.UID, make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    image = read(make_dicom(skin, photometric="RGB", syntax=syntax))
    assert np.array_equal(image.pixels, skin)
    assert image.acquisition.transfer_syntax == syntax.name
    deep = read(make_dicom(DEEP, photometric="MONOCHROME2", syntax=syntax))
    assert deep.pixels[..., 0].tolist() == DEEP_SHOWN


def test_run_length_encoding_is_exact(make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]) -> None:
    dataset = dcmread(BytesIO(make_dicom(skin, photometric="RGB")))
    frame = RLELosslessEncoder.encode(dataset, encoding_plugin="pydicom")
    data = make_dicom(skin, photometric="RGB", syntax=uid.RLELossless, frames=[frame])
    assert np.array_equal(read(data).pixels, skin)


LOSSLESS: dict[uid.UID, Callable[[npt.NDArray[Any]], bytes | bytearray]] = {
    uid.JPEGLossless: lambda a: imagecodecs.jpeg8_encode(a, lossless=True, predictor=4),
    uid.JPEGLosslessSV1: lambda a: imagecodecs.jpeg8_encode(a, lossless=True, predictor=1),
    uid.JPEGLSLossless: imagecodecs.jpegls_encode,
    uid.JPEGLSNearLossless: imagecodecs.jpegls_encode,
    uid.JPEG2000Lossless: lambda a: imagecodecs.jpeg2k_encode(
        a, codecformat="j2k", reversible=True
    ),
    uid.JPEG2000: lambda a: imagecodecs.jpeg2k_encode(a, codecformat="j2k", reversible=True),
    uid.HTJ2KLossless: imagecodecs.htj2k_encode,
    uid.HTJ2KLosslessRPCL: imagecodecs.htj2k_encode,
    uid.HTJ2K: imagecodecs.htj2k_encode,
}


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda s: s.keyword)
def test_lossless_compression_is_exact(
    syntax: uid.UID, make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    encode = LOSSLESS[syntax]
    colour = make_dicom(skin, photometric="RGB", syntax=syntax, frames=[bytes(encode(skin))])
    assert np.array_equal(read(colour).pixels, skin)
    grey = make_dicom(DEEP, photometric="MONOCHROME2", syntax=syntax, frames=[bytes(encode(DEEP))])
    assert read(grey).pixels[..., 0].tolist() == DEEP_SHOWN


def as_jpeg_xl(data: bytes) -> bytes:
    """Call the compression of a file by JPEG XL's number, which pydicom does not write."""
    return data.replace(uid.HTJ2KLossless.encode(), b"1.2.840.10008.1.2.4.110", 1)


def test_jpeg_xl_without_loss_is_exact(make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]) -> None:
    frame = bytes(imagecodecs.jpegxl_encode(skin, lossless=True))
    data = make_dicom(skin, photometric="RGB", syntax=uid.HTJ2KLossless, frames=[frame])
    image = read(as_jpeg_xl(data))
    assert np.array_equal(image.pixels, skin)
    assert image.acquisition.transfer_syntax == "JPEG XL Lossless"
    deep = bytes(imagecodecs.jpegxl_encode(DEEP, lossless=True))
    data = make_dicom(DEEP, photometric="MONOCHROME2", syntax=uid.HTJ2KLossless, frames=[deep])
    assert read(as_jpeg_xl(data)).pixels[..., 0].tolist() == DEEP_SHOWN


def test_jpeg_xl_of_another_size_than_its_header_says_is_an_error(
    make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    frame = bytes(imagecodecs.jpegxl_encode(skin, lossless=True))
    data = make_dicom(skin[:8], photometric="RGB", syntax=uid.HTJ2KLossless, frames=[frame])
    with pytest.raises(ImageError, match="but the DICOM header says"):
        read(as_jpeg_xl(data))


def test_jpeg_of_12_bits_keeps_its_levels(make_dicom: MakeDicom) -> None:
    # Flat blocks of 8 x 8 have only a mean, which quality 100 keeps to within one level of 4096.
    levels = np.repeat(np.repeat(np.array([[0, 1000], [2500, 4095]]), 8, 0), 8, 1)
    samples = levels.astype(np.uint16)
    frame = bytes(imagecodecs.jpeg8_encode(samples, level=100, bitspersample=12))
    data = make_dicom(
        samples,
        photometric="MONOCHROME2",
        syntax=uid.JPEGExtended12Bit,
        frames=[frame],
        BitsStored=12,
        HighBit=11,
        WindowCenter=2048,
        WindowWidth=4096,
    )
    shown = read(data).pixels[::8, ::8, 0].astype(int)
    assert np.abs(shown - np.rint(np.array([[0, 1000], [2500, 4095]]) * 255 / 4095)).max() <= 1


SOP_CLASSES = [
    uid.DermoscopicPhotographyImageStorage,
    uid.VLPhotographicImageStorage,
    uid.SecondaryCaptureImageStorage,
]


@pytest.mark.parametrize("sop_class", SOP_CLASSES, ids=lambda s: s.keyword)
@pytest.mark.parametrize("subsampling", [0, 2])
@pytest.mark.parametrize("declared", ["YBR_FULL_422", "RGB", "YBR_FULL"])
def test_a_jpeg_inside_dicom_is_bit_exact_whatever_the_header_calls_its_colour(
    sop_class: uid.UID,
    subsampling: int,
    declared: str,
    make_dicom: MakeDicom,
    skin: npt.NDArray[np.uint8],
) -> None:
    frame = jpeg(skin, subsampling=subsampling)
    data = make_dicom(
        skin,
        photometric=declared,
        syntax=uid.JPEGBaseline8Bit,
        frames=[frame],
        SOPClassUID=sop_class,
    )
    image = read(data)
    assert np.array_equal(image.pixels, pillow(frame))
    assert image.acquisition.sop_class == sop_class.name


@pytest.mark.parametrize("declared", ["YBR_FULL_422", "RGB"])
def test_a_jpeg_that_stores_rgb_is_not_converted_from_ycbcr(
    declared: str, make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    # Some dermoscopes declare YBR_FULL_422 but store RGB, which an Adobe marker says.
    frame = jpeg(skin, keep_rgb=True)
    data = make_dicom(skin, photometric=declared, syntax=uid.JPEGBaseline8Bit, frames=[frame])
    pixels = read(data).pixels
    assert np.array_equal(pixels, pillow(frame))
    assert np.abs(pixels.astype(int) - skin).mean() < 3


@pytest.mark.parametrize("declared", ["YBR_FULL_422", "YBR_FULL", "YBR_RCT", "RGB"])
def test_jpeg_2000_with_its_own_colour_transform_is_rgb(
    declared: str, make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    frame = bytes(imagecodecs.jpeg2k_encode(skin, codecformat="j2k", reversible=True, mct=True))
    data = make_dicom(skin, photometric=declared, syntax=uid.JPEG2000Lossless, frames=[frame])
    assert np.array_equal(read(data).pixels, skin)


def test_any_of_many_frames_is_decoded_the_first_unasked(
    make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    frames = [jpeg(skin), jpeg(255 - skin)]
    data = make_dicom(
        skin,
        photometric="YBR_FULL_422",
        syntax=uid.JPEGBaseline8Bit,
        frames=frames,
        NumberOfFrames=2,
    )
    image = read(data)
    assert np.array_equal(image.pixels, pillow(frames[0]))
    assert (image.acquisition.frames, image.acquisition.frame) == (2, 0)
    second = read(data, view=View(frame=1))
    assert np.array_equal(second.pixels, pillow(frames[1]))
    assert second.acquisition.frame == 1
    with pytest.raises(ImageError, match="no frame 3, only 2"):
        read(data, view=View(frame=2))


@pytest.mark.parametrize("syntax", [uid.JPEGBaseline8Bit, *LOSSLESS], ids=lambda s: s.keyword)
def test_a_truncated_codestream_is_an_error(syntax: uid.UID, make_dicom: MakeDicom) -> None:
    noise = np.random.default_rng(1).integers(100, 140, (64, 64, 3), dtype=np.uint8)
    whole = bytes(LOSSLESS[syntax](noise)) if syntax in LOSSLESS else jpeg(noise)
    for kept in (0.01, 0.4, 0.8):
        frame = whole[: int(len(whole) * kept)]
        with pytest.raises(ImageError, match="damaged or incomplete"):
            read(make_dicom(noise, photometric="RGB", syntax=syntax, frames=[frame]))


@pytest.mark.parametrize("syntax", [uid.JPEGBaseline8Bit, *LOSSLESS], ids=lambda s: s.keyword)
def test_a_codestream_larger_than_its_header_says_is_not_decoded(
    syntax: uid.UID, make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    frame = bytes(LOSSLESS[syntax](skin)) if syntax in LOSSLESS else jpeg(skin)
    data = make_dicom(skin[:8, :8], photometric="RGB", syntax=syntax, frames=[frame])
    with pytest.raises(ImageError, match="but the DICOM header says"):
        read(data)


def test_a_compression_that_is_not_read_is_named(
    make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    data = make_dicom(skin, photometric="RGB", syntax=uid.MPEG2MPML, frames=[bytes(20)])
    with pytest.raises(ImageError, match="MPEG2") as caught:
        read(data, name="film.dcm")
    assert "JPEG" in caught.value.advice
