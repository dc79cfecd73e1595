"""The one way off the GUI thread.

Work runs on a few threads of our own. Its result comes back through a queued signal of an object
that lives on the GUI thread, so no signal is ever owned by a worker. Each piece of work carries a
`Token`; when the token has been cancelled by the time the result arrives, the result is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from inference.errors import Cancelled, CaseLensError

_THREADS = 3

Result = TypeVar("Result")


class Token:
    """One piece of work's right to be heard.

    The work may ask ``cancelled()`` between its steps, and ``report`` how far it has come.
    """

    def __init__(self, tell: Callable[[object], None]) -> None:
        self._tell = tell
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Withdraw the right: from now on no callback but ``dropped`` is called."""
        self._cancelled.set()

    def cancelled(self) -> bool:
        """Say whether the work is no longer wanted. Callable from any thread."""
        return self._cancelled.is_set()

    def report(self, progress: object) -> None:
        """Tell the GUI thread how far the work has come. Callable from any thread."""
        if not self.cancelled():
            self._tell(progress)


@dataclass(frozen=True, slots=True)
class _Entry:
    token: Token
    group: str
    done: Callable[[Any], None]
    failed: Callable[[CaseLensError], None] | None
    progress: Callable[[Any], None] | None
    dropped: Callable[[Any], None] | None


class Tasks(QObject):
    """Runs functions on worker threads and brings their results back to the GUI thread.

    Args:
        executor: where work runs; tests pass one that runs inline or on command. The object owns
            it and shuts it down in `close`.
        parent: Qt parent.
    """

    idle = Signal()
    """The last piece of work has been delivered."""

    broken = Signal(object)
    """Work ended with a bug, which is raised on the GUI thread right after."""

    _finished = Signal(int)
    _reported = Signal(int, object)

    def __init__(self, executor: Executor | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = executor or ThreadPoolExecutor(_THREADS, thread_name_prefix="caselens")
        self._entries: dict[int, _Entry] = {}
        self._futures: dict[int, Future[Any]] = {}
        self._next = 0
        queued = Qt.ConnectionType.QueuedConnection
        self._finished.connect(self._deliver, queued)
        self._reported.connect(self._deliver_progress, queued)

    @property
    def pending(self) -> int:
        """Pieces of work whose result has not been delivered or dropped yet."""
        return len(self._entries)

    def run(
        self,
        fn: Callable[[Token], Result],
        *,
        done: Callable[[Result], None],
        failed: Callable[[CaseLensError], None] | None = None,
        progress: Callable[[Any], None] | None = None,
        dropped: Callable[[Result], None] | None = None,
        group: str = "",
    ) -> Token:
        """Run ``fn(token)`` on a worker thread.

        Args:
            fn: the work. What it raises outside the family of `CaseLensError` and `Cancelled` is
                a bug and is raised again on the GUI thread.
            done: called on the GUI thread with the result, unless the token was cancelled.
            failed: called on the GUI thread with the domain error, unless cancelled.
            progress: called on the GUI thread with what the work reports.
            dropped: called on the GUI thread with a result that came too late, when there is
                something to give back (a library to close).
            group: a name under which `cancel` finds the work.

        Returns:
            The work's token: ``token.cancel()`` drops the work.
        """
        self._next += 1
        number = self._next
        token = Token(lambda report: self._reported.emit(number, report))
        self._entries[number] = _Entry(token, group, done, failed, progress, dropped)
        future = self._executor.submit(_unless_cancelled, fn, token)
        self._futures[number] = future
        future.add_done_callback(lambda _: self._finished.emit(number))
        return token

    def cancel(self, *groups: str) -> None:
        """Cancel all work of these groups; results on their way are dropped."""
        for entry in self._entries.values():
            if entry.group in groups:
                entry.token.cancel()

    def close(self) -> None:
        """Cancel everything, wait for the threads, and give late results back."""
        for entry in self._entries.values():
            entry.token.cancel()
        self._executor.shutdown(wait=True, cancel_futures=True)
        for number in list(self._entries):
            self._deliver(number)

    def _deliver(self, number: int) -> None:
        entry = self._entries.pop(number, None)
        if entry is None:
            return
        future = self._futures.pop(number)
        try:
            self._hand_over(entry, future)
        finally:
            if not self._entries:
                self.idle.emit()

    def _hand_over(self, entry: _Entry, future: Future[Any]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            if not entry.token.cancelled():
                entry.done(future.result())
            elif entry.dropped is not None:
                entry.dropped(future.result())
        elif isinstance(error, CaseLensError):
            if entry.failed is not None and not entry.token.cancelled():
                entry.failed(error)
        elif not isinstance(error, Cancelled):
            self.broken.emit(error)
            raise error

    def _deliver_progress(self, number: int, report: object) -> None:
        entry = self._entries.get(number)
        if entry is None or entry.progress is None or entry.token.cancelled():
            return
        entry.progress(report)


def _unless_cancelled(fn: Callable[[Token], Result], token: Token) -> Result:
    if token.cancelled():
        raise Cancelled
    return fn(token)
