"""The areas that a reader draws on a picture, in its pixels."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF, QTransform

from inference.explain import Region

Place = tuple[float, float]
"""Pixels to the right and downwards from a picture's upper left corner."""

_STEPS = 40
_LEAST_SHARE = 1 / 40
_DEFAULT_SHARE = 0.3


def step(width: float, height: float, zoom: float) -> float:
    """Return how far one press of a key moves things: less, the more a picture is enlarged."""
    return max(width, height) / (_STEPS * zoom)


def kept_on(x: float, y: float, width: float, height: float) -> Place:
    """Return a place, or the nearest one on a picture of this size."""
    return min(max(x, 0.0), width), min(max(y, 0.0), height)


@dataclass(frozen=True, slots=True)
class Box:
    """An upright box.

    Attributes:
        left: of its left edge.
        top: of its upper edge.
        width: above 0.
        height: above 0.
    """

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def between(cls, one: Place, other: Place) -> Box:
        """Return the box with these opposite corners."""
        left, right = sorted((one[0], other[0]))
        top, bottom = sorted((one[1], other[1]))
        return cls(left, top, right - left, bottom - top)

    @classmethod
    def amid(cls, width: float, height: float) -> Box:
        """Return a square in the middle of a picture of this size, to be moved with keys."""
        side = _DEFAULT_SHARE * min(width, height)
        return cls((width - side) / 2, (height - side) / 2, side, side)

    def moved(self, right: float, down: float, width: float, height: float) -> Box:
        """Return it elsewhere, and still on the picture of this size."""
        left = min(max(self.left + right, 0.0), width - self.width)
        top = min(max(self.top + down, 0.0), height - self.height)
        return Box(left, top, self.width, self.height)

    def grown(self, right: float, down: float, width: float, height: float) -> Box:
        """Return it with its right and lower edge moved, and still on the picture."""
        least = _LEAST_SHARE * min(width, height)
        wide = min(max(self.width + right, least), width - self.left)
        high = min(max(self.height + down, least), height - self.top)
        return Box(self.left, self.top, wide, high)

    def region(self, width: int, height: int) -> Region:
        """Return what it covers of a picture of this size.

        Raises:
            RegionError: nothing.
        """
        return Region.box(self.left, self.top, self.width, self.height, picture=(height, width))

    def path(self) -> QPainterPath:
        """Return its outline."""
        path = QPainterPath()
        path.addRect(QRectF(self.left, self.top, self.width, self.height))
        return path


@dataclass(frozen=True, slots=True)
class Lasso:
    """A free shape: the inside of a line whose end is joined to its beginning.

    Attributes:
        points: of the line.
    """

    points: tuple[Place, ...]

    def region(self, width: int, height: int) -> Region:
        """Return what it covers of a picture of this size.

        Raises:
            RegionError: it has fewer than three points.
        """
        return Region.polygon(self.points, picture=(height, width))

    def path(self) -> QPainterPath:
        """Return its outline."""
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(*point) for point in self.points]))
        path.closeSubpath()
        return path


Shape = Box | Lasso


def outline(shape: Shape, width: int, height: int) -> QPainterPath:
    """Return a shape's outline as shares of a picture's width and height."""
    return QTransform.fromScale(1 / width, 1 / height).map(shape.path())
