"""Bytes to `MedicalImage`: the first room on the data's way."""

from inference.images.model import Acquisition, MedicalImage

__all__ = ["Acquisition", "MedicalImage"]
