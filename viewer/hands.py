"""What mouse and keys do on the query while a mode is on, in place of panning."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from viewer.measuring import Measuring
from viewer.pointing import Pointing
from viewer.region_search import RegionSearch

_APART = 3.0


class Hand(Protocol):
    """Told in pixels of the picture; ``zoom`` is the view's, ``pixel`` one pixel of the screen."""

    cursor: Qt.CursorShape

    def hover(self, place: QPointF) -> None:
        """Take note of the mouse, no button being pressed."""

    def press(self, place: QPointF) -> bool:
        """Take hold; False lets the view pan."""

    def drag(self, place: QPointF, pixel: float) -> None:
        """Go on after `press`."""

    def release(self) -> None:
        """End it."""

    def nudge(self, right: float, down: float, zoom: float, *, shift: bool) -> bool:
        """Take an arrow key; False lets the view pan."""

    def confirm(self) -> None:
        """Take Enter."""


class PointHand:
    """Points; dragging still pans."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, pointing: Pointing) -> None:
        self._pointing = pointing

    def hover(self, place: QPointF) -> None:
        """Point there."""
        self._pointing.aim(place.x(), place.y())

    def press(self, place: QPointF) -> bool:
        """Point there, and let the view pan."""
        self._pointing.aim(place.x(), place.y())
        return False

    def drag(self, place: QPointF, pixel: float) -> None:
        """Do nothing: the view pans."""

    def release(self) -> None:
        """Do nothing."""

    def nudge(self, right: float, down: float, zoom: float, *, shift: bool) -> bool:
        """Move the spot."""
        if not shift:
            self._pointing.nudge(right, down, zoom)
        return not shift

    def confirm(self) -> None:
        """Do nothing: the maps are there already."""


class RegionHand:
    """Draws a region."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, regions: RegionSearch) -> None:
        self._regions = regions
        self._start = QPointF()
        self._far = False

    def hover(self, place: QPointF) -> None:
        """Do nothing until a button is pressed."""

    def press(self, place: QPointF) -> bool:
        """Begin to draw."""
        self._start, self._far = place, False
        self._regions.begin(place.x(), place.y())
        return True

    def drag(self, place: QPointF, pixel: float) -> None:
        """Draw on."""
        away = (place - self._start).manhattanLength() / pixel
        self._far = self._far or away >= QApplication.startDragDistance()
        self._regions.extend(place.x(), place.y(), _APART * pixel)

    def release(self) -> None:
        """Search, unless it was a mere click."""
        self._regions.finish(large=self._far)

    def nudge(self, right: float, down: float, zoom: float, *, shift: bool) -> bool:
        """Move the box, or its right and lower edge."""
        self._regions.nudge(right, down, zoom, grow=shift)
        return True

    def confirm(self) -> None:
        """Search."""
        self._regions.search()


class RulerHand:
    """Lays the ruler."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, measuring: Measuring) -> None:
        self._measuring = measuring

    def hover(self, place: QPointF) -> None:
        """Do nothing until a button is pressed."""

    def press(self, place: QPointF) -> bool:
        """Begin a line."""
        self._measuring.begin(place.x(), place.y())
        return True

    def drag(self, place: QPointF, pixel: float) -> None:
        """Draw it out."""
        del pixel
        self._measuring.extend(place.x(), place.y())

    def release(self) -> None:
        """Let it lie."""

    def nudge(self, right: float, down: float, zoom: float, *, shift: bool) -> bool:
        """Move its end, or its start."""
        self._measuring.nudge(right, down, zoom, start=shift)
        return True

    def confirm(self) -> None:
        """Do nothing: it is measured already."""
