"""The words of one fact of the library's cases, each with its count and a mark to search for it."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from inference.library.filters import Word
from viewer.numbers import whole
from viewer.question_words import fact_words

Index = QModelIndex | QPersistentModelIndex

_MOST_WORDS = 200


class FacetModel(QAbstractListModel):
    """Words with counts, most frequent first; those that are searched for are checked."""

    chosen = Signal(tuple)
    """The reader wants these words; empty for any."""

    def __init__(self, fact: Word, parent: QObject) -> None:
        super().__init__(parent)
        self.fact = fact
        self._words: list[str] = []
        self._counts: dict[str, int] = {}
        self._wanted: tuple[str, ...] = ()

    def show(self, counts: dict[str, int], wanted: tuple[str, ...]) -> None:
        """Show the words of what would pass, and those that are wanted though nothing has them.

        The order stays while the words are the same, so that nothing moves under the pointer.
        """
        ordered = sorted(counts, key=lambda word: (-counts[word], word))[:_MOST_WORDS]
        missing = [word for word in wanted if not any(_same(word, one) for one in counts)]
        words = [*ordered, *missing]
        if set(words) - set(self._words):
            self.beginResetModel()
            self._words, self._counts, self._wanted = words, counts, wanted
            self.endResetModel()
            return
        self._counts, self._wanted = counts, wanted
        if self._words:
            self.dataChanged.emit(self.index(0), self.index(len(self._words) - 1))

    def clear(self) -> None:
        """Forget the words: another library has others."""
        self.beginResetModel()
        self._words, self._counts, self._wanted = [], {}, ()
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802 - Qt's name
        """Count the words."""
        return 0 if parent is not None and parent.isValid() else len(self._words)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let each be checked."""
        del index
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Return a word with its count, or whether it is checked."""
        if not index.isValid():
            return None
        word = self._words[index.row()]
        words = f"{fact_words(self.fact, word)} ({whole(self._counts.get(word, 0))})"
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return words
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if self._is_wanted(word) else Qt.CheckState.Unchecked
        return None

    def setData(  # noqa: N802
        self, index: Index, value: object, role: int = int(Qt.ItemDataRole.EditRole)
    ) -> bool:
        """Take a mark or its absence."""
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        word = self._words[index.row()]
        others = tuple(one for one in self._wanted if not _same(one, word))
        checked = Qt.CheckState(value) == Qt.CheckState.Checked
        self.chosen.emit((*others, word) if checked else others)
        return True

    def _is_wanted(self, word: str) -> bool:
        return any(_same(word, one) for one in self._wanted)


def _same(one: str, other: str) -> bool:
    """Compare as `Filter` does."""
    return one.casefold() == other.casefold()
