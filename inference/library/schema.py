"""The shape of the database, as forward migrations on ``PRAGMA user_version``.

A migration is never edited once a version with it has been released: a new one is appended.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from inference.errors import LibraryError
from inference.files import sha256_of
from inference.library.errors import UnfinishedLibraryError
from inference.library.files import explained, sync_folder

APPLICATION_ID = 0x434C4942  # "CLIB", in the header of every library's database

Migration = Sequence[str]

_FIRST: Migration = (
    """CREATE TABLE library (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        name TEXT NOT NULL,
        phantoms INTEGER NOT NULL CHECK (phantoms IN (0, 1)),
        created TEXT NOT NULL
    ) STRICT""",
    # AUTOINCREMENT everywhere: an id is never used again, so nothing that remembers one
    # (an index, a report, the audit) can mean another case after a deletion.
    """CREATE TABLE cases (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        lesion TEXT NOT NULL UNIQUE,
        diagnosis TEXT NOT NULL,
        confirmation TEXT NOT NULL,
        age REAL,
        sex TEXT NOT NULL,
        site TEXT NOT NULL,
        source TEXT NOT NULL,
        licence TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX cases_by_diagnosis ON cases (diagnosis)",
    """CREATE TABLE images (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        case_id INTEGER NOT NULL REFERENCES cases (id),
        name TEXT NOT NULL,
        content_hash TEXT NOT NULL UNIQUE CHECK (length(content_hash) = 64),
        suffix TEXT NOT NULL,
        height INTEGER NOT NULL CHECK (height > 0),
        width INTEGER NOT NULL CHECK (width > 0),
        bytes INTEGER NOT NULL CHECK (bytes >= 0)
    ) STRICT""",
    "CREATE INDEX images_by_case ON images (case_id)",
    """CREATE TABLE models (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
        dimension INTEGER NOT NULL CHECK (dimension > 0)
    ) STRICT""",
    """CREATE TABLE vectors (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        model_id INTEGER NOT NULL REFERENCES models (id),
        image_id INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
        embedding BLOB NOT NULL,
        UNIQUE (image_id, model_id)
    ) STRICT""",
    "CREATE INDEX vectors_by_model ON vectors (model_id, id)",
    # No foreign keys: the audit outlives what it tells of.
    """CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        action TEXT NOT NULL,
        case_id INTEGER,
        image_id INTEGER,
        detail TEXT NOT NULL
    ) STRICT""",
)

_MAPS: Migration = (
    # A table of its own: a search over all vectors does not turn the pages of the maps. Measured on
    # 8,447 pictures with dermoscopy-1, in half precision: a picture's two maps (256 x 6 x 6 and
    # 192 x 6 x 6) take 32.8 kB of the database, all the rest of it, the vector included, 1.8. Kept
    # pixels take 6.8 kB and thumbnails 7.5 in that archive, whose pictures are reduced to 224
    # pixels; a camera's own take megabytes.
    # Named, since a model may give several, and another one later.
    """CREATE TABLE maps (
        id INTEGER PRIMARY KEY,
        vector_id INTEGER NOT NULL REFERENCES vectors (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        channels INTEGER NOT NULL CHECK (channels > 0),
        row_count INTEGER NOT NULL CHECK (row_count > 0),
        column_count INTEGER NOT NULL CHECK (column_count > 0),
        half BLOB NOT NULL,
        UNIQUE (vector_id, name)
    ) STRICT""",
)

_CODES: Migration = (
    # One row for each length: a search reads one of them. A picture's codes of 16, 32, 64 and 128
    # bits take some 60 bytes, its vector 1,024.
    """CREATE TABLE codes (
        vector_id INTEGER NOT NULL REFERENCES vectors (id) ON DELETE CASCADE,
        bits INTEGER NOT NULL CHECK (bits > 0 AND bits % 8 = 0),
        code BLOB NOT NULL CHECK (length(code) * 8 = bits),
        PRIMARY KEY (vector_id, bits)
    ) STRICT, WITHOUT ROWID""",
)

