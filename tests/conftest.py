"""The suite's ground rules: nothing left behind, no display, no network, nobody's own folders."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import guards

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).resolve().parent.parent

if importlib.util.find_spec("PySide6") is not None:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

sys.addaudithook(guards.refuse_network)


def _real_data() -> Path | None:
    """Return the folder of real images, or None where there is none.

    CASELENS_REAL_DATA names another folder than ``../shared/data``; empty, it says there is none.
    """
    named = os.environ.get("CASELENS_REAL_DATA")
    if named == "":
        return None
    folder = Path(named) if named else CHECKOUT.parent / "shared" / "data"
    if folder.is_dir():
        return folder
    if named:
        raise pytest.UsageError(f"CASELENS_REAL_DATA names no folder: {named}")
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that take the fixture ``real_data``; skip marked ones where there is no data."""
    absent = _real_data() is None
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker("real_data")
        if absent and item.get_closest_marker("real_data"):
            item.add_marker(pytest.mark.skip(reason="needs the real images of ../shared/data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real images: never to be copied into the repository."""
    folder = _real_data()
    assert folder is not None, "tests without the data have been skipped"
    return folder


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give each test a home of its own: no setting or library of the user's is seen or touched."""
    guards.isolate_home(monkeypatch, tmp_path_factory.mktemp("home"))


@pytest.fixture(autouse=True)
def qt_complaints(_own_home: None) -> Iterator[list[str]]:
    """Fail a test in which Qt warns or a slot raises.

    A test that provokes a complaint takes this fixture and removes what it expected.
    """
    with guards.QtWatch() as watch:
        yield watch.complaints
    watch.check()


@pytest.fixture(autouse=True)
def _nothing_left(qt_complaints: list[str]) -> Iterator[None]:  # noqa: ARG001 - comes before
    """Fail a test that leaves a thread, a timer, a task or a window behind."""
    with guards.no_thread_left(), guards.nothing_of_qt_left():
        yield
