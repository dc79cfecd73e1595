"""What no test may leave behind: threads, timers, windows, warnings of Qt, connections outwards.

The fixtures of conftest.py wrap each test in these. Qt is looked at only where something has
imported it, so that the same suite runs in an environment without it.
"""

from __future__ import annotations

import gc
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType
    from PySide6.QtWidgets import QWidget

GRACE_SECONDS = 1.0
"""How long finished work may take to wind up; only a test that is about to fail waits so long."""

QT_MESSAGES_ALLOWED: dict[str, str] = {
    "This plugin does not support": "the offscreen platform lacks things that real ones have",
}
"""Beginning of a message of Qt that fails no test, to the reason why it is unavoidable."""

WINDOWS_ALLOWED: dict[str, str] = {
    "QTipLabel": "Qt makes one tool tip for the whole program and hides it by a timer of its own",
}
"""Class of a top-level widget that a test may leave, to the reason why it is unavoidable."""


def isolate_home(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Turn every folder of the user's into an empty one below ``home``, on every system."""
    folders = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "roaming",
        "LOCALAPPDATA": home / "local",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "data",
        "XDG_STATE_HOME": home / "state",
        "XDG_RUNTIME_DIR": home / "runtime",
    }
    for name, folder in folders.items():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        monkeypatch.setenv(name, str(folder))
    core = sys.modules.get("PySide6.QtCore")
    if core is not None:
        # Qt reads the environment once and keeps what it found.
        settings = core.QSettings
        for form in (settings.Format.NativeFormat, settings.Format.IniFormat):
            settings.setPath(form, settings.Scope.UserScope, str(home / "config"))


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Fail the test that reaches for another machine; an audit hook, so no library evades it."""
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = str(address[0]) if isinstance(address, tuple) else ""
    elif event == "socket.getaddrinfo":
        host = str(arguments[0] or "")
    else:
        return
    if not _is_this_machine(host):
        pytest.fail(f"a test must not use the network, and this one reached for {host}")


def _is_this_machine(host: str) -> bool:
    """Say whether a host name or address is this machine's; a socket file has an empty one."""
    if host in {"", "localhost"}:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def no_thread_left() -> Iterator[None]:
    """Fail when a Python thread is running that was not before."""
    before = set(threading.enumerate())
    yield
    new = [
        thread
        for thread in threading.enumerate()
        # A dummy stands for a thread of Qt's that has called Python once; nobody can end it.
        if thread not in before and not isinstance(thread, threading._DummyThread)
    ]
    for thread in new:
        # One that has done its work and is just returning is not left behind.
        thread.join(GRACE_SECONDS)
    left = [thread.name for thread in new if thread.is_alive()]
    if left:
        pytest.fail(f"the test left threads running: {', '.join(left)}")


@contextmanager
def nothing_of_qt_left() -> Iterator[None]:
    """Fail when Qt has a window, timer, thread or queued work that it had not before.

    Without Qt, or before an application exists, there is nothing to look at.
    """
    if "PySide6.QtCore" not in sys.modules:
        yield
        return
    before_windows = _windows()
    before_busy = _busy_objects()
    yield
    left = _left_behind(before_windows, before_busy)
    if left:
        # What only a cycle of references holds is garbage, not a leak; nor is what was put off
        # until the events are next looked at.
        gc.collect()
        _look_at_events()
        left = _left_behind(before_windows, before_busy)
    if left:
        pytest.fail(f"the test left behind: {', '.join(left)}")


@dataclass
class QtWatch:
    """Collects what Qt says and what is raised where Qt calls Python; a context manager.

    Attributes:
        complaints: one line each, in their order. A test that expects one takes it out.
    """

    complaints: list[str] = field(default_factory=list)
    _undo: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> QtWatch:
        """Begin to listen."""
        core = sys.modules.get("PySide6.QtCore")
        if core is None:
            return self
        self._undo.callback(core.qInstallMessageHandler, core.qInstallMessageHandler(self._heard))
        self._undo.callback(setattr, sys, "excepthook", sys.excepthook)
        sys.excepthook = self._raised
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._undo.close()

    def check(self) -> None:
        """Fail if anything was heard."""
        if self.complaints:
            pytest.fail("Qt complained during the test:\n" + "\n".join(self.complaints))

    def _heard(self, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        """Keep a message, unless it only informs or is allowed."""
        if kind.name in {"QtDebugMsg", "QtInfoMsg"} or text.startswith(tuple(QT_MESSAGES_ALLOWED)):
            return
        self.complaints.append(f"{kind.name}: {text}")

    def _raised(
        self, kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        """Keep an exception that a slot let out; Qt can hand it to nobody."""
        self.complaints.append(f"a slot raised {kind.__name__}: {error}")


def _left_behind(windows: list[QWidget], busy: list[QObject]) -> list[str]:
    """Describe what is there now and was not before."""
    known = {id(thing) for thing in (*windows, *busy)}
    left = [f"the window {_name(w)}" for w in _windows() if id(w) not in known]
    left += [f"the running {_name(b)}" for b in _busy_objects() if id(b) not in known]
    return left


def _windows() -> list[QWidget]:
    """Return the top-level widgets that are some test's doing."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return []
    return [
        window
        for window in widgets.QApplication.topLevelWidgets()
        # A window with a parent (a menu, a drop-down list) goes with that parent.
        if window.parent() is None and window.metaObject().className() not in WINDOWS_ALLOWED
    ]


def _busy_objects() -> list[QObject]:
    """Return active timers, running threads and busy pools that Python made, single shots too."""
    core, shiboken = sys.modules["PySide6.QtCore"], sys.modules["shiboken6"]
    if core.QCoreApplication.instance() is None:
        return []
    pool = core.QThreadPool.globalInstance()  # held, so that it is among the objects below
    kinds = (core.QTimer, core.QThread, core.QThreadPool)
    found = [
        thing
        for thing in gc.get_objects()
        if issubclass(type(thing), kinds) and shiboken.isValid(thing)
    ]
    assert pool in found, "the garbage collector knows what Qt's binding made"
    return [thing for thing in found if _is_busy(thing)]


def _is_busy(thing: Any) -> bool:  # noqa: ANN401 - Qt may not be there to name its types
    """Say whether a timer is active, a thread runs, or a pool has not finished."""
    if hasattr(thing, "isActive"):
        return bool(thing.isActive())
    if hasattr(thing, "isRunning"):
        return bool(thing.isRunning())
    return not thing.waitForDone(int(1000 * GRACE_SECONDS))


def _look_at_events() -> None:
    """Let Qt do what is due, and delete what it was asked to with ``deleteLater``."""
    core = sys.modules["PySide6.QtCore"]
    if core.QCoreApplication.instance() is not None:
        core.QCoreApplication.processEvents()
        core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)


def _name(thing: QObject) -> str:
    """Name an object of Qt's as its author would."""
    name = f"{type(thing).__name__} {thing.objectName()}".strip()
    title = getattr(thing, "windowTitle", str)()
    return f'{name} "{title}"' if title else name
