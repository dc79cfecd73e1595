"""One frame of a DICOM data set to sRGB: samples, then grey by its window, or colour as it is."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut

from inference.images import codestreams
from inference.images.colour import to_srgb
from inference.images.dicom_grey import Samples, eight_bits, grey_levels
from inference.images.model import RgbPixels, View

_NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)

_UNREAD = ("HSV", "ARGB", "CMYK", "YBR_PARTIAL_420")
"""Photometric interpretations that left the standard long ago, or stand for films alone."""

codestreams.register()


class UnreadColourError(NotImplementedError):
    """The samples are sound, but of a colour space that is not read."""


def is_readable(syntax: uid.UID) -> bool:
    """Say whether pixel data of a transfer syntax can be decoded."""
    return syntax in _NATIVE or syntax == uid.RLELossless or codestreams.is_readable(syntax)


def pixels_of(dataset: Dataset, view: View) -> RgbPixels:
    """Return a frame as uint8 (rows, columns, 3) sRGB.

    Args:
        dataset: with the attributes of that frame, see `inference.images.dicom_frames`.
        view: which frame, and by which window.

    Raises:
        UnreadColourError: one of `_UNREAD`, or no photometric interpretation at all.
        Exception: one of `inference.images.decoded.FAILURES` for damaged pixel data.
    """
    stated = str(dataset.get("PhotometricInterpretation") or "")
    if stated in _UNREAD:
        raise UnreadColourError(stated)
    samples, photometric = decode_frame(dataset, view.frame)
    if photometric in ("MONOCHROME1", "MONOCHROME2"):
        grey = grey_levels(samples, dataset, view.window)
        if photometric == "MONOCHROME1":
            grey = np.subtract(255, grey, dtype=np.uint8)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)
    if photometric == "PALETTE COLOR":
        return _palette(samples, dataset)
    if photometric != "RGB" or samples.ndim != 3:
        raise UnreadColourError(photometric)
    rgb = np.ascontiguousarray(eight_bits(samples, int(dataset.BitsStored)))
    profile = _profile(dataset, view.frame)
    return np.asarray(to_srgb(Image.fromarray(rgb), profile)) if profile else rgb


def decode_frame(dataset: Dataset, frame: int) -> tuple[Samples, str]:
    """Return a frame's samples and what they mean, YCbCr already turned into RGB.

    Raises:
        Exception: one of `inference.images.decoded.FAILURES` for damaged pixel data.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax in codestreams.JPEG_XL_SYNTAXES:
        frames = int(dataset.get("NumberOfFrames") or 1)
        source = get_frame(dataset.PixelData, frame, number_of_frames=frames)
        return codestreams.decode_jpeg_xl(source, dataset)
    options: dict[str, Any] = {"decoding_plugin": codestreams.PLUGIN}
    if syntax in _NATIVE:
        options = {}
    elif syntax == uid.RLELossless:
        options = {"decoding_plugin": "pydicom"}
    if dataset.get("PhotometricInterpretation") == "YBR_PARTIAL_422":
        return _partial_range(dataset, frame, options), "RGB"
    samples, properties = get_decoder(syntax).as_array(dataset, index=frame, **options)
    return samples, str(properties["photometric_interpretation"])


def _partial_range(dataset: Dataset, frame: int, options: dict[str, Any]) -> Samples:
    """Turn YCbCr of the retired partial range into RGB (PS3.3 2003, C.7.6.3.1.2; BT.601).

    Its samples lie as those of YBR_FULL_422 do, but black is 16, white 235.
    """
    full = Dataset(dataset)
    full.file_meta = dataset.file_meta
    full.PhotometricInterpretation = "YBR_FULL_422"
    syntax = dataset.file_meta.TransferSyntaxUID
    unconverted: dict[str, Any] = {"as_rgb": False}
    samples, _ = get_decoder(syntax).as_array(full, index=frame, **options, **unconverted)
    y, cb, cr = np.moveaxis(samples.astype(np.float32), -1, 0)
    y, cb, cr = (y - 16) * np.float32(255 / 219), cb - 128, cr - 128
    rgb = np.stack([y + 1.596 * cr, y - 0.392 * cb - 0.813 * cr, y + 2.017 * cb], axis=-1)
    return np.asarray(np.rint(np.clip(rgb, 0, 255)), dtype=np.uint8)


def _palette(samples: Samples, dataset: Dataset) -> RgbPixels:
    """Look colours up; entries of 16 bits keep their high byte unless they only use the low one."""
    colours: Samples = apply_color_lut(samples, dataset)
    if colours.dtype == np.uint8:
        return np.ascontiguousarray(colours)
    high = colours >> 8 if colours.max() > 255 else colours
    return np.ascontiguousarray(high.astype(np.uint8))


def _profile(dataset: Dataset, frame: int) -> bytes | None:
    """Return the ICC profile of the data set, its optical path, or its JPEG, in this order."""
    for place in (dataset, *(dataset.get("OpticalPathSequence") or [])[:1]):
        if place.get("ICCProfile"):
            return bytes(place.ICCProfile)
    if dataset.file_meta.TransferSyntaxUID != uid.JPEGBaseline8Bit:
        return None
    frames = int(dataset.get("NumberOfFrames") or 1)
    source = get_frame(dataset.PixelData, frame, number_of_frames=frames)
    with Image.open(BytesIO(source), formats=("JPEG",)) as image:
        profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) else None
