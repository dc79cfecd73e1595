"""Cases on disk: SQLite is the truth, the Annoy file a verified cache of it."""

from inference.library.filters import EVERYTHING, AgeRange, Filter
from inference.library.library import Library
from inference.library.model import Case, CaseImage, LibraryInfo, NewCase, Progress

__all__ = [
    "EVERYTHING",
    "AgeRange",
    "Case",
    "CaseImage",
    "Filter",
    "Library",
    "LibraryInfo",
    "NewCase",
    "Progress",
]
