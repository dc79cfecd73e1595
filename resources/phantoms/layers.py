"""How light makes the picture: pigments absorb it, keratin and scar scatter it back.

A recipe fills layers with amounts of melanin, blood and scatter; `Layers.develop` turns them into
colour by the Beer-Lambert law over a white dermis. Colours overlap as they do in skin: brown over
red is darker than either, and deep melanin looks blue because the light that comes back from above
it has lost no blue (Tyndall effect).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from resources.phantoms.noise import FloatField, Mask, Shape

# Absorbance of one unit in red, green and blue (about 610, 540 and 465 nm). Melanin falls as the
# third power of the wavelength (Jacques 2013, Phys Med Biol 58:R37), haemoglobin has its peaks in
# green and blue. Deep melanin: what is absorbed less the blue scattered back from above.
MELANIN = np.array([1.0, 1.55, 2.15], dtype=np.float32)
DEEP_MELANIN = np.array([1.72, 1.37, 0.98], dtype=np.float32)
BLOOD = np.array([0.22, 1.5, 1.15], dtype=np.float32)

DERMIS = np.array([0.84, 0.655, 0.60], dtype=np.float32)
"""Linear reflectance of dermis without pigment or blood."""
SURFACE = np.array([0.012, 0.010, 0.010], dtype=np.float32)
"""What the surface reflects whatever lies below; black pigment is never quite black."""

WHITE = (0.86, 0.80, 0.78)
YELLOW = (0.78, 0.58, 0.30)
BLUE_WHITE = (0.235, 0.27, 0.36)


@dataclass(slots=True, eq=False)
class Layers:
    """Amounts in each pixel; all float32 (height, width), 0 or more.

    Attributes:
        melanin: superficial melanin, brown; 1 is a brown line of a network.
        deep: melanin in the dermis, blue to grey.
        blood: haemoglobin; 0.15 is pink skin, 1 a bright vessel.
        scatter: list of (colour in linear RGB, coverage 0..1) laid over the rest in turn.
    """

    melanin: FloatField
    deep: FloatField
    blood: FloatField
    scatter: list[tuple[tuple[float, float, float], FloatField]] = field(default_factory=list)

    @classmethod
    def empty(cls, shape: Shape) -> Layers:
        """Bare dermis."""
        melanin, deep, blood = np.zeros((3, *shape), dtype=np.float32)
        return cls(melanin, deep, blood)

    def fade(self, coverage: FloatField, *, blood: bool = False) -> None:
        """Take away pigment (and blood, if asked) where ``coverage`` is 1."""
        self.melanin = self.melanin * (1.0 - coverage)
        self.deep = self.deep * (1.0 - coverage)
        if blood:
            self.blood = self.blood * (1.0 - coverage)

    def cover(self, colour: tuple[float, float, float], coverage: FloatField) -> None:
        """Lay scattering matter over everything so far; ``coverage`` in [0, 1]."""
        self.scatter.append((colour, np.clip(coverage, 0.0, 1.0)))

    def develop(self) -> FloatField:
        """Return linear RGB reflectance: float32 (height, width, 3) in [0, 1]."""
        absorbance = (
            np.maximum(self.melanin, 0.0)[..., None] * MELANIN
            + np.maximum(self.deep, 0.0)[..., None] * DEEP_MELANIN
            + np.maximum(self.blood, 0.0)[..., None] * BLOOD
        )
        light = DERMIS * np.exp(-absorbance) + SURFACE
        for colour, coverage in self.scatter:
            alpha = coverage[..., None]
            light = light * (1.0 - alpha) + np.array(colour, dtype=np.float32) * alpha
        return np.asarray(np.clip(light, 0.0, 1.0), dtype=np.float32)


def to_srgb(light: FloatField) -> npt.NDArray[np.uint8]:
    """Encode linear RGB in [0, 1] as sRGB uint8 (IEC 61966-2-1)."""
    clipped = np.clip(light, 0.0, 1.0)
    encoded = np.where(
        clipped <= 0.0031308, 12.92 * clipped, 1.055 * np.power(clipped, 1 / 2.4) - 0.055
    )
    return np.asarray(np.round(encoded * 255.0), dtype=np.uint8)


@dataclass(slots=True, eq=False)
class Canvas:
    """A picture in the making.

    Attributes:
        layers: the optical layers.
        rng: where the lesion's randomness comes from.
        planted: structure name to the pixels that hold it, as planted so far.
    """

    layers: Layers
    rng: np.random.Generator
    planted: dict[str, Mask] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """Rows and columns."""
        height, width = self.layers.melanin.shape
        return height, width

    def record(self, name: str, where: Mask) -> None:
        """Remember that structure ``name`` holds the pixels ``where``, with those it held."""
        self.planted[name] = self.planted[name] | where if name in self.planted else where
