"""The demonstration library: computer-drawn phantoms, built once for each model."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from inference.library.build import Embedder, build
from inference.library.describe import describe, lacking
from inference.library.errors import DamagedLibraryError
from inference.library.files import explained
from inference.library.layouts.labels import TABLE
from inference.library.library import Library
from inference.library.model import NewCase, Progress
from inference.library.source import read_source
from inference.locations import shipped, user_cache

NAME = "Demonstration: computer-drawn phantoms"


def open_demonstration(
    encoder: Embedder,
    *,
    folder: Path | None = None,
    source: Path | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Library:
    """Open the demonstration library, building first whatever is not there yet.

    It is a cache: in the default place, a damaged one is thrown away and built again. Each
    model, and each set of phantoms, has a folder of its own.

    Args:
        encoder: the one that will be asked with.
        folder: where to keep it; by default in the user's cache.
        source: the phantoms; by default those shipped.
        progress: told while it is built; not called when it is complete already.
        cancelled: True stops the building.

    Raises:
        Cancelled: as ``cancelled`` asked; the next call continues.
        LibraryError: the phantoms are missing, or the cache cannot be written.
        ModelError: the encoder failed.
    """
    origin = source or shipped("resources") / "demo"
    items = read_source(origin)
    model = encoder.manifest.sha256
    place = folder or user_cache() / "demonstration" / f"{model[:16]}-{_digest(origin, items)[:16]}"
    library = _opened(place, ours=folder is None)
    try:
        if not _complete(library, items, model):
            build(library, items, encoder, progress=progress, cancelled=cancelled)
        if lacking(library, encoder.manifest):
            describe(library, encoder, progress=progress, cancelled=cancelled)
    except BaseException:
        library.close()
        raise
    return library


def _opened(place: Path, *, ours: bool) -> Library:
    """Open or make the library at ``place``; a damaged one is made anew if the place is ours."""
    try:
        return Library.open_or_create(place, NAME, phantoms=True)
    except DamagedLibraryError:
        if not ours:
            raise
    with explained(place):
        shutil.rmtree(place)
    return Library.create(place, NAME, phantoms=True)


def _complete(library: Library, items: list[NewCase], model: str) -> bool:
    info = library.info()
    return info.models.get(model, 0) + info.deleted >= len(items)


def _digest(origin: Path, items: list[NewCase]) -> str:
    """Return a SHA-256 over the table and the pictures: other phantoms, another library."""
    digest = hashlib.sha256()
    for path in (origin / TABLE, *(item.path for item in items)):
        with explained(path):
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
