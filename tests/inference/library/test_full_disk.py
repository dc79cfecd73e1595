"""A full disk is told of in plain words, lets no half change in, and loses nothing.

CASELENS_SIZES is how many sizes of a disk are tried for each kind of change;
`tests.inference.library.full_disk` run as a program tries twenty, and says what was told.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from inference.errors import LibraryError
from inference.library.library import Library
from tests.inference.library.conftest import ROOT
from tests.inference.library.full_disk import CHANGES

SIZES = os.environ.get("CASELENS_SIZES", "3")
_ALONE = ["unshare", "--user", "--map-root-user", "--mount"]


def _may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    asked = [*_ALONE, "mount", "-t", "tmpfs", "tmpfs", "/tmp"]
    return subprocess.run(asked, check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not _may_mount(), reason="no disk of our own may be mounted here")
@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_that_finds_the_disk_full_is_not_made_and_can_be_made_later(kind: str) -> None:
    command = [sys.executable, "-m", "tests.inference.library.full_disk"]
    command += ["--kinds", kind, "--count", SIZES]
    tried = subprocess.run(
        [*_ALONE, *command], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert tried.returncode == 0, tried.stderr
    assert tried.stdout.startswith(kind)
    assert " 0 too small" not in tried.stdout, "none of the sizes was tight"


def test_a_full_disk_lets_no_half_change_in(built: Library) -> None:
    connection = built._store._connection  # type: ignore[attr-defined]
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    case = built.case(1)
    attempts: list[Callable[[], object]] = [
        lambda: built.curation.edit(case, replace(case, note="long " * 100_000)),
        lambda: _until_it_fails(built),
    ]
    for attempt in attempts:
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(LibraryError, match="disk is full"):
            attempt()
        connection.execute("PRAGMA max_page_count = 1000000")
        assert built.inspection.verify() == []
    assert built.case(1).images == (1, 21)
    for change in built.curation.history():
        if change.can_undo and change.action != "import":
            built.curation.undo(change.id)
    assert built.case(1) == case
    assert built.inspection.verify() == []


def _until_it_fails(library: Library) -> None:
    """Delete, take back, merge and part until the audit has filled its pages."""
    for _ in range(500):
        library.curation.delete([3, 7])
        library.curation.undo()
        library.curation.merge(5, 2)
        library.curation.undo()
