"""The measurements of one picture, all taken on one small square of it.

The square is the encoder's own (`inference.encoder.preprocess.prepare`) at `SIDE` pixels, which is
smaller than any picture of a dermatoscope: what is measured is whether structures of about one
hundredth of the field can be seen, and not how many pixels they were recorded with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.encoder.preprocess import PixelArray, prepare
from inference.quality.hair import hair_mask
from inference.quality.lesion import lesion_mask
from inference.quality.light import burnt_share, even_light, field_of_view, highlight
from inference.quality.sharpness import sharpness

SIDE = 128
"""Side of the square in pixels. Pictures with a shorter side are enlarged, which makes no detail:
below about 60 pixels they measure as blurred, and that is what they look like."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Measurements of the central square of a picture.

    Attributes:
        sharpness: fine over coarse contrast in the sharpest places, at least 0; dermoscopy in
            focus has about 0.45 to 0.9. See `inference.quality.sharpness`.
        highlight: how bright the bright parts are, 0 to 255: 95th percentile of the brightest
            channel inside the field of view.
        burnt: share of the field of view that has lost two colour channels or three to white.
        hair: share of the square under dark or light hair.
        lesion: share of the square that the lesion covers; 0 when nothing stands out.
    """

    sharpness: float
    highlight: float
    burnt: float
    hair: float
    lesion: float


def measure(pixels: PixelArray) -> Quality:
    """Measure a picture.

    Args:
        pixels: uint8 (height, width, 3) RGB of any size of at least one pixel.
    """
    square = prepare(pixels, SIDE)
    field = field_of_view(square)
    bright = highlight(square, field)
    lit = even_light(square, bright)
    return Quality(
        sharpness=sharpness(lit, field),
        highlight=bright,
        burnt=burnt_share(square, field),
        hair=float(np.mean(hair_mask(lit) & field)),
        lesion=float(np.mean(lesion_mask(square, field))),
    )
