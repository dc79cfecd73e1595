"""What the database says of its own soundness, and the mending of what can be mended."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.library import editing, words
from inference.library.audit import record
from inference.library.connection import explained_sqlite, one_state, transaction
from inference.library.tally import is_usable


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture whose file the library should have.

    Attributes:
        id: of the image.
        name: at its source.
        content_hash: SHA-256 of the file's bytes.
        suffix: of the file.
        bytes: size of the file and its thumbnail.
        state: ``""``, or why it is not there: ``"deleted"``, ``"import undone"``, ``"missing"``
            (its file was lost) or ``"purging"`` (it is being forgotten, with its file).
    """

    id: int
    name: str
    content_hash: str
    suffix: str
    bytes: int
    state: str


class Checking:
    """Looks through the database of a `SqliteStore`, and mends it.

    Raises (every method):
        LibraryError: as the store does.
    """

    def __init__(self, use: Callable[[], AbstractContextManager[sqlite3.Connection]]) -> None:
        """Take what lends the connection."""
        self._use = use

    def damages(self) -> list[str]:
        """Return what SQLite says is wrong with the file or its references."""
        with self._use() as connection, one_state(connection):
            told = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            found = [] if told == ["ok"] else told
            for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
                found.append(f"row {row} of {table} belongs to nothing in {parent}")
            return found

    def pictures(self) -> list[Picture]:
        """Return every picture that is recorded, deleted ones too."""
        with self._use() as connection:
            return pictures(connection)

    def unsound_vectors(self) -> list[tuple[int, int]]:
        """Return (id, image) of each vector that has a wrong length or is not of length 1."""
        with self._use() as connection:
            rows = connection.execute(
                "SELECT vectors.id, image_id, dimension, embedding FROM vectors "
                "JOIN models ON models.id = model_id ORDER BY vectors.id"
            )
            return [
                (vector, image)
                for vector, image, dimension, blob in rows
                if len(blob) != 4 * dimension or not is_usable(np.frombuffer(blob, "<f4"))
            ]

    def unsound_maps(self) -> list[tuple[int, int]]:
        """Return (id, image) of each map that has not the size it should have."""
        with self._use() as connection:
            return connection.execute(
                "SELECT maps.id, image_id FROM maps JOIN vectors ON vectors.id = vector_id "
                "WHERE length(half) <> 2 * channels * row_count * column_count ORDER BY maps.id"
            ).fetchall()

    def words_out_of_step(self) -> list[int]:
        """Return the cases whose words are not what they should be."""
        with self._use() as connection, one_state(connection):
            return words.out_of_step(connection)

    def drop_vectors(self, ids: Sequence[int]) -> None:
        """Forget vectors and their maps: a describing makes them again."""
        self._drop("vectors", ids)

    def drop_maps(self, ids: Sequence[int]) -> None:
        """Forget maps: a describing makes them again."""
        self._drop("maps", ids)

    def refill_words(self) -> None:
        """Write what is searched by words anew."""
        with self._use() as connection, transaction(connection):
            words.refill(connection)
            record(connection, "repair", detail="words of all cases written anew")

    def mark_missing(self, images: Sequence[int]) -> None:
        """Take pictures out whose files were lost; they come back with their files.

        One that was deleted already is forgotten by the next purge instead.
        """
        with self._use() as connection, transaction(connection):
            there = [
                image
                for image in images
                if connection.execute("SELECT 1 FROM live_images WHERE id = ?", (image,)).fetchone()
            ]
            if there:
                editing.delete(connection, (), there, "", kind="missing")
            connection.executemany(
                "UPDATE deletions SET kind = 'purging' WHERE image_id = ? AND kind <> 'missing'",
                [(image,) for image in images],
            )

    def mark_found(self, images: Sequence[int]) -> None:
        """Let pictures be there again whose files have come back."""
        with self._use() as connection, transaction(connection):
            connection.executemany(
                "DELETE FROM deletions WHERE image_id = ? AND kind = 'missing'",
                [(image,) for image in images],
            )
            editing.reindex_cases_of(connection, images)
            record(connection, "repair", detail=f"{len(images)} missing pictures are back")

    def copy_to(self, file: Path) -> None:
        """Copy the database, as it is at one instant, into a file that is not there yet."""
        # What fails is taken to be the copy's, whose disk the library knows nothing of.
        with (
            self._use() as connection,
            explained_sqlite(file.parent),
            closing(sqlite3.connect(file)) as copy,
        ):
            connection.backup(copy)

    def _drop(self, table: str, ids: Sequence[int]) -> None:
        with self._use() as connection, transaction(connection):
            statement = f"DELETE FROM {table} WHERE id = ?"  # noqa: S608 - our own names
            connection.executemany(statement, [(each,) for each in ids])
            record(connection, "repair", detail=f"{len(ids)} unsound {table} dropped")


def pictures(connection: sqlite3.Connection) -> list[Picture]:
    """Return every picture that is recorded, deleted ones too."""
    rows = connection.execute(
        "SELECT id, name, content_hash, suffix, bytes, coalesce(kind, '') FROM images "
        "LEFT JOIN deletions ON image_id = id ORDER BY id"
    )
    return [Picture(*row) for row in rows]
