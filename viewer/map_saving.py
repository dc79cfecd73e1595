"""Saves the picture on screen with its heatmap: asks where, draws and writes on a worker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from inference.errors import CaseLensError
from inference.export import write_picture
from viewer.dialogs import Dialogs
from viewer.map_sheet import Sheet, draw_sheet
from viewer.pixels import from_qimage
from viewer.shelf import Shelf
from viewer.tasks import Tasks


class MapSaving(QObject):
    """Saving, from the question where to the word that it is done.

    Args:
        tasks: how work leaves the GUI thread.
        shelf: names model and library.
        dialogs: asks for the file.
        parent: the window.
    """

    said = Signal(str)
    """A passing remark."""

    def __init__(self, tasks: Tasks, shelf: Shelf, dialogs: Dialogs, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._shelf = shelf
        self._dialogs = dialogs
        self._window = parent

    def ask(self, sheet: Sheet | None) -> None:
        """Let the reader name a file for a sheet as it is now, and save it there."""
        if sheet is not None:
            complete = self._with_origin(sheet)
            self._dialogs.save_picture(sheet.name, lambda path: self.save(path, complete))

    def save(self, path: Path, sheet: Sheet) -> None:
        """Write a sheet as PNG."""
        self._tasks.run(
            lambda _token: write_picture(path, from_qimage(draw_sheet(sheet))),
            done=lambda _nothing: self.said.emit(self.tr("Saved as {path}").format(path=path)),
            failed=self._complain,
            group="saving",
        )

    def _with_origin(self, sheet: Sheet) -> Sheet:
        engine = self._shelf.engine
        if engine is None:
            return sheet
        facts = list(sheet.facts)
        if any(panel.heat is not None and panel.heat.partial for panel in sheet.panels):
            facts.append(self.tr("The model saw what the dashed lines enclose, and no more."))
        origin = self.tr("CaseLens · model {model} · library {library}").format(
            model=engine.model, library=engine.info.name
        )
        return replace(sheet, facts=(*facts, origin))

    def _complain(self, error: CaseLensError) -> None:
        # A passing remark could be missed, and the reader would believe that the file is there.
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(self.tr("The picture was not saved"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(str(error))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
