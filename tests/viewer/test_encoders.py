"""Choosing the encoder in the window: what is described, asked again, and what stays."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

from inference.encoder import Encoder, Manifest
from inference.encoder.manifest import read_manifest
from inference.encoder.model import Description
from inference.errors import LibraryError
from inference.library import describe as describe_module
from inference.library.library import Library
from inference.library.model import Progress
from tests.twins import PICTURES, TWIN, TWIN_TITLE, write_library, write_models
from tests.viewer.conftest import Desk, HeldDesk, MakeDesk
from tests.viewer.fakes import HeldExecutor, InlineExecutor, picture
from viewer.engine import Workstation
from viewer.library_menu import LibraryMenu
from viewer.settings import Settings
from viewer.tasks import Tasks
from viewer.window import Window

PATIENCE_SECONDS = 60


def shown_text(window: Window) -> str:
    """All words of labels that are on screen now."""
    return "\n".join(part.text() for part in window.findChildren(QLabel) if part.isVisible())


def items(window: Window) -> list[QAction]:
    """What the Library menu offers when it is opened."""
    menu = window.findChild(LibraryMenu)
    assert menu is not None
    menu.aboutToShow.emit()
    return menu.actions()


def checked(window: Window) -> list[str]:
    """Titles of the menu's items that are on."""
    return [action.text() for action in items(window) if action.isChecked()]


def choose(desk: Desk, title: str) -> None:
    """Click on an encoder in the Library menu."""
    next(action for action in items(desk.window) if action.text() == title).trigger()
    desk.settle()


@pytest.fixture
def clinic(desk: Desk, tmp_path: Path) -> Path:
    """A library that is open in the window of ``desk``."""
    folder = tmp_path / "clinic"
    folder.mkdir()
    (folder / "library").touch()
    desk.window.shelf.open_folder(folder)
    desk.settle()
    return folder


def test_the_library_menu_offers_the_encoders_below_a_heading(desk: Desk) -> None:
    titles = [action.text() for action in items(desk.window)]

    assert titles[-4:] == ["Encoder", "&As the library", "One pass", "Two && passes"]
    assert items(desk.window)[-4].isSeparator()
    assert checked(desk.window) == ["&As the library"]


def test_choosing_an_encoder_describes_the_library_and_asks_again(
    desk: Desk, clinic: Path, tmp_path: Path
) -> None:
    desk.workstation.lacking = {"two"}
    desk.drop(picture(tmp_path))
    first = desk.window.session.consultation
    seen: list[str] = []
    desk.window.shelf.changed.connect(lambda: seen.append(shown_text(desk.window)))
    choose(desk, "Two && passes")

    (words,) = (text for text in seen if "Describing" in text)
    assert "Describing “clinic” with Two & passes" in words
    assert "5 of 100 pictures · about 60 seconds left" in words
    assert "Your picture lesion.png comes next." in words
    assert desk.workstation.asked == ["", "", "two"]
    assert desk.window.answered()
    assert desk.window.session.consultation is not first
    assert "model Two & passes" in desk.window.status.facts.text()
    assert [store.closings for store in desk.workstation.stores] == [1, 1, 0]
    assert (checked(desk.window), desk.settings.encoder) == (["Two && passes"], "two")
    assert desk.settings.libraries == (clinic,)


def test_the_choice_holds_for_other_libraries(desk: Desk, clinic: Path) -> None:
    choose(desk, "One pass")
    desk.window.shelf.open_demonstration()
    desk.settle()
    desk.window.shelf.open_folder(clinic)
    desk.settle()
    choose(desk, "&As the library")

    assert desk.workstation.asked == ["", "", "one", "one", "one", ""]
    assert desk.settings.encoder == ""


