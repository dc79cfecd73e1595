"""Computer-drawn dermoscopy phantoms: no patient, no archive, only a seed.

`draw` makes one; ``python -m resources.phantoms DEST`` writes a demonstration set.
"""

from resources.phantoms.phantom import Phantom, draw

__all__ = ["Phantom", "draw"]
