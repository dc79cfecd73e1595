"""The attributes of one frame of a DICOM data set, wherever the file keeps them.

An enhanced multi-frame file states window, rescaling and pixel size in functional groups, shared
by all frames or for each of them (PS3.3 C.7.6.16); any other file states them once, at its top.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydicom.dataset import Dataset

_MACROS: Final = {
    "FrameVOILUTSequence": (
        "WindowCenter",
        "WindowWidth",
        "WindowCenterWidthExplanation",
        "VOILUTFunction",
        "VOILUTSequence",
    ),
    "PixelValueTransformationSequence": ("RescaleIntercept", "RescaleSlope", "RescaleType"),
    "PixelMeasuresSequence": ("PixelSpacing",),
}
"""Functional group macro to the attributes in it (PS3.3 C.7.6.16.2.1, .9 and .10)."""


def of_frame(dataset: Dataset, frame: int) -> Dataset:
    """Return a data set with the attributes that shape how a frame is shown and how large it is.

    Args:
        dataset: the whole file.
        frame: counted from 0.

    Returns:
        The data set itself where it has no functional groups, else a shallow copy whose values
        those of the shared groups override, and those of the frame's own these.
    """
    groups = list(_groups(dataset, frame))
    if not groups:
        return dataset
    merged = Dataset(dataset)
    merged.file_meta = dataset.file_meta
    for group in groups:
        for macro, keywords in _MACROS.items():
            for item in list(group.get(macro) or ())[:1]:
                for keyword in keywords:
                    if keyword in item:
                        merged[keyword] = item[keyword]
    return merged


def _groups(dataset: Dataset, frame: int) -> Iterator[Dataset]:
    yield from list(dataset.get("SharedFunctionalGroupsSequence") or ())[:1]
    yield from list(dataset.get("PerFrameFunctionalGroupsSequence") or ())[frame : frame + 1]
