"""A place in a picture that the reader points at or draws, and what it covers of a map's grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.encoder.model import Field
from inference.errors import RegionError

FloatArray = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_EXAMPLE = "Give left, top, width and height in pixels of the picture, such as 120,80,60,60"
_REDRAW = "Draw it again, on the picture"


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Some pixels of a picture: a box, or a free shape.

    Pixel (x, y) reaches from x to x + 1 to the right, and from y to y + 1 downwards, counted from
    the picture's upper left corner.

    Attributes:
        mask: bool (height, width), of the whole picture; at least one pixel is True.
    """

    mask: Mask

    def __post_init__(self) -> None:
        if self.mask.ndim != 2 or self.mask.dtype != np.bool_:
            raise ValueError("a region's mask is bool (height, width)")
        if not self.mask.any():
            raise RegionError("the region", "it covers no pixel of the picture", _REDRAW)

    @classmethod
    def box(
        cls, left: float, top: float, width: float, height: float, *, picture: tuple[int, int]
    ) -> Region:
        """Return an upright box; what of it lies beside the picture is left out.

        Args:
            left: of its left edge, in pixels.
            top: of its upper edge.
            width: at least as much as rounds to one pixel.
            height: likewise.
            picture: (height, width) of the picture.

        Raises:
            RegionError: a number is not finite, it has no area, or it lies beside the picture.
        """
        named = f"region {left:g},{top:g},{width:g},{height:g}"
        if not np.isfinite([left, top, width, height]).all():
            raise RegionError(named, "it needs four finite numbers", _EXAMPLE)
        if width <= 0 or height <= 0:
            raise RegionError(named, "its width and height must be above 0", _EXAMPLE)
        rows, columns = picture
        across = _whole(left, width, columns)
        down = _whole(top, height, rows)
        if across is None or down is None:
            raise RegionError(
                named, f"it lies beside the picture, which is {columns} x {rows} pixels", _EXAMPLE
            )
        mask = np.zeros(picture, np.bool_)
        mask[down, across] = True
        return cls(mask)

    @classmethod
    def parse(cls, text: str, *, picture: tuple[int, int]) -> Region:
        """Read a box as it is typed: ``left,top,width,height``.

        Raises:
            RegionError: it is not four numbers, or not a box on the picture.
        """
        try:
            left, top, width, height = (float(part) for part in text.split(","))
        except ValueError as error:
            raise RegionError(f"region {text}", "it is not four numbers", _EXAMPLE) from error
        return cls.box(left, top, width, height, picture=picture)

    @classmethod
    def polygon(cls, points: Sequence[tuple[float, float]], *, picture: tuple[int, int]) -> Region:
        """Return the inside of a closed line, its edge included.

        Args:
            points: (x, y) in pixels, at least 3; the last is joined to the first.
            picture: (height, width) of the picture.

        Raises:
            RegionError: there are fewer points, one is not finite, or no pixel lies inside.
        """
        corners = np.asarray(points, np.float64).reshape(-1, 2)
        if len(corners) < 3:
            raise RegionError("the region", "a shape needs at least three points", _REDRAW)
        if not np.isfinite(corners).all():
            raise RegionError("the region", "its points must be finite numbers", _REDRAW)
        canvas = np.zeros(picture, np.uint8)
        # Whole pixels, kept within what 32 bits hold: a point may lie far beside the picture.
        whole = np.clip(np.floor(corners), -1e6, 1e6).astype(np.int32)
        cv2.fillPoly(canvas, [whole], 1)
        return cls(canvas.astype(np.bool_))

    def coverage(self, field: Field, grid: tuple[int, int]) -> FloatArray:
        """Return how much of each cell of a map it covers.

        Args:
            field: where in the picture the map lies.
            grid: rows and columns of the map.

        Returns:
            float32 (rows, columns) in [0, 1]; some of it is above 0.

        Raises:
            RegionError: the encoder saw nothing of it.
            ValueError: the mask is not of the picture's size.
        """
        if self.mask.shape != (field.picture_height, field.picture_width):
            raise ValueError(f"a mask of {self.mask.shape} for another picture's {field}")
        rows, columns = grid
        top, bottom = np.flatnonzero(self.mask.any(axis=1))[[0, -1]]
        left, right = np.flatnonzero(self.mask.any(axis=0))[[0, -1]]
        part = self.mask[top : bottom + 1, left : right + 1].astype(np.float32)
        down = _overlaps(top, len(part), field.top, field.height, rows)
        across = _overlaps(left, part.shape[1], field.left, field.width, columns)
        cell = (field.height / rows) * (field.width / columns)
        covered = down @ part @ across.T / cell
        if covered.max() <= 0:
            raise RegionError(
                "the region", "it lies outside the square that the model sees",
                "Draw it within the dashed outline, the picture's central square",
            )  # fmt: skip
        return np.asarray(covered, np.float32)


def spot(field: Field, grid: tuple[int, int], x: float, y: float) -> FloatArray | None:
    """Return the weights of a map's positions at a spot, bilinear between the cells' middles.

    Args:
        field: where in the picture the map lies.
        grid: rows and columns of the map.
        x: to the right from the picture's left edge, in pixels.
        y: downwards from its upper edge.

    Returns:
        float32 (rows, columns), sums to 1; None where the encoder did not look.
    """
    down = (y - field.top) / field.height
    across = (x - field.left) / field.width
    if not (0 <= down <= 1 and 0 <= across <= 1):
        return None
    rows, columns = grid
    return np.asarray(np.outer(_between(down, rows), _between(across, columns)), np.float32)


def _between(share: float, count: int) -> FloatArray:
    """Return the weights of ``count`` cells at a share of the way from first edge to last."""
    place = min(max(share * count - 0.5, 0.0), count - 1.0)
    return np.asarray(np.maximum(0, 1 - np.abs(np.arange(count) - place)), np.float32)


def _overlaps(start: int, length: int, origin: int, size: int, cells: int) -> FloatArray:
    """Return how much of each pixel of a span lies in each cell: float32 (cells, length)."""
    edges = origin + np.arange(cells + 1)[:, None] * (size / cells)
    pixels = start + np.arange(length)[None]
    shared = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    return np.asarray(np.maximum(shared, 0), np.float32)


def _whole(start: float, length: float, limit: int) -> slice | None:
    """Round a span to whole pixels, at least one, within ``[0, limit]``; None if beside it."""
    if start >= limit or start + length <= 0:
        return None
    begin = min(max(round(start), 0), limit - 1)
    return slice(begin, min(max(round(start + length), begin + 1), limit))
