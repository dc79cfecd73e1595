"""Heatmaps as colour, over pictures."""

from __future__ import annotations

from functools import cache
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from inference.explain.heatmap import Heatmap

ColourMap = Literal["viridis", "cividis"]
_CODES: dict[ColourMap, int] = {"viridis": cv2.COLORMAP_VIRIDIS, "cividis": cv2.COLORMAP_CIVIDIS}
_FAINT = 0.15

Pixels = npt.NDArray[np.uint8]


@cache
def _table(colour_map: ColourMap) -> Pixels:
    """RGB of the 256 levels of a colour map that reads the same without red-green vision."""
    ramp = np.arange(256, dtype=np.uint8)[:, None]
    bgr = cv2.applyColorMap(ramp, _CODES[colour_map])[:, 0]
    return np.ascontiguousarray(bgr[:, ::-1])


def colour(values: npt.NDArray[np.float32], colour_map: ColourMap = "viridis") -> Pixels:
    """Turn evidence into colour.

    Args:
        values: float32 in [0, 1], of any shape.
        colour_map: both are perceptually even and safe for colour-blind readers.

    Returns:
        uint8 (..., 4), RGBA, not premultiplied. Alpha rises with the value from nothing below
        0.15, so that skin without evidence is seen as it is.
    """
    clipped = np.clip(values, 0.0, 1.0)
    rgba = np.empty((*values.shape, 4), np.uint8)
    rgba[..., :3] = _table(colour_map)[(clipped * 255).round().astype(np.uint8)]
    alpha = np.clip((clipped - _FAINT) / (0.75 - _FAINT), 0.0, 1.0)
    rgba[..., 3] = (alpha * 255).round().astype(np.uint8)
    return rgba


def colour_table(colour_map: ColourMap = "viridis") -> Pixels:
    """Return `colour` of the 256 values 0, 1/255 ... 1: uint8 (256, 4), RGBA."""
    return colour(np.linspace(0, 1, 256, dtype=np.float32), colour_map)


def overlay(
    pixels: Pixels, heatmap: Heatmap, opacity: float = 0.5, colour_map: ColourMap = "viridis"
) -> Pixels:
    """Lay a heatmap over a picture.

    Args:
        pixels: uint8 (h, w, 3) RGB, the picture at any size.
        heatmap: of that picture.
        opacity: 0 leaves the picture, 1 covers it where evidence is greatest.
        colour_map: see `colour`.

    Returns:
        uint8 (h, w, 3).
    """
    rgba = colour(heatmap.over(pixels.shape[0], pixels.shape[1]), colour_map)
    alpha = rgba[..., 3:].astype(np.float32) * (opacity / 255)
    mixed = pixels + (rgba[..., :3].astype(np.float32) - pixels) * alpha
    return np.asarray(mixed.round(), np.uint8)
