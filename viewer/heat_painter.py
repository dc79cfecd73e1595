"""Draws heatmaps over pictures, and the colours of a scale, in one and the same way."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from inference.explain import LEVELS
from viewer.heat import Heat, qt_table
from viewer.line_image import Profiles, line_image, line_profiles
from viewer.maps import MapLook

_WIDTHS = dict(zip(LEVELS, (1.1, 1.9, 2.9), strict=True))
_CASING = 1.1
_MOST_PIXELS_IN_PASSING = 240
_BRIGHT = 0.3
"""Luminance from which a line is cased in black. Lines of middle tones could do with either, but
cased in black they look like pigment."""
_ENDS = (Qt.PenCapStyle.FlatCap, Qt.PenJoinStyle.RoundJoin)


def draw_heat(
    painter: QPainter, whole: QRectF, heat: Heat, look: MapLook, thickness: float = 1.0
) -> None:
    """Draw a heatmap over the picture that lies at ``whole``.

    Args:
        painter: on the picture.
        whole: where all of the picture lies, perhaps beyond what is seen.
        heat: the map.
        look: how to draw it.
        thickness: of contour lines, against those over a picture that fills half a screen.
    """
    if look.strength == 0:
        return
    painter.save()
    if look.mode == "filled":
        painter.setOpacity(look.strength)
        painter.drawImage(whole, heat.image(look.colour_map))
    else:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(_line_strength(look))
        if heat.passing:
            _draw_lines_in_passing(painter, whole, heat, look, thickness)
            painter.restore()
            return
        # The path is scaled, not the painter: lines keep their width and are sharp at any zoom.
        place = QTransform.fromTranslate(whole.x(), whole.y()).scale(whole.width(), whole.height())
        for level in LEVELS:
            line = place.map(heat.line(level, small=thickness < 1))
            for pen in level_pens(level, look, thickness):
                painter.strokePath(line, pen)
    painter.restore()


def _draw_lines_in_passing(
    painter: QPainter, whole: QRectF, heat: Heat, look: MapLook, thickness: float
) -> None:
    seen = _seen(whole, heat)
    side = max(seen.width(), seen.height())
    wanted = round(side * painter.device().devicePixelRatioF())
    values = heat.seen_values(min(wanted, _MOST_PIXELS_IN_PASSING))
    profiles = _profiles(look, thickness, max(values.shape) / side)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(seen, line_image(values, profiles))


@lru_cache(16)
def _profiles(look: MapLook, thickness: float, scale: float) -> Profiles:
    pens = tuple(level_pens(level, look, thickness) for level in LEVELS)
    return line_profiles(pens, scale)


def draw_field(painter: QPainter, whole: QRectF, heat: Heat, thickness: float = 1.0) -> None:
    """Outline what the model saw: beyond it, no evidence means that nobody looked."""
    outline = _seen(whole, heat)
    # Dark and light together are seen on any skin.
    for colour, style in (
        (QColor(0, 0, 0, 110), Qt.PenStyle.SolidLine),
        (QColor(255, 255, 255, 200), Qt.PenStyle.DashLine),
    ):
        painter.setPen(QPen(colour, thickness, style))
        painter.drawRect(outline)


def draw_scale(
    painter: QPainter, box: QRectF, look: MapLook, ground: QColor, thickness: float = 1.0
) -> None:
    """Draw the colours of 0 (left) to 1 (right), as they are seen over a ground.

    Args:
        painter: where.
        box: the ramp.
        look: as heatmaps are drawn.
        ground: colour of the picture beneath.
        thickness: as for `draw_heat`.
    """
    painter.save()
    painter.fillRect(box, ground)
    if look.strength == 0:
        pass
    elif look.mode == "filled":
        painter.setOpacity(look.strength)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, _ramp(look))
    else:
        painter.setOpacity(_line_strength(look))
        painter.setClipRect(box)
        for level in LEVELS:
            x = box.left() + level * box.width()
            for pen in level_pens(level, look, thickness):
                painter.setPen(pen)
                painter.drawLine(QLineF(x, box.top() - 9, x, box.bottom() + 9))
    painter.restore()


def level_pens(level: float, look: MapLook, thickness: float = 1.0) -> tuple[QPen, QPen]:
    """Return the pens of a contour line: one for its casing, drawn first, and one for its core.

    The core has the colour of its value and is the wider, the higher the value. The casing is
    white, or black round a bright core: one of the two stands out on any skin.
    """
    core = QColor.fromRgb(qt_table(look.colour_map)[round(255 * level)])
    casing = QColor(0, 0, 0) if luminance(core) > _BRIGHT else QColor(255, 255, 255)
    width = thickness * _WIDTHS[level]
    return (
        QPen(casing, width + 2 * thickness * _CASING, Qt.PenStyle.SolidLine, *_ENDS),
        QPen(core, width, Qt.PenStyle.SolidLine, *_ENDS),
    )


def _seen(whole: QRectF, heat: Heat) -> QRectF:
    """Return the part of ``whole`` that the model saw."""
    field = heat.field
    return QRectF(
        whole.x() + field.x() * whole.width(),
        whole.y() + field.y() * whole.height(),
        field.width() * whole.width(),
        field.height() * whole.height(),
    )


def _line_strength(look: MapLook) -> float:
    """Return the opacity of lines: they hide little, and must be seen where an area is faint."""
    return float(look.strength ** (1 / 3))


def _ramp(look: MapLook) -> QImage:
    ramp = QImage(256, 1, QImage.Format.Format_Indexed8)
    ramp.setColorTable(qt_table(look.colour_map))
    for level in range(256):
        ramp.setPixel(level, 0, level)
    return ramp.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def luminance(colour: QColor) -> float:
    """Return the relative luminance of WCAG 2.2: 0 for black, 1 for white."""
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
