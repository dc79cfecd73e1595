"""Libraries that may only be read, and readers beside a program that adds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from inference.library.library import Library
from tests.inference.library.conftest import ROOT


@pytest.fixture
def read_only_copy(built: Library) -> Iterator[Path]:
    """A copy of the library where nobody may write; outside pytest's private folder."""
    built.close()
    place = Path(tempfile.mkdtemp())
    folder = place / "library"
    shutil.copytree(built.folder, folder)
    for parent, folders, files in os.walk(place):
        for name in (*folders, *files):
            path = Path(parent) / name
            path.chmod(0o555 if path.is_dir() else 0o444)
    place.chmod(0o555)
    yield folder
    for parent, folders, _ in os.walk(place):
        Path(parent).chmod(0o755)
        for name in folders:
            (Path(parent) / name).chmod(0o755)
    shutil.rmtree(place)


# The superuser may write everywhere, so it becomes another user, once everything is imported.
_AS_ANOTHER = """
import mmap, os, sys
from pathlib import Path
import numpy as np
from inference.errors import LibraryError
from inference.images import read
from inference.library.library import Library
read(next(Path(sys.argv[1]).glob("images/*/*")))
if os.geteuid() == 0:
    os.setuid(65534)
"""

_READ = (
    _AS_ANOTHER
    + """
with Library.open(Path(sys.argv[1])) as library:
    assert not library.writable
    assert library.info().images == 30
    assert len(library.nearest(np.ones(16, dtype=np.float32), 20, model="a" * 64)) == 20
    assert library.read_image(1).pixels.shape == (30, 40, 3)
    try:
        library.add([], [], "a" * 64)
    except LibraryError as error:
        print(error.reason)
"""
)


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits do not bind on Windows")
@pytest.mark.parametrize("index", ["sound", "damaged", "absent"])
def test_library_in_a_read_only_folder_is_read_and_searched(
    read_only_copy: Path, index: str
) -> None:
    (trees,) = (read_only_copy / "index").glob("*/trees-*")
    if index == "damaged":
        trees.chmod(0o644)
        trees.write_bytes(bytes(trees.stat().st_size))
        trees.chmod(0o444)
    elif index == "absent":
        trees.parent.chmod(0o755)
        trees.unlink()
        trees.parent.chmod(0o555)
    before = sorted(read_only_copy.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(read_only_copy)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.stderr == ""
    assert done.stdout == "nothing can be written there\n"
    assert sorted(read_only_copy.rglob("*")) == before


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits do not bind on Windows")
def test_database_that_may_only_be_read_is_read(read_only_copy: Path) -> None:
    read_only_copy.chmod(0o777)
    done = subprocess.run(
        [sys.executable, "-c", _READ, str(read_only_copy)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (done.stderr, done.stdout) == ("", "nothing can be written there\n")


# Reads without end, and tells each number of images that it sees.
_WATCH = (
    _AS_ANOTHER
    + """
seen = 0
print("ready", flush=True)
while seen < 60:
    with Library.open(Path(sys.argv[1])) as library:
        for _ in range(3):
            now = library.info().images
            found = len(library.nearest(np.ones(16, dtype=np.float32), 99, model="a" * 64))
            assert now >= seen and found >= seen - 10, (seen, now, found)
            seen = now
print(seen)
"""
)


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="takes a second user, so the superuser"
)
def test_other_user_reads_on_while_a_program_adds(
    read_only_copy: Path,
    add_vectors: Callable[..., None],
    make_vectors: Callable[..., np.ndarray],
) -> None:
    command = [sys.executable, "-c", _WATCH, str(read_only_copy)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as watcher:
        assert watcher.stdout is not None
        assert watcher.stdout.readline() == "ready\n"
        for number in range(30):
            with Library.open(read_only_copy) as writer:
                add_vectors(writer, make_vectors(1, seed=number), [f"N{number}"])
        output, errors = watcher.communicate(timeout=60)
    assert (errors, output) == ("", "60\n")
