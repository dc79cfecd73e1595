"""The database: its format, its errors in words, and the folders it can lie in."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from inference.errors import LibraryError
from inference.images import read
from inference.library import connection as connection_module
from inference.library import schema, sqlite_store
from inference.library.build import build
from inference.library.errors import DamagedLibraryError
from inference.library.library import Library
from inference.library.model import Progress
from inference.library.source import read_source
from tests.inference.library.conftest import MODEL, FakeEncoder


def test_newer_format_is_refused_and_left_alone(built: Library) -> None:
    built.close()
    file = built.folder / "library.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    content = file.read_bytes()
    known = len(schema.MIGRATIONS)
    told = rf"newer CaseLens \(format {known + 1}; .* up to {known}\)"
    with pytest.raises(LibraryError, match=told):
        Library.open(built.folder)
    assert file.read_bytes() == content


@pytest.fixture
def next_format(built: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the program knew one migration more than the library has."""
    assert built.info().images == 30
    more = (*schema.MIGRATIONS, ("ALTER TABLE cases ADD COLUMN later TEXT NOT NULL DEFAULT ''",))
    monkeypatch.setattr(schema, "MIGRATIONS", more)


@pytest.mark.usefixtures("next_format")
def test_older_format_is_backed_up_and_brought_up_to_date(built: Library) -> None:
    built.close()
    with Library.open(built.folder) as library:
        assert library.info().images == 30
    with closing(sqlite3.connect(built.folder / "library.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
        assert connection.execute("SELECT DISTINCT later FROM cases").fetchall() == [("",)]
    (backup,) = (built.folder / "backups").iterdir()
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS) - 1,)
        assert connection.execute("SELECT count(*) FROM vectors").fetchone() == (30,)
    with Library.open(built.folder):
        assert len(list((built.folder / "backups").iterdir())) == 1


