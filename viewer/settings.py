"""What is remembered from one start to the next, as typed fields."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from PySide6.QtCore import QByteArray, QSettings

from inference.explain import ColourMap
from viewer.gallery_layout import Arrangement
from viewer.language import LanguageChoice
from viewer.maps import MapMode

ThemeChoice = Literal["system", "light", "dark"]
RECENT_LIBRARIES = 6
RECENT_PICTURES = 10


@dataclass(slots=True)
class Settings:
    """The reader's choices.

    Attributes:
        theme: ``"system"``, ``"light"`` or ``"dark"``.
        opacity: of the heatmaps, percent, 0 to 100.
        map_visible: whether heatmaps are shown.
        libraries: folders of libraries, the latest first, at most `RECENT_LIBRARIES`.
        demonstration: whether the demonstration library was the last one open.
        geometry: Qt's own record of the window's place and size; empty before the first close.
        encoder: name of the encoder that libraries are opened with; ``""`` for the one that fits
            each of them.
        map_mode: ``"filled"`` or ``"contours"``.
        colour_map: ``"viridis"`` or ``"cividis"``.
        arrangement: how answers are read: ``"grid"``, ``"diagnoses"`` or ``"rivals"``.
        language: of the window, from its next start on: ``"system"``, ``"en"`` or ``"de"``.
        remember: whether pictures that were asked about are remembered.
        pictures: those, the latest first, at most `RECENT_PICTURES`.
    """

    theme: ThemeChoice = "system"
    opacity: int = 40
    map_visible: bool = True
    libraries: tuple[Path, ...] = ()
    demonstration: bool = True
    geometry: bytes = b""
    encoder: str = ""
    map_mode: MapMode = "filled"
    colour_map: ColourMap = "viridis"
    arrangement: Arrangement = "grid"
    language: LanguageChoice = "system"
    remember: bool = True
    pictures: tuple[Path, ...] = ()

    def remember_library(self, folder: Path) -> None:
        """Put ``folder`` first among the recent libraries, and open it at the next start."""
        others = [known for known in self.libraries if known != folder]
        self.libraries = (folder, *others)[:RECENT_LIBRARIES]
        self.demonstration = False

    def remember_picture(self, file: Path) -> None:
        """Put ``file`` first among the recent pictures, unless nothing is to be remembered."""
        if self.remember:
            others = [known for known in self.pictures if known != file]
            self.pictures = (file, *others)[:RECENT_PICTURES]

    def toggle_remembering(self) -> None:
        """Remember pictures from now on; or no longer, and forget those that were."""
        self.remember = not self.remember
        if not self.remember:
            self.pictures = ()

    def forget_library(self, folder: Path) -> None:
        """Drop ``folder``, which could not be opened, from the recent libraries."""
        self.libraries = tuple(known for known in self.libraries if known != folder)


def user_store() -> QSettings:
    """Return the user's settings file (an .ini file in the platform's settings folder)."""
    return QSettings(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, "CaseLens", "caselens-viewer"
    )


def load(store: QSettings) -> Settings:
    """Read the settings; a value that is missing or damaged falls back to its default."""
    default = Settings()
    theme = str(store.value("theme", default.theme))
    mode, colours = str(store.value("map_mode")), str(store.value("colour_map"))
    arrangement, language = str(store.value("arrangement")), str(store.value("language"))
    geometry = store.value("geometry")
    libraries = _paths(store.value("libraries"), RECENT_LIBRARIES)
    return Settings(
        theme=next((known for known in get_args(ThemeChoice) if known == theme), default.theme),
        opacity=_percent(store.value("opacity"), default.opacity),
        map_visible=str(store.value("map_visible", "true")).lower() != "false",
        libraries=libraries,
        demonstration=not libraries or str(store.value("demonstration")).lower() != "false",
        geometry=bytes(geometry.data()) if isinstance(geometry, QByteArray) else b"",
        encoder=str(store.value("encoder", default.encoder)),
        map_mode=next((known for known in get_args(MapMode) if known == mode), default.map_mode),
        colour_map=next(
            (known for known in get_args(ColourMap) if known == colours), default.colour_map
        ),
        arrangement=next(
            (known for known in get_args(Arrangement) if known == arrangement), default.arrangement
        ),
        remember=str(store.value("remember", "true")).lower() != "false",
        pictures=_paths(store.value("pictures"), RECENT_PICTURES),
        language=next(
            (known for known in get_args(LanguageChoice) if known == language), default.language
        ),
    )


def save(settings: Settings, store: QSettings) -> None:
    """Write the settings; what cannot be written (a read-only profile) is not remembered."""
    store.setValue("theme", settings.theme)
    store.setValue("opacity", settings.opacity)
    store.setValue("map_visible", "true" if settings.map_visible else "false")
    store.setValue("libraries", [str(folder) for folder in settings.libraries])
    store.setValue("demonstration", "true" if settings.demonstration else "false")
    store.setValue("geometry", QByteArray(settings.geometry))
    store.setValue("encoder", settings.encoder)
    store.setValue("map_mode", settings.map_mode)
    store.setValue("colour_map", settings.colour_map)
    store.setValue("arrangement", settings.arrangement)
    store.setValue("language", settings.language)
    store.setValue("remember", "true" if settings.remember else "false")
    store.setValue("pictures", [str(file) for file in settings.pictures])
    store.sync()


def _percent(value: object, default: int) -> int:
    text = str(value)
    return min(100, int(text)) if text.isdecimal() else default


def _paths(value: object, most: int) -> tuple[Path, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list):
        return ()
    return tuple(Path(str(text)) for text in texts if text)[:most]
