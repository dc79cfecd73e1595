"""Numbers as the reader's language writes them."""

from __future__ import annotations

from PySide6.QtCore import QLocale


def whole(number: int) -> str:
    """Return a count, its thousands set apart."""
    return QLocale().toString(number)


def decimal(value: float, digits: int = 2) -> str:
    """Return a number with so many digits behind the point or comma."""
    return QLocale().toString(value, "f", digits)
