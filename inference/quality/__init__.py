"""How well a picture can be read: sharpness, light, hair and size of the lesion."""

from inference.quality.measure import Quality, measure

__all__ = ["Quality", "measure"]
