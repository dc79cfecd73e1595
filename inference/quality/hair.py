"""Hair over the lesion, dark and light: thin, straight, long, and lying on its own.

DullRazor (Lee et al. 1997, Computers in Biology and Medicine 27:533) finds dark hair as what a
morphological closing fills. Here the closing's difference (black-hat) must also hold a straight
line of a sixth of the side in one of twelve directions, and no short one across it: that leaves
out vessels, dots, and the meshes of a pigment network or of packed globules. Light hair is found
in the same way on the negative.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inference.encoder.preprocess import PixelArray
from inference.quality.light import Mask

_WIDEST = 7
"""Thinner than this many pixels of the square is thin."""

_LONG = 21
_ACROSS = 7
_DIRECTIONS = 12
_CONTRAST = 12
"""In grey levels of a square of even light: what the eye takes for a hair at first glance."""


def _line(length: int, direction: int) -> npt.NDArray[np.uint8]:
    """Draw a line through the centre, at so many twelfths of half a turn."""
    kernel = np.zeros((length, length), np.uint8)
    centre, angle = length // 2, np.pi * direction / _DIRECTIONS
    across, down = round(centre * np.cos(angle)), round(centre * np.sin(angle))
    start, end = (centre - across, centre - down), (centre + across, centre + down)
    return np.asarray(cv2.line(kernel, start, end, 1), np.uint8)


_LINES = [(_line(_LONG, i), _line(_ACROSS, i + _DIRECTIONS // 2)) for i in range(_DIRECTIONS)]
"""A long line in each direction, with a short one at right angles to it."""

_DISC = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_WIDEST, _WIDEST))


def hair_mask(square: PixelArray) -> Mask:
    """Find the pixels under hair.

    Args:
        square: uint8 (128, 128, 3) RGB of even light.

    Returns:
        bool (128, 128). Ruler marks and straight scratches count as hair; fine fair hair that
        lies in mats is underestimated.
    """
    # In red light vessels are as bright as the skin around them, and dark hair stays dark.
    dark = _thin_lines(np.ascontiguousarray(square[..., 0]))
    grey = np.asarray(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY), np.uint8)
    light = _thin_lines(255 - grey)
    return dark | light


def _thin_lines(grey: npt.NDArray[np.uint8]) -> Mask:
    """Find long thin lines that are darker than their surroundings.

    They must also be stronger than the usual thin contrast of the picture: in one full of noise,
    chance makes lines of about that strength.
    """
    thin = cv2.morphologyEx(grey, cv2.MORPH_BLACKHAT, _DISC)
    found = np.zeros_like(grey)
    for along, across in _LINES:
        line = cv2.morphologyEx(thin, cv2.MORPH_OPEN, along)
        mesh = cv2.morphologyEx(thin, cv2.MORPH_OPEN, across)
        cv2.max(found, cv2.subtract(line, mesh), dst=found)
    return np.asarray(found > max(_CONTRAST, float(np.median(thin))))
