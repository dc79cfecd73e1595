"""How heatmaps are shown, everywhere alike: on or off, and how strong."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class MapDisplay(QObject):
    """Visibility and opacity that the query, the gallery and the comparison share."""

    changed = Signal()

    def __init__(self, *, visible: bool, opacity: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._visible = visible
        self._opacity = opacity

    @property
    def visible(self) -> bool:
        """Whether heatmaps are drawn."""
        return self._visible

    @property
    def opacity(self) -> int:
        """Percent, 0 to 100."""
        return self._opacity

    @property
    def strength(self) -> float:
        """What a painter is given: 0 when hidden, else the opacity in [0, 1]."""
        return self._opacity / 100 if self._visible else 0.0

    def toggle(self) -> None:
        """Hide the heatmaps, or show them again."""
        self._visible = not self._visible
        self.changed.emit()

    def set_opacity(self, percent: int) -> None:
        """Set the opacity; shows the maps when they were hidden, else the change would not show."""
        percent = min(100, max(0, percent))
        if (percent, True) != (self._opacity, self._visible):
            self._opacity, self._visible = percent, True
            self.changed.emit()

    def more(self) -> None:
        """Strengthen the heatmaps by a tenth."""
        self.set_opacity(self._opacity + 10)

    def less(self) -> None:
        """Weaken the heatmaps by a tenth."""
        self.set_opacity(self._opacity - 10)
