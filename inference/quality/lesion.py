"""A rough outline of the lesion, good enough to say how much of the picture it fills.

Otsu's threshold (1979) on the blue channel, where melanin and blood absorb most, after the slope
of the light has been taken out: without that, the darker rim of many pictures is split off in
place of a small lesion. The lesion is the darker side, but for a pale lesion on dark skin, which is
seen from a rim that is dark and a centre that is not. Of its parts those near the centre are kept.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inference.encoder.preprocess import PixelArray
from inference.quality.light import Mask, reaching_border

_SMOOTHING = 1.5
_MARGIN = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
"""Physicians draw the border outside the slope of colour that a threshold halves."""

_OUTER = 0.8
"""Radius beyond which the picture shows mostly skin, as a share of half the side."""

_CENTRAL = 0.5
_RIVAL = 0.3
_PALE = 0.3
"""By how much more of the rim than of the centre must be dark before the paler side is taken."""

_ROUNDS = 3

Grey = npt.NDArray[np.float32]


def lesion_mask(square: PixelArray, field: Mask) -> Mask:
    """Outline the lesion.

    Args:
        square: uint8 (n, n, 3) RGB.
        field: bool (n, n), the field of view.

    Returns:
        bool (n, n), True on the lesion; nothing on a picture of one colour. A lesion that fills
        the whole square is underestimated, for there is no skin to compare it with.
    """
    down, across = np.indices(field.shape, np.float32) / (len(field) / 2) - 1
    radius = np.hypot(down, across)
    blue = cv2.GaussianBlur(np.ascontiguousarray(square[..., 2]), (0, 0), _SMOOTHING)
    even = _even(blue.astype(np.float32), field & (radius > _OUTER), down, across)
    if np.ptp(even[field]) < 1:
        return np.zeros_like(field)
    threshold, _ = cv2.threshold(even[field], 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = even <= threshold
    pale = _share(dark, field & (radius > _OUTER)) > _PALE + _share(
        dark, field & (radius < _CENTRAL)
    )
    found = _central((dark ^ pale) & field, radius)
    filled = found | (~found & ~reaching_border(~found))
    return cv2.dilate(filled.astype(np.uint8), _MARGIN) > 0


def _share(of: Mask, within: Mask) -> float:
    return float(of[within].mean()) if within.any() else 0.0


def _even(grey: Grey, skin: Mask, down: Grey, across: Grey) -> npt.NDArray[np.uint8]:
    """Take out slope and bowl of the light, fitted to the outer skin by trimmed least squares."""
    light = np.stack([np.ones_like(grey), down, across, down**2 + across**2], axis=-1)
    rows, values = light[skin], grey[skin]
    if len(values) == 0:
        return grey.astype(np.uint8)
    used = np.ones(len(values), np.bool_)
    for _ in range(_ROUNDS):
        fit, *_ = np.linalg.lstsq(rows[used], values[used], rcond=None)
        left = values - rows @ fit
        used = left > -1.5 * (np.median(np.abs(left)) + 1)  # a lesion that reaches out is darker
    slope = light @ fit
    return np.asarray(np.clip(np.rint(grey - slope + slope[skin].mean()), 0, 255), np.uint8)


def _central(side: Mask, radius: Grey) -> Mask:
    """Keep the connected part with most of its mass near the centre, and its near equals."""
    count, part = cv2.connectedComponents(side.astype(np.uint8))
    if count < 2:
        return side
    weight = np.exp(-((radius / _CENTRAL) ** 2))
    mass = np.bincount(part.ravel(), weight.ravel(), count)
    mass[0] = 0
    return np.asarray(np.isin(part, np.flatnonzero(mass >= _RIVAL * mass.max())) & side)
