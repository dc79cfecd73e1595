"""The language of the window: English, which the sources are written in, or German."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from inference.locations import shipped

LanguageChoice = Literal["system", "en", "de"]

LOCALES = {
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedStates),
    "de": QLocale(QLocale.Language.German, QLocale.Country.Germany),
}


def spoken(choice: LanguageChoice) -> Literal["en", "de"]:
    """Return the language of a choice; the desktop's is English where we do not speak it."""
    if choice != "system":
        return choice
    return "de" if QLocale.system().language() == QLocale.Language.German else "en"


def install(application: QCoreApplication, choice: LanguageChoice) -> None:
    """Let everything that is made from now on speak a language, and no longer the former one."""
    language = spoken(choice)
    for former in application.findChildren(Translator):
        application.removeTranslator(former)
        former.setParent(None)
    QLocale.setDefault(LOCALES[language])
    if language == "en":
        return
    qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    ours = str(shipped("resources") / "translations")
    for name, folder in ((f"qtbase_{language}", qt), (f"caselens_{language}", ours)):
        translator = Translator(application)
        if translator.load(name, folder):
            application.installTranslator(translator)


class Translator(QTranslator):
    """One that `install` made, so that it can be found again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
