"""Conditions and kind of search, in the place of the evidence: each change is answered at once."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QListView,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inference.library.filters import WORDS, AgeRange, Filter, Word, naming
from viewer.buttons import tool_button
from viewer.commands import CommandTable
from viewer.engine import Engine
from viewer.facets import FacetModel
from viewer.labels import label
from viewer.question_words import fact_title, search_words
from viewer.session import Session
from viewer.shelf import Shelf
from viewer.tasks import Tasks

FEWEST, MOST = 4, 64
"""Limits of how many cases can be asked for."""

_OLDEST = 120
_WIDTHS: dict[Word, int] = {"diagnosis": 4, "site": 3, "sex": 2, "confirmation": 3, "source": 3}


class NumberBox(QSpinBox):
    """A number whose change is a step of the question: undoing is not the field's own."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(self.fontMetrics().height() + 8)

    def event(self, event: QEvent) -> bool:
        """Leave the keys of undoing to the window; the first digit replaces what stands there."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and _undoes(event):
            event.ignore()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Select what stands there, also after a click."""
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self.selectAll)


def _undoes(event: QKeyEvent) -> bool:
    standard = QKeySequence.StandardKey
    return event.matches(standard.Undo) or event.matches(standard.Redo)


class AskPanel(QWidget):
    """Changes the question of a session."""

    def __init__(
        self, tasks: Tasks, shelf: Shelf, session: Session, commands: CommandTable, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._shelf = shelf
        self._session = session
        self._counted: tuple[int, Filter] | None = None
        self.setAccessibleName(self.tr("Filter and search"))
        self.facets = {fact: FacetModel(fact, self) for fact in WORDS}
        self.lists = {fact: _list(model) for fact, model in self.facets.items()}
        for fact, model in self.facets.items():
            model.chosen.connect(lambda words, fact=fact: self._want(fact, words))
        self.youngest = self._age(self.tr("Youngest age"))
        self.oldest = self._age(self.tr("Oldest age"))
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("What is compared"))
        self.kind.view().setAccessibleName(self.kind.accessibleName())
        self.kind.activated.connect(self._search)
        self.k = NumberBox()
        self.k.setRange(FEWEST, MOST)
        self.k.setSingleStep(4)
        self.k.setKeyboardTracking(False)
        self.k.setAccessibleName(self.tr("How many cases"))
        self.k.valueChanged.connect(self._number)
        self._arrange(commands)
        session.changed.connect(self._follow)
        shelf.engine_changed.connect(self._turn_to_library)

    def open(self) -> None:
        """Show what is asked now, and take the keys."""
        self._follow()
        self.lists["diagnosis"].setFocus(Qt.FocusReason.OtherFocusReason)

    # What the reader wants

    def _want(self, fact: Word, words: tuple[str, ...]) -> None:
        self._filter(naming(self._session.question.filter, fact, words))

    def _ages(self) -> None:
        low, high = (box.value() if box.value() >= 0 else None for box in self._age_boxes())
        wanted = () if low is None and high is None else (AgeRange(low, high),)
        self._filter(replace(self._session.question.filter, age=wanted))

    def _filter(self, wanted: Filter) -> None:
        self._session.change(replace(self._session.question, filter=wanted))

    def _search(self, _index: int) -> None:
        self._session.change(replace(self._session.question, bits=self.kind.currentData()))

    def _number(self, k: int) -> None:
        self._session.change(replace(self._session.question, k=k))

    # What is shown

    def _turn_to_library(self) -> None:
        self._counted = None
        for model in self.facets.values():
            model.clear()
        with QSignalBlocker(self.kind):
            self.kind.clear()
        self._follow()

    def _follow(self) -> None:
        engine, question = self._shelf.engine, self._session.question
        if engine is None or not self.isVisible():
            return
        self._show_kinds(engine)
        for box, value in zip(self._age_boxes(), _limits(question.filter), strict=True):
            with QSignalBlocker(box):
                box.setValue(-1 if value is None else int(value))
        with QSignalBlocker(self.k):
            self.k.setValue(question.k)
        key = (id(engine), question.filter)
        if key != self._counted:
            self._counted = key
            self._tasks.cancel("facets")
            self._tasks.run(
                lambda _token: _counts(engine, question.filter),
                done=lambda counts: self._show_counts(counts, question.filter),
                group="facets",
            )

    def _show_kinds(self, engine: Engine) -> None:
        kinds = (None, *sorted(engine.code_bits, reverse=True))
        with QSignalBlocker(self.kind):
            if self.kind.count() != len(kinds):
                self.kind.clear()
                for bits in kinds:
                    self.kind.addItem(search_words(bits), bits)
            self.kind.setCurrentIndex(max(0, self.kind.findData(self._session.question.bits)))

    def _show_counts(self, counts: dict[Word, dict[str, int]], wanted: Filter) -> None:
        for fact, model in self.facets.items():
            model.show(counts[fact], getattr(wanted, fact))

    # Its parts

    def _age_boxes(self) -> tuple[QSpinBox, QSpinBox]:
        return self.youngest, self.oldest

    def _age(self, name: str) -> QSpinBox:
        box = NumberBox()
        box.setRange(-1, _OLDEST)
        box.setSingleStep(5)
        box.setSpecialValueText(self.tr("any"))
        box.setValue(-1)
        box.setKeyboardTracking(False)
        box.setAccessibleName(name)
        box.valueChanged.connect(self._ages)
        return box

    def _arrange(self, commands: CommandTable) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 6, 2)
        row.setSpacing(8)
        for fact, view in self.lists.items():
            column = QVBoxLayout()
            column.setSpacing(1)
            caption = label(fact_title(fact), "muted")
            caption.setBuddy(view)
            column.addWidget(caption)
            column.addWidget(view, 1)
            row.addLayout(column, _WIDTHS[fact])
        form = QFormLayout()
        form.setVerticalSpacing(3)
        form.addRow(self.tr("Age &from"), self.youngest)
        form.addRow(self.tr("&to"), self.oldest)
        form.addRow(self.tr("&Compare by"), self.kind)
        form.addRow(self.tr("Show c&ases"), self.k)
        buttons = QHBoxLayout()
        for button in self._buttons(commands):
            buttons.addWidget(button)
        buttons.addStretch(1)
        form.addRow(buttons)
        row.addLayout(form, 4)

    def _buttons(self, commands: CommandTable) -> list[QToolButton]:
        close = QToolButton()
        close.setText(self.tr("Close (Esc)"))
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(commands.action("ask").trigger)
        return [*(tool_button(commands, name) for name in ("undo", "clear_question")), close]


def _list(model: FacetModel) -> QListView:
    view = QListView()
    view.setModel(model)
    view.setUniformItemSizes(True)
    view.setMinimumWidth(90)
    view.setAccessibleName(fact_title(model.fact))
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setTextElideMode(Qt.TextElideMode.ElideRight)
    return view


def _limits(wanted: Filter) -> tuple[float | None, float | None]:
    one = wanted.age[0] if wanted.age else AgeRange()
    return one.youngest, one.oldest


def _counts(engine: Engine, wanted: Filter) -> dict[Word, dict[str, int]]:
    """Count what would pass by each word of each fact. Belongs on a worker."""
    with engine.in_use():
        return {fact: engine.library.counts(fact, wanted) for fact in WORDS}
