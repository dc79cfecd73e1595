"""One program imports into a library while another asks it: neither notices the other."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pytest

from inference.library import searcher
from inference.library.library import Library
from inference.library.lockfile import held
from tests.inference.library.conftest import MODEL, ROOT

Floats = npt.NDArray[np.float32]
NEW, BATCH = 12, 4
MOST_QUESTIONS = 5000
"""So many at the most may be answered before one batch is recorded; it takes some dozens."""

# Imports in batches of four, and stands still in the middle of each one's transaction until it is
# told to go on.
_IMPORT = f"""
import sys
from pathlib import Path
from inference.library import build, sqlite_store
from inference.library.library import Library
from inference.library.source import read_source
from tests.inference.library.conftest import FakeEncoder
build.BATCH = {BATCH}
add_one, added = sqlite_store.add_one, 0
def slow(*arguments):
    global added
    added += 1
    if added % {BATCH} == 2:
        print("inside", flush=True)
        assert sys.stdin.readline() == "go on\\n"
    return add_one(*arguments)
sqlite_store.add_one = slow
with Library.open(Path(sys.argv[2])) as library:
    report = build.build(library, read_source(Path(sys.argv[1])), FakeEncoder())
print(report.added, len(report.rejected), flush=True)
"""


@contextmanager
def _importing(source: Path, dest: Path) -> Iterator[tuple[IO[str], IO[str]]]:
    """Run the import; yields what it hears and what it says."""
    command = [sys.executable, "-c", _IMPORT, str(source), str(dest)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as program:
        assert program.stdin is not None and program.stdout is not None
        try:
            yield program.stdin, program.stdout
        except BaseException:
            program.kill()
            raise
    assert program.returncode == 0


def _check(library: Library, query: Floats, images: int) -> None:
    """Ask, and compare the answer with comparing everything that is there."""
    assert library.info().images == images
    vectors = library._store.vectors(MODEL)
    assert len(vectors.images) == images
    cosines = vectors.values.astype(np.float64) @ query.astype(np.float64)
    order = vectors.images[np.argsort(-cosines)].tolist()
    first = list({library.image(image).case: image for image in reversed(order)}.values())
    found = [image for image, _ in library.nearest(query, 99, model=MODEL)]
    assert sorted(found) == sorted(first) and found[0] == order[0]


def test_questions_are_answered_and_pictures_recorded_at_the_same_time(
    built: Library,
    make_source: Callable[..., Path],
    make_vectors: Callable[..., Floats],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(searcher, "RECENT_AT_LEAST", 3)  # so that this program also builds
    monkeypatch.setattr(searcher, "RECENT_SHARE", 0.0)
    query = make_vectors(1, seed=3)[0]
    images = built.info().images
    with _importing(make_source(NEW, seed=7), built.folder) as (tell, told):
        for _ in range(NEW // BATCH):
            assert told.readline() == "inside\n"
            for _ in range(5):
                _check(built, query, images)  # nothing of half a batch is seen
            tell.write("go on\n")
            tell.flush()
            images += BATCH
            _ask_until_recorded(built, query, images)
            _check(built, query, images)
        assert told.readline() == f"{NEW} 0\n"
    _check(built, query, 30 + NEW)
    found = built.nearest(query, 99, model=MODEL)
    built.close()
    with closing(sqlite3.connect(built.folder / "library.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    with Library.open(built.folder) as again:
        assert again.nearest(query, 99, model=MODEL) == found


def _ask_until_recorded(library: Library, query: Floats, images: int) -> None:
    """Ask without a pause, so that the other program has to come between."""
    for _ in range(MOST_QUESTIONS):
        assert len(library.nearest(query, 20, model=MODEL)) == 20
        if library.info().images == images:
            return
    pytest.fail("a program that asks keeps another from recording")


def test_an_import_ends_though_another_program_builds_the_index(
    built: Library, make_source: Callable[..., Path], make_vectors: Callable[..., Floats]
) -> None:
    query = make_vectors(1, seed=3)[0]
    lock = built.folder / "index" / f"{MODEL[:16]}.lock"
    with (
        held(lock) as ours,
        _importing(make_source(NEW, seed=7), built.folder) as (tell, told),
    ):
        assert ours
        tell.write("go on\n" * (NEW // BATCH))
        tell.flush()
        said = [told.readline() for _ in range(NEW // BATCH + 1)]
    assert said[-1] == f"{NEW} 0\n"
    _check(built, query, 30 + NEW)
