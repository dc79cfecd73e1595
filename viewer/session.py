"""The query in hand: its queue, its answer, and the explanations as they arrive. No widgets."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from inference.consultation import Answer
from inference.errors import CaseLensError
from inference.explain import class_heatmap, saliency_heatmap
from inference.search.model import Match
from viewer.engine import Engine
from viewer.heat import Heat
from viewer.intake import Offer, Queue, Source, gather
from viewer.pixels import Picture
from viewer.shelf import Shelf
from viewer.tasks import Tasks

MATCHES = 16


class Stage(Enum):
    """Where the query stands."""

    EMPTY = auto()
    ASKING = auto()
    ANSWERED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Consultation:
    """An answer with the query's picture, ready to draw."""

    source: Source
    answer: Answer
    picture: Picture


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A query and one match, ready to draw side by side.

    Attributes:
        match: the match.
        picture: the case's picture.
        query_heat: where the query resembles the case.
        case_heat: where the case resembles the query.
    """

    match: Match
    picture: Picture
    query_heat: Heat
    case_heat: Heat


class Session(QObject):
    """Asks about one picture at a time; whatever arrives for an earlier one is dropped.

    Attributes:
        stage: where the query stands.
        queue: the pictures of the last offer, or None.
        position: index of the query in ``queue``.
        consultation: the answer, when ``stage`` is ANSWERED.
        error: what failed, when ``stage`` is FAILED.
        case_heats: image id to the heatmap on the match's side, as far as they have arrived.
        pair: the pair under comparison, when it has arrived.
        pair_error: why it cannot be compared.
        maps_ms: time from the answer to the last pair map, milliseconds, or None before.
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
        self._outstanding = 0
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
            lambda _token: _pair(engine, answer, match),
            done=self._compared,
            failed=self._not_compared,
            group="compare",
        )
        self.pair_changed.emit()

    def _forget(self, stage: Stage) -> None:
        self._tasks.cancel("query", "pairs", "compare")
        self.stage = stage
        self.consultation = self.error = self.pair = self.pair_error = self.maps_ms = None
        self.case_heats = {}
        self._outstanding = 0

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
                lambda _token: _consult(engine, source),
                done=self._answered,
                failed=self._failed,
                group="query",
            )
        self.changed.emit()

    def _answered(self, consultation: Consultation) -> None:
        self.stage, self.consultation = Stage.ANSWERED, consultation
        self.changed.emit()
        self._answered_at = time.perf_counter()
        engine, matches = self._shelf.engine, consultation.answer.matches
        self._outstanding = len(matches)
        if engine is None or not matches:
            self.completed.emit()
            return
        for match in matches:
            self._explain(engine, consultation.answer, match)

    def _explain(self, engine: Engine, answer: Answer, match: Match) -> None:
        def arrived(heat: Heat) -> None:
            self.case_heats[match.image.id] = heat
            self.heat_arrived.emit(match.image.id)
            self._one_less()

        self._tasks.run(
            lambda _token: _pair(engine, answer, match).case_heat,
            done=arrived,
            failed=lambda _error: self._one_less(),
            group="pairs",
        )

    def _one_less(self) -> None:
        self._outstanding -= 1
        if self._outstanding == 0:
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


def _consult(engine: Engine, source: Source) -> Consultation:
    with engine.in_use():
        answer = engine.adviser.ask(source.content, k=MATCHES, name=source.name)
    return Consultation(source, answer, Picture(answer.image))


def _pair(engine: Engine, answer: Answer, match: Match) -> Pair:
    with engine.in_use():
        explanation = engine.adviser.explain(answer, match)
    return Pair(
        match,
        Picture(explanation.case_image),
        Heat(explanation.query),
        Heat(explanation.case),
    )
