"""The controls of heatmaps, the same beside every picture: opacity, on or off, areas or lines."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QWidget

from viewer.commands import CommandTable
from viewer.maps import MapDisplay


class MapControls(QWidget):
    """Opacity slider and the switch that hides the heatmaps."""

    def __init__(self, maps: MapDisplay, commands: CommandTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._maps = maps
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setFixedWidth(96)
        self.slider.setAccessibleName(self.tr("Opacity of the heatmaps"))
        self.slider.setToolTip(self.tr("Opacity of the heatmaps"))
        self.slider.setValue(maps.opacity)
        self.slider.valueChanged.connect(maps.set_opacity)
        keys = commands.action("toggle_map").shortcut().toString()
        self.switch = QCheckBox(self.tr("Heatmap ({keys})").format(keys=keys))
        self.switch.setAccessibleName(self.tr("Show heatmaps"))
        self.switch.setChecked(maps.visible)
        self.switch.toggled.connect(lambda _on: maps.toggle())
        maps.changed.connect(self._follow)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.slider)
        layout.addWidget(self.switch)

    def _follow(self) -> None:
        with QSignalBlocker(self.switch):
            self.switch.setChecked(self._maps.visible)
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._maps.opacity)


class ContourSwitch(QCheckBox):
    """Changes between filled areas and contour lines."""

    def __init__(self, maps: MapDisplay, commands: CommandTable) -> None:
        keys = commands.action("contours").shortcut().toString()
        super().__init__(self.tr("Lines ({keys})").format(keys=keys))
        self._maps = maps
        self.setAccessibleName(self.tr("Draw heatmaps as contour lines"))
        self.setChecked(maps.mode == "contours")
        self.toggled.connect(lambda _on: maps.toggle_contours())
        maps.changed.connect(self._follow)

    def _follow(self) -> None:
        with QSignalBlocker(self):
            self.setChecked(self._maps.mode == "contours")
