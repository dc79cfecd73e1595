"""Why the cases on screen are there: the maps of their gallery, and the pair under comparison."""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Signal

from inference.errors import CaseLensError
from inference.search.model import Match
from viewer.consultation import Consultation, Pair, gallery_heats, pair_up
from viewer.heat import Heat
from viewer.shelf import Shelf
from viewer.tasks import Tasks

Heats = dict[int, Heat]


class Reasons(QObject):
    """Fetches what explains the answer that is shown; whatever is late for it is dropped.

    Attributes:
        case_heats: image id to the heatmap on the match's side, all on one scale; empty until
            they arrive together.
        maps_error: why there are none.
        maps_ms: time from the answer to the pair maps, milliseconds, or None before.
        pair: the pair under comparison, when it has arrived.
        pair_error: why it cannot be compared.
    """

    heat_arrived = Signal(int)
    pair_changed = Signal()
    completed = Signal()

    def __init__(self, tasks: Tasks, shelf: Shelf, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._shelf = shelf
        self._shown: Consultation | None = None
        self._kept: WeakKeyDictionary[Consultation, tuple[Heats, float]] = WeakKeyDictionary()
        self._began = 0.0
        self.case_heats: Heats = {}
        self.maps_error: CaseLensError | None = None
        self.maps_ms: float | None = None
        self.pair: Pair | None = None
        self.pair_error: CaseLensError | None = None

    def forget(self) -> None:
        """Drop everything: no answer is shown."""
        self._turn_to(None)

    def expect(self, consultation: Consultation) -> None:
        """Turn to another answer, with its maps where they were fetched before."""
        self._turn_to(consultation)
        self.case_heats, self.maps_ms = self._kept.get(consultation, ({}, None))

    def fetch(self) -> None:
        """Fetch the maps of the answer that is shown, unless they are there."""
        consultation, engine = self._shown, self._shelf.engine
        if consultation is None or self.maps_ms is not None:
            return
        self._began = time.perf_counter()
        answer = consultation.answer
        if engine is None or not answer.matches:
            self._complete()
            return
        self._tasks.run(
            lambda _token: gallery_heats(engine, answer),
            done=self._mapped,
            failed=self._not_mapped,
            group="pairs",
        )

    def compare(self, match: Match) -> None:
        """Fetch what the side-by-side view of ``match`` shows; `pair_changed` says when."""
        engine, consultation = self._shelf.engine, self._shown
        if engine is None or consultation is None:
            return
        self._tasks.cancel("compare")
        self.pair, self.pair_error = None, None
        answer = consultation.answer
        self._tasks.run(
            lambda _token: pair_up(engine, answer, match),
            done=self._compared,
            failed=self._not_compared,
            group="compare",
        )
        self.pair_changed.emit()

    def _turn_to(self, consultation: Consultation | None) -> None:
        self._tasks.cancel("pairs", "compare")
        self._shown = consultation
        self.case_heats, self.maps_ms = {}, None
        self.maps_error = self.pair = self.pair_error = None

    def _mapped(self, heats: Heats) -> None:
        self.case_heats = heats
        for image_id in heats:
            self.heat_arrived.emit(image_id)
        self._complete()
        if self._shown is not None and self.maps_ms is not None:
            self._kept[self._shown] = (heats, self.maps_ms)

    def _not_mapped(self, error: CaseLensError) -> None:
        self.maps_error = error
        self._complete()

    def _complete(self) -> None:
        self.maps_ms = 1000 * (time.perf_counter() - self._began)
        self.completed.emit()

    def _compared(self, pair: Pair) -> None:
        self.pair = pair
        self.pair_changed.emit()

    def _not_compared(self, error: CaseLensError) -> None:
        self.pair_error = error
        self.pair_changed.emit()
