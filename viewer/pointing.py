"""Pointing at a spot of the query: what in each match is like it, as fast as the hand moves."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from inference.consultation import Answer
from inference.errors import CaseLensError
from inference.explain import Heatmap
from viewer.consultation import Consultation
from viewer.engine import Engine
from viewer.heat import Heat
from viewer.session import Session
from viewer.shapes import Place, kept_on, step
from viewer.shelf import Shelf
from viewer.tasks import Tasks

FRAME_MS = 16
"""A screen shows about sixty pictures a second: more spots in that time would not be seen."""


class Pointing(QObject):
    """A mode: while it is on, one spot of the query is compared with every match.

    However fast the spot moves, one computation at most is under way, and none begins within a
    frame of the former: the next is always for the spot as it is by then. So there is no queue
    that could lag behind the hand.

    Attributes:
        active: whether the mode is on.
        spot: in pixels of the query.
        outside: whether the model saw nothing at the spot, so that there are no maps.
        error: why there are no maps.
        frame_ms: the least time between two computations.
    """

    changed = Signal()
    """The mode began or ended, or failed."""

    moved = Signal()
    """The spot is elsewhere; its maps follow."""

    arrived = Signal()
    """The maps are of the present spot, or of one a moment ago."""

    def __init__(self, tasks: Tasks, shelf: Shelf, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._shelf = shelf
        self._session = session
        self.active = False
        self.spot: Place = (0.0, 0.0)
        self.outside = False
        self.error: CaseLensError | None = None
        self.frame_ms = FRAME_MS
        self._consultation: Consultation | None = None
        self._asked: Place | None = None
        self._under_way = False
        self._maps: dict[int, Heatmap] = {}
        self._heats: dict[tuple[int, bool], Heat] = {}
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.setTimerType(Qt.TimerType.PreciseTimer)
        self._frame.timeout.connect(self._advance)
        session.changed.connect(self._follow)

    def toggle(self) -> None:
        """Begin, with the spot in the middle of the query, or end."""
        if self.active:
            self.leave()
            return
        consultation = self._session.consultation
        if consultation is None:
            return
        self._consultation, self.active, self.error = consultation, True, None
        self.changed.emit()
        self.aim(consultation.picture.width / 2, consultation.picture.height / 2)

    def leave(self) -> None:
        """End."""
        if self.active:
            self._drop()
            self.active, self._consultation = False, None
            self.changed.emit()

    def aim(self, x: float, y: float) -> None:
        """Move the spot; beside the picture it stays at the edge."""
        if self._consultation is None:
            return
        picture = self._consultation.picture
        self.spot = kept_on(x, y, picture.width, picture.height)
        self.moved.emit()
        self._advance()

    def nudge(self, right: float, down: float, zoom: float) -> None:
        """Move the spot by a step, which is the smaller the more the picture is enlarged."""
        if self._consultation is not None:
            picture = self._consultation.picture
            far = step(picture.width, picture.height, zoom)
            self.aim(self.spot[0] + right * far, self.spot[1] + down * far)

    def heat(self, image_id: int, *, large: bool = False) -> Heat | None:
        """Return where a match holds something like the spot; it is worked out when asked for."""
        heatmap = self._maps.get(image_id)
        if heatmap is None:
            return None
        key = (image_id, large)
        if key not in self._heats:
            self._heats[key] = Heat(heatmap, passing=not large)
        return self._heats[key]

    def _advance(self) -> None:
        engine, consultation = self._shelf.engine, self._consultation
        busy = self._under_way or self._frame.isActive() or self.spot == self._asked
        if busy or engine is None or consultation is None:
            return
        spot, answer = self.spot, consultation.answer
        self._asked, self._under_way = spot, True
        self._frame.start(self.frame_ms)
        self._tasks.run(
            lambda _token: _point(engine, answer, spot),
            done=self._arrive,
            failed=self._fail,
            group="point",
        )

    def _arrive(self, maps: dict[int, Heatmap] | None) -> None:
        self._under_way = False
        if self.outside != (maps is None) or self.error is not None:
            self.outside, self.error = maps is None, None
            self.changed.emit()
        self._show(maps or {})
        self._advance()

    def _fail(self, error: CaseLensError) -> None:
        self._under_way, self.error = False, error
        self._show({})
        self.changed.emit()

    def _show(self, maps: dict[int, Heatmap]) -> None:
        self._maps, self._heats = maps, {}
        self.arrived.emit()

    def _follow(self) -> None:
        """End with the query; stay where only the matches are others."""
        former, present = self._consultation, self._session.consultation
        if former is None or present is former:
            return
        if present is None or present.picture is not former.picture:
            self.leave()
            return
        self._drop()
        self._consultation = present
        self._advance()

    def _drop(self) -> None:
        self._tasks.cancel("point")
        self._under_way, self._asked, self.outside, self.error = False, None, False, None
        self._maps, self._heats = {}, {}


def _point(engine: Engine, answer: Answer, spot: Place) -> dict[int, Heatmap] | None:
    """Return image id to map; None where the model did not look."""
    with engine.in_use():
        maps = engine.adviser.point(answer, *spot)
    if not maps:
        return None
    return {
        match.image.id: heatmap
        for match, heatmap in zip(answer.matches, maps, strict=True)
        if heatmap is not None
    }
