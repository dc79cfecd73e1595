"""What is said of the modes: what to do in them, and what went wrong."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from inference.errors import CaseLensError
from viewer.tools import Tools

translate = QCoreApplication.translate


def instruction(tools: Tools) -> str:
    """Say what to do in the mode that is on, or what is being done; "" in none."""
    if tools.pointing.active:
        return unseen(tools) or translate(
            "Tools",
            "Each match lights up where it is like the spot under the cross. Move the mouse "
            "over your picture, or the cross with the arrow keys. Escape ends pointing.",
        )
    if tools.measuring.active:
        return translate(
            "Tools",
            "{length}. Drag a line on your picture; or move its end with the arrow keys, its start "
            "with Shift and an arrow. Escape ends measuring.",
        ).format(length=tools.measuring.words)
    regions = tools.regions
    if not regions.active:
        return ""
    if regions.searching:
        return translate(
            "Tools", "Looking for cases that hold what is in this area … Escape stops."
        )
    if regions.free:
        return translate(
            "Tools",
            "Draw round a part of your picture with the mouse; it is searched for at once. "
            "Escape ends it.",
        )
    return translate(
        "Tools",
        "Drag a box over a part of your picture; or move it with the arrow keys, size it with "
        "Shift and an arrow, and press Enter. Escape ends it.",
    )


def unseen(tools: Tools) -> str:
    """Say that nothing is known of the spot pointed at; "" where something is."""
    if not (tools.pointing.active and tools.pointing.outside):
        return ""
    return translate(
        "Tools",
        "The model saw nothing of this spot: stay within the dashed outline. Escape ends pointing.",
    )


def complaint(error: CaseLensError | None) -> str:
    """Say in sentences what failed and what to do; "" for None."""
    if error is None:
        return ""
    parts = (error.reason, error.advice)
    return " ".join(f"{part[:1].upper()}{part[1:]}." for part in parts if part)
