"""How heatmaps are shown, everywhere alike: how strong, areas or lines, and in which colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Signal

from inference.explain import ColourMap

MapMode = Literal["filled", "contours"]


@dataclass(frozen=True, slots=True)
class MapLook:
    """What a painter needs to know to draw any heatmap.

    Attributes:
        strength: opacity where evidence is greatest, in [0, 1]; 0 when maps are hidden.
        mode: areas filled with colour, or lines of equal evidence.
        colour_map: the colours of values.
    """

    strength: float
    mode: MapMode = "filled"
    colour_map: ColourMap = "viridis"


class MapDisplay(QObject):
    """The look that the query, the gallery, the comparison and their legends share."""

    changed = Signal()

    def __init__(
        self,
        *,
        visible: bool,
        opacity: int,
        mode: MapMode = "filled",
        colour_map: ColourMap = "viridis",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._visible = visible
        self._opacity = opacity
        self._mode: MapMode = mode
        self._colour_map: ColourMap = colour_map

    @property
    def visible(self) -> bool:
        """Whether heatmaps are drawn."""
        return self._visible

    @property
    def opacity(self) -> int:
        """Percent, 0 to 100."""
        return self._opacity

    @property
    def mode(self) -> MapMode:
        """Filled areas or contour lines."""
        return self._mode

    @property
    def colour_map(self) -> ColourMap:
        """The colours of values; both are safe for colour-blind readers."""
        return self._colour_map

    @property
    def look(self) -> MapLook:
        """What is on screen now."""
        return self._look(self._opacity if self._visible else 0)

    @property
    def look_when_visible(self) -> MapLook:
        """What is on screen when heatmaps are not hidden: for a file that is to show one."""
        return self._look(self._opacity)

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

    def toggle_contours(self) -> None:
        """Change between filled areas and contour lines; shows the maps when they were hidden."""
        self._mode = "filled" if self._mode == "contours" else "contours"
        self._visible = True
        self.changed.emit()

    def choose_colours(self, colour_map: ColourMap) -> None:
        """Show values in other colours; shows the maps when they were hidden."""
        if (colour_map, True) != (self._colour_map, self._visible):
            self._colour_map, self._visible = colour_map, True
            self.changed.emit()

    def _look(self, percent: int) -> MapLook:
        return MapLook(percent / 100, self._mode, self._colour_map)
