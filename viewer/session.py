"""The query in hand: its queue, how it is asked about, and its answers. No widgets."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from inference.errors import CaseLensError
from inference.explain import class_heatmap, saliency_heatmap
from viewer.consultation import Consultation, consult, consult_again, with_rivals
from viewer.heat import Heat
from viewer.history import History
from viewer.intake import Offer, Queue, Source, gather
from viewer.question import Question
from viewer.reasons import Reasons
from viewer.shelf import Shelf
from viewer.tasks import Tasks

MOST_KEPT = 16
"""Answers to former questions about the picture in hand, so that undoing a change is immediate."""


class Stage(Enum):
    """Where the query stands."""

    EMPTY = auto()
    ASKING = auto()
    ANSWERED = auto()
    FAILED = auto()


class Session(QObject):
    """Asks about one picture at a time; whatever arrives for an earlier question is dropped.

    Attributes:
        stage: where the query stands.
        queue: the pictures of the last offer, or None.
        position: index of the query in ``queue``.
        consultation: the answer that is shown, when ``stage`` is ANSWERED.
        error: what failed, when ``stage`` is FAILED.
        refusal: why the last change of the question came to nothing; the former answer stays.
        asking: whether a changed question has no answer yet; the former one is shown meanwhile.
        outcomes: index in ``queue`` to what became of the picture: an error, or None for an answer.
        rivals: whether the nearest case of each diagnosis is wanted.
        reasons: explains the answer that is shown.
    """

    changed = Signal()

    answered = Signal(Path)
    """A file of the reader's was asked about, and there is an answer."""

    def __init__(self, tasks: Tasks, shelf: Shelf, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._shelf = shelf
        self.stage = Stage.EMPTY
        self.queue: Queue | None = None
        self.position = 0
        self.consultation: Consultation | None = None
        self.error: CaseLensError | None = None
        self.refusal: CaseLensError | None = None
        self.asking = False
        self.outcomes: dict[int, CaseLensError | None] = {}
        self.rivals = False
        self.reasons = Reasons(tasks, shelf, self)
        self._history = History(Question())
        self._own: Consultation | None = None
        self._kept: OrderedDict[tuple[Question, bool], Consultation] = OrderedDict()
        self._folder: Path | None = None
        shelf.engine_changed.connect(self._turn_to_library)

    @property
    def source(self) -> Source | None:
        """The picture asked about, or None."""
        return self.queue.sources[self.position] if self.queue else None

    @property
    def question(self) -> Question:
        """How it is asked about; ahead of `consultation` while a change is answered."""
        return self._history.present

    @property
    def can_undo(self) -> bool:
        """Whether a change of the question can be undone."""
        return self.consultation is not None and self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether an undone change can be made again."""
        return self.consultation is not None and self._history.can_redo

    @property
    def showing_region(self) -> bool:
        """Whether the answer is to a region, so that `show_whole` leads back."""
        return self.consultation is not None and self.consultation.shape is not None

    @property
    def showing_case(self) -> bool:
        """Whether the answer is to a match, in place of the reader's picture."""
        return self.consultation is not None and self.consultation.question.like is not None

    # The picture

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

    # The question

    def change(self, question: Question) -> None:
        """Ask otherwise; the former answer stays until the new one is there."""
        if self.consultation is not None:
            if self._history.change(question):
                self._answer()
            return
        if question != self.question:  # no answer yet: there is nothing to go back to
            self._history.restart(question)
            if self.stage is Stage.ASKING:
                self._ask()
            self.changed.emit()

    def undo(self) -> None:
        """Ask again as before the last change."""
        if self.can_undo and self._history.undo():
            self._answer()

    def redo(self) -> None:
        """Make the change again that was undone last."""
        if self.can_redo and self._history.redo():
            self._answer()

    @property
    def plain(self) -> Question:
        """The question without anything that the reader asked for."""
        return Question()

    def ask_plainly(self) -> None:
        """Ask without any condition."""
        self.change(self.plain)

    def show_whole(self) -> None:
        """Show the answer to the whole picture again."""
        self.change(self.question.about_whole())

    def show_own(self) -> None:
        """Show the answer to the reader's own picture again."""
        self.change(self.question.about_own())

    def list_rivals(self, wanted: bool) -> None:
        """Show the nearest case of each diagnosis, or the most similar cases."""
        if wanted != self.rivals:
            self.rivals = wanted
            if self.consultation is not None:
                self._answer()

    def answering(self, question: Question) -> Callable[[], Consultation] | None:
        """Return the work that answers a question about the picture in hand, for a worker.

        None without a picture or a library. It raises as `consult_again` does.
        """
        engine, own, former = self._shelf.engine, self._own, self.consultation
        if engine is None or own is None or former is None:
            return None
        similar, rivals = self._kept.get((question, False)), self.rivals

        def work() -> Consultation:
            answered = similar or consult_again(engine, own, former, question)
            return with_rivals(engine, answered) if rivals else answered

        return work

    def adopt(self, consultation: Consultation) -> None:
        """Show an answer to another question about the picture in hand, which is a step then."""
        self._history.change(consultation.question)
        self._tasks.cancel("query")
        self._settled(consultation)

    # Inside

    def _forget(self, stage: Stage) -> None:
        self._tasks.cancel("query")
        self.reasons.forget()
        self.stage = stage
        self.consultation = self._own = self.error = self.refusal = None
        self.asking = False
        self._kept.clear()
        self._history.restart(self.question.for_next_picture())

    def _gathered(self, queue: Queue) -> None:
        self.queue, self.outcomes = queue, {}
        self._ask()

    def _turn_to_library(self) -> None:
        """Ask the library that was opened now; only what its words can answer is kept."""
        engine = self._shelf.engine
        folder = engine.info.folder if engine is not None else None
        question = self.question.for_next_library()
        if folder == self._folder:
            question = replace(question, filter=self.question.filter)
        self._folder = folder
        self._history.restart(question)
        self._ask()

    def _ask(self) -> None:
        source, engine = self.source, self._shelf.engine
        if source is None:
            return
        self._forget(Stage.ASKING)
        question, rivals = self.question, self.rivals

        if engine is not None:

            def work() -> Consultation:
                answered = consult(engine, source, question)
                return with_rivals(engine, answered) if rivals else answered

            self._tasks.run(
                lambda _token: work(), done=self._answered, failed=self._failed, group="query"
            )
        self.changed.emit()

    def _answer(self) -> None:
        """Show the answer to the present question: the one that is kept, or fetch it."""
        self._tasks.cancel("query")
        self.refusal = None
        kept = self._kept.get((self.question, self.rivals))
        if kept is not None:
            self._settled(kept)
            return
        work = self.answering(self.question)
        if work is not None:
            self.asking = True
            self._tasks.run(
                lambda _token: work(), done=self._settled, failed=self._refused, group="query"
            )
            self.changed.emit()

    def _answered(self, consultation: Consultation) -> None:
        self.stage = Stage.ANSWERED
        self.outcomes[self.position] = None
        source = consultation.source
        if isinstance(source.content, Path) and not source.phantom:
            self.answered.emit(source.content)
        self._own = consultation
        self._settled(consultation)

    def _settled(self, consultation: Consultation) -> None:
        self.asking, self.refusal = False, None
        self._keep(consultation)
        self.consultation = consultation
        self.reasons.expect(consultation)
        self.changed.emit()
        self.reasons.fetch()

    def _keep(self, consultation: Consultation) -> None:
        """Keep an answer, and with the rivals the most similar cases that they belong to."""
        question = consultation.question
        if consultation.rivals and (question, False) not in self._kept:
            self._kept[question, False] = consultation.with_similar()
        self._kept[question, consultation.rivals] = consultation
        self._kept.move_to_end((question, consultation.rivals))
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _failed(self, error: CaseLensError) -> None:
        self._forget(Stage.FAILED)
        self.error = error
        self.outcomes[self.position] = error
        self.changed.emit()

    def _refused(self, error: CaseLensError) -> None:
        """Go back to the question whose answer is shown."""
        self.asking, self.refusal = False, error
        if self.consultation is not None:
            self._history.settle(self.consultation.question)
            self.rivals = self.consultation.rivals
        self.changed.emit()
