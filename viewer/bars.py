"""Menus and toolbar, made from the table of commands."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu, QSizePolicy, QToolBar, QWidget

from viewer.commands import CommandTable
from viewer.labels import label

translate = QCoreApplication.translate


def add_menus(
    window: QMainWindow, commands: CommandTable, library_menu: QMenu, recent: QMenu
) -> None:
    """Give a window a menu for each title of the table; two of them fill themselves."""
    menus: dict[str, QMenu] = {library_menu.title(): library_menu}
    submenus = {"remember": recent}
    for command in commands:
        menu = menus.get(command.menu)
        if menu is None:
            menu = menus[command.menu] = QMenu(command.menu, window)
            window.menuBar().addMenu(menu)
        if menu is library_menu:
            window.menuBar().addMenu(menu)
        elif command.id in submenus:
            menu.addMenu(submenus[command.id])
        else:
            menu.addAction(commands.action(command.id))
        # A key must work while its menu is closed, and while the library menu refills.
        window.addAction(commands.action(command.id))


def match_menu(window: QMainWindow, commands: CommandTable) -> QMenu:
    """Make the menu that a match has in the gallery, of the commands that say so."""
    menu = QMenu(window)
    menu.setAccessibleName(translate("Bars", "What can be done with the match"))
    for command in commands:
        if command.of_match:
            menu.addAction(commands.action(command.id))
    return menu


def add_toolbar(
    window: QMainWindow, commands: CommandTable, first: QWidget, note: QWidget
) -> QAction:
    """Give a window its toolbar, ``first`` being at its head and ``note`` towards its end.

    Returns:
        What shows and hides the note, which is hidden at first.
    """
    bar = QToolBar(translate("Bars", "Toolbar"))
    bar.setMovable(False)
    bar.toggleViewAction().setEnabled(False)
    bar.addWidget(first)
    bar.addSeparator()
    bar.addActions([commands.action(command.id) for command in commands if command.toolbar])
    spacer = QWidget()
    spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(spacer)
    shown = bar.addWidget(note)
    shown.setVisible(False)
    bar.addWidget(label(translate("Bars", "The blue frame is always your picture"), "muted"))
    window.addToolBar(bar)
    return shown
