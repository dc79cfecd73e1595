"""The scale of a heatmap: its colours as they are seen, with ticks, and what its ends mean."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from inference.explain import LEVELS
from viewer.heat_painter import draw_scale
from viewer.map_words import MapWords
from viewer.maps import MapDisplay, MapLook

translate = QCoreApplication.translate

Tones = tuple[QColor, QColor]
"""Colours of the lighter and the darker parts of a picture, see `viewer.pixels.tones`."""

_RAMP = 120.0
_BAR = 12.0
_TICK = 3.0
_GAP = 5.0
_SMALL = 0.8
_USUAL_LINE = 15.0
_MARGIN = 1
_LEAST_WORDS = 48


@dataclass(frozen=True, slots=True)
class Scale:
    """A legend as it is drawn, in the window and in a saved picture.

    The ramp is drawn twice, over the lighter and over the darker colour of the picture, since a
    heatmap lets the picture shine through: these are the colours that are really seen.

    Attributes:
        words: the ends of the scale.
        look: of the heatmaps.
        tones: of the picture.
        text: colour of words and ticks.
        font: of the words; the ticks' is smaller, and the ramp is as large as the font asks.
    """

    words: MapWords
    look: MapLook
    tones: Tones
    text: QColor
    font: QFont

    def size(self) -> QSizeF:
        """Return the room that it takes; it can do with less width, for its last words."""
        ends = QFontMetricsF(self.font)
        spread = ends.horizontalAdvance(self.words.none) + ends.horizontalAdvance(self.words.most)
        unit = self._unit()
        foot = _TICK * unit + QFontMetricsF(self._small()).height()
        return QSizeF(spread + (2 * _GAP + _RAMP) * unit, _BAR * unit + foot)

    def draw(self, painter: QPainter, corner: QPointF, right: float) -> None:
        """Draw it with its upper left at ``corner``, and not beyond ``right``."""
        unit, metrics = self._unit(), QFontMetricsF(self.font)
        left = corner.x() + metrics.horizontalAdvance(self.words.none) + _GAP * unit
        bar = QRectF(left, corner.y(), _RAMP * unit, _BAR * unit)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.text, unit))
        painter.setFont(self.font)
        base = bar.center().y() + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(corner.x(), base), self.words.none)
        start = bar.right() + _GAP * unit
        # A hair's breadth of rounding must not cut words that fit.
        room = right - start + unit
        most = metrics.elidedText(self.words.most, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(start, base), most)
        half = bar.height() / 2
        for ground, top in zip(self.tones, (bar.top(), bar.top() + half), strict=True):
            strip = QRectF(bar.left(), top, bar.width(), half)
            draw_scale(painter, strip, self.look, ground, unit)
        self._draw_ticks(painter, bar)
        painter.restore()

    def _draw_ticks(self, painter: QPainter, bar: QRectF) -> None:
        small, length = self._small(), _TICK * self._unit()
        metrics = QFontMetricsF(small)
        painter.setFont(small)
        for value in (0.0, *LEVELS, 1.0):
            x = bar.left() + value * bar.width()
            painter.drawLine(QLineF(x, bar.bottom(), x, bar.bottom() + length))
            number = f"{value:g}"
            left = x - metrics.horizontalAdvance(number) / 2
            painter.drawText(QPointF(left, bar.bottom() + length + metrics.ascent()), number)

    def _small(self) -> QFont:
        small = QFont(self.font)
        if self.font.pixelSize() > 0:
            small.setPixelSize(round(_SMALL * self.font.pixelSize()))
        else:
            small.setPointSizeF(_SMALL * self.font.pointSizeF())
        return small

    def _unit(self) -> float:
        """Return how much larger it is than beside words of the usual size."""
        return QFontMetricsF(self.font).height() / _USUAL_LINE


class Legend(QWidget):
    """`draw_legend` in the window; follows how maps are shown."""

    def __init__(self, maps: MapDisplay, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maps = maps
        self._words = MapWords("", "", "")
        self._tones = (QColor(Qt.GlobalColor.white), QColor(Qt.GlobalColor.black))
        self.setAccessibleName(self.tr("Scale of the heatmap"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        maps.changed.connect(self._follow)

    @property
    def words(self) -> MapWords:
        """What it says."""
        return self._words

    def say(self, words: MapWords) -> None:
        """Show the scale of another kind of map."""
        self._words = words
        self.updateGeometry()
        self._follow()

    def over(self, tones: Tones) -> None:
        """Show the scale as it looks over a picture of these colours."""
        self._tones = tones
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Ask for what the words need."""
        return self._scale().size().toSize() + QSize(2 * _MARGIN, 2 * _MARGIN)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Insist on the ramp; the tool tip and the description have all words."""
        words = self.fontMetrics().horizontalAdvance(self._words.most)
        return self.sizeHint() - QSize(max(0, words - _LEAST_WORDS), 0)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw it."""
        self._scale().draw(QPainter(self), QPointF(_MARGIN, _MARGIN), self.width() - _MARGIN)

    def _scale(self) -> Scale:
        text = self.palette().color(QPalette.ColorRole.WindowText)
        return Scale(self._words, self._maps.look, self._tones, text, self.font())

    def _follow(self) -> None:
        words = self._words
        self.setToolTip(f"0: {words.none}, 1: {words.most}\n{words.help}")
        self.setAccessibleDescription(scale_sentence(words, self._maps))
        self.update()


def scale_sentence(words: MapWords, maps: MapDisplay) -> str:
    """Say in words what a legend shows, and the help with it."""
    if not maps.visible:
        return translate("Legend", "Heatmaps are hidden. {help}").format(help=words.help)
    if maps.mode == "contours":
        lines = ", ".join(f"{level:g}" for level in LEVELS)
        scale = translate("Legend", "Lines at {lines}; 0: {none}, 1: {most}.").format(
            lines=lines, none=words.none, most=words.most
        )
    else:
        scale = translate("Legend", "Colours {name}, from 0: {none}, to 1: {most}.").format(
            name=maps.colour_map, none=words.none, most=words.most
        )
    return f"{scale} {words.help}"
