"""Bytes to `MedicalImage`: the first room on the data's way.

`IsolatedReader` decodes files from outside, in a process of its own; `read` decodes in this one.
"""

from inference.images.isolated import IsolatedReader
from inference.images.model import Acquisition, MedicalImage, View
from inference.images.reader import read, read_bytes

__all__ = ["Acquisition", "IsolatedReader", "MedicalImage", "View", "read", "read_bytes"]
