"""The one owner of SQLite: what a library knows, in transactions."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from inference.errors import LibraryError
from inference.files import can_write
from inference.library import reading, recording, vector_rows
from inference.library.audit import now, record
from inference.library.cases import read_case
from inference.library.checking import Checking
from inference.library.connection import (
    connect,
    explained_sqlite,
    leave_log,
    one_state,
    transaction,
)
from inference.library.filters import EVERYTHING, Filter, Word
from inference.library.identity import identity_of, refuse_stranger
from inference.library.model import Case
from inference.library.recording import add_one, add_vectors
from inference.library.schema import is_empty, lay_out, migrate
from inference.library.sqlite_curation import SqliteCuration
from inference.library.store import (
    ENDLESS,
    Arrival,
    CodeArray,
    Codes,
    FloatArray,
    Ids,
    ImageRow,
    ImportRun,
    MapBatch,
    Outcome,
    Summary,
    Vectors,
)


class SqliteStore:
    """A `LibraryStore` in one SQLite file. One connection, used by one thread at a time.

    Raises (every method):
        LibraryError: locked, full, damaged, read-only, vanished, replaced, or closed.
    """

    def __init__(
        self,
        file: Path,
        identity: tuple[int, int],
        connection: sqlite3.Connection,
        *,
        writable: bool,
    ) -> None:
        """Use `create` or `open`."""
        self._file = file
        self._identity = identity
        self._connection = connection
        self._lock = threading.RLock()
        self._closed = False
        self._writable = writable
        self._curation = SqliteCuration(self._use)
        self._checking = Checking(self._use)

    @classmethod
    def create(cls, file: Path, name: str, *, phantoms: bool) -> SqliteStore:
        """Lay out a new library in ``file``, in one transaction.

        A file that a killed `create` left without tables is taken over.

        Raises:
            LibraryError: a library is there already, or the folder cannot be written.
        """
        with explained_sqlite(file):
            connection = connect(file, "rwc")
            try:
                with transaction(connection):
                    if not is_empty(connection):
                        raise LibraryError(
                            file.parent,
                            "there is a library already",
                            "Open it, or choose another folder",
                        )
                    lay_out(connection)
                    connection.execute(
                        "INSERT INTO library (id, name, phantoms, created) VALUES (1, ?, ?, ?)",
                        (name, int(phantoms), now()),
                    )
                    record(connection, "library created")
                identity = identity_of(file)
            except BaseException:
                connection.close()
                raise
        return cls(file, identity, connection, writable=True)

    @classmethod
    def open(cls, file: Path) -> SqliteStore:
        """Open the library in ``file``, bringing an older format up to date.

        Opened for reading only where the folder or the file cannot be written. What is not a
        library, or comes from a newer program, stays as it is, byte for byte.

        Raises:
            LibraryError: not a library, from a newer program, damaged, or unreadable.
        """
        writable = can_write(file.parent) and os.access(file, os.W_OK)
        with explained_sqlite(file):
            if writable:
                refuse_stranger(file)
            connection = connect(file, "rw" if writable else "ro")
            try:
                if writable:
                    leave_log(connection)
                migrate(connection, file, read_only=not writable)
                identity = identity_of(file)
            except BaseException:
                connection.close()
                raise
        return cls(file, identity, connection, writable=writable)

    @property
    def writable(self) -> bool:
        """Whether anything can be added."""
        return self._writable

    @property
    def curation(self) -> SqliteCuration:
        """What curators ask."""
        return self._curation

    @property
    def checking(self) -> Checking:
        """What an inspection asks."""
        return self._checking

    def close(self) -> None:
        """Give the database back; a second call does nothing."""
        with self._lock:
            if not self._closed:
                self._closed = True
                with explained_sqlite(self._file):
                    self._connection.close()

    def check_in_place(self) -> None:
        """Refuse to go on when the file was deleted, moved or replaced since it was opened.

        The system keeps a deleted file alive for whoever has it open: what is added then would
        seem to succeed, and be nowhere.
        """
        if identity_of(self._file) != self._identity:
            raise LibraryError(
                self._file.parent,
                "another library has been put in the place of the one that was opened",
                "Open it again",
            )

    def state(self) -> tuple[int, ...]:
        """Return a token that differs after every change, also by another program."""
        with self._use() as connection:
            others = connection.execute("PRAGMA data_version").fetchone()[0]
            return int(others), connection.total_changes

    def label(self) -> tuple[str, bool]:
        """Return the library's name, and whether its cases are phantoms."""
        with self._use() as connection:
            name, phantoms = connection.execute("SELECT name, phantoms FROM library").fetchone()
        return str(name), bool(phantoms)

    def summary(self) -> Summary:
        """Count what is there."""
        with self._use() as connection, one_state(connection):
            return reading.summary(connection)

    def case(self, case_id: int) -> Case | None:
        """Return a case, or None when there is no such case."""
        with self._use() as connection, one_state(connection):
            return read_case(connection, case_id)

    def image(self, image_id: int) -> ImageRow | None:
        """Return an image, or None when there is no such image."""
        with self._use() as connection:
            row = connection.execute(
                "SELECT id, case_id, name, content_hash, suffix, height, width "
                "FROM live_images WHERE id = ?",
                (image_id,),
            ).fetchone()
        return None if row is None else ImageRow(*row)

    def images_of_hashes(self, hashes: Collection[str]) -> set[int]:
        """Return the ids of the images with these content hashes."""
        with self._use() as connection:
            return reading.images_of_hashes(connection, hashes)

    def known(self, content_hash: str, lesion: str, model: str) -> Outcome | None:
        """Say what would become of a picture if that is clear from its bytes, else None.

        Args:
            content_hash: SHA-256 of its bytes.
            lesion: of the case that it would come with.
            model: SHA-256 of the encoder that would describe it.
        """
        with self._use() as connection:
            return recording.known(connection, content_hash, lesion, model)

    def add(self, arrivals: Sequence[Arrival], model: str, run: ImportRun) -> list[Outcome]:
        """Record pictures, all in one transaction.

        A picture that is there without a vector of ``model`` gets it and counts as added.

        Args:
            arrivals: pictures whose files are on the disk already.
            model: SHA-256 of the encoder their embeddings come from.
            run: the import that brings them.

        Returns:
            An `Outcome` for each arrival, in order.

        Raises:
            LibraryError: also when ``model`` has vectors of another length here.
        """
        if not arrivals:
            return []
        dimensions = {len(arrival.embedding) for arrival in arrivals}
        if len(dimensions) != 1:
            raise ValueError(f"embeddings of one model differ in length: {sorted(dimensions)}")
        with self._use() as connection, transaction(connection):
            model_id = self._model_id(connection, model, dimensions.pop())
            brought: list[int] = []
            outcomes = [add_one(connection, arrival, model_id, brought) for arrival in arrivals]
            recording.link(connection, brought, run)
            return outcomes

    def undescribed(self, model: str) -> list[int]:
        """Return the ids of the images without a vector of ``model``, ascending."""
        with self._use() as connection:
            rows = connection.execute(
                "SELECT id FROM live_images EXCEPT SELECT image_id FROM vectors "
                "WHERE model_id = (SELECT id FROM models WHERE sha256 = ?) ORDER BY 1",
                (model,),
            ).fetchall()
        return [image for (image,) in rows]

    def unmapped(self, model: str, names: Sequence[str]) -> list[int]:
        """Return the ids of the images that lack a map of one of these names, ascending."""
        with self._use() as connection:
            return reading.unmapped(connection, model, names)

    def uncoded(self, model: str, bits: Sequence[int]) -> list[int]:
        """Return the ids of the images that lack a code of one of these lengths, ascending."""
        with self._use() as connection:
            return reading.uncoded(connection, model, bits)

    def codes(self, model: str, bits: int) -> Codes:
        """Return the codes of this length of ``model``."""
        with self._use() as connection:
            return reading.codes(connection, model, bits)

    def add_vectors(
        self,
        images: Sequence[int],
        embeddings: FloatArray,
        model: str,
        *,
        maps: Mapping[str, FloatArray],
        codes: Mapping[int, CodeArray],
    ) -> int:
        """Give images that are there vectors, maps and codes of ``model``, all in one transaction.

        An image that has one keeps it; one that has left the library meanwhile is passed over.

        Args:
            images: n ids.
            embeddings: float32 (n, dimension), L2-normalised.
            model: SHA-256 of the encoder they come from.
            maps: name to float (n, channels, rows, columns), kept in half precision.
            codes: length in bits to packed hash codes, uint8 (n, length / 8).

        Returns:
            How many images have got a vector, a map or a code that they did not have.

        Raises:
            LibraryError: also when ``model`` has vectors of another length here.
        """
        if not images:
            return 0
        with self._use() as connection, transaction(connection):
            model_id = self._model_id(connection, model, embeddings.shape[1])
            added = add_vectors(connection, images, embeddings, model_id, maps=maps, codes=codes)
            record(connection, "pictures described", detail=f"{added} by {model}")
            return added

    def models(self) -> list[str]:
        """Return the SHA-256 of every model that ever described a picture here."""
        with self._use() as connection:
            rows = connection.execute("SELECT sha256 FROM models ORDER BY id").fetchall()
        return [sha256 for (sha256,) in rows]

    def dimension(self, model: str) -> int | None:
        """Return the length of the vectors of ``model``; None when it has none."""
        with self._use() as connection:
            row = connection.execute(
                "SELECT dimension FROM models WHERE sha256 = ?", (model,)
            ).fetchone()
        return None if row is None else int(row[0])

    def passing(self, filter: Filter) -> Ids:
        """Return the ids of the images whose case passes, ascending."""
        with self._use() as connection:
            return reading.passing(connection, filter)

    def counts(self, fact: Word, filter: Filter) -> dict[str, int]:
        """Return each word of a fact to how many cases with it pass, in the order of the words."""
        with self._use() as connection:
            return reading.counts(connection, fact, filter)

    def cases_of(self, model: str, images: Ids) -> Ids:
        """Return the case of each image, int64 (n,); 0 for one without a vector of ``model``."""
        with self._use() as connection:
            return vector_rows.cases_of(connection, model, images)

    def population(self, model: str, last: int) -> str:
        """Return what tells the images with a vector of ``model`` up to ``last``, and their cases.

        See `vector_rows.population`.
        """
        with self._use() as connection:
            return vector_rows.population(connection, model, last)

    def vectors(
        self, model: str, *, after: int = 0, upto: int = ENDLESS, limit: int = -1
    ) -> Vectors:
        """Return the vectors of ``model`` with ids above ``after`` and up to ``upto``, by id.

        Also those of deleted images, which stay in an index.

        At most ``limit`` of them, if that is not negative: others wait for the connection.

        Raises:
            LibraryError: also when a vector has not the length it should have.
        """
        with self._use() as connection, one_state(connection):
            which = (model, self.dimension(model) or 0)
            return vector_rows.vectors(
                connection, self._file, which, after=after, upto=upto, limit=limit
            )

    def vectors_of(self, model: str, numbers: Ids) -> Vectors:
        """Return the vectors of ``model`` with these ids, where there are such, by id.

        Raises:
            LibraryError: also when a vector has not the length it should have.
        """
        with self._use() as connection, one_state(connection):
            which = (model, self.dimension(model) or 0)
            return vector_rows.vectors_of(connection, self._file, which, numbers)

    def numbers(self, model: str, after: int, upto: int) -> Ids:
        """Return the ids of the vectors of ``model`` above ``after``, up to ``upto``, ascending."""
        with self._use() as connection:
            return vector_rows.numbers(connection, model, after, upto)

    def totals(self, model: str, last: int) -> tuple[int, int]:
        """Return how many vectors of ``model`` there are up to id ``last``, and their ids' sum."""
        with self._use() as connection:
            return vector_rows.totals(connection, model, last)

    def tallies(self, model: str, last: int) -> Ids:
        """Return which vectors of ``model`` up to id ``last`` there are; see `vector_rows.tally`.

        Ids are never used again, so an index that agrees with them, and with the `history` of the
        library, was made from these vectors.
        """
        with self._use() as connection:
            return vector_rows.tallies(connection, model, last)

    def history(self, last: int | None = None) -> tuple[int, str]:
        """Return what tells the library's past, up to a line of the audit, from any other past.

        Args:
            last: number of the line; None for the last that there is.
        """
        with self._use() as connection:
            return vector_rows.history(connection, last)

    def maps_of(self, images: Sequence[int], model: str, name: str) -> MapBatch:
        """Return the maps of this name that ``model`` gave some images, where they are kept.

        Args:
            images: ids, each at most once; those without such a map are left out.
            model: SHA-256 of the encoder.
            name: of the maps.

        Raises:
            LibraryError: also when a map has not the size it should have.
        """
        with self._use() as connection:
            return reading.maps_of(connection, self._file, (name, model), images)

    def maps_after(
        self, model: str, name: str, after: int, limit: int, *, filter: Filter = EVERYTHING
    ) -> MapBatch:
        """Return the next maps, at most ``limit``, after `MapBatch.last` of those before, or 0."""
        with self._use() as connection:
            which = (name, model)
            return reading.maps_after(connection, self._file, which, after, limit, filter=filter)

    @contextlib.contextmanager
    def _use(self) -> Iterator[sqlite3.Connection]:
        with self._lock, explained_sqlite(self._file):
            if self._closed:
                raise LibraryError(
                    self._file.parent, "the library has been closed", "Open it again"
                )
            self.check_in_place()
            yield self._connection

    def _model_id(self, connection: sqlite3.Connection, model: str, dimension: int) -> int:
        connection.execute(
            "INSERT INTO models (sha256, dimension) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (model, dimension),
        )
        row = connection.execute(
            "SELECT id, dimension FROM models WHERE sha256 = ?", (model,)
        ).fetchone()
        if row[1] != dimension:
            raise LibraryError(
                self._file,
                f"its vectors of this model have {row[1]} numbers, the new ones {dimension}",
                "Check that the model's files belong together",
            )
        return int(row[0])
