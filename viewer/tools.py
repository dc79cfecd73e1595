"""The modes in which mouse and keys do something on the query: never two at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from inference.errors import CaseLensError
from viewer.hands import Hand, PointHand, RegionHand, RulerHand
from viewer.marks import Mark, Outline, Ruler, Spot
from viewer.measuring import Measuring
from viewer.pointing import Pointing
from viewer.region_search import RegionSearch
from viewer.session import Session
from viewer.shapes import outline
from viewer.shelf import Shelf
from viewer.tasks import Tasks


class Tools(QObject):
    """Pointing at a spot, searching by a region, and measuring.

    Attributes:
        pointing: the first.
        regions: the second.
        measuring: the third.
    """

    changed = Signal()
    """A mode began or ended, or something else is to be said of it."""

    marked = Signal()
    """The mark on the query is another."""

    def __init__(self, tasks: Tasks, shelf: Shelf, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.pointing = Pointing(tasks, shelf, session, self)
        self.regions = RegionSearch(tasks, session, self)
        self.measuring = Measuring(session, self)
        self._ruler_hand = RulerHand(self.measuring)
        self._point_hand = PointHand(self.pointing)
        self._region_hand = RegionHand(self.regions)
        for signal in (self.pointing.changed, self.regions.changed, self.measuring.changed):
            signal.connect(self.changed)
        for moved in (
            self.pointing.moved,
            self.regions.redrawn,
            self.measuring.moved,
            self.changed,
            session.changed,
        ):
            moved.connect(self.marked)

    @property
    def active(self) -> bool:
        """Whether one of the modes is on."""
        return self.pointing.active or self.regions.active or self.measuring.active

    @property
    def error(self) -> CaseLensError | None:
        """What failed in the mode that is on."""
        return self.pointing.error if self.pointing.active else self.regions.error

    def toggle_point(self) -> None:
        """Begin to point, or end it."""
        self.regions.leave()
        self.measuring.leave()
        self.pointing.toggle()

    def toggle_region(self) -> None:
        """Begin to draw a region, or end it."""
        self.pointing.leave()
        self.measuring.leave()
        self.regions.toggle()

    def toggle_ruler(self) -> None:
        """Begin to measure, or end it."""
        self.pointing.leave()
        self.regions.leave()
        self.measuring.toggle()

    def leave(self) -> None:
        """End the mode that is on."""
        self.pointing.leave()
        self.regions.leave()
        self.measuring.leave()

    def hand(self) -> Hand | None:
        """Return what mouse and keys do on the query; None for what they do elsewhere."""
        if self.pointing.active:
            return self._point_hand
        if self.measuring.active:
            return self._ruler_hand
        return self._region_hand if self.regions.active else None

    def mark(self) -> Mark | None:
        """Return what is marked on the query."""
        shown = self._session.consultation
        if shown is None:
            return None
        width, height = shown.picture.width, shown.picture.height
        if self.pointing.active:
            x, y = self.pointing.spot
            return Spot(x / width, y / height, shown.own)
        if self.measuring.active:
            start, end = ((x / width, y / height) for x, y in self.measuring.line)
            return Ruler(start, end, self.measuring.words, shown.own)
        if self.regions.active and self.regions.draft is not None:
            return Outline(outline(self.regions.draft, width, height), ours=shown.own, draft=True)
        if shown.shape is not None:
            return Outline(outline(shown.shape, width, height), ours=shown.own)
        return None
