"""Zoom and place of a picture, apart from any widget: linked views share one."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Signal

from viewer.orientation import UPRIGHT, Orientation

MOST_ZOOM = 24.0
LEAST_ZOOM = 0.05


class Viewport(QObject):
    """How far a picture is enlarged, and which point of it is in the middle.

    ``zoom`` is 1 when the whole picture fits; ``centre`` is in fractions of width and height, so
    that pictures of different sizes can share it. ``orientation`` is how they are turned, and
    ``loupe`` the place that is looked at through one, in fractions too; None without a loupe.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zoom = 1.0
        self._centre = QPointF(0.5, 0.5)
        self._orientation = UPRIGHT
        self._loupe: QPointF | None = None

    @property
    def orientation(self) -> Orientation:
        """How pictures are turned and mirrored."""
        return self._orientation

    @property
    def loupe(self) -> QPointF | None:
        """The place under the loupe, as fractions; None where there is no loupe."""
        return None if self._loupe is None else QPointF(self._loupe)

    @property
    def zoom(self) -> float:
        """Enlargement over the fitted size, up to `MOST_ZOOM`; below 1 only by `zoom_to`."""
        return self._zoom

    @property
    def centre(self) -> QPointF:
        """The point of the picture in the middle of the view, as fractions."""
        return QPointF(self._centre)

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Enlarge by ``factor``; the picture's point ``anchor`` (fractions) stays in its place."""
        zoom = min(MOST_ZOOM, max(min(1.0, self._zoom), self._zoom * factor))
        held = anchor if anchor is not None else self._centre
        centre = held + (self._centre - held) * (self._zoom / zoom)
        self._set(zoom, centre)

    def zoom_to(self, zoom: float) -> None:
        """Enlarge so far, or shrink; the middle stays."""
        self._set(min(MOST_ZOOM, max(LEAST_ZOOM, zoom)), self._centre)

    def turn(self, by: int) -> None:
        """Turn by quarters to the right."""
        self._turn_to(self._orientation.turned(by))

    def mirror(self) -> None:
        """Exchange left and right."""
        self._turn_to(self._orientation.mirrored_now())

    def set_upright(self) -> None:
        """Show pictures as they are."""
        self._turn_to(UPRIGHT)

    def hold_loupe(self, place: QPointF | None) -> None:
        """Hold a loupe over a place, in fractions; None puts it away."""
        if place is not None:
            place = QPointF(min(1.0, max(0.0, place.x())), min(1.0, max(0.0, place.y())))
        if place != self._loupe:
            self._loupe = place
            self.changed.emit()

    def pan_by(self, right: float, down: float) -> None:
        """Move the view over the picture, by fractions of the picture's width and height."""
        self._set(self._zoom, self._centre + QPointF(right, down))

    def reset(self) -> None:
        """Show the whole picture again."""
        self._set(1.0, QPointF(0.5, 0.5))

    def _turn_to(self, orientation: Orientation) -> None:
        if orientation != self._orientation:
            self._orientation = orientation
            self.changed.emit()

    def _set(self, zoom: float, centre: QPointF) -> None:
        margin = min(0.5, 0.5 / zoom)
        inside = QPointF(
            min(1 - margin, max(margin, centre.x())), min(1 - margin, max(margin, centre.y()))
        )
        if zoom != self._zoom or inside != self._centre:
            self._zoom, self._centre = zoom, inside
            self.changed.emit()
