"""A heatmap ready to draw, filled or as contour lines, in any colour map."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainterPath, QPolygonF

from inference.encoder.model import Field
from inference.explain import ColourMap, Heatmap, colour_table, contour_lines

_SIDE = 320
_SIDE_IN_PASSING = 160
_TOLERANCE = 1 / 4000
_THUMBNAIL_TOLERANCE = 1 / 600
"""Of a line's course, as shares of the picture's longer side: a fraction of a pixel on screen."""


class Heat:
    """What `viewer.heat_painter` draws of a heatmap. Callable from any thread.

    Args:
        heatmap: the map.
        passing: it will be followed by another at once: coarser, and worked out only if drawn.

    Attributes:
        passing: likewise.
        field: the part of the picture that the model saw, as shares of its width and height.
    """

    def __init__(self, heatmap: Heatmap, *, passing: bool = False) -> None:
        seen = heatmap.field
        self._heatmap = heatmap
        self.passing = passing
        self._side = _SIDE_IN_PASSING if passing else _SIDE
        self._levels = None if passing else _levels(heatmap, self._side)
        self._images: dict[ColourMap, QImage] = {}
        self._lines: dict[tuple[float, bool], QPainterPath] = {}
        self.field = QRectF(
            seen.left / seen.picture_width,
            seen.top / seen.picture_height,
            seen.width / seen.picture_width,
            seen.height / seen.picture_height,
        )

    @property
    def partial(self) -> bool:
        """Whether the model saw less than the whole picture."""
        return self.field != QRectF(0, 0, 1, 1)

    def image(self, colour_map: ColourMap) -> QImage:
        """Return the map in colour, to be drawn over the whole of its picture.

        Premultiplied RGBA, longer side 320, or 160 in passing; transparent where there is no
        evidence.
        """
        image = self._images.get(colour_map)
        if image is None:
            # A copy: another thread may be colouring it at the same time.
            levels = QImage(self._levels or _levels(self._heatmap, self._side))
            levels.setColorTable(qt_table(colour_map))
            image = levels.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            self._images[colour_map] = image
        return image

    def seen_values(self, longest: int) -> npt.NDArray[np.float32]:
        """Return the map over what the model saw alone: float32, longer side ``longest`` pixels."""
        seen = self._heatmap.field
        scale = longest / max(seen.height, seen.width)
        rows, columns = max(3, round(seen.height * scale)), max(3, round(seen.width * scale))
        alone = Field(0, 0, rows, columns, rows, columns)
        return Heatmap(self._heatmap.values, alone).over()

    def line(self, level: float, *, small: bool = False) -> QPainterPath:
        """Return where the map has a value; x and y as shares of the picture's width and height.

        Args:
            level: the value.
            small: for a thumbnail, which is drawn faster with fewer points.
        """
        path = self._lines.get((level, small))
        if path is None:
            path = QPainterPath()
            tolerance = _THUMBNAIL_TOLERANCE if small else _TOLERANCE
            for points in contour_lines(self._heatmap, level, tolerance):
                path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points.tolist()]))
            self._lines[level, small] = path
        return path


@cache
def qt_table(colour_map: ColourMap) -> list[int]:
    """Return the 256 colours of a map as Qt writes them, 0xAARRGGBB, not premultiplied."""
    return [
        alpha << 24 | red << 16 | green << 8 | blue
        for red, green, blue, alpha in colour_table(colour_map).tolist()
    ]


def _levels(heatmap: Heatmap, side: int) -> QImage:
    """Spread the map over a picture of modest size, one of 256 levels at each pixel."""
    field = heatmap.field
    scale = side / max(field.picture_height, field.picture_width)
    rows = max(1, round(field.picture_height * scale))
    columns = max(1, round(field.picture_width * scale))
    values = (255 * heatmap.over(rows, columns)).round().astype(np.uint8)
    wrapped = QImage(values.data, columns, rows, columns, QImage.Format.Format_Indexed8)
    wrapped.setColorTable(qt_table("viridis"))
    return wrapped.copy()
