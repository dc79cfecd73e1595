"""Answers of the store that hold until it changes.

To count a million cases by diagnosis, or to list those that pass a filter, takes SQLite tenths of
a second, and the same is asked again with every query while a filter is set.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from inference.library.store import LibraryStore

MOST = 8
"""Answers kept; the list of a million passing images takes 8 MB."""

_Answer = TypeVar("_Answer")


class Remembered:
    """Asks the store, and keeps the answers until it changes. Thread-safe."""

    def __init__(self, store: LibraryStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._state: tuple[int, ...] = ()
        self._answers: dict[Hashable, object] = {}

    def answer(self, question: Hashable, ask: Callable[[], _Answer]) -> _Answer:
        """Return what ``ask`` returns, or what it returned to the same question lately.

        Args:
            question: that tells it from others.
            ask: asks the store. Nobody may change what it returns.
        """
        # Read first: what changes while it is asked is noticed the next time.
        state = self._store.state()
        with self._lock:
            if state != self._state:
                self._state = state
                self._answers.clear()
            if question in self._answers:
                return cast("_Answer", self._answers[question])
        answer = ask()
        with self._lock:
            if state == self._state:
                while len(self._answers) >= MOST:
                    del self._answers[next(iter(self._answers))]
                self._answers[question] = answer
        return answer
