"""The searchers of one library: one for each model that has vectors there."""

from __future__ import annotations

import threading
from pathlib import Path

from inference.errors import LibraryError
from inference.library.index_manifest import Expectation
from inference.library.searcher import Searcher
from inference.library.store import LibraryStore
from inference.library.upkeep import Upkeep


class Searchers:
    """Makes a searcher when it is first asked for. Thread-safe."""

    def __init__(self, store: LibraryStore, folder: Path) -> None:
        """Search ``store``, with index files below the library's ``folder``."""
        self._store = store
        self._folder = folder
        self._of: dict[str, Searcher] = {}
        self._lock = threading.Lock()
        self._upkeep = Upkeep()

    def of(self, model: str) -> Searcher | None:
        """Return the searcher of a model; None when the library has no vectors of it."""
        with self._lock:
            if model not in self._of:
                dimension = self._store.dimension(model)
                if dimension is None:
                    return None
                expected = Expectation(model, dimension)
                self._of[model] = Searcher(self._store, self._folder, expected, self._upkeep)
            return self._of[model]

    def all(self) -> dict[str, Searcher]:
        """Return the searcher of each model that ever described a picture here."""
        found = {model: self.of(model) for model in self._store.models()}
        return {model: searcher for model, searcher in found.items() if searcher is not None}

    def to_ask(self, model: str) -> Searcher | None:
        """Return the searcher of a model; None when the library holds nothing at all.

        Raises:
            LibraryError: it holds pictures, but no vectors of this model.
        """
        searcher = self.of(model)
        if searcher is None and self._store.summary().images:
            raise LibraryError(
                self._folder,
                "its pictures were described by another model than the one in use",
                "Run caselens library describe DIR --encoder NAME with its folder and this model",
            )
        return searcher

    def close(self) -> None:
        """Stop what is built, wait until it has stopped, and let the index files go."""
        self._upkeep.close()
        with self._lock:
            self._of.clear()
