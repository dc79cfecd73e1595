"""An index that has fallen behind is built anew beside the searches, by one at a time."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.errors import Cancelled, LibraryError
from inference.library import index_build, searcher
from inference.library.index_manifest import Expectation, read_manifest
from inference.library.library import Library
from inference.library.lockfile import held
from inference.library.upkeep import Upkeep
from tests.inference.library.conftest import MODEL, ROOT

Floats = npt.NDArray[np.float32]
Hits = list[tuple[int, float]]
Add = Callable[..., None]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten vectors beside an index be too many."""
    monkeypatch.setattr(searcher, "RECENT_AT_LEAST", 10)


@pytest.fixture
def vectors(make_vectors: Callable[..., Floats]) -> Floats:
    return make_vectors(90, seed=2)


@pytest.fixture
def behind(
    tmp_path: Path, add_vectors: Add, vectors: Floats, builds: list[int]
) -> Iterator[Library]:
    """40 vectors in the index, and 20 beside it."""
    with Library.create(tmp_path / "library", "L") as library:
        add_vectors(library, vectors[:40], [f"L{n}" for n in range(40)])
        library.rebuild_index(MODEL)
        _ask(library, vectors[0])
        add_vectors(library, vectors[40:60], [f"M{n}" for n in range(20)])
        assert builds == [40]
        yield library


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the indexes that are built."""
    sizes: list[int] = []
    build = index_build.build

    def counted(root: Path, folder: Path, expected: Expectation, *rest: object,
                **facts: object) -> None:  # fmt: skip
        build(root, folder, expected, *rest, **facts)  # type: ignore[arg-type]
        sizes.append(read_manifest(folder, expected).count)

    monkeypatch.setattr(index_build, "build", counted)
    return sizes


def _ask(library: Library, query: Floats, k: int = 90) -> Hits:
    return library.nearest(query, k, model=MODEL)


def _finish(library: Library) -> None:
    """Wait until the work that is under way has ended."""
    thread = library._searchers._upkeep._thread
    assert thread is not None
    thread.join()


def _indexed(library: Library) -> int:
    """Return how many vectors the index in use holds."""
    main = library._searchers._of[MODEL]._main
    assert main is not None
    return main.index.count


def _truth(vectors: Floats, query: Floats) -> list[int]:
    return [int(n) + 1 for n in np.argsort(-(vectors.astype(np.float64) @ query))]


def test_what_lies_beside_the_index_goes_into_it_when_it_is_much(
    behind: Library, vectors: Floats, builds: list[int]
) -> None:
    before = _ask(behind, vectors[7])
    assert [image for image, _ in before] == _truth(vectors[:60], vectors[7])
    _finish(behind)
    assert _indexed(behind) == 60 and builds == [40, 60]
    assert _ask(behind, vectors[7]) == before
    assert builds == [40, 60], "nothing is left to do"
    with Library.open(behind.folder) as again:
        assert _ask(again, vectors[7]) == before
        assert _indexed(again) == 60


def test_little_beside_the_index_is_left_there(
    behind: Library, add_vectors: Add, vectors: Floats, builds: list[int]
) -> None:
    behind.rebuild_index(MODEL)
    add_vectors(behind, vectors[60:70], [f"N{n}" for n in range(10)])
    assert [image for image, _ in _ask(behind, vectors[1])] == _truth(vectors[:70], vectors[1])
    assert behind._searchers._upkeep._thread is None and builds == [40, 60]


def test_a_large_index_may_have_more_beside_it(
    behind: Library, vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searcher, "RECENT_SHARE", 0.5)
    _ask(behind, vectors[1])
    assert behind._searchers._upkeep._thread is None, "20 beside 40"
    monkeypatch.setattr(searcher, "RECENT_SHARE", 0.4)
    _ask(behind, vectors[1])
    _finish(behind)
    assert _indexed(behind) == 60


def test_the_former_index_answers_meanwhile_also_of_what_comes_and_goes(
    behind: Library, add_vectors: Add, vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, goes_on = threading.Event(), threading.Event()
    build = index_build.build

    def slow(*arguments: object, **facts: object) -> None:
        begun.set()
        assert goes_on.wait(60)
        build(*arguments, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(index_build, "build", slow)
    _ask(behind, vectors[7])
    assert begun.wait(60)
    add_vectors(behind, vectors[60:], [f"N{n}" for n in range(30)])
    assert [image for image, _ in _ask(behind, vectors[7])] == _truth(vectors, vectors[7])
    _forget(behind, 8)
    assert [image for image, _ in _ask(behind, vectors[7])] == _truth(vectors, vectors[7])[1:]
    assert _indexed(behind) == 40
    goes_on.set()
    _finish(behind)
    # Made of vectors of which one went before or after it was read: either way it is not returned.
    assert _indexed(behind) in (89, 90)
    assert [image for image, _ in _ask(behind, vectors[7])] == _truth(vectors, vectors[7])[1:]


def _forget(library: Library, image: int) -> None:
    with closing(sqlite3.connect(library.folder / "library.sqlite")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM images WHERE id = ?", (image,))


def test_a_picture_that_is_put_back_under_its_old_number_is_found(
    behind: Library, vectors: Floats
) -> None:
    """The index was built while it was gone, and reaches beyond its number."""
    file = behind.folder / "library.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        image = connection.execute("SELECT * FROM images WHERE id = 8").fetchone()
        vector = connection.execute("SELECT * FROM vectors WHERE image_id = 8").fetchone()
    _forget(behind, 8)
    behind.rebuild_index(MODEL)
    assert _indexed(behind) == 59 and 8 not in dict(_ask(behind, vectors[7]))
    with closing(sqlite3.connect(file)) as connection, connection:
        for table, row in (("images", image), ("vectors", vector)):
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)
    assert [image for image, _ in _ask(behind, vectors[7])] == _truth(vectors[:60], vectors[7])


def test_closing_stops_the_work_and_leaves_the_former_index(
    behind: Library, vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    upkeep, build = behind._searchers._upkeep, index_build.build
    begun = threading.Event()
    ended: list[type[BaseException]] = []

    def late(*arguments: object, **facts: object) -> None:
        begun.set()
        assert upkeep._closing.wait(60)
        try:
            build(*arguments, **facts)  # type: ignore[arg-type]
        except BaseException as error:
            ended.append(type(error))
            raise

    monkeypatch.setattr(index_build, "build", late)
    _ask(behind, vectors[7])
    assert begun.wait(60)
    files = {path: path.read_bytes() for path in behind.folder.glob("index/*/*")}
    behind.close()
    assert ended == [Cancelled]
    thread = upkeep._thread
    assert thread is not None and not thread.is_alive()
    assert {path: path.read_bytes() for path in behind.folder.glob("index/*/*")} == files


def test_another_program_that_builds_is_neither_disturbed_nor_waited_for(
    behind: Library, vectors: Floats, builds: list[int]
) -> None:
    lock = behind.folder / "index" / f"{MODEL[:16]}.lock"
    with _another_program_holding(lock):
        before = _ask(behind, vectors[7])
        _finish(behind)
        behind.rebuild_index(MODEL)
        assert builds == [40] and _indexed(behind) == 40
    _ask(behind, vectors[7])
    _finish(behind)
    assert builds == [40, 60]
    assert _ask(behind, vectors[7]) == before


_HOLD = """
import sys
from pathlib import Path
from inference.library.lockfile import held
with held(Path(sys.argv[1])) as ours:
    print(ours, flush=True)
    sys.stdin.read()
