"""Light and dark: one table of colours, the palette and the style sheet made from it.

The surround of pictures is a neutral grey, so that nothing competes with the colour of skin.
There is one accent, and it marks the query and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from viewer.settings import ThemeChoice


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one theme, as ``#rrggbb``.

    Attributes:
        window: behind everything.
        canvas: behind pictures.
        card: behind the text of a match, in fields and tables.
        control: buttons.
        line: borders and the empty part of bars.
        text: words.
        muted: less important words; still at least 4.5:1 on window, card and canvas.
        bar: the filled part of bars, and the outline of the chosen match.
        accent: the query, and only the query.
        on_accent: words on the accent.
    """

    window: str
    canvas: str
    card: str
    control: str
    line: str
    text: str
    muted: str
    bar: str
    accent: str
    on_accent: str


LIGHT = Colours(
    window="#d6d6d6",
    canvas="#c4c4c4",
    card="#e6e6e6",
    control="#dedede",
    line="#9c9c9c",
    text="#161616",
    muted="#3f3f3f",
    bar="#4a4a4a",
    accent="#0a4fa3",
    on_accent="#ffffff",
)
DARK = Colours(
    window="#242424",
    canvas="#191919",
    card="#2e2e2e",
    control="#393939",
    line="#565656",
    text="#eaeaea",
    muted="#b8b8b8",
    bar="#c2c2c2",
    accent="#62aeff",
    on_accent="#06192e",
)


def colours(choice: ThemeChoice) -> Colours:
    """Return the table for the reader's choice; "system" follows the desktop."""
    if choice == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    return DARK if choice == "dark" else LIGHT


def on_screen(palette: QPalette) -> Colours:
    """Return the table that a widget's palette was made from."""
    dark = palette.color(QPalette.ColorRole.Window) == QColor(DARK.window)
    return DARK if dark else LIGHT


def apply(application: QApplication, table: Colours) -> None:
    """Give the whole application the colours of ``table``."""
    application.setPalette(_palette(table))
    application.setStyleSheet(_style_sheet(table))


def _palette(table: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for name, colour in (
        (role.Window, table.window),
        (role.WindowText, table.text),
        (role.Base, table.card),
        (role.AlternateBase, table.card),
        (role.Text, table.text),
        (role.Button, table.control),
        (role.ButtonText, table.text),
        (role.PlaceholderText, table.muted),
        (role.ToolTipBase, table.card),
        (role.ToolTipText, table.text),
        (role.Highlight, table.bar),
        (role.HighlightedText, table.card),
        (role.Accent, table.bar),
        (role.Link, table.text),
        (role.Mid, table.line),
        (role.Dark, table.canvas),
        (role.BrightText, table.text),
    ):
        palette.setColor(name, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(disabled, name, QColor(table.line))
    return palette


def _style_sheet(table: Colours) -> str:
    return f"""
    QToolBar {{ border: none; border-bottom: 1px solid {table.line}; spacing: 4px; padding: 3px; }}
    QStatusBar {{ border-top: 1px solid {table.line}; }}
    QStatusBar::item {{ border: none; }}
    QToolButton::menu-indicator {{ image: none; }}
    QLabel[role="title"] {{ font-size: 15pt; font-weight: 600; }}
    QLabel[role="heading"] {{ font-weight: 600; }}
    QLabel[role="warning"] {{
        font-weight: 600; border: 2px solid {table.text}; border-radius: 3px; padding: 4px 6px;
    }}
    QLabel[role="muted"] {{ color: {table.muted}; }}
    QLabel[role="notice"] {{ font-weight: 600; padding-right: 6px; padding-left: 10px; }}
    QLabel[role="phantom"] {{
        border: 1px solid {table.text}; border-radius: 3px; padding: 1px 6px; font-weight: 600;
    }}
    QLabel[role="query"] {{
        background: {table.accent}; color: {table.on_accent};
        border-radius: 3px; padding: 1px 6px; font-weight: 600;
    }}
    QFrame#queryFrame {{ border: 3px solid {table.accent}; background: {table.canvas}; }}
    QFrame#caseFrame {{ border: 3px solid {table.line}; background: {table.canvas}; }}
    QFrame#banner {{
        background: {table.card}; border: 2px solid {table.text}; border-radius: 3px;
    }}
    QFrame#dropZone {{ border: 2px dashed {table.line}; border-radius: 8px; padding: 18px; }}
    QToolButton#chip {{
        background: {table.card}; border: 1px solid {table.text}; border-radius: 9px;
        padding: 1px 8px;
    }}
    QToolButton#chip:hover {{ background: {table.control}; }}
    QToolButton#chip:focus {{ border: 2px solid {table.text}; padding: 0 7px; }}
    QToolButton#segment {{
        background: {table.control}; border: 1px solid {table.line}; padding: 2px 8px;
    }}
    QToolButton#segment:checked {{ background: {table.bar}; color: {table.card}; }}
    QToolButton#segment:focus {{ border: 2px solid {table.text}; padding: 1px 7px; }}
    QListView#gallery {{ background: {table.window}; border: none; }}
    QTableView#evidence {{ background: {table.window}; border: none; }}
    QTableView#evidence QHeaderView::section {{
        background: {table.window}; color: {table.muted}; border: none; padding: 0 4px;
    }}
    """
