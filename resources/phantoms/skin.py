"""Skin around and under a lesion: six Fitzpatrick tones with furrows, pores and mottling."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from resources.phantoms.layers import WHITE, Layers
from resources.phantoms.noise import Shape, band, blur, cells, fractal, smoothstep

Tone = Literal["I", "II", "III", "IV", "V", "VI"]
TONES: tuple[Tone, ...] = get_args(Tone)

_MELANIN: dict[Tone, float] = {
    "I": 0.03, "II": 0.10, "III": 0.20, "IV": 0.38, "V": 0.68, "VI": 1.05,
}  # fmt: skip
_BLOOD: dict[Tone, float] = {
    "I": 0.13, "II": 0.12, "III": 0.11, "IV": 0.10, "V": 0.10, "VI": 0.09,
}  # fmt: skip


def melanin_of(tone: Tone) -> float:
    """Constitutive melanin of a tone, in the units of `Layers.melanin`."""
    return _MELANIN[tone]


def lay_skin(rng: np.random.Generator, shape: Shape, tone: Tone) -> Layers:
    """Return layers with skin of ``tone`` and nothing on it."""
    layers = Layers.empty(shape)
    clouds = fractal(rng, shape, 320, 40, 1.2)
    grain = fractal(rng, shape, 28, 3, 0.7)
    mottle = fractal(rng, shape, 90, 9, 1.0)
    furrows = _furrows(rng, shape)
    base = _MELANIN[tone] * float(rng.uniform(0.88, 1.14))
    layers.melanin += base * (1.0 + 0.09 * clouds + 0.05 * grain + 0.20 * furrows)
    layers.melanin += 0.010 * np.maximum(grain, 0.0) + 0.03 * furrows
    flush = _BLOOD[tone] * float(rng.uniform(0.6, 1.9))
    layers.blood += flush * np.maximum(1.0 + 0.16 * clouds + 0.20 * mottle + 0.06 * grain, 0.1)
    _pores(rng, layers, tone)
    if rng.random() < 0.45:
        _freckles(rng, layers)
    layers.cover(WHITE, 0.03 * smoothstep(band(rng, shape, 5.0, 0.5), 0.6, 2.6))
    return layers


def _furrows(
    rng: np.random.Generator, shape: Shape
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Primary and secondary lines of the skin's relief, 0..1, stronger in some places."""
    angle = float(rng.uniform(0, np.pi))
    wide = cells(rng, shape, rng.uniform(26, 44), jitter=0.75, warp=4.0, stretch=1.8, angle=angle)
    fine = cells(rng, shape, rng.uniform(10, 15), jitter=0.75, warp=2.0, stretch=1.3, angle=angle)
    lines = np.exp(-((wide.roundness / 0.06) ** 2)) + 0.55 * np.exp(-((fine.roundness / 0.1) ** 2))
    patch = smoothstep(fractal(rng, shape, 200, 50), -1.6, 1.4)
    return np.asarray(blur(lines.astype(np.float32), 0.9) * patch, dtype=np.float32)


def _pores(rng: np.random.Generator, layers: Layers, tone: Tone) -> None:
    """Follicle openings: small pale discs, darker-rimmed in brown skin."""
    shape = layers.melanin.shape
    pattern = cells(rng, (shape[0], shape[1]), rng.uniform(34, 60), jitter=0.8)
    size = rng.uniform(0.8, 2.4, len(pattern.centres)) * (rng.random(len(pattern.centres)) < 0.6)
    disc = blur(smoothstep(pattern.spread(size) - pattern.nearest, -0.9, 0.9), 0.8)
    rim = np.maximum(blur(disc, 2.6) - disc, 0.0)
    layers.melanin += (0.10 + 0.5 * _MELANIN[tone]) * rim - 0.25 * _MELANIN[tone] * disc
    layers.cover(WHITE, 0.07 * disc)


def _freckles(rng: np.random.Generator, layers: Layers) -> None:
    """A few faint brown spots of sun-exposed skin."""
    height, width = layers.melanin.shape
    spots = smoothstep(fractal(rng, (height, width), 60, 14), 1.5, 2.8)
    layers.melanin += float(rng.uniform(0.06, 0.2)) * spots