_CURATION: Migration = (
    "ALTER TABLE cases ADD COLUMN patient TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE cases ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    # A case whose pictures were moved to another one stays as another name of that lesion: what
    # an archive sends under it later goes there too.
    "ALTER TABLE cases ADD COLUMN merged_into INTEGER REFERENCES cases (id)",
    "CREATE INDEX cases_by_merger ON cases (merged_into)",
    """CREATE TABLE tags (
        case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
        tag TEXT NOT NULL COLLATE NOCASE,
        PRIMARY KEY (case_id, tag)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE follow_ups (
        case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
        day TEXT NOT NULL CHECK (length(day) = 10),
        PRIMARY KEY (case_id, day)
    ) STRICT, WITHOUT ROWID""",
    # The trail that is read and taken back. "undo": what takes it back, as JSON; NULL where
    # nothing does. "run": of an import, which is recorded in many transactions.
    "ALTER TABLE audit ADD COLUMN who TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE audit ADD COLUMN undo TEXT",
    "ALTER TABLE audit ADD COLUMN undone_by INTEGER",
    "ALTER TABLE audit ADD COLUMN run TEXT",
    "CREATE INDEX audit_by_run ON audit (run) WHERE run IS NOT NULL",
    """CREATE TABLE imported (
        image_id INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
        audit_id INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX imported_by_entry ON imported (audit_id)",
    # Pictures alone are deleted; a case is there as long as one of its pictures is. The row, the
    # file and the vectors stay until a purge, so an index made before goes on being valid.
    """CREATE TABLE deletions (
        image_id INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
        audit_id INTEGER NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('deleted', 'import undone', 'missing', 'purging'))
    ) STRICT""",
    "CREATE INDEX deletions_by_entry ON deletions (audit_id)",
    """CREATE VIEW live_images AS
        SELECT * FROM images WHERE id NOT IN (SELECT image_id FROM deletions)""",
    """CREATE VIEW live_cases AS
        SELECT * FROM cases WHERE EXISTS
        (SELECT 1 FROM images WHERE case_id = cases.id
         AND images.id NOT IN (SELECT image_id FROM deletions))""",
    # Bits as a signed number; see `inference.library.perceptual`.
    """CREATE TABLE fingerprints (
        image_id INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
        bits INTEGER NOT NULL
    ) STRICT""",
    # What is searched by words; the row of a case has its id. See `inference.library.words`.
    """CREATE VIRTUAL TABLE words USING fts5 (
        lesion, diagnosis, site, tags, note, source, pictures,
        tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
    )""",
    """INSERT INTO words (rowid, lesion, diagnosis, site, tags, note, source, pictures)
        SELECT id, lesion, diagnosis || ' ' || diagnosis_name(diagnosis), site, '', '', source,
        (SELECT group_concat(name, ' ') FROM
            (SELECT name FROM live_images WHERE case_id = live_cases.id ORDER BY live_images.id))
        FROM live_cases""",
    # Imports from before are told by the day, and cannot be taken back.
    """INSERT INTO audit (at, action, detail)
        SELECT max(at), 'import', count(*) || ' pictures' FROM audit
        WHERE action = 'image added' GROUP BY substr(at, 1, 10) ORDER BY 1""",
)

MIGRATIONS: tuple[Migration, ...] = (_FIRST, _MAPS, _CODES, _CURATION)
"""Statement lists; the n-th (from 1) takes a database of version n - 1 to version n.

They may call `diagnosis_name`, which `inference.library.connection.connect` gives to SQL.
"""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version; 0 for a database that holds nothing yet."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_empty(connection: sqlite3.Connection) -> bool:
    """Say whether a database holds nothing yet: neither a version nor any table."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return tables == 0 and version_of(connection) == 0


def require_library(connection: sqlite3.Connection, file: Path) -> None:
    """Refuse a database that is not a library, or that a newer program has changed.

    Raises:
        UnfinishedLibraryError: the database holds nothing yet.
        LibraryError: saying which of the two.
    """
    mark = int(connection.execute("PRAGMA application_id").fetchone()[0])
    version = version_of(connection)
    if mark == 0 and is_empty(connection):
        raise UnfinishedLibraryError(
            file,
            "the library was never finished; it holds no cases",
            "Build it again in the same folder",
        )
    if mark != APPLICATION_ID or version == 0:
        raise LibraryError(
            file,
            "this database does not hold a CaseLens library",
            "Choose another folder, or build the library",
        )
    if version > len(MIGRATIONS):
        raise LibraryError(
            file,
            f"the library was made by a newer CaseLens (format {version}; this program knows "
            f"formats up to {len(MIGRATIONS)})",
            "Install the newest CaseLens; the library has not been changed",
        )


def lay_out(connection: sqlite3.Connection) -> None:
    """Give an empty database its tables. The caller holds the transaction and commits it."""
    for number, migration in enumerate(MIGRATIONS, start=1):
        _apply(connection, number, migration)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def migrate(connection: sqlite3.Connection, file: Path, *, read_only: bool) -> None:
    """Bring a library to the newest version, each step in one transaction after a backup.

    The backups lie in ``backups/`` beside the database and are never deleted by the program.

    Raises:
        LibraryError: not a library; made by a newer program; or old and read-only.
    """
    require_library(connection, file)
    while (version := version_of(connection)) < len(MIGRATIONS):
        if read_only:
            raise LibraryError(
                file,
                f"the library has an older format ({version}) and cannot be brought up to date "
                "where it lies, since nothing can be written there",
                "Copy the whole folder to a place where you may write, and open the copy",
            )
        back_up(connection, file, version)
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Another program may have done this step while we waited for the lock.
            if version_of(connection) == version:
                _apply(connection, version + 1, MIGRATIONS[version])
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def back_up(connection: sqlite3.Connection, file: Path, version: int) -> Path:
    """Copy the whole database into ``backups/``, complete and verified when this returns.

    Named by version and content, so that a step that fails and is tried again every day does
    not fill the disk with equal copies.

    Returns:
        The backup's path.
    """
    folder = file.parent / "backups"
    part = folder / f".{file.stem}-{version}.part"
    with explained(folder):
        folder.mkdir(exist_ok=True)
        part.unlink(missing_ok=True)
    with closing(sqlite3.connect(part)) as copy:
        connection.backup(copy)
    with explained(part):
        kept = folder / f"{file.stem}-format{version}-{sha256_of(part)[:12]}{file.suffix}"
        part.replace(kept)
    sync_folder(folder)
    return kept


def _apply(connection: sqlite3.Connection, number: int, migration: Migration) -> None:
    for statement in migration:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {number}")
