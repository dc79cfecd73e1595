"""What a terminal shows of long work."""

from __future__ import annotations

import sys

import pytest

from inference.library.model import Progress
from inference.terminal import ProgressLine


def test_a_rewritten_line_is_left_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    line = ProgressLine()
    line.end()
    assert capsys.readouterr().err == ""
    line(Progress(done=2, total=2, stage="encoding"))
    line.end()
    line.end()
    assert capsys.readouterr().err.count("\n") == 1
