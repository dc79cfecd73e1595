"""Brightness and contrast for the reader's eye; the model never sees them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

MOST = 100


@dataclass(frozen=True, slots=True)
class Tone:
    """How the values of a picture are shown.

    Attributes:
        brightness: -100 to 100, added in hundredths of the whole range.
        contrast: -100 to 100: the range is stretched about its middle up to fourfold, or pressed
            together to a quarter.
    """

    brightness: int = 0
    contrast: int = 0

    def __bool__(self) -> bool:
        """Say whether it changes anything."""
        return bool(self.brightness or self.contrast)

    def table(self) -> npt.NDArray[np.uint8]:
        """Return what each of the 256 values becomes."""
        values = np.arange(256, dtype=np.float64) - 127.5
        shown = values * 4 ** (self.contrast / MOST) + 127.5 + 255 * self.brightness / MOST
        return shown.round().clip(0, 255).astype(np.uint8)

    def of(self, image: QImage) -> QImage:
        """Return a picture as it is shown; each colour by itself."""
        plain = image.convertToFormat(QImage.Format.Format_RGB888)
        bits = np.frombuffer(plain.constBits(), np.uint8)
        shown = np.ascontiguousarray(self.table()[bits])
        wrapped = QImage(
            shown.data, plain.width(), plain.height(), plain.bytesPerLine(), plain.format()
        )
        return wrapped.copy()


PLAIN = Tone()


class Eye(QObject):
    """The tone in which all pictures of the answer are shown."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tone = PLAIN
        self._open = False

    @property
    def tone(self) -> Tone:
        """What is shown now."""
        return self._tone

    @property
    def open(self) -> bool:
        """Whether its controls are on screen: always while a tone is not plain."""
        return self._open

    def show(self, tone: Tone) -> None:
        """Show another tone."""
        limited = Tone(min(MOST, max(-MOST, tone.brightness)), min(MOST, max(-MOST, tone.contrast)))
        if limited != self._tone:
            self._tone = limited
            self._open = self._open or bool(limited)
            self.changed.emit()

    def toggle(self) -> None:
        """Show the controls; or put them away, and show pictures as they are."""
        self._open = not self._open
        self._tone = PLAIN
        self.changed.emit()
