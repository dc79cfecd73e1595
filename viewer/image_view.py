"""A picture that can be zoomed and panned, with a heatmap over it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.heat import Heat
from viewer.heat_painter import draw_field, draw_heat
from viewer.maps import MapDisplay
from viewer.pixels import Picture
from viewer.viewport import Viewport

_WHEEL_STEP = 1.0015
_PAN_STEP = 0.12


class ImageView(QWidget):
    """Shows a `Picture` through a `Viewport`; views that share one move together.

    Wheel and drag, or the keys + - 0 and Shift with an arrow, zoom and pan; a double click shows
    the whole picture again.
    """

    clicked = Signal()

    def __init__(
        self, viewport: Viewport, maps: MapDisplay, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self._maps = maps
        self._picture: Picture | None = None
        self._heat: Heat | None = None
        self._held: QPointF | None = None
        self._map_words = ""
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        viewport.changed.connect(self.update)
        maps.changed.connect(self.update)

    @property
    def picture(self) -> Picture | None:
        """The picture shown."""
        return self._picture

    @property
    def heat(self) -> Heat | None:
        """The heatmap over it."""
        return self._heat

    @property
    def viewport(self) -> Viewport:
        """Zoom and place, perhaps shared with another view."""
        return self._viewport

    def show_picture(self, picture: Picture | None, heat: Heat | None = None) -> None:
        """Show another picture, or nothing."""
        self._picture, self._heat = picture, heat
        self._describe()
        self.update()

    def show_heat(self, heat: Heat | None) -> None:
        """Put another heatmap over the same picture."""
        self._heat = heat
        self.update()

    def describe_map(self, words: str) -> None:
        """Say to screen readers what the heatmap shows."""
        self._map_words = words
        self._describe()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for a square of modest size."""
        return QSize(420, 420)

    def picture_rect(self) -> QRectF:
        """Return where the whole picture lies, in the widget's coordinates."""
        picture = self._picture
        if picture is None:
            return QRectF()
        scale = self._scale(picture)
        width, height = picture.width * scale, picture.height * scale
        centre = self._viewport.centre
        return QRectF(
            self.width() / 2 - centre.x() * width,
            self.height() / 2 - centre.y() * height,
            width,
            height,
        )

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the visible part of the picture, the heatmap, and the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Dark))
        picture = self._picture
        if picture is not None:
            whole = self.picture_rect()
            self._draw_picture(painter, picture, whole)
            self._draw_heat(painter, whole)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Text), 1.5))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom at the pointer."""
        if self._picture is None:
            event.ignore()
            return
        whole = self.picture_rect()
        offset = event.position() - whole.topLeft()
        anchor = QPointF(offset.x() / whole.width(), offset.y() / whole.height())
        self._viewport.zoom_by(_WHEEL_STEP ** event.angleDelta().y(), anchor)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the picture."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag the picture."""
        whole = self.picture_rect()
        if self._held is None or whole.isEmpty():
            return
        moved = event.position() - self._held
        self._held = event.position()
        self._viewport.pan_by(-moved.x() / whole.width(), -moved.y() / whole.height())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the picture go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = None
            self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show the whole picture again."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._viewport.reset()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Pan with Shift and an arrow."""
        step = _PAN_STEP / self._viewport.zoom
        moves = {
            Qt.Key.Key_Left: (-step, 0.0),
            Qt.Key.Key_Right: (step, 0.0),
            Qt.Key.Key_Up: (0.0, -step),
            Qt.Key.Key_Down: (0.0, step),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
            return
        self._viewport.pan_by(*move)

    def _describe(self) -> None:
        words = (self._picture.name, self._map_words) if self._picture else ()
        self.setAccessibleDescription(". ".join(part for part in words if part))

    def _scale(self, picture: Picture) -> float:
        fit = min(self.width() / picture.width, self.height() / picture.height)
        return fit * self._viewport.zoom

    def _draw_picture(self, painter: QPainter, picture: Picture, whole: QRectF) -> None:
        shown = whole.intersected(QRectF(self.rect()))
        if shown.isEmpty():
            return
        level = picture.level(self._scale(picture) * self.devicePixelRatioF())
        across, down = level.width() / whole.width(), level.height() / whole.height()
        source = QRectF(
            (shown.x() - whole.x()) * across,
            (shown.y() - whole.y()) * down,
            shown.width() * across,
            shown.height() * down,
        )
        painter.drawImage(shown, level, source)

    def _draw_heat(self, painter: QPainter, whole: QRectF) -> None:
        look = self._maps.look
        if self._heat is None or look.strength == 0:
            return
        draw_heat(painter, whole, self._heat, look)
        if self._heat.partial:
            draw_field(painter, whole, self._heat)
