"""Structures made of keratin, scar and crust: cysts, openings, fissures, scale, white patches."""

from __future__ import annotations

import numpy as np

from resources.phantoms.layers import WHITE, YELLOW, Canvas
from resources.phantoms.noise import FloatField, band, blur, cells, fractal, smoothstep
from resources.phantoms.outline import Outline

_CREAM = (0.88, 0.80, 0.62)
_STRAW = (0.72, 0.50, 0.30)
_PLUG = (0.055, 0.028, 0.016)
_CRUST = (0.20, 0.06, 0.03)


def _scattered(
    canvas: Canvas, where: FloatField, spacing: float, share: float, radii: tuple[float, float]
) -> FloatField:
    """Scattered discs with ``radii`` (smallest, largest) in pixels: coverage 0..1."""
    rng = canvas.rng
    pattern = cells(rng, canvas.shape, spacing, jitter=0.8, warp=0.05 * spacing)
    count = len(pattern.centres)
    present = (rng.random(count) < share) & (pattern.values(where) > 0.5)
    radius = (radii[0] + (radii[1] - radii[0]) * rng.random(count) ** 1.7) * present
    size = pattern.spread(radius)
    disc = smoothstep(size - pattern.nearest, -0.6, 1.0) * (size > 0)
    return np.asarray(disc, dtype=np.float32)


def milia_cysts(canvas: Canvas, where: FloatField, *, spacing: float, share: float) -> None:
    """Bright round cysts that glow (milia-like)."""
    disc = _scattered(canvas, where, spacing, share, (2.2, 6.0))
    core, glow = blur(disc, 1.0), blur(disc, 4.0)
    canvas.layers.cover(_CREAM, np.clip(0.74 * core + 0.42 * glow, 0, 0.86))
    canvas.record("milia_like_cysts", np.asarray(disc > 0.3))


def comedo_openings(canvas: Canvas, where: FloatField, *, spacing: float, share: float) -> None:
    """Dark brown to black sharply bordered plugs with a slightly paler rim (comedo-like)."""
    disc = _scattered(canvas, where, spacing, share, (3.0, 8.5))
    plug = blur(disc, 0.7)
    canvas.layers.cover(_STRAW, 0.30 * np.maximum(blur(disc, 3.0) - plug, 0.0))
    canvas.layers.cover(_PLUG, 0.88 * plug)
    canvas.record("comedo_like_openings", np.asarray(disc > 0.3))


def fissures(canvas: Canvas, lesion: Outline, wavelength: float, melanin: float) -> None:
    """Gyri and fissures: winding ridges with dark furrows between, as on a brain."""
    winding = band(canvas.rng, canvas.shape, wavelength, 0.16)
    furrow = 1.0 - smoothstep(np.abs(winding), 0.0, 0.75)
    ridge = smoothstep(np.abs(winding), 0.6, 2.0)
    cover = lesion.edge(6, 4)
    patch = 0.45 + 0.55 * smoothstep(fractal(canvas.rng, canvas.shape, 160, 30), -1.2, 0.6)
    canvas.layers.melanin += melanin * furrow * cover * patch
    canvas.layers.cover(_STRAW, 0.30 * ridge * cover * patch)
    canvas.record("fissures", np.asarray((furrow > 0.5) & (cover > 0.5)))


def fingerprint(canvas: Canvas, where: FloatField, melanin: float) -> None:
    """Light-brown fine parallel ridges (fingerprint-like structures of a solar lentigo)."""
    ridges = smoothstep(band(canvas.rng, canvas.shape, 7.0, 0.13), -0.3, 0.9)
    canvas.layers.melanin += melanin * ridges * where
    canvas.record("fingerprint", np.asarray(where > 0.5))


def strawberry(
    canvas: Canvas, where: FloatField, *, spacing: float, blood: float, melanin: float
) -> None:
    """Strawberry pattern: red pseudonetwork round pale follicles that hold yellowish plugs."""
    rng, shape = canvas.rng, canvas.shape
    pattern = cells(rng, shape, spacing, jitter=0.6, warp=0.08 * spacing)
    count = len(pattern.centres)
    radius = spacing * np.clip(rng.normal(0.25, 0.06, count), 0.1, 0.36)
    hole = smoothstep(pattern.spread(radius) - pattern.nearest, -2.4, 1.8)
    inner = pattern.spread(radius * rng.uniform(0.3, 0.62, count))
    plug = smoothstep(inner - pattern.nearest, -1, 1)
    meander = 1.0 - smoothstep(np.abs(band(rng, shape, 8.0, 0.25)), 0.0, 0.45)
    cloud = np.clip(1.0 + 0.3 * fractal(rng, shape, 110, 10), 0.3, 1.8)
    web = (1.0 - 0.9 * hole) * where * cloud
    canvas.layers.blood += blood * web * (0.62 + 0.62 * meander)
    canvas.layers.melanin += melanin * web
    ready = smoothstep(where, 0.2, 0.9)
    canvas.layers.cover(WHITE, 0.20 * blur(hole * ready, 1.6))
    canvas.layers.cover(YELLOW, 0.34 * blur(plug * ready, 1.1))
    canvas.record("strawberry_pattern", np.asarray(where > 0.5))


