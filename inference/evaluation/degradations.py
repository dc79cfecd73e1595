"""Sound pictures spoilt in known ways, to see whether the words of caution notice.

Every degradation takes the central square of a picture at its own size and returns one of the same
size. Lengths are shares of the side, so that small and large pictures are spoilt alike.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inference.encoder.preprocess import PixelArray

Mask = npt.NDArray[np.bool_]

BLUR = 0.015
"""Sigma of the blur: dots, fine vessels and the pigment network are gone, the outline is left."""

NOISE = 2.0
"""Standard deviation in grey levels of the noise that a sensor adds after the lens."""

DARK, BRIGHT = 0.25, 3.0
"""Factors of the amount of light: two stops less, one and a half more."""

HAIR_SHARE = 0.10
LESION_SHARE = 0.015


def blur(square: PixelArray, rng: np.random.Generator, sigma: float = BLUR) -> PixelArray:
    """Take a square out of focus, then add the sensor's noise.

    Args:
        square: uint8 (n, n, 3) RGB.
        rng: of the noise.
        sigma: of the Gaussian, as a share of the side.
    """
    width = sigma * len(square)
    soft = cv2.GaussianBlur(square.astype(np.float32), (0, 0), width, borderType=cv2.BORDER_REFLECT)
    return _grey_levels(soft + rng.normal(0, NOISE, soft.shape))


def relight(square: PixelArray, factor: float) -> PixelArray:
    """Multiply the amount of light (linear, IEC 61966-2-1); what exceeds the scale is lost."""
    coded = np.arange(256) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    lit = np.minimum(linear * factor, 1)
    table = np.where(lit <= 0.0031308, 12.92 * lit, 1.055 * lit ** (1 / 2.4) - 0.055)
    return np.asarray(cv2.LUT(square, _grey_levels(table * 255)), np.uint8)


def draw_hair(
    square: PixelArray, rng: np.random.Generator, share: float = HAIR_SHARE
) -> PixelArray:
    """Draw brown and black hairs that lie roughly one way until they cover a share of a square.

    Each is an arc of .6 to 1.2 sides, .8 to 1.6 % of the side wide, nine tenths opaque.
    """
    n = len(square)
    cover = np.zeros((n, n), np.float32)
    colour = np.zeros((n, n, 3), np.float32)
    lie = rng.uniform(0, np.pi)
    while (cover > 0.5).mean() < share:
        points = _arc(rng, lie + rng.normal(0, 0.35)) * n
        thickness = max(1, round(rng.uniform(0.008, 0.016) * n))
        hair = np.zeros((n, n), np.uint8)
        cv2.polylines(hair, [np.rint(points * 16).astype(np.int32)], isClosed=False, color=255,
                      thickness=thickness, lineType=cv2.LINE_AA, shift=4)  # fmt: skip
        tone = rng.uniform(0.3, 1) * np.array([95, 60, 40])
        colour = np.where(hair[..., None] > 0, tone, colour)
        cover = np.maximum(cover, hair / np.float32(255))
    alpha = 0.9 * cover[..., None]
    return _grey_levels(square * (1 - alpha) + colour * alpha)


def _arc(rng: np.random.Generator, angle: float) -> npt.NDArray[np.float64]:
    """Return 16 points (16, 2) of a parabola about a point in the unit square."""
    along = np.linspace(-0.5, 0.5, 16) * rng.uniform(0.6, 1.2)
    aside = rng.normal(0, 0.3) * along**2
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(rng.uniform(0, 1, 2) + np.stack([along, aside], axis=1) @ turn)


def shrink_lesion(
    square: PixelArray, mask: Mask, rng: np.random.Generator, share: float = LESION_SHARE
) -> PixelArray:
    """Show a lesion from afar: reduced to a share of the square, in the middle of drawn skin.

    The skin has the median colour and the grain of the picture outside the lesion.

    Args:
        square: uint8 (n, n, 3) RGB.
        mask: bool (n, n), the lesion; it must leave some skin.
        rng: of the grain.
        share: area of the reduced lesion.

    Raises:
        ValueError: there is no lesion, it is smaller than that already, or there is no skin.
    """
    if not share < mask.mean() < 1:
        raise ValueError(f"a lesion of {mask.mean():.3f} of the square cannot shrink to {share}")
    n = len(square)
    around = np.median(square[~mask], axis=0)
    spread = square.astype(np.float32) - cv2.GaussianBlur(square, (0, 0), 0.01 * n)
    grain = rng.normal(0, float(spread[~mask].std()), (n, n, 1))
    skin = np.asarray(around + grain, np.float32)
    small = max(1, round(n * float(np.sqrt(share / mask.mean()))))
    lesion = cv2.resize(square, (small, small), interpolation=cv2.INTER_AREA)
    feather = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.02 * n)
    alpha = cv2.resize(feather, (small, small), interpolation=cv2.INTER_AREA)[..., None]
    rows, columns = (round(c) for c in np.argwhere(mask).mean(axis=0) * small / n)
    top, left = (int(np.clip(n // 2 - c, 0, n - small)) for c in (rows, columns))
    place = skin[top : top + small, left : left + small]
    place[:] = place * (1 - alpha) + lesion * alpha
    return _grey_levels(skin)


def _grey_levels(values: npt.NDArray[np.floating]) -> PixelArray:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
