"""Which part of a picture is skin under the glass, and how it is lit.

Exposure is read from the bright end only. A picture taken with a quarter of the light has lost
next to nothing to black: on HAM10000's validation pictures, darkened so, less than 1 % of the
pixels fall below 20 of 255, while a sound picture of a black melanoma can hold more.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inference.encoder.preprocess import PixelArray

Mask = npt.NDArray[np.bool_]

_BLACK = 0.17
"""Black of the tube around the field, relative to the highlights."""

_LEAST_FIELD = 0.2
"""A smaller field than this share of the square is no field: the picture is simply dark."""

_BURNT = 250
_REFERENCE = 230.0
_DARKEST = 40.0


def field_of_view(square: PixelArray) -> Mask:
    """Leave out the black corners and rims that reach the border of the square.

    Args:
        square: uint8 (n, n, 3) RGB.

    Returns:
        bool (n, n), True inside the field; all True where no field stands out.
    """
    brightest = cv2.GaussianBlur(square.max(axis=2), (0, 0), 1.0)
    dark = brightest < _BLACK * np.percentile(brightest, 95)
    field = ~reaching_border(dark)
    return field if field.mean() >= _LEAST_FIELD else np.ones_like(field)


def reaching_border(mask: Mask) -> Mask:
    """Return the connected parts of a mask that touch the border of the picture."""
    _, part = cv2.connectedComponents(mask.astype(np.uint8))
    edge = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])
    return np.isin(part, edge[edge > 0])


def highlight(square: PixelArray, field: Mask) -> float:
    """Return the 95th percentile of the brightest channel inside the field, 0 to 255.

    Of the three channels the brightest depends least on the colour of skin, and the highlights
    depend less on it than the mean does.
    """
    return float(np.percentile(square.max(axis=2)[field], 95))


def burnt_share(square: PixelArray, field: Mask) -> float:
    """Return the share of the field where two channels or three are at the end of the scale.

    One is not counted: red alone is often full in sound pictures of pink skin.
    """
    return float(np.mean(np.median(square, axis=2)[field] >= _BURNT))


def even_light(square: PixelArray, bright: float) -> PixelArray:
    """Scale a square so that its highlights have one brightness, whatever the exposure.

    Args:
        square: uint8 (n, n, 3) RGB.
        bright: its `highlight`.

    Returns:
        uint8 (n, n, 3). The darkest pictures are lifted less, since only noise would be lifted.
    """
    scaled = square * np.float32(_REFERENCE / max(bright, _DARKEST))
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)
