"""What the reader can do in the window: the table that menus, toolbar and keys are made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.ask_commands import ask_commands
from viewer.commands import Command
from viewer.gallery_layout import Arrangement
from viewer.language import LanguageChoice
from viewer.look_commands import look_commands
from viewer.map_commands import map_commands
from viewer.settings import ThemeChoice
from viewer.tool_commands import tool_commands

if TYPE_CHECKING:
    from viewer.window import Window

translate = QCoreApplication.translate

ENCODERS = "encoder"
"""The group of the commands that choose the encoder."""


def window_commands(window: Window) -> list[Command]:
    """Return the commands of ``window``, in the order of the menus."""
    return [
        *_file(window),
        *_library(window),
        *_matches(window),
        *_reading(window),
        *ask_commands(window, window.session),
        *tool_commands(window.tools, window.session, window.matched, window.comparing),
        *map_commands(window.maps),
        *look_commands(window),
        *_view(window),
        *_help(window),
    ]


def _file(window: Window) -> Iterator[Command]:
    menu, session = translate("Commands", "&File"), window.session
    yield Command(
        "open",
        translate("Commands", "&Open picture…"),
        menu,
        window.dialogs.open_pictures,
        ("Ctrl+O",),
        toolbar=True,
    )
    yield Command(
        "open_folder",
        translate("Commands", "Open &folder of pictures…"),
        menu,
        window.dialogs.open_folder,
        ("Ctrl+Shift+O",),
    )
    yield Command(
        "paste",
        translate("Commands", "&Paste picture"),
        menu,
        window.paste,
        ("Ctrl+V", "Shift+Ins"),
        toolbar=True,
    )
    yield Command(
        "save_map",
        translate("Commands", "&Save picture with map…"),
        menu,
        lambda: window.saving.ask(window.answer_page.sheet()),
        ("Ctrl+S",),
        enabled=window.can_save_map,
    )
    yield Command(
        "previous_picture",
        translate("Commands", "Pre&vious picture"),
        menu,
        lambda: session.step(-1),
        ("Ctrl+PgUp",),
        enabled=lambda: session.can_step(-1),
    )
    yield Command(
        "next_picture",
        translate("Commands", "&Next picture"),
        menu,
        lambda: session.step(1),
        ("Ctrl+PgDown",),
        enabled=lambda: session.can_step(1),
    )
    yield Command(
        "close_picture",
        translate("Commands", "&Close picture"),
        menu,
        session.clear,
        ("Ctrl+W",),
        enabled=lambda: session.queue is not None,
    )
    yield Command(
        "remember",
        translate("Commands", "Re&member recent pictures"),
        menu,
        window.settings.toggle_remembering,
        checked=lambda: window.settings.remember,
    )
    yield Command("quit", translate("Commands", "&Quit"), menu, window.close, ("Ctrl+Q",))


def _library(window: Window) -> Iterator[Command]:
    menu, shelf = translate("Commands", "&Library"), window.shelf
    yield Command(
        "open_library",
        translate("Commands", "Open &library…"),
        menu,
        window.dialogs.open_library,
        ("Ctrl+L",),
    )
    yield Command(
        "open_demonstration",
        translate("Commands", "&Demonstration library"),
        menu,
        shelf.open_demonstration,
    )
    yield Command(
        "cancel",
        translate("Commands", "&Stop"),
        menu,
        shelf.cancel,
        enabled=lambda: bool(shelf.opening),
    )
    if shelf.choices:
        yield _encoder(window, "", translate("Commands", "&As the library"))
    for choice in shelf.choices:
        yield _encoder(window, choice.name, choice.title.replace("&", "&&"))


def _encoder(window: Window, name: str, title: str) -> Command:
    shelf = window.shelf
    return Command(
        f"encoder_{name}",
        title,
        translate("Commands", "&Library"),
        lambda: shelf.choose_encoder(name),
        checked=lambda: shelf.encoder == name,
        group=ENCODERS,
    )


def _matches(window: Window) -> Iterator[Command]:
    menu = translate("Commands", "&Matches")
    yield Command(
        "compare",
        translate("Commands", "Co&mpare side by side"),
        menu,
        window.compare_current,
        ("C",),
        enabled=window.can_compare,
        of_match=True,
    )
    yield Command(
        "case_details",
        translate("Commands", "Case details and l&icence…"),
        menu,
        window.show_case,
        ("I",),
        enabled=window.matched,
        of_match=True,
    )
    yield Command(
        "previous_match",
        translate("Commands", "&Previous match"),
        menu,
        lambda: window.answer_page.compare.step(-1),
        ("Left",),
        enabled=lambda: window.comparing() and window.answer_page.compare.can_step(-1),
    )
    yield Command(
        "next_match",
        translate("Commands", "&Next match"),
        menu,
        lambda: window.answer_page.compare.step(1),
        ("Right",),
        enabled=lambda: window.comparing() and window.answer_page.compare.can_step(1),
    )
    yield Command(
        "back",
        translate("Commands", "&Back"),
        menu,
        window.back,
        ("Esc",),
        enabled=window.can_go_back,
    )


def _reading(window: Window) -> Iterator[Command]:
    yield _arrangement(window, "grid", translate("Commands", "By &similarity"), "1")
    yield _arrangement(window, "diagnoses", translate("Commands", "By &diagnosis"), "2")
    yield _arrangement(window, "rivals", translate("Commands", "Diff&erential"), "3")


def _arrangement(window: Window, name: Arrangement, title: str, key: str) -> Command:
    return Command(
        f"read_{name}",
        title,
        translate("Commands", "&Matches"),
        lambda: window.answer_page.choose(name),
        (key,),
        enabled=window.answered,
        checked=lambda: window.answer_page.arrangement == name,
        group="arrangement",
    )


def _view(window: Window) -> Iterator[Command]:
    yield _theme(window, "system", translate("Commands", "&As the desktop"))
    yield _theme(window, "light", translate("Commands", "&Light"))
    yield _theme(window, "dark", translate("Commands", "&Dark"))
    yield _language(window, "system", translate("Commands", "Language of the des&ktop"))
    yield _language(window, "en", "&English")
    yield _language(window, "de", "De&utsch")


def _language(window: Window, choice: LanguageChoice, title: str) -> Command:
    return Command(
        f"language_{choice}",
        title,
        translate("Commands", "&View"),
        lambda: window.choose_language(choice),
        checked=lambda: window.settings.language == choice,
        group="language",
    )


def _help(window: Window) -> Iterator[Command]:
    menu = translate("Commands", "&Help")
    yield Command(
        "palette",
        translate("Commands", "&Commands by name…"),
        menu,
        window.show_palette,
        ("Ctrl+K",),
    )
    yield Command(
        "keys",
        translate("Commands", "All &keys"),
        menu,
        window.show_keys,
        ("?", "F1"),
    )


def _theme(window: Window, choice: ThemeChoice, title: str) -> Command:
    return Command(
        f"theme_{choice}",
        title,
        translate("Commands", "&View"),
        lambda: window.choose_theme(choice),
        checked=lambda: window.settings.theme == choice,
        group="theme",
    )
