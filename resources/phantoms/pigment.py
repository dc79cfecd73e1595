"""Structures made of melanin: body colour, network, globules, dots, streaks, veil, regression."""

from __future__ import annotations

import numpy as np

from resources.phantoms.layers import BLUE_WHITE, WHITE, Canvas
from resources.phantoms.noise import FloatField, band, blur, cells, fractal, smoothstep
from resources.phantoms.outline import Outline
from resources.phantoms.strokes import Stroke, draw_strokes, wander


def territory(
    canvas: Canvas, lesion: Outline, share: float, size: float, *, soft: float = 0.5
) -> FloatField:
    """An irregular part of the lesion that covers about ``share`` of it: 0..1.

    ``size`` is the wavelength of its outline in lesion radii, ``soft`` the width of its border in
    standard deviations of the noise.
    """
    noise = fractal(canvas.rng, canvas.shape, max(size * lesion.radius, 24.0), 9, 1.6)
    inside = lesion.mask
    level = float(np.quantile(noise[inside], 1.0 - share))
    return np.asarray(smoothstep(noise, level - soft, level + soft) * lesion.edge(12, 5))


def off_centre(canvas: Canvas, lesion: Outline, reach: float, size: float) -> FloatField:
    """A warped soft blob of ``size`` radii, ``reach`` radii from the centre: 0..1."""
    turn = float(canvas.rng.uniform(0, 2 * np.pi))
    row, column = lesion.point(turn, reach)
    height, width = canvas.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    bend = fractal(canvas.rng, canvas.shape, 1.2 * lesion.radius, 10, 1.5)
    distance = np.hypot(rows - row, columns - column) / (size * lesion.radius) + 0.16 * bend
    return np.asarray(1.0 - smoothstep(distance.astype(np.float32), 0.45, 1.25))


def body(
    canvas: Canvas,
    lesion: Outline,
    melanin: float,
    *,
    softness: float = 18.0,
    mottle: float = 0.3,
    blood: float = 0.0,
    centre: float = 0.0,
) -> None:
    """Lay the lesion's ground colour.

    Args:
        canvas: the picture.
        lesion: where.
        melanin: mean amount.
        softness: width of the border in pixels.
        mottle: unevenness, relative.
        blood: mean amount of haemoglobin on top of the skin's.
        centre: how much darker (above 0) or paler (below) the centre is, relative.
    """
    shape = canvas.shape
    rough = lesion.distance + 0.15 * softness * fractal(canvas.rng, shape, 44, 7, 1.2)
    cover = smoothstep(rough, -softness / 2, softness / 2 + 2)
    cover = cover * (0.72 + 0.28 * smoothstep(lesion.distance, 0, 0.6 * lesion.radius))
    coarse = fractal(canvas.rng, shape, 0.9 * lesion.radius, 12, 1.3)
    grain = fractal(canvas.rng, shape, 16, 3, 0.6)
    tide = 1.0 + mottle * coarse + 0.4 * mottle * grain + centre * (0.6 - lesion.reach)
    amount = cover * np.maximum(tide, 0.12)
    canvas.layers.melanin += melanin * amount
    canvas.layers.blood += blood * cover * np.maximum(1.0 + 0.7 * mottle * coarse, 0.2)


def typical_network(canvas: Canvas, lesion: Outline, strength: float, spacing: float) -> None:
    """Regular honeycomb of thin brown lines that thin out and fade at the edge."""
    pattern = cells(canvas.rng, canvas.shape, spacing, jitter=0.55, warp=0.14 * spacing)
    fade = smoothstep(lesion.distance, -0.10 * lesion.radius, 0.45 * lesion.radius)
    swell = 1.0 + 0.28 * fractal(canvas.rng, canvas.shape, 60, 12)
    width = np.maximum(0.17 * (0.45 + 0.65 * fade) * swell, 0.05)
    lines = np.exp(-((pattern.roundness / width) ** 2)) * fade
    canvas.layers.melanin += strength * blur(lines.astype(np.float32), 0.8)
    canvas.record("pigment_network", np.asarray(fade > 0.15))


