"""Thin tapered curves (hairs, vessels, streaks), drawn large and reduced to be smooth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from resources.phantoms.noise import FloatField, Shape

_FACTOR = 4


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """A curve with a width at each point.

    Attributes:
        points: float (n, 2): row and column in pixels.
        widths: float (n,): full width in pixels; below 1 the line gets paler, as light does.
    """

    points: npt.NDArray[np.float64]
    widths: npt.NDArray[np.float64]


def draw_strokes(shape: Shape, strokes: Sequence[Stroke]) -> FloatField:
    """Coverage of all strokes together: float32 (height, width) in [0, 1]."""
    large = np.zeros((shape[0] * _FACTOR, shape[1] * _FACTOR), dtype=np.uint8)
    for stroke in strokes:
        ends = np.round((stroke.points + 0.5) * _FACTOR).astype(int)
        for start, end, width in zip(ends[:-1], ends[1:], stroke.widths, strict=False):
            thickness = max(1, round(float(width) * _FACTOR))
            cv2.line(
                large,
                (int(start[1]), int(start[0])),
                (int(end[1]), int(end[0])),
                255,
                thickness,
            )
    small = cv2.resize(large, (shape[1], shape[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32) / np.float32(255.0)


def wander(
    rng: np.random.Generator,
    start: tuple[float, float],
    heading: float,
    length: float,
    *,
    bend: float = 0.06,
    drift: float = 0.0,
    step: float = 2.0,
) -> npt.NDArray[np.float64]:
    """Walk a smooth random path: float (n, 2) rows and columns.

    Args:
        rng: where the randomness comes from.
        start: row and column.
        heading: first direction in radians, 0 to the right, growing downwards.
        length: in pixels.
        bend: standard deviation of the curvature's change, radians a step.
        drift: constant turn, radians a step.
        step: pixels between points.
    """
    count = max(int(length / step), 2)
    turn = np.convolve(rng.normal(0.0, bend, count + 6), np.ones(7) / 7**0.5, mode="valid")
    directions = heading + np.cumsum(turn + drift)
    moves = np.stack([np.sin(directions), np.cos(directions)], axis=1) * step
    return np.vstack([np.array(start), np.array(start) + np.cumsum(moves, axis=0)])