def scale(canvas: Canvas, where: FloatField, *, yellow: float, strength: float = 0.62) -> None:
    """White to yellowish flakes with sharp broken edges on the surface."""
    rng, shape = canvas.rng, canvas.shape
    shard = cells(rng, shape, 19.0, jitter=0.8, warp=4.0, stretch=1.5, angle=1.0)
    lift = shard.spread(rng.random(len(shard.centres)))
    flakes = fractal(rng, shape, 80, 6, 1.5) + 0.8 * (lift - 0.5)
    sheet = smoothstep(flakes.astype(np.float32), 0.35, 1.25) * where
    crack = smoothstep(shard.roundness, 0.0, 0.14)
    film = np.clip(0.75 + 0.3 * fractal(rng, shape, 22, 3, 0.8), 0.2, 1.3)
    cover = blur(sheet * (0.35 + 0.65 * crack) * film, 0.7)
    colour = tuple(float(w * (1 - yellow) + c * yellow) for w, c in zip(WHITE, _CREAM, strict=True))
    canvas.layers.cover((colour[0], colour[1], colour[2]), strength * cover)
    shadow = np.maximum(np.roll(cover, (2, 2), axis=(0, 1)) - cover, 0.0)
    canvas.layers.melanin += 0.25 * shadow
    canvas.record("scale", np.asarray(sheet > 0.4))


def rosettes(canvas: Canvas, where: FloatField, count: int) -> None:
    """Four shiny white points in a four-leaf clover, seen under polarised light."""
    rng = canvas.rng
    rows, columns = np.nonzero(where > 0.6)
    if rows.size == 0:
        return
    points = np.zeros(canvas.shape, dtype=np.float32)
    for pick in rng.integers(0, rows.size, count):
        tilt, arm = rng.uniform(0, np.pi / 2), rng.uniform(2.2, 3.4)
        for leaf in range(4):
            turn = tilt + leaf * np.pi / 2
            row = int(np.clip(rows[pick] + arm * np.sin(turn), 1, canvas.shape[0] - 2))
            column = int(np.clip(columns[pick] + arm * np.cos(turn), 1, canvas.shape[1] - 2))
            points[row, column] = 1.0
    shine = np.clip(6.5 * blur(points, 1.0), 0, 0.9)
    canvas.layers.cover((0.95, 0.95, 0.95), shine)
    canvas.record("rosettes", np.asarray(shine > 0.2))


def ulcer(canvas: Canvas, where: FloatField) -> None:
    """Ulceration: raw red floor with dark blood crust and yellowish serum."""
    rng, shape = canvas.rng, canvas.shape
    lumps = fractal(rng, shape, 56, 4, 1.5)
    cover = blur(where, 1.2)
    canvas.layers.fade(0.8 * cover)
    canvas.layers.blood += cover * np.clip(0.85 + 0.35 * lumps, 0.1, 2.0)
    crust = smoothstep(lumps, -0.1, 0.9) * cover
    serum = smoothstep(-lumps, 0.9, 1.7) * cover
    canvas.layers.cover(_STRAW, 0.55 * serum)
    canvas.layers.cover(_CRUST, 0.80 * crust)
    canvas.record("ulceration", np.asarray(where > 0.4))


def white_patch(canvas: Canvas, where: FloatField, strength: float, *, web: bool) -> None:
    """Scar-like white centre; with ``web``, as a net of white lines round brown holes."""
    rng, shape = canvas.rng, canvas.shape
    cover = blur(where, 3.0)
    canvas.layers.fade(0.6 * cover)
    texture = np.clip(0.85 + 0.22 * fractal(rng, shape, 50, 4, 1.0), 0.2, 1.2)
    if web:
        pattern = cells(rng, shape, 17.0, jitter=0.7, warp=3.0)
        lines = np.exp(-((pattern.roundness / 0.3) ** 2)).astype(np.float32)
        canvas.layers.melanin += 0.20 * (1.0 - lines) * cover
        texture = texture * (0.45 + 0.75 * lines)
    canvas.layers.cover(WHITE, strength * cover * texture)
    canvas.record("white_patch", np.asarray(where > 0.4))


def shiny_streaks(canvas: Canvas, where: FloatField, count: int) -> None:
    """Short bright white lines at right angles to each other (seen under polarised light)."""
    rng, shape = canvas.rng, canvas.shape
    glint = smoothstep(band(rng, shape, 11.0, 0.5), 1.9, 2.9) * where
    canvas.layers.cover(WHITE, min(0.05 * count, 0.5) * glint)
    canvas.record("shiny_white", np.asarray(glint > 0.3))
