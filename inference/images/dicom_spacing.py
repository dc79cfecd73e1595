"""How large a pixel is: millimetres only where a DICOM file states them of the body."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

_ELSEWHERE: Final = {
    "ImagerPixelSpacing": "at the detector; the lesion may be magnified",
    "NominalScannedPixelSpacing": "on the paper or film that was scanned",
}
"""Attribute to where its millimetres lie (PS3.3 C.8.4.1, C.8.6.2)."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """The size of a pixel.

    Attributes:
        mm: (row, column) distance of pixel centres in millimetres of the body, or None.
        meaning: where the file has it from, or why what it states are no millimetres of the body;
            ``""`` where it states nothing.
    """

    mm: tuple[float, float] | None
    meaning: str


def spacing_of(dataset: Dataset) -> Spacing:
    """Return what a data set states; see `inference.images.dicom_frames.of_frame`.

    Pixel Spacing (0028,0030) counts unless it merely repeats Imager Pixel Spacing without a word
    of calibration (PS3.3 10.7.1.3). Spacing at a detector or on scanned paper never does, nor does
    that of a region of an ultrasound picture, outside of which it does not hold (C.8.5.5).
    """
    stated = two_lengths(dataset, "PixelSpacing")
    calibration = str(dataset.get("PixelSpacingCalibrationType") or "").strip()
    if stated is not None:
        repeated = next((k for k in _ELSEWHERE if two_lengths(dataset, k) == stated), None)
        if repeated is None or calibration:
            return Spacing(stated, _told(calibration))
        return Spacing(None, f"Pixel Spacing, {_ELSEWHERE[repeated]}")
    for keyword, where in _ELSEWHERE.items():
        lengths = two_lengths(dataset, keyword)
        if lengths is not None:
            return Spacing(None, f"{lengths[0]:g} x {lengths[1]:g} mm {where}")
    if dataset.get("SequenceOfUltrasoundRegions"):
        return Spacing(None, "stated for regions of an ultrasound picture only")
    return Spacing(None, "")


def _told(calibration: str) -> str:
    if calibration == "FIDUCIAL":
        return "Pixel Spacing, calibrated by an object of known size"
    if calibration == "GEOMETRY":
        return "Pixel Spacing, corrected for an assumed magnification"
    return "Pixel Spacing"


def two_lengths(dataset: Dataset, keyword: str) -> tuple[float, float] | None:
    """Return an attribute if it is two positive numbers; a malformed one counts as absent."""
    values = dataset.get(keyword)
    if values is None or isinstance(values, str | float) or len(values) != 2:
        return None
    row, column = float(values[0]), float(values[1])
    return (row, column) if all(math.isfinite(x) and x > 0 for x in (row, column)) else None
