"""How the picture in hand is asked about, as commands of the one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from PySide6.QtCore import QCoreApplication

from inference.search.model import Match
from viewer.commands import Command
from viewer.session import Session

translate = QCoreApplication.translate


class Desk(Protocol):
    """What the commands need to know of the window."""

    def matched(self) -> bool:
        """Say whether there are matches on screen."""

    def chosen_match(self) -> Match | None:
        """Return the match that is compared, or chosen in the gallery."""

    def asking(self) -> bool:
        """Say whether filters and kind of search are on screen."""

    def can_ask(self) -> bool:
        """Say whether they can be."""

    def toggle_asking(self) -> None:
        """Show them, or put them away."""


def ask_commands(desk: Desk, session: Session) -> Iterator[Command]:
    """Yield the commands that change the question."""
    menu = translate("Commands", "&Ask")
    yield Command(
        "ask",
        translate("Commands", "&Filter and search"),
        menu,
        desk.toggle_asking,
        ("F", "Ctrl+F"),
        enabled=desk.can_ask,
        checked=desk.asking,
        toolbar=True,
    )
    yield Command(
        "more_like",
        translate("Commands", "&More like this match"),
        menu,
        _of_match(desk, lambda match: session.change(session.question.about_case(match))),
        ("M",),
        enabled=desk.matched,
        of_match=True,
    )
    yield Command(
        "leave_out",
        translate("Commands", "&Leave this match out"),
        menu,
        _of_match(desk, lambda match: session.change(session.question.leaving_out(match))),
        ("X", "Del"),
        enabled=desk.matched,
        of_match=True,
    )
    yield Command(
        "own_picture",
        translate("Commands", "Back to &your picture"),
        menu,
        session.show_own,
        enabled=lambda: session.showing_case,
    )
    yield Command(
        "clear_question",
        translate("Commands", "&Take all away"),
        menu,
        session.ask_plainly,
        ("Ctrl+Backspace",),
        enabled=lambda: session.question != session.plain,
    )
    yield Command(
        "undo",
        translate("Commands", "U&ndo"),
        menu,
        session.undo,
        ("Ctrl+Z",),
        enabled=lambda: session.can_undo,
    )
    yield Command(
        "redo",
        translate("Commands", "R&edo"),
        menu,
        session.redo,
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        enabled=lambda: session.can_redo,
    )


def _of_match(desk: Desk, change: Callable[[Match], None]) -> Callable[[], None]:
    def run() -> None:
        match = desk.chosen_match()
        if match is not None:
            change(match)

    return run
