"""Cases on disk: SQLite is the truth, the Annoy file a verified cache of it."""

from inference.library.library import Library
from inference.library.model import Case, CaseImage, LibraryInfo, NewCase, Progress

__all__ = ["Case", "CaseImage", "Library", "LibraryInfo", "NewCase", "Progress"]
