"""The neighbours by diagnosis beside the library's base rates and the model's estimate."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from inference.consultation import Answer
from inference.diagnoses import diagnosis_name
from inference.library.model import LibraryInfo
from viewer.words import percent, share

BAR_ROLE = int(Qt.ItemDataRole.UserRole)
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Bar:
    """A share drawn as a bar: ``fraction`` filled, a tick at ``mark`` when there is one."""

    fraction: float
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One diagnosis.

    Attributes:
        diagnosis: abbreviation.
        neighbours: how many of the matches have it.
        matches: all matches.
        in_library: cases of the library that have it.
        cases: all cases of the library.
        estimate: the model's probability, or None for a diagnosis that it does not know, or
            for a picture of which it knows nothing.
    """

    diagnosis: str
    neighbours: int
    matches: int
    in_library: int
    cases: int
    estimate: float | None

    @property
    def base_rate(self) -> float:
        """Share of the library's cases, in [0, 1]."""
        return self.in_library / self.cases if self.cases else 0.0


def rows_of(answer: Answer, info: LibraryInfo) -> list[Row]:
    """Make a row for each diagnosis of library and model.

    Most neighbours first; among equals, the one that is rarer in the library.
    """
    counts = Counter(match.case.diagnosis for match in answer.matches)
    names = sorted({*counts, *info.diagnoses, *answer.estimate})
    estimate = answer.estimate if answer.encoding.familiar else {}
    rows = [
        Row(
            name,
            counts.get(name, 0),
            len(answer.matches),
            info.diagnoses.get(name, 0),
            info.cases,
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

    def show(self, answer: Answer, info: LibraryInfo) -> None:
        """Replace the rows."""
        self.beginResetModel()
        self._rows = rows_of(answer, info)
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
            self.tr("Among the matches for the region (tick: this library)")
            if self._region
            else self.tr("Among the most similar cases (tick: this library)"),
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

    def _words(self, row: Row, column: int) -> str:
        if column == 0:
            return diagnosis_name(row.diagnosis)
        if column == 1:
            return self.tr("{n} of {total}; {rate} of this library").format(
                n=row.neighbours, total=row.matches, rate=share(row.in_library, row.cases)
            )
        if row.estimate is None:
            return self.tr("not given")
        return percent(row.estimate)


def _bar(row: Row, column: int) -> Bar | None:
    if column == 1:
        return Bar(row.neighbours / row.matches if row.matches else 0.0, row.base_rate)
    if column == 2 and row.estimate is not None:
        return Bar(row.estimate)
    return None
