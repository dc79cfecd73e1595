"""Both themes can be read, there is one accent, and choices are remembered even from a bad file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from viewer import settings as settings_module
from viewer import theme
from viewer.settings import RECENT_LIBRARIES, Settings
from viewer.theme import Colours


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    full = QColor(colour)
    parts = (full.redF(), full.greenF(), full.blueF())
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2: 21 for black on white."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("table", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_words_have_a_contrast_of_at_least_4_5(table: Colours) -> None:
    for words in (table.text, table.muted):
        for ground in (table.window, table.canvas, table.card, table.control):
            assert contrast(words, ground) >= 4.5, (words, ground)
    assert contrast(table.on_accent, table.accent) >= 4.5


@pytest.mark.parametrize("table", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_the_accent_is_the_only_colour_that_is_not_grey_and_can_be_seen(table: Colours) -> None:
    coloured = {
        name
        for name, colour in asdict(table).items()
        if QColor(colour).hsvSaturation() > 0 and name != "on_accent"
    }

    assert coloured == {"accent"}
    # 3:1 is what WCAG 2.2 asks of a frame.
    assert contrast(table.accent, table.window) >= 3
    assert contrast(table.accent, table.canvas) >= 3
    assert contrast(table.bar, table.card) >= 3


def test_the_accent_reaches_nothing_but_the_query(application: QApplication) -> None:
    theme.apply(application, theme.DARK)
    rules = application.styleSheet().split("}")
    accented = [rule.split("{")[0].strip() for rule in rules if theme.DARK.accent in rule]
    palette = application.palette()
    theme.apply(application, theme.LIGHT)

    assert accented == ['QLabel[role="query"]', "QFrame#queryFrame"]
    assert palette.accent().color() != QColor(theme.DARK.accent)
    assert palette.highlight().color() != QColor(theme.DARK.accent)


def store(path: Path) -> QSettings:
    return QSettings(str(path / "settings.ini"), QSettings.Format.IniFormat)


def test_settings_are_remembered(tmp_path: Path) -> None:
    libraries = (tmp_path / "a", tmp_path / "ü")
    kept = Settings(
        "dark", 70, False, libraries, False, b"\x01\x00\xff", "two", "contours", "cividis"
    )
    settings_module.save(kept, store(tmp_path))

    assert settings_module.load(store(tmp_path)) == kept


def test_a_single_recent_library_is_remembered(tmp_path: Path) -> None:
    # An .ini file writes a list of one as a plain value.
    kept = Settings(libraries=(tmp_path / "a, b",), demonstration=False)
    settings_module.save(kept, store(tmp_path))

    assert settings_module.load(store(tmp_path)).libraries == (tmp_path / "a, b",)


def test_damaged_settings_fall_back_to_their_defaults(tmp_path: Path) -> None:
    (tmp_path / "settings.ini").write_text(
        "[General]\ntheme=pink\nopacity=many\ngeometry=7\nmap_mode=dots\ncolour_map=jet\n"
    )

    assert settings_module.load(store(tmp_path)) == Settings()


def test_recent_libraries_are_few_and_each_stands_once(tmp_path: Path) -> None:
    settings = Settings()
    for name in "abcdefgha":
        settings.remember_library(tmp_path / name)

    assert [folder.name for folder in settings.libraries] == list("ahgfed")
    assert len(settings.libraries) == RECENT_LIBRARIES
    settings.forget_library(tmp_path / "h")
    assert [folder.name for folder in settings.libraries] == list("agfed")
