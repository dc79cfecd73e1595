"""Searching by a region of the query: drawing it, asking, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

from PySide6.QtCore import QObject, Signal

from inference.errors import CaseLensError
from viewer.consultation import Consultation
from viewer.pixels import Picture
from viewer.question import Question
from viewer.session import Session
from viewer.shapes import Box, Lasso, Place, Shape, kept_on, step
from viewer.tasks import Tasks


class RegionSearch(QObject):
    """A mode: while it is on, the reader draws an area on the query, and it is searched for.

    Attributes:
        active: whether the mode is on; it ends when matches for the region are there.
        free: whether a free shape is drawn, not a box.
        draft: what is drawn.
        searching: whether matches are being looked for.
        error: why there are none.
    """

    changed = Signal()
    """The mode began or ended, or a search did."""

    redrawn = Signal()
    """The draft is another."""

    def __init__(self, tasks: Tasks, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._session = session
        self.active = False
        self.free = False
        self.draft: Shape | None = None
        self.searching = False
        self.error: CaseLensError | None = None
        self._picture: Picture | None = None
        self._asked: Question | None = None
        self._start: Place | None = None
        self._former: Shape | None = None
        self._points: list[Place] = []
        session.changed.connect(self._follow)

    def toggle(self) -> None:
        """Begin, with a box that keys can move, or end."""
        if self.active:
            self.leave()
            return
        shown = self._session.consultation
        if shown is None:
            return
        self._picture, self.active, self.error = shown.picture, True, None
        picture = shown.picture
        former = shown.shape if isinstance(shown.shape, Box) else None
        self.draft = former or Box.amid(picture.width, picture.height)
        self.changed.emit()

    def leave(self) -> None:
        """End; a search under way is dropped."""
        if self.active:
            self._stop()
            self.active, self.draft, self._picture, self._start = False, None, None, None
            self.error = None
            self.changed.emit()

    def choose(self, *, free: bool) -> None:
        """Draw a free shape, or a box."""
        if free != self.free:
            self.free = free
            self.changed.emit()

    def begin(self, x: float, y: float) -> None:
        """Begin to draw at a place of the query."""
        self._stop()
        self._start, self._former = self._within(x, y), self.draft
        self._points = [self._start]

    def extend(self, x: float, y: float, apart: float) -> None:
        """Draw on to a place.

        Args:
            x: in pixels of the query.
            y: likewise.
            apart: how far it is from the last point of a free shape at least, else it is left out.
        """
        if self._start is None:
            return
        place = self._within(x, y)
        if not self.free:
            self._draw(Box.between(self._start, place))
        elif hypot(place[0] - self._points[-1][0], place[1] - self._points[-1][1]) >= apart:
            self._points.append(place)
            self._draw(Lasso(tuple(self._points)))

    def finish(self, *, large: bool) -> None:
        """End the drawing, and search; what is not ``large`` was a click, and is forgotten."""
        if self._start is not None:
            self._start = None
            if large:
                self.search()
            elif self._former is not None:
                self._draw(self._former)

    def nudge(self, right: float, down: float, zoom: float, *, grow: bool) -> None:
        """Move the box by a step, or move its right and lower edge."""
        if self._picture is None:
            return
        self._stop()
        size = self._picture.width, self._picture.height
        far = step(*size, zoom)
        box = self.draft if isinstance(self.draft, Box) else Box.amid(*size)
        change = box.grown if grow else box.moved
        self._draw(change(right * far, down * far, *size))

    def search(self) -> None:
        """Look for what is drawn."""
        shape, question = self.draft, self._session.question
        if shape is None:
            return
        work = self._session.answering(replace(question, shape=shape))
        if work is None:
            return
        self._stop()
        self.searching, self.error, self._asked = True, None, question
        self.changed.emit()
        self._tasks.run(
            lambda _token: work(), done=self._found, failed=self._failed, group="region"
        )

    def _found(self, consultation: Consultation) -> None:
        self.searching = False
        self.leave()
        self._session.adopt(consultation)

    def _failed(self, error: CaseLensError) -> None:
        self.searching, self.error = False, error
        self.changed.emit()

    def _draw(self, shape: Shape) -> None:
        self.draft = shape
        self.redrawn.emit()

    def _stop(self) -> None:
        """Drop the search that is under way."""
        if self.searching:
            self._tasks.cancel("region")
            self.searching = False
            self.changed.emit()

    def _within(self, x: float, y: float) -> Place:
        assert self._picture is not None
        return kept_on(x, y, self._picture.width, self._picture.height)

    def _follow(self) -> None:
        """End with the picture; a search for what is no longer asked is dropped."""
        shown = self._session.consultation
        if shown is None or shown.picture is not self._picture:
            self.leave()
        elif self.searching and self._session.question != self._asked:
            self._stop()
