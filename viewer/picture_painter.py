"""Draws the visible part of a picture from the version of it that fits the screen."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from viewer.pixels import Picture


def draw_picture(
    painter: QPainter, picture: Picture, whole: QRectF, seen: QRectF, ratio: float
) -> None:
    """Draw what is seen of a picture.

    Args:
        painter: where.
        picture: the picture.
        whole: where all of it lies, perhaps beyond what is seen.
        seen: the part of the painter's ground that is on screen.
        ratio: device pixels for each of the painter's.
    """
    shown = whole.intersected(seen)
    if shown.isEmpty():
        return
    level = picture.level(whole.width() / picture.width * ratio)
    across, down = level.width() / whole.width(), level.height() / whole.height()
    source = QRectF(
        (shown.x() - whole.x()) * across,
        (shown.y() - whole.y()) * down,
        shown.width() * across,
        shown.height() * down,
    )
    painter.drawImage(shown, level, source)
