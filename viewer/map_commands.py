"""What the reader can do with heatmaps, as commands of the one table."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication

from inference.explain import ColourMap
from viewer.commands import Command
from viewer.maps import MapDisplay

translate = QCoreApplication.translate


def map_commands(maps: MapDisplay) -> Iterator[Command]:
    """Yield the commands of the menu of heatmaps."""
    menu = _menu()
    yield Command(
        "toggle_map",
        translate("Commands", "Show &heatmaps"),
        menu,
        maps.toggle,
        ("H",),
        checked=lambda: maps.visible,
    )
    yield Command(
        "contours",
        translate("Commands", "Draw as contour &lines"),
        menu,
        maps.toggle_contours,
        ("L",),
        checked=lambda: maps.mode == "contours",
    )
    yield Command("more_map", translate("Commands", "&Stronger heatmaps"), menu, maps.more, ("]",))
    yield Command("less_map", translate("Commands", "&Weaker heatmaps"), menu, maps.less, ("[",))
    yield _colours(
        maps, "viridis", translate("Commands", "Colours: &viridis (violet, green, yellow)")
    )
    yield _colours(maps, "cividis", translate("Commands", "Colours: &cividis (blue, grey, yellow)"))


def _colours(maps: MapDisplay, name: ColourMap, title: str) -> Command:
    return Command(
        f"colours_{name}",
        title,
        _menu(),
        lambda: maps.choose_colours(name),
        checked=lambda: maps.colour_map == name,
        group="colours",
    )


def _menu() -> str:
    return translate("Commands", "H&eatmaps")
