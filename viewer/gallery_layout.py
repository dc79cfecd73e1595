"""Where the cards of a gallery lie: sections below one another, each in lines of even columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtCore import QPoint, QRect, QSize

from viewer.bar_painter import Bar

Arrangement = Literal["grid", "diagnoses", "rivals"]
"""By similarity; in rows by diagnosis; the nearest case of each diagnosis side by side."""


@dataclass(frozen=True, slots=True)
class Section:
    """Cards that belong together.

    Attributes:
        rows: their rows in the model, in the order in which they are shown.
        title: stands above them; "" for no heading.
        words: behind the title.
        bar: between the two.
    """

    rows: tuple[int, ...]
    title: str = ""
    words: str = ""
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's heading and where it lies."""

    place: QRect
    section: Section


@dataclass(frozen=True, slots=True)
class Layout:
    """Cards and headings, in pixels from the upper left of all that can be scrolled to.

    Attributes:
        cards: row of the model to its place.
        headings: from above.
        lines: rows of the model, line by line, each from the left.
        height: of everything.
    """

    cards: dict[int, QRect] = field(default_factory=dict)
    headings: tuple[Heading, ...] = ()
    lines: tuple[tuple[int, ...], ...] = ()
    height: int = 0

    def at(self, place: QPoint) -> int | None:
        """Return the row whose card lies there."""
        return next((row for row, card in self.cards.items() if card.contains(place)), None)

    def beside(self, row: int, right: int, down: int) -> int:
        """Return the row that an arrow key leads to; the same where there is none.

        To the right of a line's end comes the next line; from above or below the nearest column.
        """
        ordered = [one for line in self.lines for one in line]
        if row not in self.cards:
            return ordered[0] if ordered else row
        if right:
            place = ordered.index(row) + right
            return ordered[min(max(place, 0), len(ordered) - 1)]
        line = next(n for n, rows in enumerate(self.lines) if row in rows)
        column = self.lines[line].index(row)
        there = self.lines[min(max(line + down, 0), len(self.lines) - 1)]
        return there[min(column, len(there) - 1)]

    def edge(self, *, last: bool) -> int | None:
        """Return the first or the last row as it is shown."""
        if not self.lines:
            return None
        return self.lines[-1][-1] if last else self.lines[0][0]


def lay_out(sections: Sequence[Section], columns: int, card: QSize, heading: int) -> Layout:
    """Place the cards of some sections.

    Args:
        sections: from above.
        columns: at least 1.
        card: size of each card.
        heading: height of a heading; a section without a title has none.
    """
    cards: dict[int, QRect] = {}
    headings: list[Heading] = []
    lines: list[tuple[int, ...]] = []
    top = 0
    for section in sections:
        if section.title:
            headings.append(Heading(QRect(0, top, columns * card.width(), heading), section))
            top += heading
        for start in range(0, len(section.rows), columns):
            line = section.rows[start : start + columns]
            for column, row in enumerate(line):
                cards[row] = QRect(QPoint(column * card.width(), top), card)
            lines.append(line)
            top += card.height()
    return Layout(cards, tuple(headings), tuple(lines), top)
