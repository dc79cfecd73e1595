"""Query and case side by side: zoom and place linked, heatmaps on both sides."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from inference.search.model import Match
from viewer.buttons import tool_button
from viewer.commands import CommandTable
from viewer.consultation import Pair
from viewer.eye import Eye
from viewer.heat import Heat
from viewer.image_view import ImageView
from viewer.labels import OneLine, label
from viewer.map_controls import ContourSwitch, MapControls
from viewer.map_key import MapKey, in_one_row
from viewer.map_sheet import Panel, Sheet
from viewer.map_words import MapKind
from viewer.maps import MapDisplay
from viewer.marks import found
from viewer.session import Session
from viewer.tool_words import complaint, unseen
from viewer.tools import Tools
from viewer.viewport import Viewport
from viewer.vocabulary import diagnosis_words
from viewer.whose import WhoseFrame, WhoseLabel
from viewer.words import (
    case_facts,
    confirmation_words,
    flag_sentence,
    is_phantom,
    match_sentence,
    phantom_label,
    similarity_words,
    source_words,
)


class ComparePage(QWidget):
    """Takes the place of query and gallery while a match is looked at closely."""

    match_shown = Signal(int)

    def __init__(
        self,
        session: Session,
        tools: Tools,
        maps: MapDisplay,
        eye: Eye,
        *,
        commands: CommandTable,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tools = tools
        self._maps = maps
        self._row = 0
        viewport = Viewport(self)
        self.query = ImageView(viewport, maps, self.tr("Your picture"), eye)
        self.case = ImageView(viewport, maps, self.tr("The match's picture"), eye)
        self.key = MapKey(maps, self, one_line=True)
        self.key.told.connect(self.query.describe_map)
        self.key.told.connect(self.case.describe_map)
        self.whose, self.frame = WhoseLabel(), WhoseFrame(self.query)
        self._query_name = OneLine("muted")
        self._query_phantom = label(phantom_label(), "phantom")
        self._case_phantom = label(phantom_label(), "phantom")
        self._title = OneLine("heading")
        self._facts = OneLine("muted")
        self._error = label("")
        self._error.setWordWrap(True)
        self._error.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.place = label("", "muted")
        self._arrange(maps, commands)
        session.reasons.pair_changed.connect(self._show_pair)
        tools.changed.connect(self._use_tools)
        tools.marked.connect(lambda: self.query.show_mark(tools.mark()))
        tools.pointing.arrived.connect(self._show_heats)

    @property
    def row(self) -> int:
        """Row of the match in the gallery."""
        return self._row

    def open(self, row: int) -> None:
        """Show the match of a row; zoom and place stay while stepping through the matches."""
        consultation = self._session.consultation
        if consultation is None:
            return
        answer = consultation.answer
        self._row = row
        match = answer.matches[row]
        self._query_name.say(answer.image.name)
        self.whose.show_own(own=consultation.own)
        self.frame.show_own(own=consultation.own)
        self._query_phantom.setVisible(consultation.phantom)
        self._show_facts(match, len(answer.matches))
        if self.query.picture is not consultation.picture:
            self.query.viewport.reset()
            self.query.viewport.set_upright()
            self.query.show_picture(consultation.picture)
        self._use_tools()
        self._session.reasons.compare(match)
        self.match_shown.emit(row)

    def sheet(self) -> Sheet | None:
        """Return the pair with its maps, to be saved; None until it has arrived."""
        consultation, pair = self._session.consultation, self._session.reasons.pair
        if consultation is None or pair is None:
            return None
        case, rank = pair.match.case, pair.match.rank
        ours = Panel(
            self.tr("Your picture") if consultation.own else self.tr("A case, not your picture"),
            consultation.picture,
            None if self._tools.pointing.active else pair.query_heat,
            consultation.own,
            consultation.phantom,
            self._tools.mark(),
        )
        theirs = Panel(
            self.tr("Match {n}: {diagnosis}").format(
                n=rank, diagnosis=diagnosis_words(case.diagnosis)
            ),
            pair.picture,
            self._case_heat(pair),
            False,
            is_phantom(case),
            found(pair.match.where) if pair.match.where else None,
        )
        stem = Path(consultation.source.name).stem
        match = " · ".join(
            part for part in (match_sentence(pair.match), case.lesion, case.licence) if part
        )
        return Sheet(
            name=self.tr("{name} and match {n}.png").format(name=stem, n=rank),
            panels=(ours, theirs),
            words=self.key.words,
            look=self._maps.look_when_visible,
            tones=consultation.picture.tones,
            facts=(match, *(flag_sentence(flag) for flag in consultation.answer.flags)),
        )

    def can_step(self, by: int) -> bool:
        """Say whether there is a match ``by`` places further."""
        consultation = self._session.consultation
        return consultation is not None and 0 <= self._row + by < len(consultation.answer.matches)

    def step(self, by: int) -> None:
        """Show another match."""
        if self.can_step(by):
            self.open(self._row + by)

    def leave(self) -> None:
        """Forget the zoom, so that the next comparison starts with the whole pictures."""
        self.query.viewport.reset()

    def _show_facts(self, match: Match, total: int) -> None:
        case = match.case
        self._title.say(
            f"{diagnosis_words(case.diagnosis)} · {confirmation_words(case)} · "
            f"{similarity_words(match)} · {source_words(case)}"
        )
        self._facts.say(case_facts(case))
        self._case_phantom.setVisible(is_phantom(case))
        self.place.setText(self.tr("Match {n} of {total}").format(n=match.rank, total=total))

    def _show_pair(self) -> None:
        pair, error = self._session.reasons.pair, self._session.reasons.pair_error
        self._error.setVisible(error is not None)
        self.case.setVisible(error is None)
        self._error.setText(str(error) if error else "")
        self.case.show_picture(pair.picture if pair else None)
        self.case.show_mark(found(pair.match.where) if pair and pair.match.where else None)
        self._show_heats()

    def _show_heats(self) -> None:
        """Show the maps of the pair; while the reader points, that of the spot."""
        pair = self._session.reasons.pair
        self.query.show_heat(pair.query_heat if pair else None)
        self.case.show_heat(self._case_heat(pair) if pair else None)

    def _case_heat(self, pair: Pair) -> Heat | None:
        if self._tools.pointing.active:
            return self._tools.pointing.heat(pair.match.image.id, large=True)
        return pair.case_heat

    def _use_tools(self) -> None:
        consultation = self._session.consultation
        if consultation is None:
            return
        self.query.take_hand(self._tools.hand())
        if self._tools.pointing.active:
            kind = MapKind.POINT
        else:
            kind = MapKind.PAIR if consultation.shape is None else MapKind.REGION
        self.key.show_kind(kind, consultation.picture.tones)
        self.key.instruct(complaint(self._tools.error) or unseen(self._tools))
        self._show_heats()

    def _arrange(self, maps: MapDisplay, commands: CommandTable) -> None:
        query_head = _row(self.whose, self._query_phantom)
        query_head.addWidget(self._query_name, 1)
        case_head = _row(self.place, self._case_phantom)
        case_head.addWidget(self._title, 1)
        query_foot = _row(tool_button(commands, "back"))
        query_foot.addWidget(tool_button(commands, "point"))
        query_foot.addStretch(1)
        query_foot.addWidget(label(self.tr("Both heatmaps"), "muted"))
        query_foot.addWidget(MapControls(maps, commands, self))
        case_foot = QHBoxLayout()
        case_foot.addWidget(self._facts, 1)
        case_foot.addWidget(tool_button(commands, "case_details"))
        case_foot.addWidget(tool_button(commands, "previous_match"))
        case_foot.addWidget(tool_button(commands, "next_match"))
        left = _column(query_head, self.frame, query_foot)
        right = _column(case_head, _case_frame(self.case, self._error), case_foot)
        pictures = QHBoxLayout()
        pictures.addLayout(left, 1)
        pictures.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(4)
        layout.addLayout(pictures, 1)
        layout.addLayout(in_one_row(self.key, ContourSwitch(maps, commands)))


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    return row


def _case_frame(*widgets: QWidget) -> QFrame:
    frame = QFrame()
    frame.setObjectName("caseFrame")
    inside = QVBoxLayout(frame)
    inside.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        inside.addWidget(widget)
    return frame


def _column(head: QHBoxLayout, frame: QFrame, foot: QHBoxLayout) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addLayout(head)
    column.addWidget(frame, 1)
    column.addLayout(foot)
    return column
