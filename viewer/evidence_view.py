"""The evidence strip below the pictures: counts as small bars, and what they say in words."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inference.consultation import Answer
from viewer.bar_painter import BAR_WIDTH, Bar, draw_bar
from viewer.evidence import BAR_ROLE, EvidenceModel
from viewer.evidence_words import evidence_sentences
from viewer.labels import label
from viewer.question import Question

_ROW_HEIGHT = 19
_ROWS_SHOWN = 7


class EvidenceStrip(QWidget):
    """Neighbours beside base rates and estimate, and their reading in sentences."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = EvidenceModel(self)
        self.table = _table(self._model)
        self.table.setAccessibleName(self.tr("Evidence by diagnosis"))
        self.words = label("")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setMinimumWidth(180)
        right = QVBoxLayout()
        right.setSpacing(3)
        right.addWidget(label(self.tr("What this shows"), "heading"))
        right.addWidget(self.words, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 2)
        layout.setSpacing(12)
        layout.addWidget(self.table, 5)
        layout.addLayout(right, 3)
        self.setFixedHeight(_ROW_HEIGHT * (_ROWS_SHOWN + 1) + 14)

    def show_answer(self, answer: Answer, question: Question) -> None:
        """Show the evidence of an answer whose matches are the most similar cases."""
        self._model.show(answer)
        # A cut column would hide the estimate: the sentences beside it can wrap, bars cannot.
        self.table.setMinimumWidth(self.table.horizontalHeader().length() + 4)
        sentences = "\n".join(evidence_sentences(answer, question))
        self.words.setText(sentences)
        self.words.setToolTip(sentences)


class BarDelegate(QStyledItemDelegate):
    """Draws a bar before the words of a cell."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw bar, tick and words; a cell without a bar is Qt's."""
        bar = index.data(BAR_ROLE)
        if not isinstance(bar, Bar):
            super().paint(painter, option, index)
            return
        # The members of style options are missing from PySide's type information.
        cell: QRect = getattr(option, "rect")  # noqa: B009
        palette: QPalette = getattr(option, "palette")  # noqa: B009
        painter.save()
        place = QRect(cell.left() + 4, cell.top(), BAR_WIDTH, cell.height())
        draw_bar(painter, place, bar, palette)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        words = cell.adjusted(BAR_WIDTH + 14, 0, 0, 0)
        painter.drawText(
            words,
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            str(index.data(Qt.ItemDataRole.DisplayRole)),
        )
        painter.restore()


def _table(model: EvidenceModel) -> QTableView:
    table = QTableView()
    table.setObjectName("evidence")
    table.setModel(model)
    table.setItemDelegate(BarDelegate(table))
    table.setShowGrid(False)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setTabKeyNavigation(False)
    rows, columns = table.verticalHeader(), table.horizontalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setMinimumSectionSize(_ROW_HEIGHT)
    rows.setDefaultSectionSize(_ROW_HEIGHT)
    columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    columns.setHighlightSections(False)
    columns.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    columns.setFixedHeight(_ROW_HEIGHT)
    return table
