"""What a terminal shows of long work, and how Ctrl-C stops it."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType
from typing import Self

from inference.library.model import Progress


class ProgressLine:
    """Tells on standard error how long work takes: one line rewritten, or a line now and then."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        """Show the state; on a terminal at most ten times a second, else every ten seconds."""
        now = time.monotonic()
        finished = progress.done >= progress.total
        if now - self._last < (0.1 if self._live else 10.0) and not finished:
            return
        self._last = now
        left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
        text = (
            f"{progress.stage}: {progress.done} of {progress.total}, "
            f"{progress.per_second:.1f} images/s{left}"
        )
        print(f"\r{text:<70}" if self._live else text, end="" if self._live else "\n",
              file=sys.stderr, flush=True)  # fmt: skip

    def end(self) -> None:
        """Leave the rewritten line, if there is one."""
        if self._live and self._last:
            print(file=sys.stderr)
        self._last = 0.0


class StopOnInterrupt:
    """Turns Ctrl-C into a question that long work asks; a second Ctrl-C stops at once."""

    def __init__(self) -> None:
        self._asked = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        signal.signal(signal.SIGINT, self._before)

    def __call__(self) -> bool:
        """Say whether to stop."""
        return self._asked
