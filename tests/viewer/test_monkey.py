"""Whatever is done in whatever order: no exception, no warning of Qt, nothing left behind.

The guards of `tests/conftest.py` fail the test on either. More actions, and other seeds:
``CASELENS_MONKEY=2000 CASELENS_MONKEY_SEED=7 pytest tests/viewer/test_monkey.py``.
"""

from __future__ import annotations

import os
from pathlib import Path

from tests.viewer.conftest import Desk
from tests.viewer.monkey import Monkey

ACTIONS = int(os.environ.get("CASELENS_MONKEY", "150"))
SEED = int(os.environ.get("CASELENS_MONKEY_SEED", "1"))


def test_random_actions_break_nothing(desk: Desk, tmp_path: Path) -> None:
    monkey = Monkey(desk, tmp_path, SEED)
    try:
        monkey.act(ACTIONS)
    except BaseException:
        print("\n".join(monkey.done[-30:]))  # noqa: T201 - shown when the test fails
        raise
    assert len(monkey.done) == ACTIONS
    assert desk.tasks.pending == 0
    desk.drop(tmp_path / "0.png")
    assert desk.window.session.source is not None, "the window still takes a drop"
