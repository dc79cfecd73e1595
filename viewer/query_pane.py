"""The query: its picture in the accent frame, the class map over it, and how the map is shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from viewer.caution_banner import BANNERED
from viewer.commands import CommandTable
from viewer.consultation import Consultation
from viewer.eye import Eye
from viewer.image_view import ImageView
from viewer.labels import OneLine, label
from viewer.map_controls import ContourSwitch, MapControls
from viewer.map_key import MapKey, in_two_rows
from viewer.map_sheet import Panel, Sheet
from viewer.map_words import MapKind
from viewer.maps import MapDisplay
from viewer.session import Session
from viewer.tool_row import ToolRow
from viewer.tool_words import complaint, instruction
from viewer.tools import Tools
from viewer.viewport import Viewport
from viewer.vocabulary import diagnosis_words
from viewer.whose import WhoseFrame, WhoseLabel
from viewer.words import flag_sentence, percent, phantom_label


class QueryPane(QWidget):
    """Left side of the answer."""

    class_chosen = Signal(int)

    def __init__(
        self,
        session: Session,
        tools: Tools,
        maps: MapDisplay,
        eye: Eye,
        *,
        commands: CommandTable,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tools = tools
        self._maps = maps
        self._consultation: Consultation | None = None
        self.view = ImageView(Viewport(self), maps, self.tr("Your picture"), eye)
        self.key = MapKey(maps, self, one_line=False)
        self.key.told.connect(self.view.describe_map)
        self.whose, self.frame = WhoseLabel(), WhoseFrame(self.view)
        self._name = OneLine("muted")
        self._phantom = label(phantom_label(), "phantom")
        self._flags = label("", "muted")
        self._flags.setWordWrap(True)
        self.classes = QComboBox()
        self.classes.setAccessibleName(self.tr("Diagnosis whose map is shown"))
        self.classes.view().setAccessibleName(self.classes.accessibleName())
        self.classes.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.classes.currentIndexChanged.connect(self._show_map)
        self.tools = ToolRow(tools, session, commands)
        self.trouble = label("", "warning")
        self.trouble.setWordWrap(True)
        self._arrange(maps, commands)
        tools.changed.connect(self._use_tools)
        tools.marked.connect(lambda: self.view.show_mark(tools.mark()))
        tools.measuring.moved.connect(lambda: self.key.instruct(instruction(tools)))
        self._use_tools()

    def show_consultation(self, consultation: Consultation) -> None:
        """Show a query; the map is the one of the class that the model leans to.

        An answer to a region of the same picture changes nothing here but the mark.
        """
        former, self._consultation = self._consultation, consultation
        if former is not None and consultation.picture is former.picture:
            return
        answer = consultation.answer
        size = self.tr("{width} x {height} pixels").format(
            width=answer.image.width, height=answer.image.height
        )
        self._name.say(f"{answer.image.name} · {size}")
        self.whose.show_own(own=consultation.own)
        self.frame.show_own(own=consultation.own)
        self._phantom.setVisible(consultation.phantom)
        familiar = answer.encoding.familiar
        others = [flag for flag in answer.flags if flag not in BANNERED]
        self._flags.setText(" ".join(flag_sentence(flag) for flag in others))
        self._flags.setVisible(bool(others))
        self.view.viewport.reset()
        self.view.viewport.set_upright()
        self.view.show_picture(consultation.picture)
        with QSignalBlocker(self.classes):
            self.classes.clear()
            for abbreviation, probability in answer.estimate.items():
                name = diagnosis_words(abbreviation)
                self.classes.addItem(f"{name} · {percent(probability)}" if familiar else name)
            if answer.encoding.saliency is not None:
                self.classes.insertSeparator(self.classes.count())
                self.classes.addItem(self.tr("What the first pass saw"))
            self.classes.setCurrentIndex(answer.encoding.likeliest)
        self._show_map(answer.encoding.likeliest)

    def map_shown(self) -> tuple[MapKind, str]:
        """Return the kind of the map that is shown, and the name of its diagnosis if it has one."""
        consultation, index = self._consultation, self.classes.currentIndex()
        names = consultation.answer.encoding.classes if consultation else ()
        if 0 <= index < len(names):
            return MapKind.DIAGNOSIS, diagnosis_words(names[index])
        return MapKind.FIRST_PASS, ""

    def sheet(self) -> Sheet | None:
        """Return the picture and the map that is shown over it, to be saved."""
        consultation, heat = self._consultation, self.view.heat
        if consultation is None or heat is None or self._tools.active:
            return None
        phantom = consultation.phantom
        mark = self._tools.mark()
        title = self.tr("Your picture") if consultation.own else self.tr("A case, not your picture")
        panel = Panel(title, consultation.picture, heat, consultation.own, phantom, mark)
        stem = Path(consultation.answer.image.name).stem
        return Sheet(
            name=self.tr("{name} with map.png").format(name=stem),
            panels=(panel,),
            words=self.key.words,
            look=self._maps.look_when_visible,
            tones=consultation.picture.tones,
            facts=tuple(flag_sentence(flag) for flag in consultation.answer.flags),
        )

    def _use_tools(self) -> None:
        self.view.take_hand(self._tools.hand())
        self.key.instruct(instruction(self._tools))
        self.key.legend.setVisible(not self._tools.active)  # no map of its kind is drawn
        self.classes.setEnabled(not self._tools.active)
        words = complaint(self._tools.error)
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))

    def _show_map(self, index: int) -> None:
        """Show the map of an entry: the diagnoses come first, in their order."""
        consultation = self._consultation
        if consultation is None or index < 0:
            self.view.show_heat(None)
            return
        kind, diagnosis = self.map_shown()
        heat = (
            self._session.class_heat(index)
            if kind is MapKind.DIAGNOSIS
            else self._session.saliency_heat()
        )
        self.view.show_heat(heat)
        self.key.show_kind(kind, consultation.picture.tones, diagnosis)
        partial = heat is not None and heat.partial
        self.view.setToolTip(self.tr("The model saw the dashed square only") if partial else "")

    def _arrange(self, maps: MapDisplay, commands: CommandTable) -> None:
        head = QHBoxLayout()
        head.addWidget(self.whose)
        head.addWidget(self._phantom)
        head.addWidget(self._name, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 4, 4)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.frame, 1)
        layout.addWidget(self.tools)
        layout.addWidget(self.trouble)
        layout.addLayout(self._map_row(maps, commands))
        layout.addLayout(in_two_rows(self.key, ContourSwitch(maps, commands)))
        layout.addWidget(self._flags)

    def _map_row(self, maps: MapDisplay, commands: CommandTable) -> QHBoxLayout:
        caption = label(self.tr("&Map for"), "muted")
        caption.setBuddy(self.classes)
        row = QHBoxLayout()
        row.addWidget(caption)
        row.addWidget(self.classes, 1)
        row.addWidget(MapControls(maps, commands, self))
        return row
