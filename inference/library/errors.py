"""The library's errors that a caller may treat differently from the rest of `LibraryError`."""

from __future__ import annotations

from inference.errors import LibraryError


class DamagedLibraryError(LibraryError):
    """The database cannot be read any more."""


class UnfinishedLibraryError(LibraryError):
    """The making of the library was cut off before anything was in it."""
