"""What the instrument and the session add: hairs, gel bubbles, ruler, vignette, light, noise."""

from __future__ import annotations

import cv2
import numpy as np

from resources.phantoms.noise import FloatField, Shape, band, blur, coordinates, smoothstep
from resources.phantoms.skin import Tone
from resources.phantoms.strokes import Stroke, draw_strokes, wander

_HAIR = {
    "fair": np.array([0.34, 0.20, 0.09], dtype=np.float32),
    "brown": np.array([0.075, 0.035, 0.018], dtype=np.float32),
    "black": np.array([0.016, 0.012, 0.012], dtype=np.float32),
}


def _over(light: FloatField, colour: FloatField, cover: FloatField) -> FloatField:
    """Lay ``colour`` over ``light`` with coverage 0..1."""
    alpha = cover[..., None]
    return np.asarray(light * (1.0 - alpha) + colour * alpha, dtype=np.float32)


def hairs(rng: np.random.Generator, light: FloatField, tone: Tone, count: int) -> FloatField:
    """Add tapered curved hairs that lie roughly one way, each with a soft shadow."""
    if count == 0:
        return light
    height, width = light.shape[:2]
    comb = float(rng.uniform(0, 2 * np.pi))
    strokes = []
    for _ in range(count):
        start = (float(rng.uniform(-20, height + 20)), float(rng.uniform(-20, width + 20)))
        path = wander(
            rng,
            start,
            comb + rng.normal(0, 0.45),
            float(rng.uniform(90, 420)),
            bend=0.006,
            drift=float(rng.normal(0, 0.006)),
        )
        along = np.linspace(0, 1, len(path))
        thick = float(rng.uniform(1.0, 2.6))
        strokes.append(
            Stroke(path, thick * np.minimum(1.0, 0.35 + 6 * along) * (1 - 0.85 * along**2))
        )
    cover = draw_strokes((height, width), strokes)
    shift = (int(rng.integers(2, 5)), int(rng.integers(-4, 5)))
    shadow = blur(np.roll(cover, shift, axis=(0, 1)), 2.4)
    kinds = ["black"] if tone in ("V", "VI") else ["fair", "brown", "brown", "black"]
    colour = _HAIR[kinds[int(rng.integers(len(kinds)))]]
    light = np.asarray(light * (1.0 - 0.26 * shadow[..., None]), dtype=np.float32)
    gleam = 0.12 * np.clip(band(rng, (height, width), 60, 0.5), 0, 2)[..., None]
    return _over(
        light, np.asarray(colour + gleam * 0.35, dtype=np.float32), 0.93 * blur(cover, 0.5)
    )


def bubbles(rng: np.random.Generator, light: FloatField, count: int) -> FloatField:
    """Add air bubbles in the gel: thin dark ring, bright inner rim, a glint."""
    height, width = light.shape[:2]
    rows, columns = coordinates((height, width))
    home = (rng.uniform(0.1, 0.9) * height, rng.uniform(0.1, 0.9) * width)
    for _ in range(count):
        row, column = home[0] + rng.normal(0, 60), home[1] + rng.normal(0, 80)
        radius = float(np.clip(np.exp(rng.normal(1.7, 0.6)), 2.5, 17.0))
        distance = np.hypot(rows - row, columns - column).astype(np.float32)
        turn = np.arctan2(rows - row, columns - column)
        ring = np.exp(-(((distance - radius) / 0.9) ** 2))
        rim = np.exp(-(((distance - 0.82 * radius) / (0.10 * radius + 0.5)) ** 2))
        lit = 0.5 + 0.5 * np.cos(turn + 2.3)
        glint = np.hypot(rows - row + 0.42 * radius, columns - column + 0.42 * radius)
        spark = np.exp(-((glint / (0.13 * radius + 0.5)) ** 2))
        light = light * (1.0 - 0.34 * ring)[..., None]
        light = light + (0.30 * rim * lit**2 + 0.55 * spark)[..., None] * (1.0 - light)
    return np.asarray(light, dtype=np.float32)


def ruler(rng: np.random.Generator, light: FloatField) -> FloatField:
    """Add the millimetre marks of a contact plate along one edge, each fifth one longer."""
    height, width = light.shape[:2]
    pitch = float(rng.uniform(17, 26))
    base = float(rng.uniform(10, 26))
    strokes = []
    horizontal = bool(rng.random() < 0.6)
    far = bool(rng.random() < 0.5)
    extent, depth = (width, height) if horizontal else (height, width)
    for index in range(int(extent / pitch) + 1):
        along = 4.0 + index * pitch
        length = 17.0 if index % 5 == 0 else 9.0
        ends = np.array([base, base + length])
        ends = depth - 1 - ends if far else ends
        line = np.stack([ends, np.full(2, along)], axis=1)
        strokes.append(Stroke(line if horizontal else line[:, ::-1], np.full(2, 1.5)))
    cover = blur(draw_strokes((height, width), strokes), 0.7)
    return _over(light, _HAIR["black"], 0.85 * cover)


def vignette(rng: np.random.Generator, light: FloatField, radius: float) -> FloatField:
    """Darken what lies outside the dermatoscope's round field; ``radius`` in picture heights."""
    height, width = light.shape[:2]
    rows, columns = coordinates((height, width))
    row, column = height / 2 + rng.normal(0, 5), width / 2 + rng.normal(0, 5)
    distance = np.hypot(rows - row, columns - column).astype(np.float32)
    edge = radius * height
    field = 1.0 - smoothstep(distance, edge - 9, edge + 7)
    shade = 1.0 - 0.35 * smoothstep(distance, 0.72 * edge, edge)
    return np.asarray(light * (field * shade)[..., None] + 0.0035, dtype=np.float32)


def illuminate(rng: np.random.Generator, light: FloatField) -> FloatField:
    """Apply uneven light, exposure and the camera's white balance."""
    shape: Shape = (light.shape[0], light.shape[1])
    rows, columns = coordinates(shape)
    row = shape[0] * rng.uniform(0.38, 0.62)
    column = shape[1] * rng.uniform(0.4, 0.6)
    distance = np.hypot(rows - row, columns - column) / shape[1]
    falloff = 1.04 - float(rng.uniform(0.25, 0.75)) * distance**2
    warmth = float(np.clip(rng.normal(0, 0.05), -0.08, 0.06))
    pink = float(np.clip(rng.normal(0.02, 0.05), -0.03, 0.11))
    gain = np.array([1 + warmth + pink, 1 - 0.8 * pink, 1 - 1.5 * warmth + 0.9 * pink])
    exposure = float(rng.uniform(0.98, 1.16))
    lit = light * falloff[..., None] * (gain * exposure)
    return np.asarray(1.0 - np.power(1.0 - np.clip(lit, 0, 1), 1.06), dtype=np.float32)


def sense(rng: np.random.Generator, light: FloatField) -> FloatField:
    """Blur as a lens does and add mild sensor noise, stronger where there is more light."""
    height, width = light.shape[:2]
    sharp = np.asarray(cv2.GaussianBlur(light, (0, 0), float(rng.uniform(0.55, 0.8))))
    noise = rng.standard_normal((height, width, 3)).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.6)) * 1.6
    grain = 0.001 + 0.016 * np.sqrt(np.clip(sharp, 0, 1))
    return np.asarray(np.clip(sharp + noise * grain, 0, 1), dtype=np.float32)
