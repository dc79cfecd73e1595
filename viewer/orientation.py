"""How a picture is turned and mirrored on screen, which changes nothing of the picture itself."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QTransform


@dataclass(frozen=True, slots=True)
class Orientation:
    """Mirrored left to right first, then turned.

    Attributes:
        turns: quarter turns to the right, 0 to 3.
        mirrored: whether left and right are exchanged.
    """

    turns: int = 0
    mirrored: bool = False

    def turned(self, by: int) -> Orientation:
        """Return it after further quarter turns to the right, as they are seen on screen."""
        return Orientation((self.turns + by) % 4, self.mirrored)

    def mirrored_now(self) -> Orientation:
        """Return it with left and right of the screen exchanged."""
        # Mirroring after a turn is mirroring before the opposite turn.
        return Orientation(-self.turns % 4, not self.mirrored)

    def direction(self) -> QTransform:
        """Return what maps a direction on the upright picture to one on screen."""
        return QTransform().rotate(90 * self.turns).scale(-1 if self.mirrored else 1, 1)

    def upright_size(self, size: QSizeF) -> QSizeF:
        """Return the size of a view as the upright picture sees it."""
        return size.transposed() if self.turns % 2 else size

    def to_screen(self, size: QSizeF) -> QTransform:
        """Return what maps a place of the upright view to one of a view of this size."""
        upright = self.upright_size(size)
        middle = QTransform.fromTranslate(-upright.width() / 2, -upright.height() / 2)
        back = QTransform.fromTranslate(size.width() / 2, size.height() / 2)
        return middle * self.direction() * back

    def along(self, right: float, down: float) -> QPointF:
        """Return the direction on the upright picture that is so on screen."""
        inverse, _ = self.direction().inverted()
        return inverse.map(QPointF(right, down))


UPRIGHT = Orientation()
