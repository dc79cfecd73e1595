"""The neighbours by diagnosis beside the library's base rates and the model's estimate."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from inference.consultation import Answer
from viewer.bar_painter import Bar
from viewer.vocabulary import diagnosis_words
from viewer.words import percent, share

translate = QCoreApplication.translate

BAR_ROLE = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Row:
    """One diagnosis.

    Attributes:
        diagnosis: abbreviation.
        neighbours: how many of the matches have it.
        matches: all matches.
        searched: cases that were searched and have it.
        cases: all cases that were searched.
        estimate: the model's probability, or None for a diagnosis that it does not know, or
            for a picture of which it knows nothing.
    """

    diagnosis: str
    neighbours: int
    matches: int
    searched: int
    cases: int
    estimate: float | None

    @property
    def base_rate(self) -> float:
        """Share of the cases that were searched, in [0, 1]."""
        return self.searched / self.cases if self.cases else 0.0


def rows_of(answer: Answer) -> list[Row]:
    """Make a row for each diagnosis of what was searched and of the model.

    Most neighbours first; among equals, the one that is rarer among what was searched.
    """
    counts = Counter(match.case.diagnosis for match in answer.matches)
    names = sorted({*counts, *answer.base_rates, *answer.estimate})
    cases = sum(answer.base_rates.values())
    estimate = answer.estimate if answer.encoding.familiar else {}
    rows = [
        Row(
            name,
            counts.get(name, 0),
            len(answer.matches),
            answer.base_rates.get(name, 0),
            cases,
            estimate.get(name),
        )
        for name in names
    ]
    return sorted(rows, key=lambda row: (-row.neighbours, row.base_rate))


class EvidenceModel(QAbstractTableModel):
    """A table of `Row`s: diagnosis, neighbours with base rate, estimate."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._region = False
        self._filtered = False

    def show(self, answer: Answer) -> None:
        """Replace the rows."""
        self.beginResetModel()
        self._rows = rows_of(answer)
        self._filtered = bool(answer.filter)
        self._region = answer.region is not None
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Count the diagnoses."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Diagnosis, neighbours, estimate."""
        return 0 if parent is not None and parent.isValid() else 3

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> object:
        """Name the columns."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            self.tr("Diagnosis"),
            self._counted(),
            self.tr("Estimate for the whole picture")
            if self._region
            else self.tr("The model's own estimate"),
        )[section]

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Return the words of a cell, or its `Bar` under `BAR_ROLE`."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words(row, index.column())
        if role == BAR_ROLE:
            return _bar(row, index.column())
        return None

    def _counted(self) -> str:
        if self._region and self._filtered:
            return self.tr("Among the matches for the region (tick: cases that pass)")
        if self._region:
            return self.tr("Among the matches for the region (tick: this library)")
        if self._filtered:
            return self.tr("Among the most similar cases (tick: cases that pass)")
        return self.tr("Among the most similar cases (tick: this library)")

    def _words(self, row: Row, column: int) -> str:
        if column == 0:
            return diagnosis_words(row.diagnosis)
        if column == 1:
            return counted_words(row, filtered=self._filtered)
        if row.estimate is None:
            return self.tr("not given")
        return percent(row.estimate)


def counted_words(row: Row, *, filtered: bool) -> str:
    """Say how many of the matches have a diagnosis, and how common it is anyway."""
    words = (
        translate("Evidence", "{n} of {total}; {rate} of the cases that pass")
        if filtered
        else translate("Evidence", "{n} of {total}; {rate} of this library")
    )
    rate = share(row.searched, row.cases)
    return words.format(n=row.neighbours, total=row.matches, rate=rate)


def counted_bar(row: Row) -> Bar:
    """Return that as a bar."""
    return Bar(row.neighbours / row.matches if row.matches else 0.0, row.base_rate)


def _bar(row: Row, column: int) -> Bar | None:
    if column == 1:
        return counted_bar(row)
    if column == 2 and row.estimate is not None:
        return Bar(row.estimate)
    return None
