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
Profiles = npt.NDArray[np.uint32]
Pens = tuple[tuple[QPen, QPen], ...]

_FLAT = np.float32(1e-6)
_STEPS = 16
_SOFT = 0.5
"""Pixels on either side of a line's edge in which it fades."""


def line_image(values: FloatArray, profiles: Profiles) -> QImage:
    """Draw lines at `LEVELS`.

    Args:
        values: float32 (height, width) in [0, 1].
        profiles: of the lines, from `line_profiles`.

    Returns:
        Premultiplied RGBA of the same size, transparent between the lines.
    """
    levels = np.array(LEVELS, np.float32)
    away, slope = _from_nearest(values, levels), _slope(values)
    reach = np.float32((profiles.shape[1] - 1) / _STEPS)
    near = np.flatnonzero(away < slope * reach)  # few pixels: lines are thin
    nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, values.ravel()[near])
    distance = away.ravel()[near] / slope.ravel()[near]
    height, width = values.shape
    pixels = np.zeros(height * width, np.uint32)
    pixels[near] = profiles[nearest, (_STEPS * distance).astype(np.intp)]
    image_format = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, width, height, 4 * width, image_format).copy()


def line_profiles(pens: Pens, scale: float) -> Profiles:
    """Return the colours of lines from their middles outwards.

    Args:
        pens: of each level, casing and core.
        scale: pixels of the image for each of the pens'.

    Returns:
        uint32 (levels, steps), premultiplied 0xAARRGGBB, `_STEPS` of them to a pixel.
    """
    reach = scale * max(pen.widthF() for pair in pens for pen in pair) / 2 + _SOFT
    return np.stack([_profile(pair, scale, reach) for pair in pens])


def _profile(pens: tuple[QPen, QPen], scale: float, reach: float) -> Profiles:
    halves = [scale * pen.widthF() / 2 for pen in pens]
    distance = (np.arange(int(_STEPS * reach) + 2) + 0.5) / _STEPS
    casing, core = (np.clip(half + _SOFT - distance, 0, 1)[:, None] for half in halves)
    under, over = (np.array(_channels(pen.color())) for pen in pens)
    covered = casing * ((1 - core) * under + core * over)
    alpha, red, green, blue = covered.round().astype(np.uint32).T
    return np.asarray(alpha << 24 | red << 16 | green << 8 | blue, np.uint32)


def _from_nearest(values: FloatArray, levels: FloatArray) -> FloatArray:
    """Return how far values are from the level that is nearest to each."""
    away: FloatArray = np.abs(values - levels[0])
    for level in levels[1:]:
        away = np.minimum(away, np.abs(values - level))
    return np.asarray(away, np.float32)


def _slope(values: FloatArray) -> FloatArray:
    """Return how much values change from one pixel to the next, wherever that is steepest."""
    down, across = np.zeros_like(values), np.zeros_like(values)
    down[1:-1] = (values[2:] - values[:-2]) / 2
    across[:, 1:-1] = (values[:, 2:] - values[:, :-2]) / 2
    # The outermost pixels take after their neighbours.
    down[0], down[-1] = down[1], down[-2]
    across[:, 0], across[:, -1] = across[:, 1], across[:, -2]
    steepest = np.sqrt(down * down + across * across)
    return np.asarray(np.maximum(steepest, _FLAT), np.float32)


def _channels(colour: QColor) -> tuple[int, int, int, int]:
    return 255, colour.red(), colour.green(), colour.blue()