"""


class _another_program_holding:  # noqa: N801 - it reads as a function
    """A program that holds a lock until the body ends; killed then, as programs are."""

    def __init__(self, lock: Path) -> None:
        self._command = [sys.executable, "-c", _HOLD, str(lock)]

    def __enter__(self) -> None:
        self._program = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._program.stdout is not None
        assert self._program.stdout.readline() == "True\n"

    def __exit__(self, *_: object) -> None:
        self._program.kill()
        self._program.communicate()


def test_a_lock_is_held_by_one_thread_and_one_program(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    with held(lock) as first, held(lock) as second:
        assert (first, second) == (True, False)
    with _another_program_holding(lock), held(lock) as ours:
        assert not ours
    with held(lock) as ours:
        assert ours, "a program that was killed holds nothing"
    with pytest.raises(LibraryError, match="no longer there"), held(tmp_path / "no" / "a.lock"):
        pytest.fail("there is no such folder")


def test_an_index_that_another_program_built_is_taken(
    behind: Library, vectors: Floats, builds: list[int]
) -> None:
    with Library.open(behind.folder) as other:
        other.rebuild_index(MODEL)
    assert builds == [40, 60]
    before = _ask(behind, vectors[7])
    _finish(behind)
    assert _indexed(behind) == 60 and builds == [40, 60]
    assert _ask(behind, vectors[7]) == before


def test_an_index_that_cannot_be_written_is_not_tried_at_every_query(
    behind: Library, vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def full(*_: object, **__: object) -> None:
        tried.append(1)
        raise LibraryError(behind.folder, "the disk is full")

    monkeypatch.setattr(index_build, "build", full)
    for _ in range(3):
        found = _ask(behind, vectors[7])
        _finish(behind)
        assert [image for image, _ in found] == _truth(vectors[:60], vectors[7])
    assert len(tried) == 1


def test_an_index_deleted_while_it_is_open_goes_on_and_is_built_again_later(
    behind: Library, vectors: Floats
) -> None:
    behind.rebuild_index(MODEL)
    before = _ask(behind, vectors[7])
    shutil.rmtree(behind.folder / "index")
    assert _ask(behind, vectors[7]) == before
    with Library.open(behind.folder) as again:
        assert _ask(again, vectors[7]) == before
        assert _indexed(again) == 60


def test_work_is_done_one_at_a_time_and_none_after_the_end() -> None:
    upkeep, begun, goes_on = Upkeep(), threading.Event(), threading.Event()
    done: list[str] = []

    def work(_: Callable[[], bool]) -> None:
        begun.set()
        assert goes_on.wait(60)
        done.append("first")

    upkeep.begin(work)
    assert begun.wait(60)
    upkeep.begin(lambda _: done.append("second"))
    goes_on.set()
    upkeep.close()
    upkeep.begin(lambda _: done.append("third"))
    upkeep.close()
    assert done == ["first"]
