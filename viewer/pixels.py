"""Arrays to Qt images: pictures with their smaller versions."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage

from inference.images.model import MedicalImage

_SMALLEST_LEVEL = 400
_MOST_SAMPLED = 256


def to_qimage(pixels: npt.NDArray[np.uint8]) -> QImage:
    """Copy uint8 (h, w, 3) sRGB pixels into a Qt image. Callable from any thread."""
    data = np.ascontiguousarray(pixels)
    height, width = data.shape[:2]
    wrapped = QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return wrapped.convertToFormat(QImage.Format.Format_RGB32)


def from_qimage(image: QImage) -> npt.NDArray[np.uint8]:
    """Copy a Qt image into uint8 (h, w, 3) sRGB pixels. Callable from any thread."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


class Picture:
    """A picture with halved versions of itself, so that a large one is drawn fast and smooth.

    Made on a worker thread; shown from `level`.

    Attributes:
        name: of its file.
    """

    def __init__(self, image: MedicalImage) -> None:
        self.name = image.name
        self._pixels = image.pixels
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

    @cached_property
    def tones(self) -> tuple[QColor, QColor]:
        """Colours of its lighter and its darker parts, which a legend is drawn on."""
        return tones(self._pixels)

    def level(self, scale: float) -> QImage:
        """Return the smallest version that still has a pixel for each device pixel.

        Args:
            scale: device pixels on screen for each pixel of the full picture.
        """
        for image in reversed(self._levels):
            if image.width() >= scale * self.width:
                return image
        return self._levels[0]


def tones(pixels: npt.NDArray[np.uint8]) -> tuple[QColor, QColor]:
    """Return the mean colours of a picture's lighter half and of its darkest fifth.

    Args:
        pixels: uint8 (h, w, 3); only the middle counts, since corners may lie in the black beyond
            a dermatoscope's round view.
    """
    height, width = pixels.shape[:2]
    middle = pixels[height // 6 : height - height // 6, width // 6 : width - width // 6]
    step = max(1, max(middle.shape) // _MOST_SAMPLED)
    sampled = middle[::step, ::step].reshape(-1, 3).astype(np.float32)
    lightness = sampled @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    dark, light = np.quantile(lightness, (0.2, 0.5))
    return _mean_colour(sampled[lightness >= light]), _mean_colour(sampled[lightness <= dark])


def _mean_colour(colours: npt.NDArray[np.float32]) -> QColor:
    red, green, blue = colours.mean(axis=0).round().astype(int).tolist()
    return QColor(red, green, blue)
