"""Compressed DICOM frames to samples: JPEG in all its kinds, JPEG-LS, JPEG 2000, JPEG XL.

Registered with pydicom as the decoding plugin `PLUGIN`. 8-bit JPEG goes through Pillow, so that a
photo and the same JPEG inside DICOM give the same pixels; everything else goes through
imagecodecs (libjpeg-turbo, CharLS, OpenJPEG). pydicom's own plugins are not used: Pillow's lets
pydicom convert YCbCr a second time when an Adobe marker made Pillow convert it already, and none
of those with a permissive licence reads lossless or 12-bit JPEG.

What colour the samples have is decided by the codestream where it says so, since the header of
real files is often wrong about it: an Adobe or JFIF marker, components named R, G and B, or the
multiple component transform of JPEG 2000.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Final

import imagecodecs
import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import DecodeRunner, get_decoder

PLUGIN: Final = "caselens"

_JPEG_SYNTAXES = (
    uid.JPEGBaseline8Bit,
    uid.JPEGExtended12Bit,
    uid.JPEGLossless,
    uid.JPEGLosslessSV1,
)
_JPEG_LS_SYNTAXES = (uid.JPEGLSLossless, uid.JPEGLSNearLossless)
_JPEG_2000_SYNTAXES = (
    uid.JPEG2000Lossless,
    uid.JPEG2000,
    uid.HTJ2KLossless,
    uid.HTJ2KLosslessRPCL,
    uid.HTJ2K,
)
JPEG_XL_SYNTAXES: Final = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
}
"""Transfer syntax to its name (PS3.6, table A-1); pydicom does not know them yet."""

DECODER_DEPENDENCIES: Final = dict.fromkeys(
    (*_JPEG_SYNTAXES, *_JPEG_LS_SYNTAXES, *_JPEG_2000_SYNTAXES),
    ("numpy", "pillow", "imagecodecs"),
)
"""Asked for by pydicom's plugin interface."""

_LOSSLESS_FRAME, _JPEG_LS_FRAME = 0xC3, 0xF7
_FRAME_MARKERS = {*range(0xC0, 0xD0), _JPEG_LS_FRAME} - {0xC4, 0xC8, 0xCC}
_SCAN, _APP0, _APP14 = 0xDA, 0xE0, 0xEE
_END_OF_IMAGE = b"\xff\xd9"
_J2K_START, _J2K_SIZE, _J2K_CODING_STYLE = b"\xff\x4f\xff\x51", 0x51, 0x52


@dataclass(frozen=True, slots=True)
class JpegHeader:
    """What stands before the compressed samples of JPEG or JPEG-LS (ISO/IEC 10918-1, B.2.2).

    Attributes:
        frame: last byte of the frame marker, such as 0xC0 for baseline.
        precision: bits of a sample.
        height: rows.
        width: columns.
        components: identifiers of the components.
        colour_is_marked: a JFIF or Adobe marker, or the letters R, G, B, tell the colour space.
    """

    frame: int
    precision: int
    height: int
    width: int
    components: bytes
    colour_is_marked: bool


def is_available(syntax: str) -> bool:
    """Tell pydicom that the transfer syntax can be read."""
    return syntax in DECODER_DEPENDENCIES


def is_readable(syntax: str) -> bool:
    """Say whether this module decodes a transfer syntax, through pydicom or beside it."""
    return is_available(syntax) or syntax in JPEG_XL_SYNTAXES


def syntax_name(syntax: uid.UID) -> str:
    """Return the name of a transfer syntax, its number where nobody knows it."""
    return JPEG_XL_SYNTAXES.get(syntax) or syntax.name


def register() -> None:
    """Add this plugin to pydicom's decoders, once in a process."""
    for syntax in DECODER_DEPENDENCIES:
        decoder = get_decoder(syntax)
        if PLUGIN not in decoder.available_plugins:
            decoder.add_plugin(PLUGIN, (__name__, "decode_frame"))


def decode_frame(source: bytes, runner: DecodeRunner) -> bytes:
    """Decode one frame for pydicom, and tell it how wide the samples are and what colour.

    Raises:
        ValueError: size or number of samples differ from what the DICOM header says. Checked
            before decoding, so that a small file cannot ask for much memory.
        Exception: what Pillow and imagecodecs raise; pydicom makes it a RuntimeError.
    """
    if runner.transfer_syntax in _JPEG_2000_SYNTAXES:
        samples = _decode_jpeg_2000(source, runner)
    else:
        samples = _decode_jpeg(source, runner)
    runner.set_option("bits_allocated", samples.dtype.itemsize * 8)
    runner.set_option("planar_configuration", 0)
    return samples.tobytes()


