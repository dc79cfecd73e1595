"""Contour lines as an image, for maps that are seen for a frame: fast, and as fine as the screen.

Following lines and stroking them takes milliseconds a map, which sixteen maps that follow the mouse
do not have. Here each pixel is given its distance from the nearest level, |value - level| over the
slope (the first-order distance of Taubin 1994), and the colour of a line of that distance.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage, QPen

from inference.explain import LEVELS

FloatArray = npt.NDArray[np.float32]
Pens = tuple[tuple[QPen, QPen], ...]

_FLAT = np.float32(1e-6)


def line_image(values: FloatArray, pens: Pens, scale: float) -> QImage:
    """Draw lines at `LEVELS`.

    Args:
        values: float32 (height, width) in [0, 1].
        pens: of each level, casing and core.
        scale: pixels of ``values`` for each of the pens'.

    Returns:
        Premultiplied RGBA of the same size, transparent between the lines.
    """
    levels = np.array(LEVELS, np.float32)
    nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, values)
    away = np.abs(values - levels[nearest]) / _slope(values)
    casing, core = (
        _cover(away, np.array([scale * pair[i].widthF() / 2 for pair in pens], np.float32)[nearest])
        for i in (0, 1)
    )
    colours = np.array([[_channels(pen.color()) for pen in pair] for pair in pens], np.float32)
    pixels = np.empty((*values.shape, 4), np.uint8)  # as QImage has them: blue, green, red, alpha
    inner, outer = casing * core, casing * (1 - core)
    for channel in range(3):
        under, over = colours[nearest, 0, channel], colours[nearest, 1, channel]
        pixels[..., channel] = outer * under + inner * over
    pixels[..., 3] = 255 * casing
    height, width = values.shape
    image_format = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, width, height, 4 * width, image_format).copy()


def _slope(values: FloatArray) -> FloatArray:
    """Return how much values change from one pixel to the next, wherever that is steepest."""
    down, across = np.zeros_like(values), np.zeros_like(values)
    down[1:-1] = (values[2:] - values[:-2]) / 2
    across[:, 1:-1] = (values[:, 2:] - values[:, :-2]) / 2
    # The outermost pixels take after their neighbours.
    down[0], down[-1] = down[1], down[-2]
    across[:, 0], across[:, -1] = across[:, 1], across[:, -2]
    return np.maximum(np.sqrt(down * down + across * across), _FLAT)


def _cover(away: FloatArray, half: FloatArray) -> FloatArray:
    """Return how much of each pixel lies within half a line's width."""
    return np.clip(half + np.float32(0.5) - away, 0, 1)


def _channels(colour: QColor) -> tuple[int, int, int]:
    return colour.blue(), colour.green(), colour.red()
