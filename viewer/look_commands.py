"""How pictures are looked at, as commands of the one table: zoom, turning, loupe, tone, ruler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.commands import Command

if TYPE_CHECKING:
    from viewer.viewport import Viewport
    from viewer.window import Window

translate = QCoreApplication.translate


def look_commands(window: Window) -> Iterator[Command]:
    """Yield the commands of the menu of pictures."""
    look = _Look(window)
    yield look.make(
        "zoom_in", translate("Commands", "Zoom &in"), lambda v: v.zoom_by(1.25), "+", "="
    )
    yield look.make("zoom_out", translate("Commands", "Zoom &out"), lambda v: v.zoom_by(0.8), "-")
    yield look.make("zoom_fit", translate("Commands", "Whole &picture"), lambda v: v.reset(), "0")
    yield look.command(
        "actual",
        translate("Commands", "&Actual pixels (1:1)"),
        lambda: window.answer_page.front().show_actual(),
        "Z",
    )
    yield look.make(
        "turn_right", translate("Commands", "Turn to the &right"), lambda v: v.turn(1), "T"
    )
    yield look.make(
        "turn_left", translate("Commands", "Turn to the &left"), lambda v: v.turn(-1), "Shift+T"
    )
    yield look.make("mirror", translate("Commands", "&Mirror"), lambda v: v.mirror(), "W")
    yield look.make("upright", translate("Commands", "&Upright"), lambda v: v.set_upright(), "U")
    yield look.command(
        "loupe",
        translate("Commands", "Loup&e"),
        lambda: window.answer_page.front().toggle_loupe(),
        "G",
        checked=lambda: window.answered() and window.answer_page.viewport().loupe is not None,
    )
    yield look.command(
        "eye",
        translate("Commands", "&Brightness and contrast"),
        window.eye.toggle,
        "B",
        checked=lambda: window.answered() and window.eye.open,
    )
    yield look.command(
        "ruler",
        translate("Commands", "Mea&sure"),
        window.tools.toggle_ruler,
        "D",
        checked=lambda: window.tools.measuring.active,
    )


class _Look:
    """Makes commands that need an answer on screen."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._menu = translate("Commands", "&Picture")

    def make(
        self, command_id: str, title: str, change: Callable[[Viewport], object], *keys: str
    ) -> Command:
        """Make a command that changes the viewport in front."""
        return self.command(
            command_id, title, lambda: change(self._window.answer_page.viewport()), *keys
        )

    def command(
        self,
        command_id: str,
        title: str,
        callback: Callable[[], object],
        *keys: str,
        checked: Callable[[], bool] | None = None,
    ) -> Command:
        """Make a command."""
        return Command(
            command_id,
            title,
            self._menu,
            callback,
            keys,
            enabled=self._window.answered,
            checked=checked,
        )
