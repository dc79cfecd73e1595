"""One table of commands feeds the menus, the toolbar, the shortcuts and the list of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence


def always() -> bool:
    """Enable a command at all times."""
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """Something the reader can do.

    Attributes:
        id: its stable name, such as ``"open"``.
        title: what menus call it, with its mnemonic.
        menu: title of the menu it stands in.
        callback: what it does.
        shortcuts: keys, in Qt's portable text, the first being the one that is shown.
        enabled: whether it can be done now.
        checked: for a command that is on or off: whether it is on now.
        group: commands of one group are alternatives, of which one is on.
        toolbar: whether it stands in the toolbar too.
        of_match: whether it stands in the menu of a match too.
    """

    id: str
    title: str
    menu: str
    callback: Callable[[], object]
    shortcuts: tuple[str, ...] = ()
    enabled: Callable[[], bool] = always
    checked: Callable[[], bool] | None = None
    group: str = ""
    toolbar: bool = False
    of_match: bool = False


class CommandTable(QObject):
    """The commands of one window, each with its `QAction`.

    Their states are right after the first `refresh`: the window must stand before it is asked.
    """

    def __init__(self, commands: Iterable[Command], parent: QObject) -> None:
        super().__init__(parent)
        self._commands = {command.id: command for command in commands}
        self._groups: dict[str, QActionGroup] = {}
        self._actions = {command.id: self._action(command) for command in self}

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def action(self, command_id: str) -> QAction:
        """Return the action of a command."""
        return self._actions[command_id]

    def refresh(self) -> None:
        """Ask every command again whether it is enabled and whether it is on."""
        for command in self:
            action = self._actions[command.id]
            action.setEnabled(command.enabled())
            if command.checked is not None:
                action.setChecked(command.checked())

    def keys(self, *ids: str) -> list[tuple[str, str]]:
        """List (keys, title) of some commands, as shown to the reader."""
        chosen = [self._commands[command_id] for command_id in ids]
        return [(shown_keys(command), plain_title(command.title)) for command in chosen]

    def _action(self, command: Command) -> QAction:
        action = QAction(command.title, self)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(keys) for keys in command.shortcuts])
        words = plain_title(command.title)
        keys = shown_keys(command)
        action.setToolTip(f"{words} ({keys})" if keys else words)
        action.setCheckable(command.checked is not None)
        if command.group:
            group = self._groups.setdefault(command.group, QActionGroup(self))
            group.addAction(action)
        action.triggered.connect(lambda _checked=False: self._run(command))
        return action

    def _run(self, command: Command) -> None:
        command.callback()
        self.refresh()


def plain_title(title: str) -> str:
    """Return a title of a command or menu without mnemonic and ellipsis."""
    return title.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")


def shown_keys(command: Command) -> str:
    """Return a command's first shortcut as this desktop writes it, or ``""``."""
    if not command.shortcuts:
        return ""
    return QKeySequence(command.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)


def all_keys(command: Command) -> str:
    """Return all of a command's shortcuts as this desktop writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence(keys).toString(native) for keys in command.shortcuts)
