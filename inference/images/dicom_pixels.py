"""A DICOM data set's first frame to sRGB: samples, then grey by its window, or colour as it is.

Grey goes through the stages of the standard: Modality LUT, VOI LUT or window, inversion of
MONOCHROME1 (PS3.3 C.11.1, C.11.2 and C.7.6.3.1.2).
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi

from inference.images import codestreams
from inference.images.colour import to_srgb
from inference.images.model import RgbPixels

_NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)

Samples = npt.NDArray[Any]
"""(rows, columns) or (rows, columns, 3), of the type that the file stores."""

codestreams.register()


def is_readable(syntax: uid.UID) -> bool:
    """Say whether pixel data of a transfer syntax can be decoded."""
    return syntax in _NATIVE or syntax == uid.RLELossless or codestreams.is_available(syntax)


def first_frame(dataset: Dataset) -> RgbPixels:
    """Return the first frame as uint8 (rows, columns, 3) sRGB.

    Raises:
        NotImplementedError: a photometric interpretation that is not read, such as CMYK.
        Exception: one of `inference.images.decoded.FAILURES` for damaged pixel data.
    """
    samples, photometric = _decode(dataset)
    if photometric in ("MONOCHROME1", "MONOCHROME2"):
        grey = _grey(samples, dataset)
        if photometric == "MONOCHROME1":
            grey = np.subtract(255, grey, dtype=np.uint8)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)
    if photometric == "PALETTE COLOR":
        return _palette(samples, dataset)
    if photometric != "RGB" or samples.ndim != 3:
        raise NotImplementedError(f"the colours are stored as {photometric}, which is not read")
    rgb = np.ascontiguousarray(_eight_bits(samples, int(dataset.BitsStored)))
    profile = _profile(dataset)
    return np.asarray(to_srgb(Image.fromarray(rgb), profile)) if profile else rgb


def _decode(dataset: Dataset) -> tuple[Samples, str]:
    """Return the first frame's samples and what they mean, YCbCr already turned into RGB."""
    syntax = dataset.file_meta.TransferSyntaxUID
    options: dict[str, Any] = {"decoding_plugin": codestreams.PLUGIN}
    if syntax in _NATIVE:
        options = {}
    elif syntax == uid.RLELossless:
        options = {"decoding_plugin": "pydicom"}
    samples, properties = get_decoder(syntax).as_array(dataset, index=0, **options)
    return samples, str(properties["photometric_interpretation"])


def _eight_bits(samples: Samples, bits: int) -> RgbPixels:
    """Scale unsigned samples of ``bits`` bits to 0..255, with rounding."""
    if samples.dtype == np.uint8 and bits == 8:
        return np.asarray(samples)
    scaled = samples.astype(np.float32) * np.float32(255 / (2**bits - 1))
    return np.asarray(np.rint(np.clip(scaled, 0, 255)), dtype=np.uint8)


def _palette(samples: Samples, dataset: Dataset) -> RgbPixels:
    """Look colours up; entries of 16 bits keep their high byte unless they only use the low one."""
    colours: Samples = apply_color_lut(samples, dataset)
    if colours.dtype == np.uint8:
        return np.ascontiguousarray(colours)
    high = colours >> 8 if colours.max() > 255 else colours
    return np.ascontiguousarray(high.astype(np.uint8))


def _profile(dataset: Dataset) -> bytes | None:
    """Return the ICC profile of the data set, its optical path, or its JPEG, in this order."""
    for place in (dataset, *(dataset.get("OpticalPathSequence") or [])[:1]):
        if place.get("ICCProfile"):
            return bytes(place.ICCProfile)
    if dataset.file_meta.TransferSyntaxUID != uid.JPEGBaseline8Bit:
        return None
    frames = int(dataset.get("NumberOfFrames") or 1)
    source = get_frame(dataset.PixelData, 0, number_of_frames=frames)
    with Image.open(BytesIO(source), formats=("JPEG",)) as image:
        profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) else None


