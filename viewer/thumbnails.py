"""Thumbnails of cases: fetched on a worker when first asked for, kept within a bound."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from viewer.engine import Engine
from viewer.pixels import to_qimage
from viewer.tasks import Tasks

MOST_BYTES = 48 * 1024 * 1024
"""About 150 thumbnails of 320 x 240."""


class Thumbnails(QObject):
    """A cache of the open library's thumbnails, by image id."""

    arrived = Signal(int)

    def __init__(
        self, tasks: Tasks, parent: QObject | None = None, *, most_bytes: int = MOST_BYTES
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._most = most_bytes
        self._engine: Engine | None = None
        self._images: OrderedDict[int, QImage] = OrderedDict()
        self._wanted: set[int] = set()
        self._missing: set[int] = set()

    @property
    def bytes_held(self) -> int:
        """Size of all images that are kept."""
        return sum(image.sizeInBytes() for image in self._images.values())

    @property
    def pending(self) -> int:
        """Thumbnails asked for and not there yet."""
        return len(self._wanted)

    def use(self, engine: Engine | None) -> None:
        """Turn to another library; ids of the former mean nothing any more."""
        self._tasks.cancel("thumbnails")
        self._engine = engine
        self._images.clear()
        self._wanted.clear()
        self._missing.clear()

    def missing(self, image_id: int) -> bool:
        """Say whether the library could not give this thumbnail."""
        return image_id in self._missing

    def get(self, image_id: int) -> QImage | None:
        """Return the thumbnail, or None and fetch it; `arrived` says when it is there."""
        image = self._images.get(image_id)
        if image is not None:
            self._images.move_to_end(image_id)
            return image
        if self._engine is not None and image_id not in self._wanted | self._missing:
            self._fetch(self._engine, image_id)
        return None

    def _fetch(self, engine: Engine, image_id: int) -> None:
        self._wanted.add(image_id)
        self._tasks.run(
            lambda _token: _load(engine, image_id),
            done=lambda image: self._keep(image_id, image),
            failed=lambda _error: self._give_up(image_id),
            group="thumbnails",
        )

    def _keep(self, image_id: int, image: QImage) -> None:
        self._wanted.discard(image_id)
        self._images[image_id] = image
        while len(self._images) > 1 and self.bytes_held > self._most:
            self._images.popitem(last=False)
        self.arrived.emit(image_id)

    def _give_up(self, image_id: int) -> None:
        self._wanted.discard(image_id)
        self._missing.add(image_id)
        self.arrived.emit(image_id)


def _load(engine: Engine, image_id: int) -> QImage:
    with engine.in_use():
        return to_qimage(engine.library.thumbnail(image_id))
