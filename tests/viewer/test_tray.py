"""Many pictures at once, recent ones, and a second start of the program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QSettings, Qt
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtTest import QTest

from tests.viewer.conftest import Desk, HeldDesk
from tests.viewer.fakes import picture
from viewer.doorbell import Doorbell, files_of, ring
from viewer.recent_menu import RecentMenu
from viewer.session import Stage
from viewer.settings import RECENT_PICTURES, load, save
from viewer.tray import Tray


@pytest.fixture
def several(desk: Desk, tmp_path: Path) -> Desk:
    """A window over which two pictures, a letter and a damaged picture were dropped."""
    files = [picture(tmp_path, "a.png"), picture(tmp_path, "b.png")]
    for name, content in (("letter.pdf", b"%PDF"), ("broken.png", b"\x89PNG nothing")):
        (tmp_path / name).write_bytes(content)
        files.append(tmp_path / name)
    desk.drop(*files)
    return desk


def tray(desk: Desk) -> Tray:
    return desk.window.tray


def listed(desk: Desk) -> list[str]:
    model = tray(desk).model
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def test_the_tray_lists_what_was_dropped_and_what_became_of_it(several: Desk) -> None:
    assert tray(several).isVisible()
    assert tray(several).place.text() == "Picture 1 of 3"
    assert listed(several) == ["✓ a.png", "b.png", "broken.png"]
    assert tray(several).refused.text() == "Not taken: 1"
    assert not tray(several).reasons.isVisible()
    QTest.mouseClick(tray(several).refused, Qt.MouseButton.LeftButton)
    assert tray(several).reasons.isVisible()
    assert tray(several).reasons.text() == "letter.pdf: not a picture by its name."


def test_a_click_on_a_picture_of_the_tray_asks_about_it(several: Desk) -> None:
    view = tray(several).list
    place = view.visualRect(tray(several).model.index(1)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    several.settle()

    assert several.lesions()[0] == "b-1" and tray(several).place.text() == "Picture 2 of 3"
    view.setFocus()
    several.key(Qt.Key.Key_Left)
    assert several.lesions()[0] == "a-1"


def test_a_picture_that_fails_says_so_in_the_tray_and_the_next_is_a_key_away(
    several: Desk,
) -> None:
    ctrl = Qt.KeyboardModifier.ControlModifier
    several.key(Qt.Key.Key_PageDown, ctrl)
    several.key(Qt.Key.Key_PageDown, ctrl)
    assert several.window.session.stage is Stage.FAILED
    assert listed(several) == ["✓ a.png", "✓ b.png", "✕ broken.png"]
    index = tray(several).model.index(2)
    said = str(index.data(int(Qt.ItemDataRole.ToolTipRole)))
    assert said.startswith("broken.png: ") and len(said) > len("broken.png: answered")
    several.key(Qt.Key.Key_PageUp, ctrl)
    assert several.lesions()[0] == "b-1"


def test_following_the_session_asks_about_no_picture_twice(
    held_desk: HeldDesk, tmp_path: Path
) -> None:
    desk, executor = held_desk.desk, held_desk.executor
    ctrl = Qt.KeyboardModifier.ControlModifier
    desk.drop(picture(tmp_path, "a.png"), picture(tmp_path, "b.png"), picture(tmp_path, "c.png"))
    executor.release()  # the drop is gathered
    desk.settle()
    assert len(executor.held) == 1, "the first picture is asked about"
    held_desk.finish()
    desk.key(Qt.Key.Key_PageDown, ctrl)
    assert tray(desk).list.currentIndex().row() == 1
    assert len(executor.held) == 1, "the second picture, by the key"
    held_desk.finish()
    assert desk.lesions()[0] == "b-1"
    view = tray(desk).list
    place = view.visualRect(tray(desk).model.index(2)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    desk.settle()
    assert len(executor.held) == 1, "the third, by the mouse"
    held_desk.finish()
    assert desk.lesions()[0] == "c-1"


def test_one_picture_needs_no_tray(desk: Desk, tmp_path: Path) -> None:
    desk.drop(picture(tmp_path))
    assert not tray(desk).isVisible()


def test_pictures_that_were_answered_are_remembered_until_the_reader_objects(
    several: Desk, tmp_path: Path
) -> None:
    several.key(Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert [file.name for file in several.settings.pictures] == ["b.png", "a.png"]
    (menu,) = several.window.findChildren(RecentMenu)
    menu.fill()
    assert [action.text().split("  ")[0] for action in menu.actions()[:2]] == ["b.png", "a.png"]
    menu.actions()[1].trigger()
    several.settle()
    assert several.lesions()[0] == "a-1"

    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    save(several.settings, store)
    assert load(store).pictures == several.settings.pictures
    several.window.commands.action("remember").trigger()
    assert several.settings.pictures == () and not several.settings.remember
    several.drop(picture(tmp_path, "c.png"))
    assert several.settings.pictures == ()
    save(several.settings, store)
    assert load(store).pictures == () and not load(store).remember


def test_few_pictures_are_remembered_and_each_stands_once(desk: Desk) -> None:
    for number in (*range(RECENT_PICTURES + 3), 5):
        desk.settings.remember_picture(Path(f"{number}.png"))
    assert len(desk.settings.pictures) == RECENT_PICTURES
    assert desk.settings.pictures[0] == Path("5.png")
    assert len(set(desk.settings.pictures)) == RECENT_PICTURES


def second_start(name: str, *files: Path) -> bool:
    """Ring as another program does; say whether the window took the files."""
    code = (
        "import sys; from pathlib import Path; from viewer.doorbell import ring;"
        "sys.exit(not ring([Path(a) for a in sys.argv[2:]], sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, name, *map(str, files)]
    started = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    while started.poll() is None:
        QCoreApplication.processEvents()
    QCoreApplication.processEvents()
    return started.returncode == 0


@pytest.fixture
def name() -> Iterator[str]:
    """A name at which no other window listens."""
    made = f"caselens-test-{uuid4().hex[:12]}"
    yield made
    QLocalServer.removeServer(made)


def test_a_second_start_hands_its_files_to_the_open_window(
    desk: Desk, tmp_path: Path, name: str
) -> None:
    bell = Doorbell(name, desk.window)
    bell.rung.connect(desk.window.open_from_outside)
    assert second_start(name, picture(tmp_path, "from outside.png"))
    desk.settle()
    assert desk.lesions()[0] == "from outside-1"
    assert second_start(name), "without a file it comes to the front"
    desk.settle()
    assert desk.lesions()[0] == "from outside-1"
    bell.close()
    assert ring((), name) is False


def test_nobody_at_home_is_no_window(application: QObject, name: str) -> None:
    del application
    assert ring((Path("a.png"),), name) is False


def test_what_is_no_message_of_ours_opens_nothing(desk: Desk, name: str) -> None:
    bell = Doorbell(name, desk.window)
    heard: list[object] = []
    bell.rung.connect(heard.append)
    for message in (b"GET / HTTP/1.1\n", b'{"a": 1}\n', b"[1, 2]\n", b"[" * 9000 + b"\n"):
        socket = QLocalSocket()
        socket.connectToServer(name)
        assert socket.waitForConnected(500)
        socket.write(message)
        socket.flush()
        desk.settle()
    bell.close()
    assert heard == []


@pytest.mark.parametrize(
    ("message", "files"),
    [
        (b'["/a/b.png"]\n', (Path("/a/b.png"),)),
        (b"[]\n", ()),
        (b"nonsense", None),
        (b"{}", None),
        (b"[null]", None),
        (b"\xff\xfe", None),
    ],
)
def test_a_message_is_a_list_of_paths(message: bytes, files: tuple[Path, ...] | None) -> None:
    assert files_of(message) == files
