"""The line at the foot: the notice, always; model, library and the time of each stage."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStatusBar, QWidget

from viewer.labels import OneLine, label
from viewer.numbers import whole
from viewer.session import Session
from viewer.shelf import Shelf
from viewer.vocabulary import stage_words
from viewer.words import notice

_MESSAGE_MS = 8000


class StatusLine(QStatusBar):
    """Follows session and shelf."""

    def __init__(self, session: Session, shelf: Shelf, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._shelf = shelf
        self.setSizeGripEnabled(False)
        self.notice = label(notice(), "notice")
        # The facts give way, the notice never does.
        self.facts = OneLine("muted", Qt.AlignmentFlag.AlignRight)
        self.addPermanentWidget(self.facts, 1)
        self.addPermanentWidget(self.notice)
        session.changed.connect(self._follow)
        session.reasons.completed.connect(self._follow)
        shelf.changed.connect(self._follow)
        shelf.engine_changed.connect(self._follow)
        self._follow()

    def say(self, words: str) -> None:
        """Show a passing remark."""
        self.showMessage(words, _MESSAGE_MS)

    def _follow(self) -> None:
        engine, consultation = self._shelf.engine, self._session.consultation
        parts: list[str] = []
        if engine is not None:
            parts = [
                self.tr("model {name}").format(name=engine.model),
                self.tr("library {name}, {n} cases").format(
                    name=engine.info.name, n=whole(engine.info.cases)
                ),
            ]
            if engine.left_out:
                parts.append(self.tr("pictures not searched: {n}").format(n=engine.left_out))
        if consultation is not None:
            stages = dict(consultation.answer.milliseconds)
            if self._session.reasons.maps_ms is not None:
                stages[self.tr("maps")] = self._session.reasons.maps_ms
            parts.append(
                ", ".join(f"{stage_words(stage)} {ms:.0f} ms" for stage, ms in stages.items())
            )
        self.facts.say("  ·  ".join(parts))
