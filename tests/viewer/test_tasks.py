"""Work leaves the GUI thread and comes back to it, unless it is no longer wanted."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtWidgets import QApplication

from inference.errors import Cancelled, CaseLensError
from tests.viewer.fakes import HeldExecutor, InlineExecutor
from viewer.tasks import Tasks, Token


@pytest.fixture
def held(application: QApplication) -> Iterator[tuple[Tasks, HeldExecutor]]:
    del application
    executor = HeldExecutor()
    tasks = Tasks(executor)
    yield tasks, executor
    tasks.close()


def test_result_of_a_cancelled_group_is_dropped_and_given_back(
    held: tuple[Tasks, HeldExecutor],
) -> None:
    tasks, executor = held
    seen: list[str] = []
    dropped: list[str] = []
    wanted: list[Token] = []

    def late(token: Token) -> str:
        wanted.append(token)
        tasks.cancel("query")  # the reader turns away while the work is under way
        return "A"

    tasks.run(late, done=seen.append, dropped=dropped.append, group="query")
    tasks.run(lambda _: "B", done=seen.append, group="other")
    executor.release_all()
    QCoreApplication.processEvents()

    assert (seen, dropped) == (["B"], ["A"])
    assert wanted[0].cancelled()
    assert tasks.pending == 0


def test_work_cancelled_before_it_starts_never_runs(held: tuple[Tasks, HeldExecutor]) -> None:
    tasks, executor = held
    ran: list[str] = []
    token = tasks.run(lambda _: ran.append("ran"), done=lambda _: ran.append("done"))
    token.cancel()
    executor.release_all()
    QCoreApplication.processEvents()

    assert ran == []


def test_done_is_not_called_before_run_has_returned(application: QApplication) -> None:
    del application
    tasks = Tasks(InlineExecutor())
    seen: list[int] = []
    tasks.run(lambda _: 1, done=seen.append)
    before = list(seen)
    QCoreApplication.processEvents()
    tasks.close()

    assert (before, seen) == ([], [1])


def test_domain_errors_reach_failed_and_cancellations_reach_nobody(
    held: tuple[Tasks, HeldExecutor],
) -> None:
    tasks, executor = held
    errors: list[CaseLensError] = []
    error = CaseLensError("a.png", "it is empty")

    def fail(_: Token) -> None:
        raise error

    def stop(_: Token) -> None:
        raise Cancelled

    tasks.run(fail, done=lambda _: pytest.fail("done"), failed=errors.append)
    tasks.run(stop, done=lambda _: pytest.fail("done"), failed=errors.append)
    executor.release_all()
    QCoreApplication.processEvents()

    assert errors == [error]


def test_a_bug_in_work_is_raised_on_the_gui_thread(
    held: tuple[Tasks, HeldExecutor], qt_complaints: list[str]
) -> None:
    tasks, executor = held
    bugs: list[BaseException] = []
    tasks.broken.connect(bugs.append)
    tasks.run(lambda _: 1 // 0, done=lambda _: pytest.fail("done"))
    executor.release_all()
    QCoreApplication.processEvents()

    assert [type(bug) for bug in bugs] == [ZeroDivisionError]
    assert any("ZeroDivisionError" in line for line in qt_complaints)
    qt_complaints.clear()


def test_progress_arrives_until_the_work_is_cancelled(held: tuple[Tasks, HeldExecutor]) -> None:
    tasks, executor = held
    told: list[object] = []

    def work(token: Token) -> None:
        token.report(1)
        token.report(2)
        token.cancel()
        token.report(3)

    tasks.run(work, done=lambda _: None, progress=told.append)
    tasks.run(lambda token: token.report("heard"), done=lambda _: None, progress=told.append)
    executor.release_all()
    QCoreApplication.processEvents()

    # The first work withdrew itself before its reports were delivered.
    assert told == ["heard"]


def test_real_threads_deliver_on_the_gui_thread_and_end_with_close(
    application: QApplication,
) -> None:
    del application
    tasks = Tasks()
    loop = QEventLoop()
    tasks.idle.connect(loop.quit)
    worked: list[str] = []
    delivered: list[str] = []
    for _ in range(8):
        tasks.run(
            lambda _: worked.append(threading.current_thread().name),
            done=lambda _: delivered.append(threading.current_thread().name),
        )
    loop.exec()
    tasks.close()

    assert all(name.startswith("caselens") for name in worked)
    assert delivered == [threading.main_thread().name] * 8
    assert not [t for t in threading.enumerate() if t.name.startswith("caselens")]
