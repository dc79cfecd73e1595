"""Bytes to `MedicalImage`: the first room on the data's way."""

from inference.images.model import Acquisition, MedicalImage
from inference.images.reader import read, read_bytes

__all__ = ["Acquisition", "MedicalImage", "read", "read_bytes"]
