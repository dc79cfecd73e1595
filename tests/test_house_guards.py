"""The guards of conftest.py catch what they are there for, each by a test that misbehaves."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent

ANYWHERE = """
import os, socket, threading, gc
from pathlib import Path
import pytest
HELD = []

def test_bad_thread():
    stop = threading.Event()
    HELD.append(stop)
    threading.Thread(target=stop.wait, name="forgotten").start()

def test_good_after_thread():
    HELD.pop().set()

def test_good_thread_that_ends():
    worker = threading.Thread(target=list)
    worker.start()
    worker.join()

def test_bad_exception_in_thread():
    worker = threading.Thread(target=lambda: 1 / 0)
    worker.start()
    worker.join()

class Unraisable:
    def __del__(self):
        raise ValueError("in a finaliser")

def test_bad_unraisable():
    Unraisable()
    gc.collect()

def test_bad_warning():
    import warnings
    warnings.warn("odd")

def test_bad_network():
    socket.create_connection(("192.0.2.1", 9))

def test_bad_name_lookup():
    socket.getaddrinfo("example.invalid", 80)

def test_bad_swallowed_network():
    try:
        socket.create_connection(("192.0.2.1", 9))
    except Exception:
        pass

def test_good_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()

def test_good_home_is_empty_1():
    assert list(Path.home().glob("config/*")) == []
    Path.home().joinpath("config", "mine").touch()

def test_good_home_is_empty_2():
    assert list(Path.home().glob("config/*")) == []

def test_good_data_folder_is_in_the_home():
    from inference.locations import user_data
    assert user_data().is_relative_to(Path.home())

def test_skip_fixture(real_data):
    pass

@pytest.mark.real_data
def test_skip_marker():
    pass
"""

WITH_QT = """
import gc, os
import pytest
from PySide6.QtCore import (
    QObject, QRunnable, QSettings, QThread, QThreadPool, QTimer, Signal, qDebug, qWarning)
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
HELD = []

@pytest.fixture(scope="session", autouse=True)
def app():
    return QApplication([])

def test_good_platform(app):
    assert app.platformName() == "offscreen"

def test_bad_window():
    HELD.append(QWidget())

def test_good_window():
    window = QWidget()
    window.show()
    window.close()

def test_good_window_in_a_cycle():
    window = QWidget()
    window.me = window

def test_good_window_deleted_later():
    window = QWidget()
    HELD.append(window)
    window.deleteLater()

def test_bad_timer():
    timer = QTimer()
    timer.start(100_000)
    HELD.append(timer)

def test_bad_single_shot():
    QTimer.singleShot(100_000, lambda: None)

def test_good_timer():
    timer = QTimer()
    timer.start(100_000)
    timer.stop()
    HELD.append(timer)

def test_bad_qthread():
    thread = QThread()
    thread.start()
    HELD.append(thread)

def test_good_after_qthread():
    HELD[-1].quit()
    assert HELD[-1].wait(10_000)

def test_good_qthread():
    thread = QThread()
    thread.start()
    thread.quit()
    assert thread.wait(10_000)

def test_bad_pool():
    import threading
    go_on = threading.Event()
    HELD.append(go_on)
    QThreadPool.globalInstance().start(go_on.wait)

def test_good_after_pool():
    HELD.pop().set()
    assert QThreadPool.globalInstance().waitForDone(10_000)

def test_good_pool():
    QThreadPool.globalInstance().start(lambda: None)

def test_bad_qt_warning():
    qWarning("odd")

def test_good_expected_qt_warning(qt_complaints):
    qWarning("odd")
    assert [line for line in qt_complaints if "odd" in line] == qt_complaints
    qt_complaints.clear()

def test_good_debug_message():
    qDebug("fine")

def test_bad_slot():
    button = QPushButton()
    button.clicked.connect(lambda: 1 / 0)
    button.click()

def test_good_settings_are_ours():
    settings = QSettings("CaseLens", "CaseLens")
    assert settings.fileName().startswith(os.environ["XDG_CONFIG_HOME"])
"""


def outcomes(folder: Path, source: str) -> dict[str, str]:
    """Run tests under the suite's own conftest and settings; return name to outcome."""
    tests = folder / "test_specimen.py"
    tests.write_text(source)
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest"]
    command += ["-c", str(CHECKOUT / "pyproject.toml"), f"--junitxml={report}", str(tests)]
    environ = {**os.environ, "CASELENS_REAL_DATA": ""}
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environ, capture_output=True, text=True, check=False
    )
    assert report.exists(), done.stdout + done.stderr
    found: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        caught = kinds & {"failure", "error"}  # an error is a failure while cleaning up
        outcome = "caught" if caught else "skipped" if "skipped" in kinds else "passed"
        name = case.get("name", "")
        if found.get(name) != "caught":
            found[name] = outcome
    return found


def promises(found: dict[str, str]) -> dict[str, str]:
    """Return the outcomes that the names of the tests promise."""
    promise = {"bad": "caught", "good": "passed", "skip": "skipped"}
    return {name: promise[name.split("_")[1]] for name in found}


def test_misbehaving_tests_are_caught_and_sound_ones_pass(tmp_path: Path) -> None:
    found = outcomes(tmp_path, ANYWHERE)
    assert len(found) == ANYWHERE.count("\ndef test_")
    assert found == promises(found)


@pytest.mark.skipif(importlib.util.find_spec("PySide6") is None, reason="needs Qt")
def test_what_qt_leaves_behind_is_caught(tmp_path: Path) -> None:
    found = outcomes(tmp_path, WITH_QT)
    assert len(found) == WITH_QT.count("\ndef test_")
    assert found == promises(found)
