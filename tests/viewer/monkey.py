"""Random actions on the real window: commands, drops, keys, clicks, window sizes.

See `test_monkey` for how to run more of it.

Prints what was done before a failure, so that it can be done again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from tests.viewer.conftest import Desk
from tests.viewer.fakes import picture

NEVER = frozenset({"quit", "open", "open_folder", "open_library", "save_map", "paste"})
"""Commands that end the window, or wait for a dialog of the desktop."""

KEYS = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home,
    Qt.Key.Key_End, Qt.Key.Key_PageDown, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return,
    Qt.Key.Key_Escape, Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_1, Qt.Key.Key_2,
    Qt.Key.Key_3, Qt.Key.Key_C, Qt.Key.Key_F, Qt.Key.Key_G, Qt.Key.Key_H, Qt.Key.Key_I,
    Qt.Key.Key_L, Qt.Key.Key_M, Qt.Key.Key_P, Qt.Key.Key_R, Qt.Key.Key_T, Qt.Key.Key_W,
    Qt.Key.Key_X, Qt.Key.Key_Z, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_0,
)  # fmt: skip


@dataclass
class Monkey:
    """Does something to a window, again and again, the same for the same seed.

    Attributes:
        desk: the window and a reader's hands.
        folder: for the pictures that are dropped.
        seed: of chance.
        done: what was done, in words.
    """

    desk: Desk
    folder: Path
    seed: int
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw what can be dropped."""
        self._chance = random.Random(self.seed)
        self._files = [picture(self.folder, f"{n}.png", (160, 120 + 7 * n)) for n in range(4)]
        for name in ("notes.txt", "broken.png"):
            (self.folder / name).write_bytes(b"nothing")
            self._files.append(self.folder / name)
        (self.folder / "empty").mkdir()
        self._files.append(self.folder / "empty")
        self._actions: list[tuple[Callable[[], str], int]] = [
            (self._command, 8),
            (self._key, 8),
            (self._click, 4),
            (self._drag, 2),
            (self._drop, 2),
            (self._resize, 1),
        ]

    def act(self, times: int) -> None:
        """Do so many things, and let what follows from each arrive."""
        actions, weights = zip(*self._actions, strict=True)
        for _ in range(times):
            (action,) = self._chance.choices(actions, weights)
            self.done.append(action())
            self.desk.settle()
            self._tidy()

    def _command(self) -> str:
        commands = [one for one in self.desk.window.commands if one.id not in NEVER]
        action = self.desk.window.commands.action(self._chance.choice(commands).id)
        action.trigger()
        return f"command {action.objectName()}"

    def _key(self) -> str:
        key = self._chance.choice(KEYS)
        kinds = Qt.KeyboardModifier
        modifier = self._chance.choice((kinds.NoModifier,) * 5 + (kinds.ShiftModifier,))
        QTest.keyClick(self._in_front(), key, modifier)
        return f"key {key.name} {modifier.name}"

    def _click(self) -> str:
        widgets = [w for w in self._window().findChildren(QWidget) if w.isVisible()]
        widget = self._chance.choice([w for w in widgets if not w.size().isEmpty()])
        place = self._place_on(widget)
        button = self._chance.choice(
            (Qt.MouseButton.LeftButton,) * 4 + (Qt.MouseButton.RightButton,)
        )
        QTest.mouseClick(widget, button, Qt.KeyboardModifier.NoModifier, place)
        return f"click {type(widget).__name__} {widget.objectName()} {place.toTuple()}"

    def _drag(self) -> str:
        if not self.desk.window.answered():
            return "nothing to drag"
        view = self.desk.window.answer_page.front()
        start, end = self._place_on(view), self._place_on(view)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
        QTest.mouseMove(view, end)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
        return f"drag {start.toTuple()} {end.toTuple()}"

    def _drop(self) -> str:
        files = self._chance.sample(self._files, self._chance.choice((1, 1, 1, 3)))
        self.desk.drop(*files)
        return f"drop {[file.name for file in files]}"

    def _resize(self) -> str:
        size = self._chance.randint(640, 2400), self._chance.randint(480, 1400)
        self.desk.window.resize(*size)
        return f"resize {size}"

    def _place_on(self, widget: QWidget) -> QPoint:
        return QPoint(
            self._chance.randrange(max(1, widget.width())),
            self._chance.randrange(max(1, widget.height())),
        )

    def _window(self) -> QWidget:
        return QApplication.activeModalWidget() or self.desk.window

    def _in_front(self) -> QWidget:
        focus = QApplication.focusWidget()
        return focus if focus is not None and focus.isVisible() else self._window()

    def _tidy(self) -> None:
        """Close menus, and all but a few dialogs: nobody has a hundred sheets open."""
        popup = QApplication.activePopupWidget()
        while isinstance(popup, QMenu):
            popup.close()
            popup = QApplication.activePopupWidget()
        dialogs = [d for d in self.desk.window.findChildren(QDialog) if d.isVisible()]
        for dialog in dialogs[:-2]:
            dialog.close()
        self.desk.window.activateWindow()
