"""A map of evidence over a picture, kept at the resolution at which it was computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.encoder.model import Field
from inference.explain.upsampling import pixel_centres, surface

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Heatmap:
    """Evidence by position, for one picture.

    Attributes:
        values: float32 (rows, columns) in [0, 1]: the encoder's own grid, 7 x 7 at 224 px.
        field: the part of the picture that the grid covers.
    """

    values: FloatArray
    field: Field

    def over(self, height: int | None = None, width: int | None = None) -> FloatArray:
        """Spread the map over the picture.

        Args:
            height: rows wanted, for a picture shown at another size; None for the picture's own.
            width: columns wanted, likewise.

        Returns:
            float32 (height, width) in [0, 1]; 0 where the encoder did not look. Smooth, and
            between the computed values everywhere: see `inference.explain.upsampling`.
        """
        field = self.field
        height, width = height or field.picture_height, width or field.picture_width
        down, across = height / field.picture_height, width / field.picture_width
        top, bottom = _scaled(field.top, field.height, down, height)
        left, right = _scaled(field.left, field.width, across, width)
        spread = np.zeros((height, width), np.float32)
        spread[top:bottom, left:right] = surface(
            self.values, pixel_centres(bottom - top), pixel_centres(right - left)
        )
        return spread


def _scaled(start: int, length: int, factor: float, limit: int) -> tuple[int, int]:
    """Scale a span of pixels, keeping at least one pixel inside ``[0, limit]``."""
    begin = min(round(start * factor), limit - 1)
    end = min(max(round((start + length) * factor), begin + 1), limit)
    return begin, end
