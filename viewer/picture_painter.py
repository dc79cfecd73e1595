"""Draws the visible part of a picture from the version of it that fits the screen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from viewer.eye import PLAIN, Tone
from viewer.pixels import Picture

LOUPE_POWER = 3.0
_LOUPE_RADIUS = 90.0


def draw_picture(
    painter: QPainter,
    picture: Picture,
    whole: QRectF,
    seen: QRectF,
    ratio: float,
    *,
    tone: Tone = PLAIN,
) -> None:
    """Draw what is seen of a picture.

    Args:
        painter: where.
        picture: the picture.
        whole: where all of it lies, perhaps beyond what is seen.
        seen: the part of the painter's ground that is on screen.
        ratio: device pixels for each of the painter's.
        tone: for the reader's eye; only what is seen is worked on.
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
    if not tone:
        painter.drawImage(shown, level, source)
        return
    piece = source.toAlignedRect().intersected(level.rect())
    place = QRectF(
        whole.x() + piece.x() / across,
        whole.y() + piece.y() / down,
        piece.width() / across,
        piece.height() / down,
    )
    painter.save()
    painter.setClipRect(shown, Qt.ClipOperation.IntersectClip)
    painter.drawImage(place, tone.of(level.copy(piece)))
    painter.restore()


def draw_loupe(
    painter: QPainter,
    picture: Picture,
    whole: QRectF,
    place: QPointF,
    ratio: float,
    *,
    tone: Tone = PLAIN,
) -> None:
    """Draw a round part of a picture enlarged, without its heatmap.

    Args:
        painter: on the picture.
        picture: the picture.
        whole: where all of it lies.
        place: the middle of the loupe, in fractions of the picture.
        ratio: device pixels for each of the painter's.
        tone: for the reader's eye.
    """
    middle = QPointF(whole.x() + place.x() * whole.width(), whole.y() + place.y() * whole.height())
    large = QRectF(
        middle.x() - place.x() * whole.width() * LOUPE_POWER,
        middle.y() - place.y() * whole.height() * LOUPE_POWER,
        whole.width() * LOUPE_POWER,
        whole.height() * LOUPE_POWER,
    )
    circle = QPainterPath()
    circle.addEllipse(middle, _LOUPE_RADIUS, _LOUPE_RADIUS)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(circle)
    painter.fillPath(circle, QColor(0, 0, 0))
    draw_picture(painter, picture, large, circle.boundingRect(), ratio, tone=tone)
    painter.setClipping(False)
    for colour, width in ((QColor(0, 0, 0), 4.0), (QColor(255, 255, 255), 2.0)):
        painter.strokePath(circle, QPen(colour, width))
    painter.restore()
