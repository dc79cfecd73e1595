"""Draws a share as a small bar, with a tick where chance alone would be."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter, QPalette, QPen

BAR_WIDTH = 110


@dataclass(frozen=True, slots=True)
class Bar:
    """A share drawn as a bar: ``fraction`` filled, a tick at ``mark`` when there is one."""

    fraction: float
    mark: float | None = None


def draw_bar(painter: QPainter, cell: QRect, bar: Bar, palette: QPalette) -> None:
    """Draw a bar over the width of a cell."""
    groove = QRectF(cell).adjusted(0, 5, 0, -5)
    painter.fillRect(groove, palette.color(QPalette.ColorRole.AlternateBase))
    filled = QRectF(groove)
    filled.setWidth(groove.width() * bar.fraction)
    painter.fillRect(filled, palette.color(QPalette.ColorRole.Highlight))
    painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
    painter.drawRect(groove)
    if bar.mark is not None:
        x = groove.left() + groove.width() * bar.mark
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Text), 2))
        tick = QRectF(x, cell.top() + 1, 0, cell.height() - 3)
        painter.drawLine(tick.topLeft(), tick.bottomLeft())
