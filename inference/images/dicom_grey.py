"""Grey samples of DICOM to levels of the screen.

The stages are those of the standard: Modality LUT, then VOI LUT or window; the inversion of
MONOCHROME1 is the caller's (PS3.3 C.11.1, C.11.2 and C.7.6.3.1.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi

from inference.images.model import RgbPixels

Samples = npt.NDArray[Any]
"""(rows, columns) or (rows, columns, 3), of the type that the file stores."""


@dataclass(frozen=True, slots=True)
class _Table:
    """One item of the VOI LUT Sequence (PS3.3 C.11.2.1.1)."""

    index: int
    bits: int
    name: str


@dataclass(frozen=True, slots=True)
class _Window:
    """Centre and width in units after the Modality LUT (PS3.3 C.11.2.1.2)."""

    centre: float
    width: float
    name: str


def eight_bits(samples: Samples, bits: int) -> RgbPixels:
    """Scale unsigned samples of ``bits`` bits to 0..255, with rounding."""
    if samples.dtype == np.uint8 and bits == 8:
        return np.asarray(samples)
    scaled = samples.astype(np.float32) * np.float32(255 / (2**bits - 1))
    return np.asarray(np.rint(np.clip(scaled, 0, 255)), dtype=np.uint8)


def ways_to_show(dataset: Dataset) -> list[str]:
    """Return the names of the VOI LUTs and windows of a data set, in the order of `View.window`."""
    return [way.name for way in _ways(dataset)]


def _ways(dataset: Dataset) -> list[_Table | _Window]:
    return [*_tables(dataset), *_windows(dataset)]


def grey_levels(samples: Samples, dataset: Dataset, window: int) -> npt.NDArray[np.uint8]:
    """Return grey levels 0..255, black to white as MONOCHROME2 has them.

    Args:
        samples: as stored.
        dataset: with the attributes of their frame.
        window: which of `ways_to_show`; the first where there is none of that number, and the
            full range of the values where there is none at all.
    """
    if samples.dtype.kind in "ui" and samples.dtype.itemsize <= 2:
        # At most 65,536 levels: work them out once and look each pixel up.
        information = np.iinfo(samples.dtype)
        levels = np.arange(information.min, information.max + 1).astype(samples.dtype)
        present = np.bincount(
            (samples.ravel().astype(np.int32) - information.min), minlength=levels.size
        ).astype(bool)
        table = _shown(levels, dataset, present, window)
        return table[samples.astype(np.int32) - information.min]
    return _shown(samples, dataset, np.ones(samples.shape, dtype=bool), window)


def _shown(
    stored: Samples, dataset: Dataset, present: npt.NDArray[np.bool_], window: int
) -> npt.NDArray[np.uint8]:
    """Put stored values through Modality LUT, then VOI LUT, window or full range."""
    values: Samples = apply_modality_lut(stored, _modality(dataset))
    ways = _ways(dataset)
    if values.dtype.kind not in "ui":  # a table is looked up by whole numbers
        ways = [way for way in ways if isinstance(way, _Window)]
        window -= len(_tables(dataset))
    if not ways:
        unit = _full_range(values, stored, dataset, present)
        return np.rint(np.clip(unit, 0, 1) * 255).astype(np.uint8)
    way = ways[window] if 0 <= window < len(ways) else ways[0]
    if isinstance(way, _Table):
        return eight_bits(apply_voi(values, dataset, way.index), way.bits)
    unit = _windowed(values, way, _function(dataset))
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
    return bool(items) and _is_table(items[0])


def _is_table(item: Dataset) -> bool:
    return all(item.get(keyword) is not None for keyword in ("LUTDescriptor", "LUTData"))


def _tables(dataset: Dataset) -> list[_Table]:
    items = enumerate(dataset.get("VOILUTSequence") or ())
    return [
        _Table(i, int(item.LUTDescriptor[2]), str(item.get("LUTExplanation") or f"Table {i + 1}"))
        for i, item in items
        if _is_table(item)
    ]


def _windows(dataset: Dataset) -> list[_Window]:
    """Return the windows that make sense, named by the file or by their numbers."""
    centres, widths = _numbers(dataset, "WindowCenter"), _numbers(dataset, "WindowWidth")
    words = dataset.get("WindowCenterWidthExplanation") or ()
    names = [words] if isinstance(words, str) else list(words)
    least = 1.0 if _function(dataset) == "LINEAR" else 0.0
    found = []
    for i, (centre, width) in enumerate(zip(centres, widths, strict=False)):
        if centre is None or width is None or width <= 0 or width < least:
            continue
        name = str(names[i]).strip() if i < len(names) else ""
        found.append(_Window(centre, width, name or f"{centre:g} / {width:g}"))
    return found


def _function(dataset: Dataset) -> str:
    return str(dataset.get("VOILUTFunction") or "LINEAR").strip().upper()


def _windowed(values: Samples, window: _Window, function: str) -> npt.NDArray[np.float64]:
    """Apply a window (PS3.3 C.11.2.1.2 and .3).

    Returns:
        float64 like ``values``; 0 is black, 1 is white, and what lies outside is to be clipped.
    """
    x, centre, width = values.astype(np.float64), window.centre, window.width
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(np.clip(-4 * (x - centre) / width, -700, 700))))
    if function == "LINEAR_EXACT":
        return np.asarray((x - centre) / width + 0.5)
    if width == 1:
        return np.asarray(x > centre - 0.5, dtype=np.float64)
    return np.asarray((x - (centre - 0.5)) / (width - 1) + 0.5)


def _first_number(dataset: Dataset, keyword: str) -> float | None:
    """Return the first value of an attribute that may have several, or None."""
    return next(iter(_numbers(dataset, keyword)), None)


def _numbers(dataset: Dataset, keyword: str) -> list[float | None]:
    """Return the values of an attribute; None stands for one that is no finite number."""
    value = dataset.get(keyword)
    if value is None or value == "":
        return []
    values = [value] if isinstance(value, str | float | int) else list(value)
    numbers = [None if v is None or v == "" else float(v) for v in values]
    return [v if v is not None and np.isfinite(v) else None for v in numbers]


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
