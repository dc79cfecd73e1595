"""The matches as a Qt model, and the view that lays them out in even columns."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from inference.diagnoses import diagnosis_name
from inference.search.model import Match
from viewer.gallery_delegate import GalleryDelegate
from viewer.thumbnails import Thumbnails
from viewer.words import match_sentence

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
            return diagnosis_name(match.case.diagnosis)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return match_sentence(match)
        return match if role == MATCH_ROLE else None


class GalleryView(QListView):
    """A grid of matches; a click or Enter opens one."""

    opened = Signal(int)

    def __init__(self, model: GalleryModel, delegate: GalleryDelegate, parent: QWidget) -> None:
        super().__init__(parent)
        self._delegate = delegate
        self.setObjectName("gallery")
        self.setAccessibleName(self.tr("Most similar cases"))
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setMouseTracking(True)
        model.modelReset.connect(self._lay_out)
        self.clicked.connect(lambda index: self.opened.emit(index.row()))

    def update_pictures(self) -> None:
        """Have the pictures that are seen painted again, and nothing else."""
        seen, region = self.viewport().rect(), QRegion()
        for row in range(self.model().rowCount()):
            card = self.visualRect(self.model().index(row, 0))
            if card.intersects(seen):
                region += self._delegate.picture_box(card)
        self.viewport().update(region)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint what has to be."""
        self._delegate.paint_within(event.region())
        super().paintEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open the current match with Enter; everything else is Qt's."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fill the width with even columns."""
        self._lay_out()
        super().resizeEvent(event)

    def _lay_out(self) -> None:
        # The grid must be narrower than the width by a pixel, or Qt wraps a column early.
        width = self.viewport().width() - 1
        self.setGridSize(self._delegate.fit(width // self._columns(width)))

    def _columns(self, width: int) -> int:
        """Return the fewest columns that show all matches; else as many as can be read well."""
        most = max(1, round(width / self._delegate.preferred_width()))
        for columns in range(1, most + 1):
            rows = ceil(self.model().rowCount() / columns)
            if rows * self._delegate.height_of(width // columns) <= self.viewport().height():
                return columns
        return most

    def sizeHint(self) -> QSize:  # noqa: N802
        """Ask for four columns and two rows."""
        cell = self._delegate.fit(self._delegate.preferred_width())
        return QSize(4 * cell.width() + 24, 2 * cell.height())