def atypical_network(
    canvas: Canvas, lesion: Outline, strength: float, spacing: float, where: FloatField
) -> None:
    """Broad, uneven, broken lines with holes of many sizes that end abruptly."""
    rng, shape = canvas.rng, canvas.shape
    total = np.zeros(shape, dtype=np.float32)
    choice = fractal(rng, shape, 140, 40)
    for scale, part in (
        (1.0, smoothstep(choice, -0.5, 0.1)),
        (1.7, smoothstep(-choice, -0.1, 0.5)),
    ):
        pattern = cells(rng, shape, spacing * scale, jitter=0.75, warp=0.2 * spacing * scale)
        width = 0.23 * np.exp(0.45 * fractal(rng, shape, 70, 10))
        lines = np.exp(-((pattern.roundness / width) ** 2))
        total = np.maximum(total, lines.astype(np.float32) * part)
    broken = 0.2 + 0.8 * smoothstep(band(rng, shape, 34, 0.5), -1.5, 0.1)
    uneven = np.clip(1.0 + 0.45 * fractal(rng, shape, 80, 10), 0.2, 2.2)
    cover = where * lesion.edge(5, 1)
    canvas.layers.melanin += strength * blur(total * broken, 1.1) * uneven * cover
    canvas.record("pigment_network", np.asarray(cover > 0.3))


def globules(
    canvas: Canvas,
    where: FloatField,
    *,
    spacing: float,
    melanin: float,
    share: float = 0.9,
    spread: float = 0.12,
    size: float = 0.34,
    deep: float = 0.0,
    name: str = "globules",
) -> None:
    """Round to oval clumps of pigment.

    Args:
        canvas: the picture.
        where: 0..1, the region that holds them.
        spacing: mean distance in pixels.
        melanin: amount in each.
        share: fraction of the places that hold one.
        spread: how much sizes and amounts differ (0.1 regular, 0.4 irregular).
        size: mean radius in spacings.
        deep: amount of deep melanin in each, for grey ones.
        name: ``"globules"`` or ``"dots"``.
    """
    rng = canvas.rng
    pattern = cells(
        rng, canvas.shape, spacing, jitter=0.35 + min(spread, 0.45), warp=0.10 * spacing
    )
    count = len(pattern.centres)
    present = (rng.random(count) < share) & (pattern.values(where) > 0.5)
    radius = spacing * size * np.exp(rng.normal(0.0, spread, count)) * present
    soft = min(1.6, 0.1 * spacing + 0.6)
    blob = smoothstep(pattern.spread(radius) - pattern.nearest, -soft * 0.5, soft)
    blob = blob * (pattern.spread(radius) > 0)
    amount = pattern.spread(np.exp(rng.normal(0.0, 0.8 * spread, count)))
    blob = blur(blob.astype(np.float32), 0.6)
    canvas.layers.melanin += melanin * amount * blob
    canvas.layers.deep += deep * amount * blob
    canvas.record(name, np.asarray(blob > 0.35))


def streaks(
    canvas: Canvas,
    lesion: Outline,
    melanin: float,
    *,
    regular: bool,
    bulbs: bool,
) -> None:
    """Radial projections at the edge: all round when regular, in a few arcs when not."""
    rng = canvas.rng
    count = int(2 * np.pi * lesion.radius / 9)
    arcs = [(float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0.45, 0.9))) for _ in range(3)]
    strokes = []
    for index in range(count):
        turn = 2 * np.pi * (index + rng.uniform(-0.3, 0.3)) / count
        if not regular and not any(
            abs((turn - middle + np.pi) % (2 * np.pi) - np.pi) < half for middle, half in arcs
        ):
            continue
        if not regular and rng.random() < 0.25:
            continue
        length = lesion.radius * rng.uniform(0.2, 0.32 if regular else 0.5)
        start = lesion.point(turn, 0.84)
        path = wander(rng, start, turn + rng.normal(0, 0.1), length, bend=0.03)
        width = rng.uniform(2.6, 3.8) if regular else rng.uniform(2.4, 5.6)
        along = np.linspace(0, 1, len(path))
        widths = width * (1.15 - 0.75 * along)
        if bulbs:
            widths = widths + width * 0.95 * np.exp(-(((along - 0.9) / 0.12) ** 2))
        strokes.append(Stroke(path, widths))
    cover = blur(draw_strokes(canvas.shape, strokes), 1.3)
    cover = cover * (0.85 + 0.15 * fractal(rng, canvas.shape, 30, 5))
    canvas.layers.melanin += melanin * cover
    canvas.record("streaks", np.asarray(cover > 0.25))


def veil(canvas: Canvas, where: FloatField, strength: float) -> None:
    """Blue-white veil: confluent deep melanin under a whitish ground-glass haze."""
    cloud = np.clip(1.0 + 0.25 * fractal(canvas.rng, canvas.shape, 90, 8), 0.3, 1.8)
    cover = blur(where, 5.0)
    melanin = canvas.layers.melanin
    canvas.layers.melanin = melanin * (1.0 - cover) + 0.42 * blur(melanin, 2.5) * cover
    canvas.layers.deep += strength * cover * cloud
    wisps = np.clip(0.55 + 0.45 * fractal(canvas.rng, canvas.shape, 60, 5, 1.0), 0.05, 1.5)
    canvas.layers.cover(BLUE_WHITE, 0.40 * cover * wisps)
    canvas.record("blue_white_veil", np.asarray(where > 0.4))


