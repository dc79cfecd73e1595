"""Asking about a part of the query, as commands of the one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QCoreApplication

from viewer.commands import Command
from viewer.session import Session
from viewer.tools import Tools

translate = QCoreApplication.translate


def tool_commands(
    tools: Tools,
    session: Session,
    matched: Callable[[], bool],
    comparing: Callable[[], bool],
) -> Iterator[Command]:
    """Yield the commands that ask about a spot or a region.

    Args:
        tools: the modes.
        session: the answer.
        matched: whether matches are on screen.
        comparing: whether one of them is looked at beside the query.
    """
    menu = translate("Commands", "&Ask")
    yield Command(
        "point",
        translate("Commands", "Point at a &spot"),
        menu,
        tools.toggle_point,
        ("P",),
        enabled=matched,
        checked=lambda: tools.pointing.active,
    )
    yield Command(
        "region",
        translate("Commands", "Search by &region"),
        menu,
        tools.toggle_region,
        ("R",),
        enabled=lambda: matched() and not comparing(),
        checked=lambda: tools.regions.active,
    )
    yield Command(
        "whole_picture",
        translate("Commands", "Back to the &whole picture"),
        menu,
        session.show_whole,
        enabled=lambda: session.showing_region,
    )
