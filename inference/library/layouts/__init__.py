"""Archives as they are downloaded: one module for each way in which they lie in a folder."""

from inference.library.layouts.model import Found, Layout, Reading, Rejected
from inference.library.layouts.recognition import LAYOUTS, Opened, opened

__all__ = ["LAYOUTS", "Found", "Layout", "Opened", "Reading", "Rejected", "opened"]