def test_migration_that_fails_changes_nothing(
    built: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.close()
    broken = (*schema.MIGRATIONS, ("DROP TABLE audit", "THIS IS NOT SQL"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", broken)
        for _ in range(2):
            with pytest.raises(sqlite3.OperationalError):
                Library.open(built.folder)
    assert len(list((built.folder / "backups").iterdir())) == 1
    with Library.open(built.folder) as library:
        assert library.info().images == 30


def test_new_library_makes_no_backup(built: Library) -> None:
    assert not (built.folder / "backups").exists()


def test_folder_without_a_library_is_named(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="not a CaseLens library"):
        Library.open(tmp_path)
    with pytest.raises(LibraryError, match="no such folder"):
        Library.open(tmp_path / "absent")


def test_folder_that_the_system_refuses_to_look_at_is_explained(
    tmp_path: Path, lock: Callable[[str], None]
) -> None:
    lock("locked")
    for use in (Library.open, lambda folder: Library.open_or_create(folder, "L")):
        with pytest.raises(LibraryError, match="may not be read or changed by you"):
            use(tmp_path / "locked" / "library")
        with pytest.raises(LibraryError, match="its name is too long"):
            use(Path("x" * 5000))


def test_other_programs_database_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "library.sqlite")) as connection:
        connection.execute("CREATE TABLE photos (id)")
        connection.execute("PRAGMA user_version = 1")
    with pytest.raises(LibraryError, match="does not hold a CaseLens library"):
        Library.open(tmp_path)


def test_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite").write_bytes(b"holiday pictures" * 1000)
    with pytest.raises(DamagedLibraryError, match="not a database"):
        Library.open(tmp_path)


def test_damaged_pages_are_said_to_be_damaged(built: Library) -> None:
    built.close()
    file = built.folder / "library.sqlite"
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(DamagedLibraryError, match="damaged"), Library.open(built.folder) as library:
        library.info()


def test_lock_that_does_not_end_is_said(
    built: Library,
    add_vectors: Callable[..., None],
    make_vectors: Callable[..., np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection_module, "BUSY_SECONDS", 0.05)
    with (
        Library.open(built.folder) as library,
        closing(sqlite3.connect(built.folder / "library.sqlite", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LibraryError, match="another program is writing"):
            add_vectors(library, make_vectors(1), ["N"])
        # Reading goes on beside a writer.
        assert library.info().images == 30
        other.execute("ROLLBACK")
        add_vectors(library, make_vectors(1), ["N"])
        assert library.info().images == 31


def test_mistaken_statement_is_a_bug_and_not_explained_away(tmp_path: Path) -> None:
    with (
        pytest.raises(sqlite3.OperationalError),
        connection_module.explained_sqlite(tmp_path),
        closing(sqlite3.connect(":memory:")) as connection,
    ):
        connection.execute("SELECT * FROM nowhere")


def test_library_is_not_made_over_other_files(tmp_path: Path, built: Library) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("precious")
    with pytest.raises(LibraryError, match="holds other files"):
        Library.create(tmp_path / "thesis", "L")
    with pytest.raises(LibraryError, match="a library already"):
        Library.create(built.folder, "L")
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter.txt"]
    assert built.info().images == 30


def test_closed_library_says_so(built: Library) -> None:
    built.close()
    built.close()
    with pytest.raises(LibraryError, match="has been closed"):
        built.info()


def _delete(folder: Path) -> None:
    shutil.rmtree(folder)


def _move(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def _leave_an_empty_folder(folder: Path) -> None:
    _move(folder)
    folder.mkdir()


def _put_a_copy_in_its_place(folder: Path) -> None:
    _move(folder)
    shutil.copytree(folder.with_name("elsewhere"), folder)


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be moved there")
@pytest.mark.parametrize(
    ("happen", "reason"),
    [
        (_delete, "no longer there"),
        (_move, "no longer there"),
        (_leave_an_empty_folder, "no longer there"),
        (_put_a_copy_in_its_place, "another library has been put in the place"),
    ],
)
def test_library_that_vanished_is_said_and_no_ghost_of_it_is_made(
    built: Library,
    encoder: FakeEncoder,
    make_source: Callable[..., Path],
    happen: Callable[[Path], None],
    reason: str,
) -> None:
    items = read_source(make_source(3, seed=5))
    image = read(items[0].path)
    happen(built.folder)
    before = sorted(built.folder.parent.rglob("*"))
    for attempt in (
        lambda: build(built, items, encoder),
        lambda: built.keep_pixels(items[0].path.read_bytes(), image),
        lambda: built.add([], [], MODEL),
        lambda: built.rebuild_index(MODEL),
        lambda: built.nearest(np.ones(16, dtype=np.float32), 3, model=MODEL),
        built.info,
    ):
        with pytest.raises(LibraryError, match=reason):
            attempt()
    assert sorted(built.folder.parent.rglob("*")) == before


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be moved there")
def test_library_that_vanishes_while_it_is_built_into_is_not_made_anew(
    built: Library, encoder: FakeEncoder, make_source: Callable[..., Path]
) -> None:
    def vanish(progress: Progress) -> None:
        if progress.stage == "indexing":
            shutil.rmtree(built.folder)

    with pytest.raises(LibraryError, match="no longer there"):
        build(built, read_source(make_source(3, seed=5)), encoder, progress=vanish)
    assert not built.folder.exists()


def test_unknown_ids_are_errors_that_name_them(built: Library) -> None:
    with pytest.raises(LibraryError, match="no case 999"):
        built.case(999)
    with pytest.raises(LibraryError, match="no image 999"):
        built.image(999)


def test_altered_or_missing_picture_is_noticed(built: Library) -> None:
    path = built.image(1).path
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    with pytest.raises(LibraryError, match="altered or damaged"):
        built.read_image(1)
    path.unlink()
    with pytest.raises(LibraryError, match="no longer there"):
        built.read_image(1)


@pytest.mark.parametrize("damage", [b"", b"\xff\xd8\xff", None])
def test_lost_thumbnail_is_made_from_the_original(built: Library, damage: bytes | None) -> None:
    content_hash = built.image(1).content_hash
    thumb = built.folder / "thumbs" / content_hash[:2] / f"{content_hash}.jpg"
    if damage is None:
        thumb.unlink()
    else:
        thumb.write_bytes(damage)
    assert np.array_equal(built.thumbnail(1), built.read_image(1).pixels)


def test_names_in_other_scripts_and_signs_work(
    tmp_path: Path, add_vectors: Callable[..., None], make_vectors: Callable[..., np.ndarray]
) -> None:
    folder = tmp_path / "Fälle 100% #1?" / "皮膚 🔬"
    vectors = make_vectors(20)
    with Library.create(folder, "皮膚") as library:
        add_vectors(library, vectors, [f"lésion {n}" for n in range(20)])
        library.rebuild_index(MODEL)
    with Library.open(folder) as library:
        (hit,) = library.nearest(vectors[3], 1, model=MODEL)
        assert library.case(library.image(hit[0]).case).lesion == "lésion 3"
        assert library.name == "皮膚"
    assert (folder / "library.sqlite").exists()


def test_many_threads_read_and_add_at_once(
    built: Library, add_vectors: Callable[..., None], make_vectors: Callable[..., np.ndarray]
) -> None:
    query = make_vectors(1, seed=6)[0]
    wrong: list[object] = []

    def read() -> None:
        for image in range(1, 31):
            built.case(built.image(image).case)
            if len(built.nearest(query, 20, model=MODEL)) != 20:
                wrong.append(image)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(10):
        add_vectors(built, make_vectors(2, seed=number), [f"T{number}a", f"T{number}b"])
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(built.nearest(query, 100, model=MODEL)) == 40


def test_nothing_lies_beside_the_database_after_a_change(
    built: Library, add_vectors: Callable[..., None], make_vectors: Callable[..., np.ndarray]
) -> None:
    """So the folder can be copied, and read where nothing can be written."""
    add_vectors(built, make_vectors(1), ["N"])
    assert list(built.folder.glob("library.sqlite*")) == [built.folder / "library.sqlite"]


def test_library_that_a_tool_put_in_write_ahead_mode_is_brought_back(built: Library) -> None:
    built.close()
    file = built.folder / "library.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with Library.open(built.folder) as library:
        assert library.info().images == 30
        assert list(built.folder.glob("library.sqlite*")) == [file]
    assert file.read_bytes()[18:20] == b"\x01\x01"  # the header's word for a rollback journal


@pytest.mark.parametrize("version", [0, 1])
def test_strangers_database_stays_as_it_was(tmp_path: Path, version: int) -> None:
    file = tmp_path / "library.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE photos (id)")
        connection.execute(f"PRAGMA user_version = {version}")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    content = file.read_bytes()
    for _ in range(2):
        with pytest.raises(LibraryError, match="does not hold a CaseLens library"):
            Library.open_or_create(tmp_path, "L")
    assert file.read_bytes() == content
    with pytest.raises(LibraryError, match="a library already"):
        Library.create(tmp_path, "L")
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("photos",)]


def test_opening_a_library_twice_in_one_program_keeps_the_first_ones_lock(built: Library) -> None:
    """Closing a file gives up the whole process's POSIX locks on it."""
    file = built.folder / "library.sqlite"
    program = f"""
import sqlite3
connection = sqlite3.connect({str(file)!r}, timeout=0, isolation_level=None)
try:
    connection.execute("BEGIN IMMEDIATE")
    print("not locked")
except sqlite3.OperationalError as error:
    print(error)
"""
    connection = built._store._connection  # type: ignore[attr-defined]
    connection.execute("BEGIN IMMEDIATE")
    Library.open(built.folder).close()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    connection.execute("ROLLBACK")
    assert done.stdout == "database is locked\n"


def test_reader_without_permission_sees_what_another_program_adds(
    built: Library,
    monkeypatch: pytest.MonkeyPatch,
    add_vectors: Callable[..., None],
    make_vectors: Callable[..., np.ndarray],
) -> None:
    vectors = make_vectors(40, seed=4)
    monkeypatch.setattr(sqlite_store, "can_write", lambda _: False)
    with Library.open(built.folder) as reader:
        assert not reader.writable
        for number in range(0, 40, 10):
            some = slice(number, number + 10)
            add_vectors(built, vectors[some], [f"N{n}" for n in range(40)][some])
            assert reader.info().images == 40 + number
            (hit,) = reader.nearest(vectors[number + 9], 1, model=MODEL)
            assert hit[0] == 40 + number


# Half a change on the disk: with so small a cache SQLite writes pages before it commits.
_CUT_OFF = """
import os, signal, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 1")
connection.execute("BEGIN IMMEDIATE")
connection.execute("UPDATE vectors SET embedding = zeroblob(5000)")
connection.execute("DELETE FROM cases WHERE id > 1000")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_half_a_change_is_undone_by_whoever_may_write(
    built: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    built.close()
    file = built.folder / "library.sqlite"
    subprocess.run([sys.executable, "-c", _CUT_OFF, str(file)], check=False)
    assert (built.folder / "library.sqlite-journal").stat().st_size > 0
    with monkeypatch.context() as patch:
        patch.setattr(sqlite_store, "can_write", lambda _: False)
        with pytest.raises(LibraryError, match="cut off while it changed the library") as caught:
            Library.open(built.folder)
        assert "may write" in caught.value.advice
    with Library.open(built.folder) as library:
        assert len(library.nearest(np.ones(16, dtype=np.float32), 20, model=MODEL)) == 20
