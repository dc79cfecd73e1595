"""Structures made of blood: branching, dotted and coiled vessels, and lacunae."""

from __future__ import annotations

import cv2
import numpy as np

from resources.phantoms.layers import Canvas
from resources.phantoms.noise import FloatField, blur, cells, fractal, smoothstep
from resources.phantoms.outline import Outline
from resources.phantoms.strokes import Stroke, draw_strokes, wander


def _tree(
    rng: np.random.Generator,
    start: tuple[float, float],
    heading: float,
    *,
    length: float,
    width: float,
) -> list[Stroke]:
    """Return a vessel that tapers, and the vessels that leave it, down to the finest."""
    path = wander(rng, start, heading, length, bend=0.055, drift=rng.normal(0, 0.012))
    along = np.linspace(0, 1, len(path))
    strokes = [Stroke(path, width * (1.0 - 0.68 * along))]
    if width < 1.0:
        return strokes
    side = 1.0 if rng.random() < 0.5 else -1.0
    for place in np.sort(rng.uniform(0.15, 0.95, int(rng.integers(3, 6)))):
        at = int(place * (len(path) - 1))
        forward = path[min(at + 1, len(path) - 1)] - path[max(at - 1, 0)]
        turn = float(np.arctan2(forward[0], forward[1])) + side * rng.uniform(0.4, 1.05)
        side = -side
        here = (float(path[at, 0]), float(path[at, 1]))
        shrink = rng.uniform(0.45, 0.66) * (1.0 - 0.4 * place)
        reach = length * rng.uniform(0.35, 0.62)
        strokes += _tree(rng, here, turn, length=reach, width=width * shrink)
    return strokes


def arborizing(
    canvas: Canvas, lesion: Outline, trees: int, *, width: float = 4.6, blood: float = 1.1
) -> None:
    """Bright red, sharply focused vessels that branch like trees and taper."""
    rng = canvas.rng
    strokes: list[Stroke] = []
    first = float(rng.uniform(0, 2 * np.pi))
    for index in range(trees):
        turn = first + 2 * np.pi * index / trees + rng.uniform(-0.5, 0.5)
        start = lesion.point(turn, rng.uniform(0.85, 1.1))
        aim = lesion.point(turn + np.pi, rng.uniform(0.0, 0.5))
        heading = float(np.arctan2(aim[0] - start[0], aim[1] - start[1])) + rng.normal(0, 0.3)
        stem = width * rng.uniform(0.7, 1.1)
        reach = lesion.radius * rng.uniform(0.9, 1.5)
        strokes += _tree(rng, start, heading, length=reach, width=stem)
    inside = smoothstep(lesion.distance, -0.16 * lesion.radius, -0.02 * lesion.radius)
    cover = draw_strokes(canvas.shape, strokes) * inside
    halo = blur(cover, 2.5)
    canvas.layers.blood += blood * blur(cover, 0.6) + 0.25 * blood * halo
    canvas.record("arborizing_vessels", np.asarray(cover > 0.25))


def fine_vessels(canvas: Canvas, where: FloatField, count: int, *, blood: float = 0.6) -> None:
    """Short fine winding vessels, out of focus here and there (linear irregular)."""
    rng = canvas.rng
    rows, columns = np.nonzero(where > 0.5)
    if rows.size == 0:
        return
    strokes = []
    for pick in rng.integers(0, rows.size, count):
        start = (float(rows[pick]), float(columns[pick]))
        path = wander(rng, start, rng.uniform(0, 2 * np.pi), rng.uniform(14, 46), bend=0.16)
        swell = np.sin(np.linspace(0.3, np.pi - 0.3, len(path)))
        strokes.append(Stroke(path, rng.uniform(0.9, 1.9) * swell))
    cover = blur(draw_strokes(canvas.shape, strokes), 0.8) * where
    canvas.layers.blood += blood * cover
    canvas.record("fine_vessels", np.asarray(cover > 0.2))


