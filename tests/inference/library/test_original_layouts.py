"""Real archives in their original layouts: a second import adds nothing, a killed one goes on.

CASELENS_IMPORTED is how many pictures of each archive are imported, "all" of them by hand.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from inference.library.library import Library
from tests.inference.library.conftest import ROOT, FakeEncoder
from tests.inference.library.original_layouts import ARCHIVES
from tests.inference.library.test_planning import import_into, rows_of

IMPORTED = os.environ.get("CASELENS_IMPORTED", "40")


def _pictures(folder: Path) -> list[tuple[str, bytes]]:
    """Return each kept file with its bytes; the name is their hash.

    What a kill left half-written is hidden, and cleared away by an import of another day.
    """
    files = sorted([*folder.glob("images/*/[!.]*"), *folder.glob("thumbs/*/[!.]*")])
    return [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files]


def _kill_while_importing(archive: Path, folder: Path, after: int) -> None:
    """Let a child import, and kill it when it has told so often how far it is."""
    command = [sys.executable, "-m", "tests.inference.library.curator"]
    command += ["pack", str(folder), str(archive)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        for _ in range(after):
            assert child.stdout.readline()
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("name", ARCHIVES)
def test_a_second_import_adds_nothing_and_a_killed_one_ends_the_same(
    tmp_path: Path, encoder: FakeEncoder, real_data: Path, name: str
) -> None:
    count = None if IMPORTED == "all" else int(IMPORTED)
    archive = ARCHIVES[name](real_data, tmp_path / "downloads", count)
    with Library.create(tmp_path / "whole", name) as library:
        first = import_into(library, archive, encoder)
        assert first.rejected == () and first.added > 0 and first.skipped == 0
        assert count is None or first.added == count
        before = library.info()
        second = import_into(library, archive, encoder)
        assert (second.added, second.skipped, second.rejected) == (0, first.added, ())
        assert library.info() == before
        assert library.inspection.verify() == []
    Library.create(tmp_path / "killed", name).close()
    after = random.Random(name).randint(2, first.added // 8)
    _kill_while_importing(archive, tmp_path / "killed", after)
    with Library.open(tmp_path / "killed") as library:
        assert 0 <= library.info().images < first.added
        assert library.inspection.verify() == []
        resumed = import_into(library, archive, encoder)
        assert resumed.added + resumed.skipped == first.added
        assert library.inspection.verify() == []
    assert rows_of(tmp_path / "killed") == rows_of(tmp_path / "whole")
    assert _pictures(tmp_path / "killed") == _pictures(tmp_path / "whole")
