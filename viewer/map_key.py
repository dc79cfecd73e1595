"""The key to a heatmap: its scale, and one line of help."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout

from viewer.labels import OneLine, label
from viewer.legend import Legend, Tones, scale_sentence
from viewer.map_words import MapKind, MapWords, map_words
from viewer.maps import MapDisplay


class MapKey(QObject):
    """Legend and help of the map that a page shows; the page lays them out.

    Args:
        maps: how heatmaps are shown.
        parent: the page.
        one_line: cut the help where room is short (its tool tip has all of it); else it wraps.

    Attributes:
        legend: the scale.
        help: what the map shows and what it does not.
    """

    told = Signal(str)
    """Scale and help in words, for the descriptions of pictures that screen readers read."""

    def __init__(self, maps: MapDisplay, parent: QObject, *, one_line: bool) -> None:
        super().__init__(parent)
        self._maps = maps
        self._kind = MapKind.DIAGNOSIS
        self._diagnosis = ""
        self._instruction = ""
        self.legend = Legend(maps)
        keeping = self.legend.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)  # nothing must jump when a mode begins
        self.legend.setSizePolicy(keeping)
        self.help = OneLine("muted") if one_line else label("", "muted")
        if not one_line:
            self.help.setWordWrap(True)
            self.help.setAlignment(Qt.AlignmentFlag.AlignTop)
            # Room for two lines always: the picture above must not jump between maps.
            self.help.setMinimumHeight(2 * self.help.fontMetrics().lineSpacing())
        maps.changed.connect(self._follow)

    @property
    def words(self) -> MapWords:
        """What is said of the map now."""
        return map_words(self._kind, self._maps.mode, self._diagnosis)

    def show_kind(self, kind: MapKind, tones: Tones, diagnosis: str = "") -> None:
        """Describe a map of this kind over a picture of these colours."""
        self._kind, self._diagnosis = kind, diagnosis
        self.legend.over(tones)
        self._follow()

    def instruct(self, sentence: str) -> None:
        """Say something else in place of the map's help; "" for the help again."""
        self._instruction = sentence
        self._follow()

    def _follow(self) -> None:
        words = self.words
        said = self._instruction or words.help
        self.legend.say(words)
        self.help.setText(said)
        self.help.setToolTip(said)
        self.told.emit(self._instruction or scale_sentence(words, self._maps))


def in_one_row(key: MapKey, switch: QCheckBox) -> QHBoxLayout:
    """Lay out a key where there is width: legend, help, switch to contour lines."""
    row = QHBoxLayout()
    row.setSpacing(16)
    row.addWidget(key.legend)
    row.addWidget(key.help, 1, Qt.AlignmentFlag.AlignTop)
    row.addWidget(switch, 0, Qt.AlignmentFlag.AlignTop)
    return row


def in_two_rows(key: MapKey, switch: QCheckBox) -> QVBoxLayout:
    """Lay out a key where there is height: the help stands below legend and switch."""
    row = QHBoxLayout()
    row.addWidget(key.legend)
    row.addStretch(1)
    row.addWidget(switch, 0, Qt.AlignmentFlag.AlignTop)
    column = QVBoxLayout()
    column.setSpacing(2)
    column.addLayout(row)
    column.addWidget(key.help)
    return column
