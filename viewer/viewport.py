"""Zoom and place of a picture, apart from any widget: linked views share one."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Signal

MOST_ZOOM = 24.0


class Viewport(QObject):
    """How far a picture is enlarged, and which point of it is in the middle.

    ``zoom`` is 1 when the whole picture fits; ``centre`` is in fractions of width and height, so
    that pictures of different sizes can share it.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._zoom = 1.0
        self._centre = QPointF(0.5, 0.5)

    @property
    def zoom(self) -> float:
        """Enlargement over the fitted size, 1 to `MOST_ZOOM`."""
        return self._zoom

    @property
    def centre(self) -> QPointF:
        """The point of the picture in the middle of the view, as fractions."""
        return QPointF(self._centre)

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Enlarge by ``factor``; the picture's point ``anchor`` (fractions) stays in its place."""
        zoom = min(MOST_ZOOM, max(1.0, self._zoom * factor))
        held = anchor if anchor is not None else self._centre
        centre = held + (self._centre - held) * (self._zoom / zoom)
        self._set(zoom, centre)

    def pan_by(self, right: float, down: float) -> None:
        """Move the view over the picture, by fractions of the picture's width and height."""
        self._set(self._zoom, self._centre + QPointF(right, down))

    def reset(self) -> None:
        """Show the whole picture again."""
        self._set(1.0, QPointF(0.5, 0.5))

    def _set(self, zoom: float, centre: QPointF) -> None:
        margin = 0.5 / zoom
        inside = QPointF(
            min(1 - margin, max(margin, centre.x())), min(1 - margin, max(margin, centre.y()))
        )
        if zoom != self._zoom or inside != self._centre:
            self._zoom, self._centre = zoom, inside
            self.changed.emit()