def dotted(
    canvas: Canvas, where: FloatField, *, spacing: float, radius: float, blood: float = 0.8
) -> None:
    """Red dots; with a radius over 3 px they read as coiled (glomerular) vessels in clusters."""
    rng = canvas.rng
    pattern = cells(rng, canvas.shape, spacing, jitter=0.75, warp=1.0)
    count = len(pattern.centres)
    present = (rng.random(count) < 0.75) & (pattern.values(where) > 0.45)
    size = radius * np.exp(rng.normal(0, 0.22, count)) * present
    disc = smoothstep(pattern.spread(size) - pattern.nearest, -0.5, 1.2)
    disc = disc * (pattern.spread(size) > 0)
    coil = 0.62 + 0.38 * np.sin(pattern.nearest * (2 * np.pi / 3.2))
    if radius > 3.0:
        disc = disc * coil
    cover = blur(disc.astype(np.float32), 0.7)
    canvas.layers.blood += blood * cover
    name = "glomerular_vessels" if radius > 3.0 else "dotted_vessels"
    canvas.record(name, np.asarray(cover > 0.25))


def lacunae(
    canvas: Canvas,
    lesion: Outline,
    *,
    spacing: float,
    blood: float,
    deep: float,
    septum: float,
    thrombosed: float = 0.0,
    crowding: float = 1.0,
) -> FloatField:
    """Round, sharply bordered blood-filled spaces separated by pale septa.

    Args:
        canvas: the picture.
        lesion: whole lacunae are kept when their seed lies inside it.
        spacing: mean distance of lacunae in pixels.
        blood: amount of haemoglobin in each.
        deep: amount of deep darkness; 0 is bright red, 0.6 purple to blue.
        septum: width of the septa, in cell units (0.06 thin to 0.2 wide).
        thrombosed: fraction of lacunae that are nearly black.
        crowding: fraction of the places that hold one.

    Returns:
        Coverage of all lacunae, 0..1.
    """
    rng = canvas.rng
    pattern = cells(rng, canvas.shape, spacing, jitter=0.75, warp=0.12 * spacing)
    count = len(pattern.centres)
    kept = (pattern.values(lesion.distance) > 0.12 * spacing) & (rng.random(count) < crowding)
    limit = spacing * rng.uniform(0.42, 0.95, count)
    gap = pattern.spread(septum * rng.uniform(0.6, 1.6, count))
    rim = 1.0 - pattern.nearest / pattern.spread(limit)
    inner = blur(np.minimum(pattern.roundness - gap, rim).astype(np.float32), 0.11 * spacing)
    inner = inner - np.float32(0.07)
    cover = smoothstep(inner, -0.05, 0.14) * pattern.spread(kept.astype(float))
    cover = blur(cover.astype(np.float32), 0.7)
    depth = 0.62 + 0.38 * smoothstep(inner, 0.0, 0.5)
    load = pattern.spread(np.exp(rng.normal(0, 0.28, count)))
    tone = pattern.spread(np.clip(rng.normal(1.0, 0.45, count), 0.1, 2.2))
    cloud = np.clip(1.0 + 0.16 * fractal(rng, canvas.shape, 40, 4), 0.5, 1.5)
    canvas.layers.blood += blood * cover * depth * load * cloud
    canvas.layers.deep += deep * cover * depth * tone
    canvas.record("lacunae", np.asarray(cover > 0.4))
    if thrombosed > 0:
        order = np.flatnonzero(kept)
        chosen = np.zeros(count)
        picked = max(round(thrombosed * order.size), 1)
        chosen[rng.permutation(order)[:picked]] = 1.0
        black = cover * pattern.spread(chosen)
        canvas.layers.deep += 1.5 * black
        canvas.layers.melanin += 0.7 * black
        canvas.record("thrombosed_lacunae", np.asarray(black > 0.4))
    return cover


def union(cover: FloatField, bridge: int) -> FloatField:
    """Close the gaps of up to ``bridge`` pixels between parts of ``cover``."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (bridge, bridge))
    return np.asarray(cv2.morphologyEx(cover, cv2.MORPH_CLOSE, kernel), dtype=np.float32)
