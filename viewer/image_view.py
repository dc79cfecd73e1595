"""A picture that can be zoomed and panned, with a heatmap over it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt
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

from viewer import theme
from viewer.eye import Eye
from viewer.hands import Hand
from viewer.heat import Heat
from viewer.heat_painter import draw_field, draw_heat
from viewer.maps import MapDisplay
from viewer.marks import Mark
from viewer.picture_painter import draw_loupe, draw_picture
from viewer.pixels import Picture
from viewer.viewport import Viewport

_WHEEL_STEP = 1.0015
_PAN_STEP = 0.12
_LOUPE_STEP = 0.03
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ImageView(QWidget):
    """Shows a `Picture` through a `Viewport`; views that share one move together.

    Wheel and drag, or the keys + - 0 and Shift with an arrow, zoom and pan; a double click shows
    the whole picture again. A `Hand` does other things with mouse, arrows and Enter; meanwhile the
    heatmap is not drawn, so that it hides nothing.
    """

    def __init__(
        self, viewport: Viewport, maps: MapDisplay, name: str, eye: Eye | None = None
    ) -> None:
        super().__init__()
        self._eye = eye or Eye(self)
        self._eye.changed.connect(self.update)
        self._viewport = viewport
        self._maps = maps
        self._picture: Picture | None = None
        self._heat: Heat | None = None
        self._hand: Hand | None = None
        self._mark: Mark | None = None
        self._held: QPointF | None = None
        self._drawing = False
        self._map_words = ""
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        viewport.changed.connect(self._follow_viewport)
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

    def take_hand(self, hand: Hand | None) -> None:
        """Let a hand work on the picture; None for zooming and panning alone."""
        if hand is not self._hand:
            self._hand, self._held, self._drawing = hand, None, False
            self._follow_viewport()
            self.setCursor(self._resting())

    def show_mark(self, mark: Mark | None) -> None:
        """Draw a mark over the picture, or none."""
        if mark is not self._mark:
            self._mark = mark
            self.update()

    def describe_map(self, words: str) -> None:
        """Say to screen readers what the heatmap shows."""
        self._map_words = words
        self._describe()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for a square of modest size."""
        return QSize(420, 420)

    def show_actual(self) -> None:
        """Show each pixel of the picture as one of the screen's."""
        if self._picture is not None:
            fitted = self._scale(self._picture) / self._viewport.zoom
            self._viewport.zoom_to(1 / (fitted * self.devicePixelRatioF()))

    def toggle_loupe(self) -> None:
        """Hold a loupe over the middle of what is seen, or put it away."""
        present = self._viewport.loupe
        self._viewport.hold_loupe(self._viewport.centre if present is None else None)

    def picture_rect(self) -> QRectF:
        """Return where the whole picture lies, in the coordinates of the upright view.

        They are the widget's unless the picture is turned or mirrored; see `Orientation.to_screen`.
        """
        picture = self._picture
        if picture is None:
            return QRectF()
        scale = self._scale(picture)
        width, height = picture.width * scale, picture.height * scale
        centre, upright = self._viewport.centre, self._upright()
        return QRectF(
            upright.width() / 2 - centre.x() * width,
            upright.height() / 2 - centre.y() * height,
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
            self._draw_turned(painter, picture)
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Text), 1.5))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom at the pointer."""
        if self._picture is None:
            event.ignore()
            return
        self._viewport.zoom_by(_WHEEL_STEP ** event.angleDelta().y(), self._share(event.position()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Keep from shortcuts the keys that the hand uses."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._is_for_hand(event):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take hold of the picture, or begin what the hand does."""
        if event.button() != Qt.MouseButton.LeftButton or self._picture is None:
            return
        if self._hand is not None and self._hand.press(self._place(event.position())):
            self._drawing = True
            return
        self._held = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag the picture, or tell the hand."""
        whole = self.picture_rect()
        if whole.isEmpty():
            return
        if self._held is not None:
            moved = self._viewport.orientation.along(
                event.position().x() - self._held.x(), event.position().y() - self._held.y()
            )
            self._held = event.position()
            self._viewport.pan_by(-moved.x() / whole.width(), -moved.y() / whole.height())
        elif self._hand is None and self._viewport.loupe is not None:
            self._viewport.hold_loupe(self._share(event.position()))
        elif self._hand is not None and self._drawing:
            self._hand.drag(self._place(event.position()), self._pixel())
        elif self._hand is not None:
            self._hand.hover(self._place(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the picture go, or end what the hand does."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._held = None
        self.setCursor(self._resting())
        if self._hand is not None and self._drawing:
            self._drawing = False
            self._hand.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show the whole picture again."""
        if event.button() == Qt.MouseButton.LeftButton and self._hand is None:
            self._viewport.reset()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Do what the hand does with arrows and Enter; else pan with Shift and an arrow."""
        key, zoom = Qt.Key(event.key()), self._viewport.zoom
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._hand is not None and key in _ENTER:
            self._hand.confirm()
            return
        if key not in _ARROWS:
            super().keyPressEvent(event)
            return
        along = self._viewport.orientation.along(*_ARROWS[key])
        right, down = round(along.x()), round(along.y())
        if self._hand is not None and self._hand.nudge(right, down, zoom, shift=shift):
            return
        loupe = self._viewport.loupe
        if shift:
            self._viewport.pan_by(right * _PAN_STEP / zoom, down * _PAN_STEP / zoom)
        elif self._hand is None and loupe is not None:
            self._viewport.hold_loupe(loupe + QPointF(right, down) * _LOUPE_STEP / zoom)
        else:
            super().keyPressEvent(event)

    def _is_for_hand(self, event: QKeyEvent) -> bool:
        harmless = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        plain = not event.modifiers() & ~harmless
        arrow = event.key() in _ARROWS
        if self._hand is None:
            return plain and arrow and self._viewport.loupe is not None
        return plain and (arrow or event.key() in _ENTER)

    def _resting(self) -> Qt.CursorShape:
        return self._hand.cursor if self._hand is not None else Qt.CursorShape.OpenHandCursor

    def _place(self, position: QPointF) -> QPointF:
        """Return which pixel of the picture lies there."""
        return (self._to_upright(position) - self.picture_rect().topLeft()) * self._pixel()

    def _share(self, position: QPointF) -> QPointF:
        """Return which point of the picture lies there, as fractions."""
        whole = self.picture_rect()
        offset = self._to_upright(position) - whole.topLeft()
        return QPointF(offset.x() / whole.width(), offset.y() / whole.height())

    def _upright(self) -> QSizeF:
        return self._viewport.orientation.upright_size(QSizeF(self.size()))

    def _to_upright(self, position: QPointF) -> QPointF:
        inverse, _ = self._viewport.orientation.to_screen(QSizeF(self.size())).inverted()
        return inverse.map(position)

    def _follow_viewport(self) -> None:
        self.setMouseTracking(self._hand is not None or self._viewport.loupe is not None)
        self.update()

    def _pixel(self) -> float:
        """Return how many pixels of the picture one of the screen shows, along a side."""
        return 1 / self._scale(self._picture) if self._picture is not None else 1.0

    def _describe(self) -> None:
        words = (self._picture.name, self._map_words) if self._picture else ()
        self.setAccessibleDescription(". ".join(part for part in words if part))

    def _scale(self, picture: Picture) -> float:
        upright = self._upright()
        fit = min(upright.width() / picture.width, upright.height() / picture.height)
        return fit * self._viewport.zoom

    def _draw_turned(self, painter: QPainter, picture: Picture) -> None:
        """Draw picture, heatmap, mark and loupe, all turned alike."""
        painter.save()
        painter.setTransform(self._viewport.orientation.to_screen(QSizeF(self.size())))
        whole, seen = self.picture_rect(), QRectF(QPointF(), self._upright())
        ratio, tone = self.devicePixelRatioF(), self._eye.tone
        draw_picture(painter, picture, whole, seen, ratio, tone=tone)
        self._draw_heat(painter, whole)
        if self._viewport.loupe is not None:
            draw_loupe(painter, picture, whole, self._viewport.loupe, ratio, tone=tone)
        if self._mark is not None:
            self._mark.draw(painter, whole, theme.on_screen(self.palette()))
        painter.restore()

    def _draw_heat(self, painter: QPainter, whole: QRectF) -> None:
        look, heat, bare = self._maps.look, self._heat, self._hand is not None
        if heat is None or (look.strength == 0 and not bare):
            return
        if not bare:
            draw_heat(painter, whole, heat, look)
        if heat.partial:
            draw_field(painter, whole, heat)
