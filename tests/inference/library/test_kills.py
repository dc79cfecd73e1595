"""A kill at any instant: each acknowledged change is there, no half one, and all else is sound.

CASELENS_KILLS is how many kills there are of each kind of change; `tests.inference.library.killing`
run as a program makes hundreds, and counts.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from tests.inference.library.killing import CHECKS, Victim, kill_and_check

KILLS = int(os.environ.get("CASELENS_KILLS", "4"))


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Victim:
    """What is copied before each kill."""
    return Victim.prepare(tmp_path_factory.mktemp("victim"))


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("kind", CHECKS)
def test_what_was_acknowledged_is_there_and_nothing_half(
    victim: Victim, tmp_path: Path, kind: str
) -> None:
    chance = random.Random(f"20261124 {kind}")
    for _ in range(KILLS):
        kill_and_check(victim, kind, tmp_path / "killed", chance)
