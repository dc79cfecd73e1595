"""German: nothing on screen lacks it, nothing is out of date, and numbers follow it."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
import refresh_translations
from PySide6.QtCore import QSettings, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QWidget,
)

from inference import cautions, diagnoses
from tests.viewer.conftest import Desk, MakeDesk, all_menus, mnemonics
from tests.viewer.fakes import InlineExecutor
from tests.viewer.test_accessibility import STATES, on_screen
from viewer import language, vocabulary
from viewer.numbers import decimal, whole
from viewer.settings import Settings, load, save

DATA = re.compile(
    r"^[\d\s.,:%+·✕()|-]*$|\.(png|jpg)|lesion|Drawn|CC0|hash-|Demonstration$|One pass|Two && passes"
    r"|^&?English$|^De&?utsch$|Fake|Ctrl|^[A-Z0-9?\[\], +=-]{1,9}$|Esc|Left|Right|notes"
)
"""What is not ours to translate: numbers, keys, and the words of files, cases and models."""


class Marking(QTranslator):
    """Translates everything, into itself between brackets."""

    def translate(
        self, _context: str, words: str, _disambiguation: str | None = None, _n: int = -1
    ) -> str:
        """Mark what passed through here."""
        return f"⟦{words}⟧"


@pytest.fixture
def marked(application: QApplication, make_desk: MakeDesk) -> Iterator[Desk]:
    """A window in which everything that can be translated is marked."""
    translator = Marking(application)
    application.installTranslator(translator)
    desk = make_desk(InlineExecutor())
    desk.window.shelf.open_demonstration()
    desk.settle()
    yield desk
    application.removeTranslator(translator)


@pytest.fixture
def german(application: QApplication, make_desk: MakeDesk) -> Iterator[Desk]:
    """A German window."""
    language.install(application, "de")
    desk = make_desk(InlineExecutor())
    desk.window.shelf.open_demonstration()
    desk.settle()
    yield desk
    language.install(application, "en")


def words_of(widget: QWidget) -> Iterator[str]:
    """Yield everything that a widget says to eyes and to screen readers."""
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(row) for row in range(widget.count()))
    yield from (widget.accessibleName(), widget.toolTip())


@pytest.mark.parametrize("state", STATES)
def test_everything_on_screen_can_be_translated(state: str, marked: Desk, tmp_path: Path) -> None:
    STATES[state](marked, tmp_path)
    said = {words for widget in on_screen(marked) for words in words_of(widget)}
    actions = marked.window.findChildren(QAction)
    said |= {action.text() for action in actions if not action.isSeparator()}
    foreign = {words for words in said if words and "⟦" not in words and not DATA.search(words)}
    # The failed state shows the engine's own sentences, which are in English.
    if state == "failed":
        foreign = {words for words in foreign if "picture" not in words and "file" not in words}
    assert foreign == set()


def test_the_german_words_are_complete_and_up_to_date(tmp_path: Path) -> None:
    fresh = tmp_path / "caselens_de.ts"
    shutil.copy(refresh_translations.WORDS, fresh)
    refresh_translations.collect(fresh)
    kept = refresh_translations.WORDS.read_text(encoding="utf-8")

    assert fresh.read_text(encoding="utf-8") == kept, "run packaging/refresh_translations.py"
    assert "unfinished" not in kept
    refresh_translations.compile_to(tmp_path / "caselens_de.qm", fresh)
    compiled = (tmp_path / "caselens_de.qm").read_bytes()
    assert compiled == refresh_translations.COMPILED.read_bytes()


def test_translations_keep_what_is_filled_in_and_the_mnemonic() -> None:
    pairs = [
        (message.findtext("source") or "", message.findtext("translation") or "")
        for message in ET.parse(refresh_translations.WORDS).iter("message")
    ]
    assert len(pairs) > 300
    for source, translation in pairs:
        assert fields(source) == fields(translation), source
        assert source.count("&") == translation.count("&"), source
        assert source.endswith("…") == translation.endswith("…"), source


def fields(words: str) -> list[tuple[str | None, str | None]]:
    """Return what is filled into words, with its format."""
    parsed = Formatter().parse(words)
    return sorted((name, form) for _, name, form, _ in parsed if name is not None)


def test_mnemonics_are_each_used_once_in_german_too(german: Desk) -> None:
    menus = list(all_menus(german.window))
    assert len(menus) > len(german.window.menuBar().actions()), "those within menus too"
    for menu in menus:
        letters = mnemonics(menu)
        assert len(letters) == len(set(letters)), (menu.title(), letters)


def test_the_engines_words_are_those_of_its_tables() -> None:
    known = {d.abbreviation: d.name for d in (*diagnoses.DIAGNOSES, *diagnoses.OTHERS)}
    assert known == vocabulary.DIAGNOSES
    assert diagnoses.CONFIRMATIONS == vocabulary.CONFIRMATIONS
    assert cautions.FLAGS == vocabulary.FLAGS


def test_a_word_of_an_archive_that_is_in_no_table_is_shown_as_it_is(german: Desk) -> None:
    del german
    assert vocabulary.diagnosis_words("Spitz nevus") == "Spitz nevus"
    assert vocabulary.site_words("left elbow") == "left elbow"
    assert vocabulary.diagnosis_words("mel") == "Melanom"


def test_a_german_window_speaks_german_and_writes_numbers_so(german: Desk, tmp_path: Path) -> None:
    STATES["answered"](german, tmp_path)
    shown = "\n".join(words for widget in on_screen(german) for words in words_of(widget))

    assert "16 ähnlichste Fälle" in shown and "IHR BILD" in shown
    assert "Forschung und Lehre, keine Diagnose" in shown
    assert "Melanozytärer Nävus: 9 von 16 Treffern" in shown
    assert (whole(12345), decimal(0.5)) == ("12.345", "0,50")


def test_english_comes_back(application: QApplication) -> None:
    language.install(application, "de")
    language.install(application, "en")
    assert vocabulary.diagnosis_words("mel") == "Melanoma"
    assert (whole(12345), decimal(0.5)) == ("12,345", "0.50")


def test_the_choice_is_remembered_and_takes_effect_at_the_next_start(
    desk: Desk, tmp_path: Path
) -> None:
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    desk.window.commands.action("language_de").trigger()
    assert "next start" in desk.window.status.currentMessage()
    assert desk.settings.language == "de"
    save(desk.settings, store)
    assert load(store).language == "de"
    assert Settings().language == "system"
