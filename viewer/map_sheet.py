"""A picture with its heatmap, to be kept: pictures, legend, help and notice on one sheet."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from viewer.heat import Heat
from viewer.heat_painter import draw_field, draw_heat
from viewer.legend import Scale, Tones
from viewer.map_words import MapWords
from viewer.maps import MapLook
from viewer.marks import Mark
from viewer.pixels import Picture
from viewer.theme import LIGHT
from viewer.words import notice, phantom_label

translate = QCoreApplication.translate

_LEAST_HEIGHT, _MOST_HEIGHT = 600, 1600
_LEAST_WIDTH = 700
_WRAPPED = Qt.TextFlag.TextWordWrap


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of a sheet.

    Attributes:
        title: what it is, such as "Your picture". Never a file's name, which may be a patient's.
        picture: the whole of it.
        heat: the map over it; None where only a mark is shown.
        ours: whether it is the query, which alone has the accent's frame.
        phantom: whether it is computer-drawn.
        mark: the spot or the region that the map is about, or where that was found.
    """

    title: str
    picture: Picture
    heat: Heat | None
    ours: bool
    phantom: bool
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is saved.

    Attributes:
        name: proposed for the file.
        panels: one picture, or a pair.
        words: what the map shows.
        look: how it is drawn.
        tones: of the query, for the legend.
        facts: lines about the map, the match, the model and the library.
    """

    name: str
    panels: tuple[Panel, ...]
    words: MapWords
    look: MapLook
    tones: Tones
    facts: tuple[str, ...]


def draw_sheet(sheet: Sheet) -> QImage:
    """Draw a sheet. Callable from any thread.

    Pictures keep their pixels' number where they have 600 to 1,600 rows, and are brought to those
    limits otherwise; words and lines grow with them.
    """
    tallest = max(panel.picture.height for panel in sheet.panels)
    height = min(_MOST_HEIGHT, max(_LEAST_HEIGHT, tallest))
    return _Drawing(sheet, height).image()


class _Drawing:
    """A sheet on its way to pixels, from the top to the bottom."""

    def __init__(self, sheet: Sheet, height: int) -> None:
        self._sheet = sheet
        self._height = height
        self._unit = height / _LEAST_HEIGHT
        self._font = QFont()
        self._font.setPixelSize(round(15 * self._unit))
        self._bold = QFont(self._font)
        self._bold.setBold(True)
        self._gap = 12 * self._unit
        self._widths = [
            height * panel.picture.width / panel.picture.height for panel in sheet.panels
        ]
        wanted = sum(self._widths) + self._gap * (len(self._widths) - 1)
        self._width = max(wanted, _LEAST_WIDTH * self._unit)

    def image(self) -> QImage:
        """Draw once to measure the words, and once for good."""
        width = round(self._width + 2 * self._gap)
        trial = _blank(width, 1)
        image = _blank(width, round(self._draw(trial)))
        self._draw(image)
        return image

    def _draw(self, image: QImage) -> float:
        """Draw everything, and return the height that it took."""
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        below = self._draw_panels(painter)
        sheet = self._sheet
        scale = Scale(sheet.words, sheet.look, sheet.tones, QColor(LIGHT.text), self._font)
        scale.draw(painter, QPointF(self._gap, below), self._gap + self._width)
        below += scale.size().height() + self._gap / 2
        for line in (sheet.words.help, *sheet.facts):
            below = self._write(painter, below, line, self._font, LIGHT.text)
        below = self._write(painter, below + self._gap / 2, notice(), self._bold, LIGHT.text)
        painter.end()
        return below + self._gap / 2

    def _draw_panels(self, painter: QPainter) -> float:
        titles = [self._title(panel) for panel in self._sheet.panels]
        left, line = self._gap, 0.0
        for title, width in zip(titles, self._widths, strict=True):
            box = QRectF(left, self._gap, width, self._height)
            painter.setFont(self._bold)
            painter.setPen(QColor(LIGHT.text))
            taken = painter.boundingRect(box, _WRAPPED, title)
            painter.drawText(box, _WRAPPED, title)
            left, line = left + width + self._gap, max(line, taken.height())
        top, left = 1.5 * self._gap + line, self._gap
        for panel, width in zip(self._sheet.panels, self._widths, strict=True):
            self._draw_panel(painter, QRectF(left, top, width, self._height), panel)
            left += width + self._gap
        return top + self._height + self._gap

    def _draw_panel(self, painter: QPainter, box: QRectF, panel: Panel) -> None:
        painter.drawImage(box, panel.picture.level(box.height() / panel.picture.height))
        painter.save()
        painter.setClipRect(box)
        if panel.heat is not None:
            draw_heat(painter, box, panel.heat, self._sheet.look, self._unit)
            if panel.heat.partial:
                draw_field(painter, box, panel.heat, self._unit)
        if panel.mark is not None:
            panel.mark.draw(painter, box, LIGHT, self._unit)
        painter.restore()
        frame = QColor(LIGHT.accent if panel.ours else LIGHT.line)
        painter.setPen(QPen(frame, 4 * self._unit, j=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(box)

    def _title(self, panel: Panel) -> str:
        return f"{panel.title} · {phantom_label()}" if panel.phantom else panel.title

    def _write(self, painter: QPainter, top: float, words: str, font: QFont, colour: str) -> float:
        """Write words over the whole width, and return where the next line begins."""
        painter.setFont(font)
        painter.setPen(QColor(colour))
        room = QRectF(self._gap, top, self._width, 10 * self._height)
        taken = painter.boundingRect(room, _WRAPPED, words)
        painter.drawText(room, _WRAPPED, words)
        return top + taken.height() + QFontMetricsF(font).leading() + 2 * self._unit


def _blank(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.card))
    return image
