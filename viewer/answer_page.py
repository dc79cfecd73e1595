"""The answer: query and gallery, or query and one match, above the evidence."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.commands import CommandTable
from viewer.compare import ComparePage
from viewer.consultation import Consultation
from viewer.engine import Engine
from viewer.evidence_view import EvidenceStrip
from viewer.gallery import GalleryModel, GalleryView
from viewer.gallery_delegate import GalleryDelegate
from viewer.heat import Heat
from viewer.labels import OneLine, label
from viewer.map_key import MapKey
from viewer.map_sheet import Sheet
from viewer.map_words import MapKind
from viewer.maps import MapDisplay
from viewer.query_pane import QueryPane
from viewer.session import Session
from viewer.thumbnails import Thumbnails
from viewer.tool_words import complaint
from viewer.tools import Tools
from viewer.viewport import Viewport
from viewer.words import is_phantom

_QUERY_WIDTH = 490


class AnswerPage(QWidget):
    """Everything that a query brought back."""

    def __init__(
        self,
        session: Session,
        tools: Tools,
        thumbnails: Thumbnails,
        maps: MapDisplay,
        commands: CommandTable,
        *,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tools = tools
        self._tooled = False
        self._shown: Consultation | None = None
        self.query = QueryPane(session, tools, maps, commands, self)
        self.model = GalleryModel(thumbnails)
        self.model.setParent(self)
        self.delegate = GalleryDelegate(thumbnails, maps, self._heat)
        self.delegate.setParent(self)
        self.gallery = GalleryView(self.model, self.delegate, self)
        self.compare = ComparePage(session, tools, maps, commands, self)
        self.evidence = EvidenceStrip(self)
        self.key = MapKey(maps, self, one_line=True)
        self.key.told.connect(self.gallery.setAccessibleDescription)
        self._count = label("", "heading")
        self.hint = OneLine("muted")
        self._phantoms = label(self.tr("Computer-drawn phantoms, not patients"), "phantom")
        self._upper = QStackedWidget()
        self._upper.addWidget(self._side_by_side())
        self._upper.addWidget(self.compare)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._upper, 1)
        layout.addWidget(self.evidence)
        maps.changed.connect(self.gallery.viewport().update)
        session.reasons.heat_arrived.connect(self.model.refresh_image)
        session.reasons.completed.connect(self._hint_at)
        tools.pointing.arrived.connect(self.gallery.update_pictures)
        tools.changed.connect(self._use_tools)
        self.gallery.opened.connect(self.open_match)
        self.compare.match_shown.connect(self._select)

    def show_answer(self, consultation: Consultation, engine: Engine) -> None:
        """Show an answer, from its start."""
        queue = self._session.queue
        if consultation is self._shown or queue is None:
            return
        self._shown = consultation
        matches = consultation.answer.matches
        self.leave_comparison()
        self.model.show(matches)
        self.query.show_consultation(consultation, queue, self._session.position)
        self._name_map()
        self.evidence.show_answer(consultation.answer, engine.info)
        counted = (
            self.tr("{n} most similar cases")
            if consultation.shape is None
            else self.tr("{n} matches for the region")
        )
        self._count.setText(counted.format(n=len(matches)))
        self._hint_at()
        self._phantoms.setVisible(
            engine.info.phantoms or any(is_phantom(match.case) for match in matches)
        )
        self.gallery.scrollToTop()
        self.gallery.setCurrentIndex(self.model.index(0))
        if not self._tools.active:
            self.gallery.setFocus(Qt.FocusReason.OtherFocusReason)

    def comparing(self) -> bool:
        """Say whether one match is looked at beside the query."""
        return self._upper.currentWidget() is self.compare

    def viewport(self) -> Viewport:
        """Return zoom and place of the picture in front."""
        return (self.compare.query if self.comparing() else self.query.view).viewport

    def sheet(self) -> Sheet | None:
        """Return what is in front, to be saved: the query with its map, or the pair with theirs."""
        return self.compare.sheet() if self.comparing() else self.query.sheet()

    def open_match(self, row: int) -> None:
        """Compare the match of a row with the query."""
        self._tools.regions.leave()
        self.compare.open(row)
        self._upper.setCurrentWidget(self.compare)
        front = self.compare.query if self._tools.active else self.compare.case
        front.setFocus(Qt.FocusReason.OtherFocusReason)
        self._session.changed.emit()

    def leave_comparison(self) -> None:
        """Go back to the gallery, at the match that was compared last."""
        if not self.comparing():
            return
        self.compare.leave()
        self._upper.setCurrentIndex(0)
        self.gallery.setFocus(Qt.FocusReason.OtherFocusReason)

    def _use_tools(self) -> None:
        """Follow a mode: to the query, so that keys go there, and back to the matches."""
        if self._tools.active != self._tooled:
            self._tooled = self._tools.active
            compare, beside = self.compare, self.comparing()
            ours, theirs = (
                (compare.query, compare.case) if beside else (self.query.view, self.gallery)
            )
            front: QWidget = ours if self._tooled else theirs
            front.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name_map()
        self.gallery.viewport().update()

    def _name_map(self) -> None:
        """Say what the maps of the matches are now."""
        if self._shown is None:
            return
        if self._tools.pointing.active:
            kind = MapKind.POINT
        else:
            kind = MapKind.GALLERY if self._shown.shape is None else MapKind.REGION
        self.key.show_kind(kind, self._shown.picture.tones)

    def _hint_at(self) -> None:
        words = complaint(self._session.reasons.maps_error)
        if not words:
            words = self.tr("a click or Enter compares")
            if self._session.showing_region:
                words = self.tr("outlined where found · {words}").format(words=words)
        self.hint.say(words)

    def _heat(self, image_id: int) -> Heat | None:
        if self._tools.pointing.active:
            return self._tools.pointing.heat(image_id)
        return self._session.reasons.case_heats.get(image_id)

    def _select(self, row: int) -> None:
        index = self.model.index(row)
        self.gallery.setCurrentIndex(index)
        self.gallery.scrollTo(index)

    def _side_by_side(self) -> QSplitter:
        counted = QHBoxLayout()
        counted.addWidget(self._count)
        counted.addSpacing(6)
        counted.addWidget(self.hint, 1)
        counted.addWidget(self._phantoms)
        head = QGridLayout()
        head.setContentsMargins(4, 0, 0, 0)
        head.setVerticalSpacing(0)
        head.setHorizontalSpacing(12)
        head.addLayout(counted, 0, 0)
        head.addWidget(self.key.help, 1, 0)
        head.addWidget(self.key.legend, 0, 1, 2, 1)
        head.setColumnStretch(0, 1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 4, 4, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.gallery, 1)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.query)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_QUERY_WIDTH, 1366 - _QUERY_WIDTH])
        return splitter
