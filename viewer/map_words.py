"""What each kind of heatmap shows and does not show, and what the ends of its scale mean."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QCoreApplication

from viewer.maps import MapMode

translate = QCoreApplication.translate


class MapKind(Enum):
    """What a heatmap is about."""

    DIAGNOSIS = auto()
    FIRST_PASS = auto()
    PAIR = auto()
    GALLERY = auto()
    GALLERY_OF_CASE = auto()
    POINT = auto()
    REGION = auto()


@dataclass(frozen=True, slots=True)
class MapWords:
    """A heatmap in words.

    Attributes:
        none: what 0 means.
        most: what 1 means.
        help: what the map shows and what it does not, in one line.
    """

    none: str
    most: str
    help: str


def map_words(kind: MapKind, mode: MapMode, diagnosis: str = "") -> MapWords:
    """Describe a kind of heatmap as it is drawn.

    Args:
        kind: what it is about.
        mode: filled areas are bright where lines enclose.
        diagnosis: name of the diagnosis, for that kind.
    """
    here = (
        translate("MapWords", "Bright")
        if mode == "filled"
        else translate("MapWords", "Inside the lines")
    )
    none, most, sentence = _TEXTS[kind]()
    return MapWords(none, most, sentence.format(here=here, diagnosis=diagnosis))


def _diagnosis() -> tuple[str, str, str]:
    return (
        translate("MapWords", "none"),
        translate("MapWords", "strongest here for any diagnosis"),
        translate(
            "MapWords",
            "{here}: what makes the model lean to {diagnosis}. "
            "It does not outline the lesion, nor say that it is one.",
        ),
    )


def _first_pass() -> tuple[str, str, str]:
    return (
        translate("MapWords", "none"),
        translate("MapWords", "strongest in this picture"),
        translate(
            "MapWords",
            "{here}: what the first of two networks went by, to guide the second, which found the "
            "matches. It does not outline the lesion.",
        ),
    )


def _pair() -> tuple[str, str, str]:
    return (
        translate("MapWords", "none"),
        translate("MapWords", "strongest in this gallery"),
        translate(
            "MapWords",
            "{here}: what the model finds alike in the two pictures. "
            "The diagnosis may still differ.",
        ),
    )


def _gallery() -> tuple[str, str, str]:
    return (
        translate("MapWords", "none"),
        translate("MapWords", "strongest here"),
        translate(
            "MapWords",
            "{here}: what the model finds like your picture. The diagnosis may still differ.",
        ),
    )


def _gallery_of_case() -> tuple[str, str, str]:
    return (
        translate("MapWords", "none"),
        translate("MapWords", "strongest here"),
        translate(
            "MapWords",
            "{here}: what the model finds like the case at the left. The diagnosis may differ.",
        ),
    )


def _point() -> tuple[str, str, str]:
    return (
        translate("MapWords", "unlike"),
        translate("MapWords", "the same to the model"),
        translate(
            "MapWords",
            "{here}: what the model finds like the spot. It may be another structure.",
        ),
    )


def _region() -> tuple[str, str, str]:
    return (
        translate("MapWords", "unlike"),
        translate("MapWords", "the same to the model"),
        translate(
            "MapWords",
            "{here}: what the model finds like the marked area. The rest does not count.",
        ),
    )


_TEXTS = {
    MapKind.DIAGNOSIS: _diagnosis,
    MapKind.FIRST_PASS: _first_pass,
    MapKind.PAIR: _pair,
    MapKind.GALLERY: _gallery,
    MapKind.GALLERY_OF_CASE: _gallery_of_case,
    MapKind.POINT: _point,
    MapKind.REGION: _region,
}
