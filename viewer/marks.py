"""Marks over pictures: the spot pointed at, a region of the query, where a match holds it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QTransform

from inference.encoder.model import Field
from viewer.heat_painter import luminance
from viewer.theme import Colours

_ARM, _HOLE = 11.0, 3.5
_BRIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Spot:
    """A cross on the query, open in the middle so that the spot itself is seen.

    Attributes:
        x: share of the picture's width.
        y: share of its height.
        ours: whether it lies on the reader's picture; the accent marks nothing else.
    """

    x: float
    y: float
    ours: bool = True

    def draw(
        self, painter: QPainter, whole: QRectF, colours: Colours, thickness: float = 1.0
    ) -> None:
        """Draw it over the picture that lies at ``whole``."""
        x, y = whole.x() + self.x * whole.width(), whole.y() + self.y * whole.height()
        path = QPainterPath()
        for across, down in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            for reach, go in ((_HOLE, path.moveTo), (_ARM, path.lineTo)):
                long = reach * thickness
                go(QPointF(x + across * long, y + down * long))
        colour = QColor(colours.accent) if self.ours else QColor(255, 255, 255)
        _stroke(painter, path, colour, thickness, Qt.PenStyle.SolidLine)


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The edge of an area.

    Attributes:
        path: x and y as shares of the picture's width and height.
        ours: whether it lies on the reader's picture; the accent marks nothing else.
        draft: whether it has not been searched for yet.
    """

    path: QPainterPath
    ours: bool
    draft: bool = False

    def draw(
        self, painter: QPainter, whole: QRectF, colours: Colours, thickness: float = 1.0
    ) -> None:
        """Draw it over the picture that lies at ``whole``."""
        place = QTransform.fromTranslate(whole.x(), whole.y()).scale(whole.width(), whole.height())
        colour = QColor(colours.accent) if self.ours else QColor(255, 255, 255)
        style = Qt.PenStyle.DashLine if self.draft else Qt.PenStyle.SolidLine
        _stroke(painter, place.map(self.path), colour, thickness, style)


@dataclass(frozen=True, slots=True)
class Ruler:
    """A line with its length, upright however the picture is turned.

    Attributes:
        start: x and y as shares of the picture's width and height.
        end: likewise.
        words: its length.
        ours: whether it lies on the reader's picture.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    words: str
    ours: bool = True

    def draw(
        self, painter: QPainter, whole: QRectF, colours: Colours, thickness: float = 1.0
    ) -> None:
        """Draw it over the picture that lies at ``whole``."""
        turned = painter.worldTransform()
        start, end = (
            turned.map(QPointF(whole.x() + x * whole.width(), whole.y() + y * whole.height()))
            for x, y in (self.start, self.end)
        )
        painter.save()
        painter.setWorldTransform(QTransform())
        line = QLineF(start, end)
        path = QPainterPath(start)
        path.lineTo(end)
        across = line.normalVector().unitVector()
        for place in (start, end):
            offset = QPointF(across.dx(), across.dy()) * _ARM / 2 * thickness
            path.moveTo(place - offset)
            path.lineTo(place + offset)
        colour = QColor(colours.accent) if self.ours else QColor(255, 255, 255)
        _stroke(painter, path, colour, thickness, Qt.PenStyle.SolidLine)
        _write(painter, self.words, line.center() + QPointF(0, -_ARM * thickness))
        painter.restore()


def _write(painter: QPainter, words: str, foot: QPointF) -> None:
    """Write words on a dark ground whose lower edge has its middle at ``foot``."""
    metrics = QFontMetricsF(painter.font())
    room = metrics.boundingRect(words).size()
    box = QRectF(0, 0, room.width() + 10, metrics.height() + 4)
    box.moveCenter(foot - QPointF(0, box.height() / 2))
    painter.fillRect(box, QColor(0, 0, 0, 190))
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


Mark = Spot | Outline | Ruler


def found(where: Field) -> Outline:
    """Return the outline of the part of a match in which a region was found."""
    path = QPainterPath()
    path.addRect(
        QRectF(
            where.left / where.picture_width,
            where.top / where.picture_height,
            where.width / where.picture_width,
            where.height / where.picture_height,
        )
    )
    return Outline(path, ours=False)


def _stroke(
    painter: QPainter, path: QPainterPath, colour: QColor, thickness: float, style: Qt.PenStyle
) -> None:
    """Draw a line with a casing that sets it off from any skin."""
    casing = QColor(0, 0, 0) if luminance(colour) > _BRIGHT else QColor(255, 255, 255)
    join = Qt.PenJoinStyle.RoundJoin
    flat = Qt.PenCapStyle.FlatCap
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.strokePath(
        path, QPen(casing, 4 * thickness, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, join)
    )
    painter.strokePath(path, QPen(colour, 2 * thickness, style, flat, join))
    painter.restore()