def regression(canvas: Canvas, where: FloatField, *, peppering: bool) -> None:
    """Scar-like white area, paler than the skin around, peppered with blue-grey dots if asked."""
    cover = blur(where, 2.5)
    canvas.layers.fade(0.9 * cover)
    fibres = 0.8 + 0.2 * fractal(canvas.rng, canvas.shape, 40, 5)
    canvas.layers.cover(WHITE, 0.42 * cover * fibres)
    canvas.layers.blood += 0.10 * cover
    canvas.record("regression", np.asarray(where > 0.4))
    if peppering:
        pepper(canvas, where)


def pepper(canvas: Canvas, where: FloatField) -> None:
    """Fine blue-grey granules (melanophages), over scatter, so they stay visible in white."""
    rng = canvas.rng
    pattern = cells(rng, canvas.shape, 6.5, jitter=0.8)
    count = len(pattern.centres)
    present = (rng.random(count) < 0.62) & (pattern.values(where) > 0.4)
    radius = rng.uniform(0.7, 1.9, count) * present
    grains = smoothstep(pattern.spread(radius) - pattern.nearest, -0.6, 0.9)
    grains = grains * (pattern.spread(radius) > 0)
    haze = 0.16 * blur(np.asarray(where, dtype=np.float32), 5.0)
    canvas.layers.cover((0.16, 0.15, 0.18), 0.55 * blur(grains.astype(np.float32), 1.0) + haze)
    canvas.record("peppering", np.asarray(grains > 0.3))


def nests(canvas: Canvas, lesion: Outline, count: int, *, size: float, deep: float) -> None:
    """Blue-grey ovoid nests: sharply bordered deep blobs, none of them a network."""
    rng, shape = canvas.rng, canvas.shape
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    bend = fractal(rng, shape, 40, 8, 1.4)
    total = np.zeros(shape, dtype=np.float32)
    for _ in range(count):
        row, column = lesion.point(rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0.03, 0.85)))
        tilt, long = rng.uniform(0, np.pi), size * np.exp(rng.normal(0, 0.4))
        short = long * rng.uniform(0.5, 0.9)
        u = (columns - column) * np.cos(tilt) + (rows - row) * np.sin(tilt)
        v = -(columns - column) * np.sin(tilt) + (rows - row) * np.cos(tilt)
        inside = 1.0 - np.hypot(u / long, v / short) + 0.16 * bend
        blob = smoothstep(inside.astype(np.float32), -0.06, 0.22) * np.float32(
            rng.uniform(0.55, 1.0)
        )
        total = np.maximum(total, blob)
    canvas.layers.deep += deep * total
    canvas.layers.melanin += 0.06 * deep * total
    canvas.record("ovoid_nests", np.asarray(total > 0.3))


def leaves(canvas: Canvas, lesion: Outline, count: int, melanin: float) -> None:
    """Leaf-like areas: brown to grey-blue bulbous fingers from a common base at the edge."""
    rng = canvas.rng
    strokes = []
    first = float(rng.uniform(0, 2 * np.pi))
    for index in range(count):
        turn = first + 2 * np.pi * index / count + rng.uniform(-0.9, 0.9)
        base, grown = lesion.point(turn, rng.uniform(0.55, 0.78)), rng.uniform(0.55, 1.3)
        for finger in range(int(rng.integers(3, 7))):
            heading = turn + 0.36 * (finger - 2.3) + rng.normal(0, 0.1)
            length = lesion.radius * rng.uniform(0.2, 0.42) * grown
            path = wander(rng, base, heading, length, bend=0.02)
            along = np.linspace(0, 1, len(path))
            tip = lesion.radius * rng.uniform(0.06, 0.13) * grown
            strokes.append(Stroke(path, tip * (0.55 + 0.95 * along**1.3)))
    cover = blur(draw_strokes(canvas.shape, strokes), 2.4)
    cover = cover * np.clip(0.85 + 0.3 * fractal(rng, canvas.shape, 60, 9, 1.6), 0.25, 1.5)
    canvas.layers.melanin += melanin * cover
    canvas.layers.deep += 0.55 * melanin * cover
    canvas.record("leaf_like_areas", np.asarray(cover > 0.3))