def _decode_jpeg(source: bytes, runner: DecodeRunner) -> npt.NDArray[np.generic]:
    header = read_jpeg_header(source)
    _refuse_other_size(header.height, header.width, len(header.components), runner)
    by_pillow = header.precision == 8 and header.frame not in (_LOSSLESS_FRAME, _JPEG_LS_FRAME)
    if not by_pillow and _END_OF_IMAGE not in source[-16:]:  # some bytes of padding may follow it
        # libjpeg-turbo would fill the missing rest with grey, and CharLS take seconds to fail.
        raise EOFError("the compressed picture ends too early")
    if header.frame == _JPEG_LS_FRAME:
        return np.asarray(imagecodecs.jpegls_decode(source))
    is_colour = len(header.components) == 3
    stored_as_rgb = runner.photometric_interpretation == "RGB" and not header.colour_is_marked
    if is_colour and header.frame != _LOSSLESS_FRAME and not stored_as_rgb:
        # Both libraries convert YCbCr to RGB by the codestream's own markers.
        runner.set_option("photometric_interpretation", "RGB")
    if by_pillow:
        with Image.open(BytesIO(source), formats=("JPEG",)) as image:
            if is_colour and stored_as_rgb:
                # libjpeg takes unmarked samples for YCbCr; asked for YCbCr, it leaves them alone.
                image.draft("YCbCr", image.size)
            return np.asarray(image)
    if is_colour and stored_as_rgb:
        return np.asarray(imagecodecs.jpeg8_decode(source, colorspace="RGB", outcolorspace="RGB"))
    return np.asarray(imagecodecs.jpeg8_decode(source))


def _decode_jpeg_2000(source: bytes, runner: DecodeRunner) -> npt.NDArray[np.generic]:
    start = source.find(_J2K_START)  # a JP2 file's boxes may stand before it, against the rules
    if start < 0:
        raise ValueError("there is no JPEG 2000 codestream")
    segments = dict(_segments(source, start + 2))
    size = segments[_J2K_SIZE]
    right, bottom, left, top = (int.from_bytes(size[i : i + 4]) for i in (2, 6, 10, 14))
    components = int.from_bytes(size[34:36])
    _refuse_other_size(bottom - top, right - left, components, runner)
    transformed = segments[_J2K_CODING_STYLE][4] == 1
    transformed |= runner.photometric_interpretation in ("YBR_ICT", "YBR_RCT")
    if components == 3 and transformed:
        # The transform's inverse gives RGB, whatever the header says.
        runner.set_option("photometric_interpretation", "RGB")
    return np.asarray(imagecodecs.jpeg2k_decode(source, numthreads=1))


def decode_jpeg_xl(source: bytes, dataset: Dataset) -> tuple[npt.NDArray[np.generic], str]:
    """Decode a frame of JPEG XL, which has its own colour space and gives RGB or grey.

    Returns:
        The samples, and what they mean.

    Raises:
        ValueError: size or number of samples differ from what the DICOM header says.
        Exception: what imagecodecs raises for damaged frames.
    """
    samples = np.asarray(imagecodecs.jpegxl_decode(source, numthreads=1))
    here = samples.shape if samples.ndim == 3 else (*samples.shape, 1)
    there = (dataset.Rows, dataset.Columns, dataset.SamplesPerPixel)
    if here != there:
        raise ValueError(f"the compressed picture is {here}, but the DICOM header says {there}")
    return samples, "RGB" if samples.ndim == 3 else str(dataset.PhotometricInterpretation)


def _refuse_other_size(height: int, width: int, components: int, runner: DecodeRunner) -> None:
    here, there = (
        (height, width, components),
        (runner.rows, runner.columns, runner.samples_per_pixel),
    )
    if here != there:
        raise ValueError(f"the compressed picture is {here}, but the DICOM header says {there}")


def read_jpeg_header(source: bytes) -> JpegHeader:
    """Read a JPEG or JPEG-LS header without decoding anything.

    Raises:
        ValueError: there is no complete frame header.
    """
    colour_is_marked = False
    for marker, body in _segments(source, 2 if source[:2] == b"\xff\xd8" else len(source)):
        # libjpeg passes over an Adobe segment that is too short to hold the transform.
        is_adobe = marker == _APP14 and body[:5] == b"Adobe" and len(body) >= 12
        colour_is_marked |= is_adobe or (marker == _APP0 and body[:4] == b"JFIF")
        if marker in _FRAME_MARKERS:
            components = body[6::3][: body[5]]
            return JpegHeader(
                frame=marker,
                precision=body[0],
                height=int.from_bytes(body[1:3]),
                width=int.from_bytes(body[3:5]),
                components=components,
                colour_is_marked=colour_is_marked or components.upper() == b"RGB",
            )
    raise ValueError("there is no complete JPEG header")


def _segments(source: bytes, offset: int) -> list[tuple[int, bytes]]:
    """Return marker and body of each segment up to the compressed samples."""
    found: list[tuple[int, bytes]] = []
    while source[offset : offset + 1] == b"\xff" and offset + 4 <= len(source):
        marker = source[offset + 1]
        if marker == 0xFF:  # a fill byte
            offset += 1
            continue
        length = int.from_bytes(source[offset + 2 : offset + 4])
        body = source[offset + 4 : offset + 2 + length]
        if marker in (_SCAN, 0x90) or len(body) < max(length - 2, 0):
            break
        found.append((marker, body))
        offset += 2 + length
    return found
