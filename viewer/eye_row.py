"""The controls of brightness and contrast, and the word that the model sees none of it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QWidget

from viewer.commands import CommandTable
from viewer.eye import MOST, Eye, Tone
from viewer.labels import OneLine, label

_WIDTH = 150


class EyeRow(QWidget):
    """Two sliders; hidden until they are asked for."""

    def __init__(self, eye: Eye, commands: CommandTable, parent: QWidget) -> None:
        super().__init__(parent)
        self._eye = eye
        self.brightness = _slider(self.tr("Brightness"))
        self.contrast = _slider(self.tr("Contrast"))
        note = OneLine("muted")
        note.say(self.tr("For your eye only: the model sees the pictures as they are."))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        for slider in (self.brightness, self.contrast):
            caption = label(slider.accessibleName())
            caption.setBuddy(slider)
            row.addWidget(caption)
            row.addWidget(slider)
            slider.valueChanged.connect(self._take)
        off = QToolButton()
        off.setText(self.tr("As they are (B)"))
        off.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        off.clicked.connect(commands.action("eye").trigger)
        row.addWidget(off)
        row.addWidget(note, 1)
        eye.changed.connect(self._follow)
        self._follow()

    def _take(self) -> None:
        self._eye.show(Tone(self.brightness.value(), self.contrast.value()))

    def _follow(self) -> None:
        tone = self._eye.tone
        for slider, value in ((self.brightness, tone.brightness), (self.contrast, tone.contrast)):
            with QSignalBlocker(slider):
                slider.setValue(value)
        appears = self._eye.open and not self.isVisible()
        self.setVisible(self._eye.open)
        if appears:
            self.brightness.setFocus(Qt.FocusReason.OtherFocusReason)


def _slider(name: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(-MOST, MOST)
    slider.setSingleStep(5)
    slider.setPageStep(20)
    slider.setFixedWidth(_WIDTH)
    slider.setAccessibleName(name)
    slider.setToolTip(name)
    return slider
