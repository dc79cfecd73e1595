"""What curators do, in SQLite: each change one transaction with one entry of the audit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager

from inference.errors import LibraryError
from inference.library import audit, editing, purging, recording, undoing, words
from inference.library.cases import case_of
from inference.library.connection import one_state, transaction
from inference.library.model import Case, Change


class SqliteCuration:
    """A `CurationStore` over the connection of a `SqliteStore`.

    Raises (every method):
        LibraryError: as the store does, and where the change cannot be made.
    """

    def __init__(self, use: Callable[[], AbstractContextManager[sqlite3.Connection]]) -> None:
        """Take what lends the connection."""
        self._use = use

    def edit(self, before: Case, after: Case, who: str) -> int | None:
        """Change facts of a case; return the audit entry, None where nothing differs."""
        with self._use() as connection, transaction(connection):
            return editing.edit(connection, before, after, who)

    def delete(self, cases: Collection[int], images: Collection[int], who: str) -> int:
        """Delete cases and single images; return the audit entry."""
        with self._use() as connection, transaction(connection):
            return editing.delete(connection, cases, images, who)

    def merge(self, case: int, into: int, who: str) -> int:
        """Move the images of a case to another one; return the audit entry."""
        with self._use() as connection, transaction(connection):
            return editing.merge(connection, case, into, who)

    def undo(self, entry: int | None, who: str) -> Change:
        """Take a change back, the newest without ``entry``; return what was taken back."""
        with self._use() as connection, transaction(connection):
            wanted = audit.newest_undoable(connection) if entry is None else entry
            if wanted is None:
                raise LibraryError("the library", "it has no change that could be taken back")
            return undoing.undo(connection, wanted, who)

    def changes(self, limit: int | None) -> list[Change]:
        """Return the newest changes, newest first."""
        with self._use() as connection:
            return audit.changes(connection, limit)

    def case_of(self, lesion: str) -> int | None:
        """Return the id of the case of the lesion with this name, or None."""
        with self._use() as connection, one_state(connection):
            return case_of(connection, lesion)

    def search(self, text: str, limit: int | None) -> list[int]:
        """Return the ids of the cases that have every word of ``text``, best first."""
        with self._use() as connection, one_state(connection):
            return words.search(connection, text, limit)

    def without_fingerprint(self) -> list[int]:
        """Return the ids of the images that have no fingerprint, ascending."""
        with self._use() as connection:
            rows = connection.execute(
                "SELECT id FROM live_images EXCEPT SELECT image_id FROM fingerprints ORDER BY 1"
            ).fetchall()
        return [image for (image,) in rows]

    def add_fingerprints(self, fingerprints: Mapping[int, int]) -> None:
        """Record the fingerprints of images; it changes nothing that a reader sees."""
        with self._use() as connection, transaction(connection):
            for image, value in fingerprints.items():
                recording.add_fingerprint(connection, image, value)

    def fingerprints(self) -> list[tuple[int, int, int]]:
        """Return (image, case, fingerprint) of each image that has one, ascending."""
        with self._use() as connection:
            return recording.fingerprints(connection)

    def begin_purge(self) -> list[tuple[str, str]]:
        """Make deletions final; return content hash and suffix of the files to be removed."""
        with self._use() as connection, transaction(connection):
            return purging.begin(connection)

    def finish_purge(self, who: str) -> int:
        """Forget the images whose deletion is final; return how many they were."""
        with self._use() as connection, transaction(connection):
            return purging.finish(connection, who)
