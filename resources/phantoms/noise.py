"""Random fields that skin and lesions are made of: band-limited noise and cell patterns.

Every function takes the generator that it draws from, so that the same seed gives the same field.
Fields are float32 (height, width); distances are in pixels of the drawing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

FloatField = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Shape = tuple[int, int]


def smoothstep(x: FloatField, low: float, high: float) -> FloatField:
    """Rise from 0 at ``low`` to 1 at ``high`` with flat ends (a cubic Hermite step)."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)


def blur(field: FloatField, sigma: float) -> FloatField:
    """Blur with a Gaussian of ``sigma`` pixels; edges are mirrored."""
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), dtype=np.float32)


def coordinates(shape: Shape) -> tuple[FloatField, FloatField]:
    """Return the row and the column of each pixel."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    return rows.astype(np.float32), columns.astype(np.float32)


def _frequencies(shape: Shape) -> npt.NDArray[np.float64]:
    """Spatial frequency of each FFT bin in cycles per pixel."""
    vertical = np.fft.fftfreq(shape[0])[:, None]
    horizontal = np.fft.rfftfreq(shape[1])[None, :]
    return np.asarray(np.hypot(vertical, horizontal))


def _shaped(
    rng: np.random.Generator, shape: Shape, gain: npt.NDArray[np.float64], pad: int
) -> FloatField:
    """Filter white noise by ``gain``; the padding hides that the FFT's field is periodic."""
    padded = (shape[0] + pad, shape[1] + pad)
    spectrum = np.fft.rfft2(rng.standard_normal(padded)) * gain
    field = np.fft.irfft2(spectrum, s=padded)[: shape[0], : shape[1]]
    field = (field - field.mean()) / (field.std() + 1e-12)
    return np.asarray(field, dtype=np.float32)


def band(
    rng: np.random.Generator, shape: Shape, wavelength: float, width: float = 0.35
) -> FloatField:
    """Noise around one wavelength: zero mean, unit variance.

    Args:
        rng: where the randomness comes from.
        shape: rows and columns.
        wavelength: in pixels.
        width: of the band, as a fraction of its frequency. Narrow bands (0.15) wind like the
            ridges of a fingerprint, wide ones (0.5) look like clouds.

    Returns:
        float32 (height, width).
    """
    pad = int(2 * wavelength)
    frequency = _frequencies((shape[0] + pad, shape[1] + pad))
    centre = 1.0 / wavelength
    gain = np.exp(-0.5 * ((frequency - centre) / (width * centre)) ** 2)
    return _shaped(rng, shape, gain, pad)


def fractal(
    rng: np.random.Generator, shape: Shape, longest: float, shortest: float, slope: float = 1.3
) -> FloatField:
    """Noise over a range of wavelengths, amplitude falling as frequency to the ``slope``.

    Zero mean, unit variance; nothing outside ``shortest``..``longest`` pixels.
    """
    pad = int(longest)
    frequency = _frequencies((shape[0] + pad, shape[1] + pad))
    inside = (frequency >= 1.0 / longest) & (frequency <= 1.0 / shortest)
    gain = np.where(inside, np.maximum(frequency, 1e-6) ** -slope, 0.0)
    return _shaped(rng, shape, gain, pad)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A cell pattern after Worley (1996): one jittered seed point in each hexagon of a grid.

    Attributes:
        nearest: float32 (height, width): distance to the nearest seed, in pixels.
        second: float32 (height, width): distance to the second nearest.
        label: int32 (height, width): which seed is nearest; indexes ``centres``.
        centres: float32 (seeds, 2): row and column of each seed, before the warp.
        spacing: mean distance of neighbours in pixels.
    """

    nearest: FloatField
    second: FloatField
    label: npt.NDArray[np.int32]
    centres: FloatField
    spacing: float

    @property
    def roundness(self) -> FloatField:
        """0 on the border between two cells, 1 at a seed; its level lines near seeds are round."""
        total = self.nearest + self.second + 1e-6
        return np.asarray((self.second - self.nearest) / total, dtype=np.float32)

    def values(self, field: FloatField | Mask) -> FloatField:
        """Read ``field`` at each seed: float32 (seeds,). Seeds outside read the nearest pixel."""
        rows = np.clip(self.centres[:, 0].astype(int), 0, field.shape[0] - 1)
        columns = np.clip(self.centres[:, 1].astype(int), 0, field.shape[1] - 1)
        return np.asarray(field[rows, columns], dtype=np.float32)

    def spread(self, values: npt.NDArray[np.floating]) -> FloatField:
        """Give each pixel its seed's value."""
        return np.asarray(values[self.label], dtype=np.float32)


def cells(
    rng: np.random.Generator,
    shape: Shape,
    spacing: float,
    *,
    jitter: float = 0.5,
    warp: float = 0.0,
    stretch: float = 1.0,
    angle: float = 0.0,
) -> Cells:
    """Draw a cell pattern.

    Args:
        rng: where the randomness comes from.
        shape: rows and columns.
        spacing: mean distance of neighbouring seeds, in pixels.
        jitter: how far a seed strays from its hexagon's centre, in spacings; at most 0.8.
        warp: how far cell borders wander, in pixels.
        stretch: length of a cell over its width.
        angle: direction of the stretch, in radians.
    """
    rows, columns = coordinates(shape)
    if warp > 0:
        rows = rows + warp * band(rng, shape, 2.2 * spacing, 0.5)
        columns = columns + warp * band(rng, shape, 2.2 * spacing, 0.5)
    cosine, sine = float(np.cos(angle)), float(np.sin(angle))
    along = (columns * cosine + rows * sine) / (spacing * stretch)
    across = (-columns * sine + rows * cosine) / (spacing * 0.866)
    row_low, row_high = int(np.floor(across.min())) - 2, int(np.ceil(across.max())) + 3
    column_low, column_high = int(np.floor(along.min())) - 3, int(np.ceil(along.max())) + 3
    grid = (row_high - row_low, column_high - column_low)
    offset = (rng.random((*grid, 2)) - 0.5) * jitter
    grid_rows = np.arange(row_low, row_high)[:, None]
    seed_across = grid_rows + 0.5 + offset[..., 0]
    seed_along = np.arange(column_low, column_high)[None] + 0.5 + 0.5 * (grid_rows % 2)
    seed_along = seed_along + offset[..., 1]

    home_row = np.floor(across).astype(np.int32) - row_low
    nearest = np.full(shape, np.inf, dtype=np.float32)
    second = nearest.copy()
    label = np.zeros(shape, dtype=np.int32)
    for step_row in (-1, 0, 1):
        row = home_row + step_row
        shift = 0.5 * ((row + row_low) % 2)
        home_column = np.floor(along - shift).astype(np.int32) - column_low
        for step_column in (-1, 0, 1):
            column = home_column + step_column
            d_along = (along - seed_along[row, column]) * spacing
            d_across = (across - seed_across[row, column]) * (spacing * 0.866)
            distance = np.hypot(d_along, d_across).astype(np.float32)
            closer = distance < nearest
            second = np.where(closer, nearest, np.minimum(second, distance))
            label = np.where(closer, row * grid[1] + column, label).astype(np.int32)
            nearest = np.where(closer, distance, nearest)
    x, y = seed_along.ravel() * spacing * stretch, seed_across.ravel() * spacing * 0.866
    centres = np.stack([x * sine + y * cosine, x * cosine - y * sine], axis=1)
    return Cells(nearest, second, label, centres.astype(np.float32), spacing)
