"""Asks the reader for files and folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.intake import PICTURE_SUFFIXES, Offer


class Dialogs(QWidget):
    """The open dialogs of the window; they start where the last one ended."""

    def __init__(
        self, take: Callable[[Offer], None], open_library: Callable[[Path], None], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.hide()
        self._take = take
        self._open_library = open_library
        self._last = str(Path.home())

    def open_pictures(self) -> None:
        """Let the reader choose pictures; several become a queue."""
        endings = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        kinds = self.tr("Pictures ({endings});;All files (*)").format(endings=endings)
        names, _ = QFileDialog.getOpenFileNames(
            self.window(), self.tr("Open pictures"), self._last, kinds
        )
        if names:
            self._last = str(Path(names[0]).parent)
            self._take(Offer(tuple(Path(name) for name in names)))

    def open_folder(self) -> None:
        """Let the reader choose a folder, whose pictures become a queue."""
        folder = self._folder(self.tr("Open a folder of pictures"))
        if folder is not None:
            self._take(Offer((folder,)))

    def open_library(self) -> None:
        """Let the reader choose the folder of a case library."""
        folder = self._folder(self.tr("Open a case library"))
        if folder is not None:
            self._open_library(folder)

    def save_picture(self, name: str, save: Callable[[Path], None]) -> None:
        """Let the reader name a PNG file, ``name`` being proposed, and ``save`` there."""
        dialog = QFileDialog(
            self.window(), self.tr("Save picture with map"), self._last, self.tr("PNG (*.png)")
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.selectFile(name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def chosen(file: str) -> None:
            self._last = str(Path(file).parent)
            save(Path(file))

        dialog.fileSelected.connect(chosen)
        dialog.open()

    def _folder(self, title: str) -> Path | None:
        name = QFileDialog.getExistingDirectory(self.window(), title, self._last)
        if not name:
            return None
        self._last = str(Path(name).parent)
        return Path(name)
