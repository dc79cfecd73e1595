"""Arrays to Qt images: pictures with their smaller versions, and coloured heatmaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage

from inference.explain import Heatmap, colour
from inference.images.model import MedicalImage

_SMALLEST_LEVEL = 400
_HEAT_SIDE = 320


def to_qimage(pixels: npt.NDArray[np.uint8]) -> QImage:
    """Copy uint8 (h, w, 3) sRGB pixels into a Qt image. Callable from any thread."""
    data = np.ascontiguousarray(pixels)
    height, width = data.shape[:2]
    wrapped = QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return wrapped.convertToFormat(QImage.Format.Format_RGB32)


class Picture:
    """A picture with halved versions of itself, so that a large one is drawn fast and smooth.

    Made on a worker thread; shown from `level`.
    """

    def __init__(self, image: MedicalImage) -> None:
        self.name = image.name
        self._levels = [to_qimage(image.pixels)]
        while max(self._levels[-1].width(), self._levels[-1].height()) > 2 * _SMALLEST_LEVEL:
            last = self._levels[-1]
            half = QSize(max(1, last.width() // 2), max(1, last.height() // 2))
            self._levels.append(
                last.scaled(
                    half,
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )

    @property
    def width(self) -> int:
        """Columns of the full picture."""
        return self._levels[0].width()

    @property
    def height(self) -> int:
        """Rows of the full picture."""
        return self._levels[0].height()

    def level(self, scale: float) -> QImage:
        """Return the smallest version that still has a pixel for each device pixel.

        Args:
            scale: device pixels on screen for each pixel of the full picture.
        """
        for image in reversed(self._levels):
            if image.width() >= scale * self.width:
                return image
        return self._levels[0]


@dataclass(frozen=True, slots=True, eq=False)
class Heat:
    """A heatmap ready to draw.

    Attributes:
        image: premultiplied RGBA, drawn over the whole of its picture; transparent where there
            is no evidence.
        field: the part of the picture that the model saw, as shares of its width and height.
    """

    image: QImage
    field: QRectF

    @property
    def partial(self) -> bool:
        """Whether the model saw less than the whole picture."""
        return self.field != QRectF(0, 0, 1, 1)


def heat_of(heatmap: Heatmap) -> Heat:
    """Colour a heatmap at a modest size, longer side 320. Callable from any thread."""
    field = heatmap.field
    scale = _HEAT_SIDE / max(field.picture_height, field.picture_width)
    rows = max(1, round(field.picture_height * scale))
    columns = max(1, round(field.picture_width * scale))
    rgba = np.ascontiguousarray(colour(heatmap.over(rows, columns)))
    wrapped = QImage(rgba.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
    seen = QRectF(
        field.left / field.picture_width,
        field.top / field.picture_height,
        field.width / field.picture_width,
        field.height / field.picture_height,
    )
    return Heat(wrapped.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied), seen)