def test_the_demonstration_library_is_opened_with_the_choice(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    choose(desk, "Two && passes")

    assert desk.workstation.asked == ["", "two"]
    assert "model Two & passes" in desk.window.status.facts.text()
    assert desk.settings.demonstration
    assert desk.window.answered()


def test_choosing_what_is_chosen_opens_nothing(desk: Desk, clinic: Path) -> None:
    del clinic
    choose(desk, "&As the library")

    assert desk.workstation.asked == ["", ""]
    assert checked(desk.window) == ["&As the library"]


def test_stop_leaves_the_former_engine_open_and_the_former_choice_checked(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk = held_desk.desk
    desk.drop(picture(tmp_path))
    held_desk.finish()
    engine, answer = desk.window.shelf.engine, desk.window.session.consultation
    choose(desk, "Two && passes")
    # The report arrives while the work is still under way.
    desk.window.shelf.progress = Progress(5, 100, 20.0, 31.0, "describing")
    desk.window.shelf.describing = "Two & passes"
    desk.window.shelf.changed.emit()
    assert "Describing “Demonstration library” with Two & passes" in shown_text(desk.window)
    stop = next(
        b for b in desk.window.findChildren(QAbstractButton) if b.isVisible() and b.text() == "Stop"
    )
    stop.click()
    held_desk.finish()

    assert desk.window.shelf.engine is engine is not None
    assert desk.window.session.consultation is answer is not None
    assert desk.window.answered()
    assert (checked(desk.window), desk.settings.encoder) == (["&As the library"], "")


def test_a_refusal_is_told_and_the_former_engine_stays_open(
    desk: Desk, clinic: Path, tmp_path: Path
) -> None:
    desk.drop(picture(tmp_path))
    engine = desk.window.shelf.engine
    desk.workstation.lacking = {"two"}
    desk.workstation.refusal = LibraryError(clinic, "nothing can be written there", "Copy it")
    choose(desk, "Two && passes")

    words = shown_text(desk.window)
    assert "Nothing can be written there." in words and "Copy it." in words
    desk.window.back()
    assert desk.window.answered()
    assert desk.window.shelf.engine is engine is not None
    assert (checked(desk.window), desk.settings.encoder) == (["&As the library"], "")


def test_a_choice_after_a_failed_opening_is_for_the_library_that_is_open(
    desk: Desk, clinic: Path, tmp_path: Path
) -> None:
    desk.window.shelf.open_folder(tmp_path)  # no library
    desk.settle()
    choose(desk, "One pass")

    assert desk.workstation.asked == ["", "", "one"]
    assert desk.settings.libraries == (clinic,)
    assert desk.window.shelf.error is None


def test_where_no_library_opened_a_choice_tries_again(make_desk: MakeDesk, tmp_path: Path) -> None:
    (tmp_path / "library").touch()
    desk = make_desk(InlineExecutor())
    desk.workstation.lacking = {""}
    desk.workstation.refusal = LibraryError(tmp_path, "nothing can be written there")
    desk.window.shelf.open_folder(tmp_path)
    desk.settle()
    assert "Nothing can be written there." in shown_text(desk.window)
    choose(desk, "One pass")

    assert desk.window.shelf.engine is not None
    assert desk.settings.encoder == "one"


def test_a_choice_before_any_library_is_remembered(make_desk: MakeDesk) -> None:
    desk = make_desk(InlineExecutor())
    choose(desk, "One pass")
    assert desk.workstation.asked == []
    desk.window.shelf.open_last()
    desk.settle()

    assert desk.workstation.asked == ["one"]


def test_a_choice_while_a_library_is_being_opened_is_for_that_one(
    make_desk: MakeDesk, tmp_path: Path
) -> None:
    (tmp_path / "library").touch()
    executor = HeldExecutor()
    desk = make_desk(executor)
    desk.window.shelf.open_demonstration()
    HeldDesk(desk, executor).finish()
    desk.window.shelf.open_folder(tmp_path)
    choose(desk, "One pass")
    HeldDesk(desk, executor).finish()

    assert desk.workstation.asked == ["", "one"]
    assert desk.settings.libraries == (tmp_path,)


def test_a_remembered_encoder_that_is_gone_falls_back_to_the_library_s_own(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk(InlineExecutor())
    desk.settings.encoder = "withdrawn"
    desk.window.shelf.open_last()
    desk.settle()

    assert desk.workstation.asked == [""]
    assert checked(desk.window) == ["&As the library"]


# With the real engine


MakeWindow = Callable[[Path], Window]


@pytest.fixture
def make_window(application: QApplication) -> Iterator[MakeWindow]:
    """Open windows on a models folder, and take them away afterwards."""
    windows: list[Window] = []

    def make(models: Path) -> Window:
        window = Window(Settings(theme="light"), Tasks(), Workstation(models))
        windows.append(window)
        window.show()
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    application.processEvents()


def wait_for(condition: Callable[[], bool]) -> None:
    """Let Qt's events come until it is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it never came"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("window") / "models")


@pytest.fixture
def library(tmp_path: Path, models: Path) -> Path:
    """A library of five pictures, described by the twin and not by the default encoder."""
    return write_library(tmp_path, models)


def counts(library: Path, models: Path) -> tuple[int, int]:
    """Number of pictures that (the default encoder, the twin) describes."""
    with Library.open(library) as opened:
        known = opened.info().models
    hashes = [read_manifest(models, name).sha256 for name in (None, TWIN)]
    return known.get(hashes[0], 0), known.get(hashes[1], 0)


def is_loaded(manifest: Manifest) -> bool:
    """Say whether this encoder is in memory."""
    gc.collect()
    found = [thing for thing in gc.get_objects() if isinstance(thing, Encoder)]
    return any(encoder.manifest == manifest for encoder in found)


def test_a_library_is_described_on_a_worker_and_one_encoder_stays_in_memory(
    make_window: MakeWindow, models: Path, library: Path
) -> None:
    window = make_window(models)
    next(library.glob("images/*/*")).write_bytes(b"damaged")
    default, twin = read_manifest(models), read_manifest(models, TWIN)
    window.shelf.open_folder(library)
    wait_for(lambda: window.shelf.engine is not None)
    assert f"model {TWIN_TITLE}" in window.status.facts.text()
    assert is_loaded(twin)
    assert "not searched" not in window.status.facts.text()
    window.commands.action(f"encoder_{default.name}").trigger()
    wait_for(lambda: not window.shelf.opening)

    assert window.shelf.error is None
    assert f"model {default.title}" in window.status.facts.text()
    assert "pictures not searched: 1" in window.status.facts.text()
    assert counts(library, models) == (PICTURES - 1, PICTURES)
    assert not is_loaded(twin), "the former is given back"


def test_stopping_in_the_middle_keeps_what_is_described(
    make_window: MakeWindow, models: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describe_module, "BATCH", 2)
    describe, goes_on = Encoder.describe, threading.Event()

    def slow(self: Encoder, prepared: npt.NDArray[np.uint8]) -> Description:
        assert goes_on.wait(PATIENCE_SECONDS)
        return describe(self, prepared)

    monkeypatch.setattr(Encoder, "describe", slow)
    window = make_window(models)
    default = read_manifest(models)
    window.shelf.open_folder(library)
    wait_for(lambda: window.shelf.engine is not None)
    engine = window.shelf.engine
    window.commands.action(f"encoder_{default.name}").trigger()
    wait_for(lambda: window.shelf.progress is not None)
    assert f"Describing “five” with {default.title}" in shown_text(window)
    window.commands.action("cancel").trigger()
    goes_on.set()
    wait_for(lambda: window.tasks.pending == 0)

    assert window.shelf.engine is engine
    assert checked(window) == ["&As the library"]
    assert counts(library, models) == (2, PICTURES)
    window.commands.action(f"encoder_{default.name}").trigger()
    wait_for(lambda: not window.shelf.opening)
    assert counts(library, models) == (PICTURES, PICTURES)


def test_a_damaged_list_of_models_stops_a_library_but_not_the_window(
    make_window: MakeWindow, library: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    window = make_window(broken)
    assert "Encoder" not in [action.text() for action in items(window)]
    window.shelf.open_folder(library)
    wait_for(lambda: not window.shelf.opening)

    assert "The list of models is damaged" in shown_text(window)
