"""The answer: query and gallery, or query and one match, above the evidence."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inference.search.model import Match
from viewer.arrangement_switch import ArrangementSwitch
from viewer.arrangements import (
    answer_title,
    card_of,
    flags_of,
    gallery_kind,
    only_cases_left_out,
    sections_of,
)
from viewer.ask_panel import AskPanel
from viewer.caution_banner import CautionBanner
from viewer.commands import CommandTable
from viewer.compare import ComparePage
from viewer.consultation import Consultation
from viewer.evidence_view import EvidenceStrip
from viewer.eye import Eye
from viewer.eye_row import EyeRow
from viewer.gallery import GalleryModel, GalleryView
from viewer.gallery_delegate import GalleryDelegate
from viewer.gallery_layout import Arrangement
from viewer.heat import Heat
from viewer.image_view import ImageView
from viewer.labels import OneLine, label
from viewer.map_key import MapKey
from viewer.map_sheet import Sheet
from viewer.map_words import MapKind
from viewer.maps import MapDisplay
from viewer.query_pane import QueryPane
from viewer.session import Session
from viewer.states import NothingPasses
from viewer.thumbnails import Thumbnails
from viewer.tool_words import complaint
from viewer.tools import Tools
from viewer.viewport import Viewport

_QUERY_WIDTH = 490


class AnswerPage(QWidget):
    """Everything that a query brought back."""

    menu_wanted = Signal(QPoint)
    """The reader asks what can be done with the chosen match, at a place of the screen."""

    def __init__(
        self,
        session: Session,
        tools: Tools,
        thumbnails: Thumbnails,
        maps: MapDisplay,
        *,
        eye: Eye,
        commands: CommandTable,
        asking: AskPanel,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tools = tools
        self._tooled = False
        self._shown: Consultation | None = None
        self.query = QueryPane(session, tools, maps, eye, commands=commands, parent=self)
        self.model = GalleryModel(thumbnails)
        self.model.setParent(self)
        self.delegate = GalleryDelegate(thumbnails, maps, self._heat)
        self.delegate.setParent(self)
        self.gallery = GalleryView(self.model, self.delegate, self)
        self.arrangement: Arrangement = "grid"
        self.switch = ArrangementSwitch(commands)
        self.compare = ComparePage(session, tools, maps, eye, commands=commands, parent=self)
        self.evidence = EvidenceStrip(self)
        self.banner = CautionBanner(self)
        self.key = MapKey(maps, self, one_line=True)
        self.key.told.connect(self.gallery.setAccessibleDescription)
        self._nothing = NothingPasses(commands)
        self._gallery_place = QStackedWidget()
        self._gallery_place.addWidget(self.gallery)
        self._gallery_place.addWidget(self._nothing)
        self._count = label("", "heading")
        self.hint = OneLine("muted")
        self._asking = asking
        self._lower = QStackedWidget()
        self._lower.setFixedHeight(self.evidence.height())
        self._lower.addWidget(self.evidence)
        self._lower.addWidget(asking)
        self._upper = QStackedWidget()
        self._upper.addWidget(self._side_by_side())
        self._upper.addWidget(self.compare)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._upper, 1)
        layout.addWidget(EyeRow(eye, commands, self))
        layout.addWidget(self._lower)
        maps.changed.connect(self.gallery.viewport().update)
        session.reasons.heat_arrived.connect(self.model.refresh_image)
        session.reasons.completed.connect(self._hint_at)
        tools.pointing.arrived.connect(self.gallery.update_pictures)
        tools.changed.connect(self._use_tools)
        self.gallery.opened.connect(self.open_match)
        self.gallery.customContextMenuRequested.connect(self._ask_for_menu)
        self.gallery.details_wanted.connect(commands.action("case_details").trigger)
        self.compare.match_shown.connect(self._select)

    def show_answer(self, consultation: Consultation) -> None:
        """Show an answer, from its start."""
        if self.arrangement == "rivals" and not self._session.rivals:
            self.arrangement = "grid"  # they could not be found
        if consultation is self._shown:
            self._hint_at()
            return
        former, self._shown = self._shown, consultation
        matches, row = consultation.answer.matches, self.gallery.currentIndex().row()
        self.leave_comparison()
        self.model.show(matches)
        self._arrange()
        self.query.show_consultation(consultation)
        self._name_map()
        self.evidence.show_answer(consultation.similar, consultation.question)
        self._count.setText(answer_title(consultation))
        self.banner.show_flags(flags_of(consultation))
        self._hint_at()
        self._gallery_place.setCurrentWidget(self.gallery if matches else self._nothing)
        if former is None or not only_cases_left_out(former, consultation):
            self.gallery.scrollToTop()
            row = 0
        self.gallery.setCurrentIndex(self.model.index(min(max(row, 0), len(matches) - 1)))
        if former is None or former.picture is not consultation.picture:
            self._take_keys()

    def choose(self, arrangement: Arrangement) -> None:
        """Read the answer by similarity, by diagnosis, or as a differential."""
        if arrangement != self.arrangement:
            self.arrangement = arrangement
            self.leave_comparison()
            self._session.list_rivals(arrangement == "rivals")
            self._arrange()

    def current_match(self) -> Match | None:
        """Return the match that is compared, or chosen in the gallery."""
        row = self.compare.row if self.comparing() else self.gallery.currentIndex().row()
        return self.model.match_at(row) if 0 <= row < self.model.rowCount() else None

    def asking(self) -> bool:
        """Say whether filters and kind of search stand in the place of the evidence."""
        return self._lower.currentWidget() is self._asking

    def toggle_asking(self) -> None:
        """Show them, or the evidence again."""
        if self.asking():
            self._lower.setCurrentWidget(self.evidence)
            self.gallery.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._lower.setCurrentWidget(self._asking)
            self._asking.open()

    def comparing(self) -> bool:
        """Say whether one match is looked at beside the query."""
        return self._upper.currentWidget() is self.compare

    def front(self) -> ImageView:
        """Return the view of the query in front."""
        return self.compare.query if self.comparing() else self.query.view

    def viewport(self) -> Viewport:
        """Return zoom and place of the picture in front."""
        return self.front().viewport

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

    def _take_keys(self) -> None:
        if not self._tools.active and not self.asking():
            self.gallery.setFocus(Qt.FocusReason.OtherFocusReason)

    def _ask_for_menu(self, place: QPoint) -> None:
        gallery = self.gallery
        index = gallery.indexAt(place)
        if index.isValid():
            gallery.setCurrentIndex(index)
        else:  # by the key: the chosen match has it
            place = gallery.visualRect(gallery.currentIndex()).center()
        if gallery.currentIndex().isValid():
            self.menu_wanted.emit(gallery.viewport().mapToGlobal(place))

    def _arrange(self) -> None:
        """Lay the matches out; rivals that are still looked for have the former ones shown."""
        shown = self._shown
        if shown is not None:
            arrangement: Arrangement = "rivals" if shown.rivals else self.arrangement
            self.gallery.arrange(sections_of(arrangement, shown), card_of(arrangement, shown))

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
        kind = MapKind.POINT if self._tools.pointing.active else gallery_kind(self._shown)
        self.key.show_kind(kind, self._shown.picture.tones)

    def _hint_at(self) -> None:
        words = complaint(self._session.refusal or self._session.reasons.maps_error)
        if not words and self._session.asking:
            words = self.tr("searching …")
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
        counted.addWidget(self.switch)
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
        column.addWidget(self.banner)
        column.addWidget(self._gallery_place, 1)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.query)
        splitter.addWidget(right)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_QUERY_WIDTH, 1366 - _QUERY_WIDTH])
        return splitter
