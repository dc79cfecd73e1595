"""Measuring on the query: a line between two places, in millimetres where the file gives them."""

from __future__ import annotations

from math import hypot

from PySide6.QtCore import QCoreApplication, QObject, Signal

from viewer.consultation import Consultation
from viewer.numbers import decimal, whole
from viewer.session import Session
from viewer.shapes import Place, kept_on, step

translate = QCoreApplication.translate

Spacing = tuple[float, float]
"""(row, column) distance of pixel centres in millimetres."""


class Measuring(QObject):
    """A mode: while it is on, the reader lays a ruler on the query.

    Attributes:
        active: whether the mode is on.
        line: (start, end) in pixels of the query.
    """

    changed = Signal()
    """The mode began or ended."""

    moved = Signal()
    """The ruler lies elsewhere."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: Consultation | None = None
        self.active = False
        self.line: tuple[Place, Place] = ((0.0, 0.0), (0.0, 0.0))
        session.changed.connect(self._follow)

    def toggle(self) -> None:
        """Begin, with a ruler across the middle that keys can move, or end."""
        if self.active:
            self.leave()
            return
        shown = self._session.consultation
        if shown is None:
            return
        self._shown, self.active = shown, True
        width, height = shown.picture.width, shown.picture.height
        self.line = ((width / 3, height / 2), (2 * width / 3, height / 2))
        self.changed.emit()

    def leave(self) -> None:
        """End."""
        if self.active:
            self.active, self._shown = False, None
            self.changed.emit()

    def begin(self, x: float, y: float) -> None:
        """Lay the ruler's start, and its end with it, at a place of the query."""
        place = self._within(x, y)
        self._lay(place, place)

    def extend(self, x: float, y: float) -> None:
        """Lay its end elsewhere."""
        self._lay(self.line[0], self._within(x, y))

    def nudge(self, right: float, down: float, zoom: float, *, start: bool) -> None:
        """Move its end by a step, or its start."""
        if self._shown is None:
            return
        picture = self._shown.picture
        far = step(picture.width, picture.height, zoom) / 4
        first, last = self.line
        x, y = first if start else last
        moved = self._within(x + right * far, y + down * far)
        self._lay(*((moved, last) if start else (first, moved)))

    @property
    def words(self) -> str:
        """Its length; pixels are said to be no measure of the skin."""
        if self._shown is None:
            return ""
        return length_words(*self.line, self._shown.answer.image.spacing_mm)

    def _lay(self, start: Place, end: Place) -> None:
        self.line = (start, end)
        self.moved.emit()

    def _within(self, x: float, y: float) -> Place:
        assert self._shown is not None
        return kept_on(x, y, self._shown.picture.width, self._shown.picture.height)

    def _follow(self) -> None:
        """End with the picture."""
        shown = self._session.consultation
        if self._shown is None or (shown is not None and shown.picture is self._shown.picture):
            return
        self.leave()


def length_words(start: Place, end: Place, spacing: Spacing | None) -> str:
    """Say how far two places are apart.

    Args:
        start: in pixels of the picture.
        end: likewise.
        spacing: of its pixels; None where the file does not give it.
    """
    across, down = end[0] - start[0], end[1] - start[1]
    if spacing is None:
        pixels = whole(round(hypot(across, down)))
        return translate("Measuring", "{n} px (no scale in the file)").format(n=pixels)
    millimetres = hypot(down * spacing[0], across * spacing[1])
    return translate("Measuring", "{n} mm").format(n=decimal(millimetres, 1))