def _grey(samples: Samples, dataset: Dataset) -> npt.NDArray[np.uint8]:
    """Return grey levels 0..255, black to white as MONOCHROME2 has them."""
    if samples.dtype.kind in "ui" and samples.dtype.itemsize <= 2:
        # At most 65,536 levels: work them out once and look each pixel up.
        information = np.iinfo(samples.dtype)
        levels = np.arange(information.min, information.max + 1).astype(samples.dtype)
        present = np.bincount(
            (samples.ravel().astype(np.int32) - information.min), minlength=levels.size
        ).astype(bool)
        table = _shown(levels, dataset, present)
        return table[samples.astype(np.int32) - information.min]
    return _shown(samples, dataset, np.ones(samples.shape, dtype=bool))


def _shown(
    stored: Samples, dataset: Dataset, present: npt.NDArray[np.bool_]
) -> npt.NDArray[np.uint8]:
    """Put stored values through Modality LUT, then VOI LUT, window or full range."""
    values: Samples = apply_modality_lut(stored, _modality(dataset))
    if _has_table(dataset, "VOILUTSequence") and values.dtype.kind in "ui":
        depth = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
        return _eight_bits(apply_voi(values, dataset), depth)
    unit = _windowed(values, dataset)
    if unit is None:
        unit = _full_range(values, stored, dataset, present)
    return np.rint(np.clip(unit, 0, 1) * 255).astype(np.uint8)


def _modality(dataset: Dataset) -> Dataset:
    """Return what describes the Modality LUT; pydicom stumbles over attributes that are empty."""
    if _has_table(dataset, "ModalityLUTSequence"):
        return dataset
    modality = Dataset()
    slope, intercept = (_first_number(dataset, k) for k in ("RescaleSlope", "RescaleIntercept"))
    if slope is not None and intercept is not None:
        modality.RescaleSlope, modality.RescaleIntercept = slope, intercept
    return modality


def _has_table(dataset: Dataset, sequence: str) -> bool:
    """Say whether a LUT sequence holds a table; some converters write one that is empty."""
    items = dataset.get(sequence)
    return bool(items) and all(items[0].get(k) is not None for k in ("LUTDescriptor", "LUTData"))


def _windowed(values: Samples, dataset: Dataset) -> npt.NDArray[np.float64] | None:
    """Apply the first window (PS3.3 C.11.2.1.2 and .3); None without one, or if it makes no sense.

    Returns:
        float64 like ``values``; 0 is black, 1 is white, and what lies outside is to be clipped.
    """
    centre, width = _first_number(dataset, "WindowCenter"), _first_number(dataset, "WindowWidth")
    function = str(dataset.get("VOILUTFunction") or "LINEAR").strip().upper()
    if centre is None or width is None or width <= 0 or (function == "LINEAR" and width < 1):
        return None
    x = values.astype(np.float64)
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * (x - centre) / width, -700, 700))))
    if function == "LINEAR_EXACT":
        return np.asarray((x - centre) / width + 0.5)
    if width == 1:
        return np.asarray(x > centre - 0.5, dtype=np.float64)
    return np.asarray((x - (centre - 0.5)) / (width - 1) + 0.5)


def _first_number(dataset: Dataset, keyword: str) -> float | None:
    """Return the first value of an attribute that may have several, or None."""
    value = dataset.get(keyword)
    if value is None or value == "":
        return None
    if not isinstance(value, str | float | int):
        value = value[0] if len(value) else None
    number = float(value) if value is not None else None
    return number if number is not None and np.isfinite(number) else None


def _full_range(
    values: Samples, stored: Samples, dataset: Dataset, present: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Without a window: 8-bit grey as it is, deeper grey from its darkest to its brightest value.

    Pixel Padding Value does not count as a value: it fills the corners outside the picture, often
    far below everything in it.
    """
    if stored.dtype == np.uint8 and int(dataset.BitsStored) == 8 and values.dtype == np.uint8:
        return np.asarray(values / 255.0)
    padding = dataset.get("PixelPaddingValue")
    counted = present & np.isfinite(values)
    if padding is not None and (counted & (stored != padding)).any():
        counted &= stored != padding
    within = values[counted]
    low, high = (float(within.min()), float(within.max())) if within.size else (0.0, 0.0)
    if high == low:
        return np.full(values.shape, 0.5 if within.size else 0.0)
    return np.asarray((np.nan_to_num(values.astype(np.float64), nan=low) - low) / (high - low))
