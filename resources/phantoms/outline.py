"""Where a lesion lies: an irregular organic outline and the distance of each pixel from it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from resources.phantoms.noise import FloatField, Mask, Shape, band, coordinates, smoothstep

_MARGIN = 14
"""Pixels that an outline keeps from the border of the central square, which the encoder sees."""


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A lesion's place and shape.

    Attributes:
        distance: float32 (height, width): pixels to the outline, positive inside.
        reach: float32 (height, width): 0 at the centre, 1 on the (unwarped) outline, then more.
        angle: float32 (height, width): direction from the centre, in radians.
        centre: row and column.
        radius: mean radius in pixels.
    """

    distance: FloatField
    reach: FloatField
    angle: FloatField
    centre: tuple[float, float]
    radius: float

    @property
    def mask(self) -> Mask:
        """The pixels inside."""
        return np.asarray(self.distance > 0)

    def edge(self, width: float, at: float = 0.0) -> FloatField:
        """Soft coverage: 0 outside, 1 inside, rising over ``width`` pixels around ``at``."""
        return smoothstep(self.distance, at - width / 2, at + width / 2)

    def point(self, angle: float, reach: float) -> tuple[float, float]:
        """Row and column of the point at ``angle`` and ``reach`` outline radii."""
        ray_length = int(3 * self.radius)
        steps = np.arange(1, ray_length)
        height, width = self.distance.shape
        rows = np.clip(self.centre[0] + steps * np.sin(angle), 0, height - 1).astype(int)
        columns = np.clip(self.centre[1] + steps * np.cos(angle), 0, width - 1).astype(int)
        here = self.distance[rows, columns]
        inside = np.flatnonzero(here > 0)
        length = float(steps[inside[-1]] if inside.size else self.radius) * reach
        return (
            self.centre[0] + length * float(np.sin(angle)),
            self.centre[1] + length * float(np.cos(angle)),
        )


def signed_distance(mask: Mask) -> FloatField:
    """Pixels to the border of ``mask``, positive inside."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(inside - outside, dtype=np.float32)


def largest_part(mask: Mask) -> Mask:
    """Keep the largest connected part of ``mask`` and fill its holes."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, dtype=np.uint8)
    if contours:
        cv2.drawContours(filled, [max(contours, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    return np.asarray(filled > 0)


def outline(
    rng: np.random.Generator,
    shape: Shape,
    radius: float,
    *,
    lobes: float = 0.1,
    ragged: float = 0.03,
    elongation: float = 1.2,
) -> Outline:
    """Draw an outline: band-limited radial noise, bent by a warp of the plane.

    Args:
        rng: where the randomness comes from.
        shape: rows and columns of the picture.
        radius: mean radius in pixels; made smaller if it would leave the central square.
        lobes: size of the large bulges and bays, as a fraction of the radius.
        ragged: size of the fine irregularity, as a fraction of the radius.
        elongation: length over width.
    """
    half = min(shape) / 2 - _MARGIN
    harmonics = np.arange(1, 9)
    strength = lobes / (harmonics**0.8) * rng.normal(size=8)
    strength[0] *= 0.3
    phase = rng.uniform(0, 2 * np.pi, 8)
    tilt = float(rng.uniform(0, np.pi))
    stretch = np.sqrt(rng.uniform(1.0, elongation))
    bulge = float(1.0 + np.abs(strength).sum() * 0.55 + 2 * ragged)
    radius = min(radius, half / (bulge * stretch))
    play = max(half - radius * bulge * stretch, 0.0) * 0.75
    centre = (
        shape[0] / 2 + float(rng.uniform(-play, play)),
        shape[1] / 2 + float(rng.uniform(-play, play)),
    )

    rows, columns = coordinates(shape)
    down, right = rows - centre[0], columns - centre[1]
    fine = max(radius * 0.22, 6.0)
    down = down + radius * ragged * (
        0.6 * band(rng, shape, fine, 0.5) + 1.4 * band(rng, shape, 2.6 * fine, 0.5)
    )
    right = right + radius * ragged * (
        0.6 * band(rng, shape, fine, 0.5) + 1.4 * band(rng, shape, 2.6 * fine, 0.5)
    )
    cosine, sine = np.cos(tilt), np.sin(tilt)
    u = (right * cosine + down * sine) / stretch
    v = (-right * sine + down * cosine) * stretch
    turn = np.arctan2(v, u)
    wave = np.cos(harmonics[:, None, None] * turn + phase[:, None, None])
    limit = radius * (1.0 + np.tensordot(strength, wave, axes=1))
    reach = np.hypot(u, v) / np.maximum(limit, 0.3 * radius)
    mask = largest_part(_within_square(reach < 1.0))
    return Outline(
        signed_distance(mask),
        reach.astype(np.float32),
        np.arctan2(down, right).astype(np.float32),
        centre,
        float(radius),
    )


def _within_square(mask: Mask) -> Mask:
    """Cut off what leaves the central square (a few pixels of an outlier at most)."""
    height, width = mask.shape
    side = min(height, width) - 12
    top, left = (height - side) // 2, (width - side) // 2
    inner = np.zeros_like(mask)
    inner[top : top + side, left : left + side] = mask[top : top + side, left : left + side]
    return inner
