"""The table of commands: listed by name, all keys on one sheet, nothing out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.viewer.conftest import Desk, all_menus, mnemonics
from tests.viewer.fakes import picture
from viewer.cheat_sheet import CheatSheet
from viewer.commands import plain_title
from viewer.palette import Palette

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def answered(desk: Desk, tmp_path: Path) -> Desk:
    """A window with an answer."""
    desk.drop(picture(tmp_path))
    return desk


def palette(desk: Desk) -> Palette:
    """Press Ctrl+K."""
    desk.key(Qt.Key.Key_K, CTRL)
    return next(p for p in desk.window.findChildren(Palette) if p.isVisible())


def listed(shown: Palette) -> list[str]:
    model = shown.model
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def test_words_of_a_command_find_it_and_enter_does_it(answered: Desk) -> None:
    shown = palette(answered)
    QTest.keyClicks(shown.field, "dark vi")
    assert listed(shown) == ["Dark"], "its menu counts too"
    QTest.keyClick(shown.field, Qt.Key.Key_Return)
    answered.settle()

    assert answered.settings.theme == "dark" and not answered.window.findChildren(Palette)


def test_arrows_choose_while_the_words_are_typed(answered: Desk) -> None:
    shown = palette(answered)
    QTest.keyClicks(shown.field, "zoom")
    assert listed(shown) == ["Zoom in", "Zoom out"]
    QTest.keyClick(shown.field, Qt.Key.Key_Down)
    assert shown.list.currentIndex().row() == 1
    viewport = answered.window.answer_page.viewport()
    viewport.zoom_by(4)
    QTest.keyClick(shown.field, Qt.Key.Key_Return)
    assert viewport.zoom == pytest.approx(3.2)


def test_escape_does_nothing_and_nothing_found_is_no_error(answered: Desk) -> None:
    shown = palette(answered)
    QTest.keyClicks(shown.field, "no such command")
    assert listed(shown) == []
    QTest.keyClick(shown.field, Qt.Key.Key_Return)
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    answered.settle()
    assert not answered.window.findChildren(Palette) and answered.window.answered()


def test_only_what_can_be_done_now_is_listed(desk: Desk, tmp_path: Path) -> None:
    assert "Zoom in" not in listed(palette(desk))
    for shown in desk.window.findChildren(Palette):
        shown.close()
    desk.drop(picture(tmp_path))
    assert "Zoom in" in listed(palette(desk))


def test_every_command_stands_in_a_menu_and_is_found_by_its_whole_title(answered: Desk) -> None:
    in_menus = {
        action.objectName() for menu in all_menus(answered.window) for action in menu.actions()
    }
    table = list(answered.window.commands)
    assert {command.id for command in table} <= in_menus
    shown = palette(answered)
    for command in table:
        if answered.window.commands.action(command.id).isEnabled() and command.id != "palette":
            shown.field.setText(plain_title(command.title))
            assert listed(shown), command.id


def test_mnemonics_and_keys_are_each_used_once(answered: Desk) -> None:
    menus = list(all_menus(answered.window))
    assert len(menus) > len(answered.window.menuBar().actions()), "those within menus too"
    for menu in menus:
        letters = mnemonics(menu)
        assert len(letters) == len(set(letters)), (menu.title(), letters)
    keys = [keys for command in answered.window.commands for keys in command.shortcuts]
    assert len(keys) == len(set(keys))


def test_the_sheet_of_keys_has_every_key_of_the_table(answered: Desk) -> None:
    answered.key(Qt.Key.Key_F1)
    (sheet,) = [s for s in answered.window.findChildren(CheatSheet) if s.isVisible()]
    said = {part.text() for part in sheet.findChildren(QLabel)}
    for command in answered.window.commands:
        if command.shortcuts:
            assert command.title.replace("&", "").rstrip("…") in said
    assert {"Ctrl+K", "F, Ctrl+F", "Wheel"} <= said
    assert len(sheet.groups) >= 7
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


def test_a_question_mark_opens_it_too(answered: Desk) -> None:
    answered.key(Qt.Key.Key_Question)
    assert any(sheet.isVisible() for sheet in answered.window.findChildren(CheatSheet))
