"""The query in hand: its queue, its answer, and the explanations as they arrive. No widgets."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from inference.errors import CaseLensError
from inference.explain import class_heatmap, saliency_heatmap
from inference.search.model import Match
from viewer.consultation import Consultation, Pair, consult, gallery_heats, pair_up
from viewer.heat import Heat
from viewer.intake import Offer, Queue, Source, gather
from viewer.shelf import Shelf
from viewer.tasks import Tasks


class Stage(Enum):
    """Where the query stands."""

    EMPTY = auto()
    ASKING = auto()
    ANSWERED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    """What was shown of the whole picture while a region of it is."""

    consultation: Consultation
    case_heats: dict[int, Heat]
    maps_ms: float | None


class Session(QObject):
    """Asks about one picture at a time; whatever arrives for an earlier one is dropped.

    Attributes:
        stage: where the query stands.
        queue: the pictures of the last offer, or None.
        position: index of the query in ``queue``.
        consultation: the answer, when ``stage`` is ANSWERED.
        error: what failed, when ``stage`` is FAILED.
        case_heats: image id to the heatmap on the match's side, all on one scale; empty until
            they arrive together.
        maps_error: why there are none.
        pair: the pair under comparison, when it has arrived.
        pair_error: why it cannot be compared.
        maps_ms: time from the answer to the pair maps, milliseconds, or None before.
    """

    changed = Signal()
    heat_arrived = Signal(int)
    pair_changed = Signal()
    completed = Signal()

    def __init__(self, tasks: Tasks, shelf: Shelf, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._shelf = shelf
        self.stage = Stage.EMPTY
        self.queue: Queue | None = None
        self.position = 0
        self.consultation: Consultation | None = None
        self.error: CaseLensError | None = None
        self.case_heats: dict[int, Heat] = {}
        self.pair: Pair | None = None
        self.pair_error: CaseLensError | None = None
        self.maps_ms: float | None = None
        self.maps_error: CaseLensError | None = None
        self._whole: _Whole | None = None
        self._answered_at = 0.0
        shelf.engine_changed.connect(self._ask)

    @property
    def source(self) -> Source | None:
        """The picture asked about, or None."""
        return self.queue.sources[self.position] if self.queue else None

    def take(self, offer: Offer) -> None:
        """Ask about what was offered; everything before is forgotten at once."""
        if self._shelf.error is not None:  # the message has been seen; it must not hide the answer
            self._shelf.dismiss_error()
        self._forget(Stage.ASKING)
        self.queue, self.position = None, 0
        self._tasks.run(
            lambda token: gather(offer, token.cancelled),
            done=self._gathered,
            failed=self._failed,
            group="query",
        )
        self.changed.emit()

    def clear(self) -> None:
        """Put the query away."""
        self._forget(Stage.EMPTY)
        self.queue, self.position = None, 0
        self.changed.emit()

    def can_step(self, by: int) -> bool:
        """Say whether the queue has a picture ``by`` places further."""
        return self.queue is not None and 0 <= self.position + by < len(self.queue.sources)

    def step(self, by: int) -> None:
        """Ask about another picture of the queue."""
        if self.can_step(by):
            self.position += by
            self._ask()

    def class_heat(self, index: int) -> Heat | None:
        """Return where the model looked for the class ``index``, or None without an answer."""
        if self.consultation is None:
            return None
        return Heat(class_heatmap(self.consultation.answer.encoding, index))

    def saliency_heat(self) -> Heat | None:
        """Return what the first of two passes saw; None without an answer or with one pass."""
        if self.consultation is None:
            return None
        heatmap = saliency_heatmap(self.consultation.answer.encoding)
        return None if heatmap is None else Heat(heatmap)

    def compare(self, match: Match) -> None:
        """Fetch what the side-by-side view of ``match`` shows; `pair_changed` says when."""
        engine, consultation = self._shelf.engine, self.consultation
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

    @property
    def showing_region(self) -> bool:
        """Whether the answer is to a region, so that `show_whole` leads back."""
        return self._whole is not None

    def whole(self) -> Consultation | None:
        """Return the answer to the whole picture, also while that to a region is shown."""
        return self._whole.consultation if self._whole else self.consultation

    def show_region(self, consultation: Consultation) -> None:
        """Show an answer to a region; `show_whole` leads back."""
        former = self.consultation
        if former is None:
            return
        if self._whole is None:
            self._whole = _Whole(former, self.case_heats, self.maps_ms)
        self._show(consultation)

    def show_whole(self) -> None:
        """Show the answer to the whole picture again, with its maps if they had arrived."""
        whole = self._whole
        if whole is None:
            return
        self._whole = None
        self._show(whole.consultation, whole.case_heats, whole.maps_ms)

    def _forget(self, stage: Stage) -> None:
        self._tasks.cancel("query", "pairs", "compare")
        self.stage = stage
        self.consultation = self.error = self.pair = self.pair_error = None
        self.maps_ms = self.maps_error = self._whole = None
        self.case_heats = {}

    def _gathered(self, queue: Queue) -> None:
        self.queue = queue
        self._ask()

    def _ask(self) -> None:
        source, engine = self.source, self._shelf.engine
        if source is None:
            return
        self._forget(Stage.ASKING)
        if engine is not None:
            self._tasks.run(
                lambda _token: consult(engine, source),
                done=self._answered,
                failed=self._failed,
                group="query",
            )
        self.changed.emit()

    def _answered(self, consultation: Consultation) -> None:
        self.stage = Stage.ANSWERED
        self._show(consultation)

    def _show(
        self,
        consultation: Consultation,
        heats: dict[int, Heat] | None = None,
        maps_ms: float | None = None,
    ) -> None:
        """Show an answer with the maps that are known, or fetch them."""
        self._tasks.cancel("pairs", "compare")
        self.consultation = consultation
        self.case_heats, self.maps_ms = heats or {}, maps_ms
        self.pair = self.pair_error = self.maps_error = None
        self.changed.emit()
        if maps_ms is None:
            self._fetch_maps(consultation)

    def _fetch_maps(self, consultation: Consultation) -> None:
        self._answered_at = time.perf_counter()
        engine, answer = self._shelf.engine, consultation.answer
        if engine is None or not answer.matches:
            self._complete()
            return
        self._tasks.run(
            lambda _token: gallery_heats(engine, answer),
            done=self._mapped,
            failed=self._not_mapped,
            group="pairs",
        )

    def _mapped(self, heats: dict[int, Heat]) -> None:
        self.case_heats = heats
        for image_id in heats:
            self.heat_arrived.emit(image_id)
        self._complete()

    def _not_mapped(self, error: CaseLensError) -> None:
        self.maps_error = error
        self._complete()

    def _complete(self) -> None:
        self.maps_ms = 1000 * (time.perf_counter() - self._answered_at)
        self.completed.emit()

    def _failed(self, error: CaseLensError) -> None:
        self._forget(Stage.FAILED)
        self.error = error
        self.changed.emit()

    def _compared(self, pair: Pair) -> None:
        self.pair = pair
        self.pair_changed.emit()

    def _not_compared(self, error: CaseLensError) -> None:
        self.pair_error = error
        self.pair_changed.emit()
