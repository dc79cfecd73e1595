"""Long work on a library that nobody waits for, in a thread that ends with the library."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from inference.errors import Cancelled

Work = Callable[[Callable[[], bool]], None]
"""Takes a question, to be asked often: whether to stop, by raising `Cancelled`."""


class Upkeep:
    """Does one piece of work at a time. Any thread may call any method."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, work: Work) -> None:
        """Begin some work, unless other work is under way; whoever needs it will ask again."""
        with self._lock:
            busy = self._thread is not None and self._thread.is_alive()
            if busy or self._closing.is_set():
                return
            self._thread = threading.Thread(target=self._run, args=(work,), name="upkeep")
            self._thread.start()

    def close(self) -> None:
        """Stop the work and wait until it has stopped; nothing begins any more."""
        with self._lock:
            self._closing.set()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self, work: Work) -> None:
        with contextlib.suppress(Cancelled):
            work(self._closing.is_set)
