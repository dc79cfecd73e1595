"""The one place where a picture is cut and resized for an encoder; training uses it too."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inference.encoder.model import Field

PixelArray = npt.NDArray[np.uint8]


def central_square(height: int, width: int) -> Field:
    """Return the largest centred square of a picture: the field of a dermatoscope."""
    side = min(height, width)
    return Field(
        top=(height - side) // 2,
        left=(width - side) // 2,
        height=side,
        width=side,
        picture_height=height,
        picture_width=width,
    )


def prepare(pixels: PixelArray, side: int) -> PixelArray:
    """Cut the central square and resize it.

    Args:
        pixels: uint8 (height, width, 3) RGB.
        side: side of the result in pixels.

    Returns:
        uint8 (side, side, 3), C-contiguous. Shrinking averages areas, which keeps fine structures
        such as a pigment network from aliasing; enlarging is bilinear.
    """
    field = central_square(pixels.shape[0], pixels.shape[1])
    square = pixels[field.top : field.top + field.height, field.left : field.left + field.width]
    if field.height == side:
        return np.ascontiguousarray(square)
    method = cv2.INTER_AREA if field.height > side else cv2.INTER_LINEAR
    resized = cv2.resize(np.ascontiguousarray(square), (side, side), interpolation=method)
    return np.ascontiguousarray(resized, dtype=np.uint8)
