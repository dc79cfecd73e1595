"""Sharpness that depends little on what the lesion is: a ratio of two octaves of contrast.

Natural pictures in focus have about the same contrast in each octave of detail (Field 1987), and
blur takes the finest one first, so the ratio of neighbouring octaves tells the blur where the
contrast itself tells the subject. The octaves are differences of Gaussians (Burt & Adelson 1983).
On HAM10000's validation pictures, blurred by 1 to 3 % of the side with noise added, this told
sound from blurred better than the re-blur measure of Crete et al. 2007, edge widths from the
gradients at two scales (Zhuo & Sim 2011), and the variance of the Laplacian.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inference.encoder.preprocess import PixelArray
from inference.quality.light import Mask

_FINE, _MIDDLE, _COARSE = 0.7, 1.4, 2.8
"""Gaussian sigmas in pixels. Finer detail than the first is left out: it is noise, JPEG blocks,
and what a picture of 150 pixels has lost."""

_FLOOR = 1.0
"""Contrast in grey levels below which the coarse octave counts as empty: without it the ratio of
noise to nothing makes the most blurred pictures the sharpest."""

_TILE = 16
_RIM = 9


def sharpness(square: PixelArray, field: Mask) -> float:
    """Return fine over coarse contrast in the sharpest twentieth of the picture.

    The picture is judged by its sharpest places, since smooth skin and the soft border of a lesion
    are no fault. A tiny lesion on skin without any texture may still look blurred.

    Args:
        square: uint8 (n, n, 3) RGB of even light; n is a multiple of 16.
        field: bool (n, n), the field of view; its rim is left out as well.

    Returns:
        A number of at least 0; 0 for a picture of one colour.
    """
    grey = cv2.cvtColor(square, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine, middle, coarse = (cv2.GaussianBlur(grey, (0, 0), s) for s in (_FINE, _MIDDLE, _COARSE))
    inside = _without_rim(field)
    count = _tiles(inside)
    known = count > _TILE * _TILE / 2
    if not known.any():
        return 0.0
    high = np.sqrt(_tiles((fine - middle) ** 2 * inside)[known] / count[known])
    low = np.sqrt(_tiles((middle - coarse) ** 2 * inside)[known] / count[known])
    return float(np.percentile(high / (low + _FLOOR), 95))


def _without_rim(field: Mask) -> npt.NDArray[np.float32]:
    kernel = np.ones((_RIM, _RIM), np.uint8)
    return cv2.erode(field.astype(np.uint8), kernel).astype(np.float32)


def _tiles(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Sum over square tiles."""
    n = len(values) // _TILE
    return np.asarray(values.reshape(n, _TILE, n, _TILE).sum(axis=(1, 3), dtype=np.float64))
