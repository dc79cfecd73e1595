"""The matches as a Qt model, and the view that lays them out in sections of even columns."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from inference.search.model import Match
from viewer.gallery_delegate import Card, GalleryDelegate, draw_heading
from viewer.gallery_layout import Heading, Layout, Section, lay_out
from viewer.thumbnails import Thumbnails
from viewer.vocabulary import diagnosis_words
from viewer.words import match_sentence

_HEADING_MARGIN = 8
MATCH_ROLE = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


class GalleryModel(QAbstractListModel):
    """The matches of the present answer, best first."""

    def __init__(self, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._matches: tuple[Match, ...] = ()
        thumbnails.arrived.connect(self.refresh_image)

    def show(self, matches: tuple[Match, ...]) -> None:
        """Replace the matches, and ask for their thumbnails at once, the first ones first."""
        self.beginResetModel()
        self._matches = matches
        self.endResetModel()
        for match in matches:
            self._thumbnails.get(match.image.id)

    def match_at(self, row: int) -> Match:
        """Return the match of a row."""
        return self._matches[row]

    def refresh_image(self, image_id: int) -> None:
        """Have the match with this image painted again."""
        for row, match in enumerate(self._matches):
            if match.image.id == image_id:
                self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Count the matches."""
        return 0 if parent is not None and parent.isValid() else len(self._matches)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Return a match's diagnosis, its sentence, or the `Match` itself under `MATCH_ROLE`."""
        if not index.isValid():
            return None
        match = self._matches[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return diagnosis_words(match.case.diagnosis)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return match_sentence(match)
        return match if role == MATCH_ROLE else None


class GalleryView(QListView):
    """Cards in sections; a click or Enter opens one. The geometry is `Layout`'s, not Qt's."""

    opened = Signal(int)

    details_wanted = Signal()
    """The badge of a match was clicked, which is the current one now."""

    def __init__(self, model: GalleryModel, delegate: GalleryDelegate, parent: QWidget) -> None:
        super().__init__(parent)
        self._delegate = delegate
        self._sections: tuple[Section, ...] = ()
        self._layout = Layout()
        self._hovered: int | None = None
        self.setObjectName("gallery")
        self.setAccessibleName(self.tr("Most similar cases"))
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.clicked.connect(lambda index: self.opened.emit(index.row()))
        self.entered.connect(lambda index: self._hover(index.row()))
        self.viewportEntered.connect(lambda: self._hover(None))

    @property
    def headings(self) -> tuple[Heading, ...]:
        """The headings of the sections, from above."""
        return self._layout.headings

    def arrange(self, sections: tuple[Section, ...], card: Card) -> None:
        """Show the rows of the model in these sections, as cards of this kind."""
        self._sections = sections
        self._delegate.card = card
        self._hovered = None
        self._lay_out()

    def update_pictures(self) -> None:
        """Have the pictures that are seen painted again, and nothing else."""
        region = QRegion()
        for row in self._seen(self.viewport().rect()):
            region += self._delegate.picture_box(self._place(row))
        self.viewport().update(region)

    # What Qt asks of a view

    def visualRect(self, index: Index) -> QRect:  # noqa: N802 - Qt's name
        """Return where a card lies in the viewport."""
        return self._place(index.row()) if index.row() in self._layout.cards else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802
        """Return the match whose card lies there."""
        row = self._layout.at(point + QPoint(0, self.verticalOffset()))
        return QModelIndex() if row is None else self.model().index(row, 0)

    def scrollTo(  # noqa: N802
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """Bring a whole card on screen, with the least of moving."""
        del hint
        card = self._layout.cards.get(index.row())
        if card is None:
            return
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setValue(max(min(bar.value(), card.top()), card.bottom() + 1 - height))

    def moveCursor(  # noqa: N802
        self,
        action: QAbstractItemView.CursorAction,
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        """Return the match that a key leads to, over the cards as they are seen."""
        del modifiers
        actions, row = QAbstractItemView.CursorAction, self.currentIndex().row()
        page = max(1, self.viewport().height() // max(1, self._card_height()))
        steps = {
            actions.MoveLeft: (-1, 0), actions.MovePrevious: (-1, 0),
            actions.MoveRight: (1, 0), actions.MoveNext: (1, 0),
            actions.MoveUp: (0, -1), actions.MoveDown: (0, 1),
            actions.MovePageUp: (0, -page), actions.MovePageDown: (0, page),
        }  # fmt: skip
        if action in (actions.MoveHome, actions.MoveEnd):
            edge = self._layout.edge(last=action == actions.MoveEnd)
            return QModelIndex() if edge is None else self.model().index(edge, 0)
        return self.model().index(self._layout.beside(row, *steps[action]), 0)

    def horizontalOffset(self) -> int:  # noqa: N802
        """Nothing is scrolled sideways."""
        return 0

    def verticalOffset(self) -> int:  # noqa: N802
        """Return how far it is scrolled."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:  # noqa: N802
        """Say whether a match has no card."""
        return index.row() not in self._layout.cards

    def setSelection(  # noqa: N802
        self, rect: QRect, command: QItemSelectionModel.SelectionFlag
    ) -> None:
        """Select the match under the pointer."""
        index = self.indexAt(rect.center())
        self.selectionModel().select(index, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:  # noqa: N802
        """Return what has to be painted again when these are selected."""
        region = QRegion()
        for index in selection.indexes():
            region += self.visualRect(index)
        return region

    def doItemsLayout(self) -> None:  # noqa: N802
        """Place the cards."""
        self._lay_out()

    def updateGeometries(self) -> None:  # noqa: N802
        """Let the scroll bar cover all cards."""
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._layout.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(1, self._card_height() // 4))

    def scrollContentsBy(self, _across: int, down: int) -> None:  # noqa: N802
        """Move what is painted."""
        self.viewport().scroll(0, down)

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the headings and cards that have to be."""
        painter = QPainter(self.viewport())
        self._delegate.paint_within(event.region())
        offset = QPoint(0, -self.verticalOffset())
        for heading in self._layout.headings:
            place = heading.place.translated(offset)
            if place.intersects(event.rect()):
                draw_heading(painter, place, heading.section, self.palette(), self.font())
        for row in self._seen(event.rect()):
            index = self.model().index(row, 0)
            self._delegate.paint(painter, self._option(row), index)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open the current match with Enter; everything else is Qt's."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell of a match whose badge is clicked; everything else is Qt's."""
        index = self.indexAt(event.position().toPoint())
        on_badge = index.isValid() and self._delegate.badge_box(self.visualRect(index)).contains(
            event.position().toPoint()
        )
        if on_badge and event.button() == Qt.MouseButton.LeftButton:
            self.setCurrentIndex(index)
            self.details_wanted.emit()
        else:
            super().mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Nothing is under the pointer any more."""
        self._hover(None)
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fill the width with even columns."""
        super().resizeEvent(event)
        self._lay_out()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Ask for four columns and two rows."""
        width = self._delegate.card.preferred_width
        return QSize(4 * width + 24, 2 * self._delegate.height_of(width))

    # Inside

    def _lay_out(self) -> None:
        width = self.viewport().width()
        columns = self._columns(width)
        card = self._delegate.fit(width // columns)
        heading = self.fontMetrics().height() + _HEADING_MARGIN
        self._layout = lay_out(self._sections, columns, card, heading)
        self.updateGeometries()
        self.viewport().update()

    def _columns(self, width: int) -> int:
        """Return the fewest columns that show all matches; else as many as can be read well."""
        most = max(1, round(width / self._delegate.card.preferred_width))
        if any(section.title for section in self._sections):
            return most
        for columns in range(1, most + 1):
            lines = ceil(self.model().rowCount() / columns)
            if lines * self._delegate.height_of(width // columns) <= self.viewport().height():
                return columns
        return most

    def _option(self, row: int) -> QStyleOptionViewItem:
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        state = QStyle.StateFlag.State_Enabled
        if row == self.currentIndex().row():
            state |= QStyle.StateFlag.State_Selected
        if row == self._hovered:
            state |= QStyle.StateFlag.State_MouseOver
        # The members of style options are missing from PySide's type information.
        for name, value in (("rect", self._place(row)), ("state", state)):
            setattr(option, name, value)
        return option

    def _place(self, row: int) -> QRect:
        return self._layout.cards[row].translated(0, -self.verticalOffset())

    def _seen(self, place: QRect) -> list[int]:
        return [row for row in self._layout.cards if self._place(row).intersects(place)]

    def _card_height(self) -> int:
        return next((card.height() for card in self._layout.cards.values()), 0)

    def _hover(self, row: int | None) -> None:
        former, self._hovered = self._hovered, row
        for changed in (former, row):
            if changed is not None and changed in self._layout.cards:
                self.viewport().update(self._place(changed))
