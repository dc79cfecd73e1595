"""Recipes of dermatofibroma (white centre, delicate network) and vascular lesions (lacunae)."""

from __future__ import annotations

import numpy as np

from resources.phantoms.keratin import scale, white_patch
from resources.phantoms.layers import BLUE_WHITE, Canvas
from resources.phantoms.noise import blur, fractal, smoothstep
from resources.phantoms.outline import Outline, largest_part, outline
from resources.phantoms.pigment import body, globules, off_centre, typical_network
from resources.phantoms.recipe import Drawn, seven_points
from resources.phantoms.vessels import dotted, lacunae, union


def _papule(canvas: Canvas, low: float, high: float) -> Outline:
    """A roundish firm papule."""
    rng = canvas.rng
    return outline(
        rng, canvas.shape, float(rng.uniform(low, high)), lobes=float(rng.uniform(0.03, 0.09)),
        ragged=float(rng.uniform(0.03, 0.06)), elongation=float(rng.uniform(1.05, 1.5)),
    )  # fmt: skip


def classic_dermatofibroma(canvas: Canvas) -> Drawn:
    """Central white patch in a delicate brown network."""
    rng = canvas.rng
    lesion = _papule(canvas, 105, 165)
    body(
        canvas, lesion, rng.uniform(0.22, 0.4), softness=60, mottle=0.2, blood=rng.uniform(0, 0.35)
    )
    typical_network(canvas, lesion, rng.uniform(0.5, 0.85), rng.uniform(13, 18))
    patch = off_centre(canvas, lesion, rng.uniform(0, 0.12), rng.uniform(0.34, 0.5))
    white_patch(canvas, patch, rng.uniform(0.32, 0.5), web=False)
    return Drawn(
        lesion.mask, seven_points(pigment_network="typical", pigmentation="diffuse regular")
    )


def web_dermatofibroma(canvas: Canvas) -> Drawn:
    """White network in the centre: white lines round brown holes."""
    rng = canvas.rng
    lesion = _papule(canvas, 95, 155)
    body(
        canvas,
        lesion,
        rng.uniform(0.32, 0.55),
        softness=50,
        mottle=0.25,
        blood=rng.uniform(0.1, 0.5),
    )
    typical_network(canvas, lesion, rng.uniform(0.45, 0.75), rng.uniform(13, 17))
    patch = off_centre(canvas, lesion, rng.uniform(0, 0.1), rng.uniform(0.45, 0.6))
    white_patch(canvas, patch, rng.uniform(0.42, 0.6), web=True)
    return Drawn(
        lesion.mask, seven_points(pigment_network="typical", pigmentation="diffuse regular")
    )


def ring_dermatofibroma(canvas: Canvas) -> Drawn:
    """Pink papule: white centre, ring of brown globules, dotted vessels."""
    rng = canvas.rng
    lesion = _papule(canvas, 85, 145)
    body(
        canvas,
        lesion,
        rng.uniform(0.18, 0.32),
        softness=60,
        mottle=0.25,
        blood=rng.uniform(0.35, 0.7),
    )
    ring = smoothstep(lesion.reach, 0.45, 0.6) * (1.0 - smoothstep(lesion.reach, 0.8, 0.95))
    canvas.layers.melanin += 0.25 * blur(ring, 8.0)
    globules(canvas, ring, spacing=13, melanin=0.4, share=0.7, spread=0.2, size=0.3)
    patch = off_centre(canvas, lesion, rng.uniform(0, 0.1), rng.uniform(0.32, 0.46))
    white_patch(canvas, patch, rng.uniform(0.35, 0.52), web=bool(rng.random() < 0.4))
    dotted(canvas, patch, spacing=15, radius=1.7, blood=0.5)
    return Drawn(
        lesion.mask,
        seven_points(
            dots_and_globules="regular",
            pigmentation="diffuse regular",
            vascular_structures="dotted",
        ),
    )


def _finish(canvas: Canvas, lesion: Outline, cover: np.ndarray, haze: float) -> Drawn:
    """Join lacunae to one lesion; lay pale septa between them and a flush round them."""
    joined = union(np.asarray(cover, dtype=np.float32), 23)
    septa = np.clip(joined - cover, 0, 1)
    canvas.layers.cover((0.72, 0.48, 0.52), 0.22 * blur(septa, 1.5))
    canvas.layers.blood += 0.22 * blur(joined, 9.0)
    if haze > 0:
        cloud = np.clip(0.4 + 0.5 * fractal(canvas.rng, canvas.shape, 110, 14), 0, 1.3)
        canvas.layers.cover(BLUE_WHITE, haze * blur(joined, 4.0) * cloud)
    mask = largest_part(np.asarray(joined > 0.4))
    return Drawn(mask | np.asarray((cover > 0.4) & (lesion.distance > 0)), seven_points())


def cherry_angioma(canvas: Canvas) -> Drawn:
    """Small to middling bright red lesion of crowded lacunae."""
    rng = canvas.rng
    lesion = _papule(canvas, 55, 110)
    cover = lacunae(canvas, lesion, spacing=rng.uniform(22, 36), blood=rng.uniform(1.3, 1.9),
                    deep=rng.uniform(0.0, 0.12), septum=0.05)  # fmt: skip
    canvas.layers.blood += 0.75 * lesion.edge(8, 3)
    drawn = _finish(canvas, lesion, cover, 0.0)
    return Drawn(drawn.mask | lesion.mask, drawn.attributes)


def purple_angioma(canvas: Canvas) -> Drawn:
    """Red-blue to purple lacunae under a bluish haze."""
    rng = canvas.rng
    lesion = _papule(canvas, 90, 150)
    cover = lacunae(canvas, lesion, spacing=rng.uniform(32, 54), blood=rng.uniform(1.1, 1.6),
                    deep=rng.uniform(0.15, 0.5), septum=0.05)  # fmt: skip
    canvas.layers.blood += 0.75 * lesion.edge(20, 4)
    canvas.layers.deep += 0.16 * lesion.edge(20, 4)
    drawn = _finish(canvas, lesion, cover, 0.24)
    return Drawn(drawn.mask | lesion.mask, drawn.attributes)


def angiokeratoma(canvas: Canvas) -> Drawn:
    """Dark thrombosed lacunae, whitish veil and scale."""
    rng = canvas.rng
    lesion = _papule(canvas, 80, 140)
    cover = lacunae(canvas, lesion, spacing=rng.uniform(28, 44), blood=rng.uniform(1.2, 1.7),
                    deep=rng.uniform(0.12, 0.4), septum=0.05,
                    thrombosed=rng.uniform(0.3, 0.55))  # fmt: skip
    canvas.layers.blood += 0.5 * lesion.edge(14, 3)
    drawn = _finish(canvas, lesion, cover, 0.30)
    scale(canvas, np.asarray(off_centre(canvas, lesion, 0.4, 0.5) * lesion.edge(8, 8)), yellow=0.2,
          strength=0.4)  # fmt: skip
    return Drawn(drawn.mask | lesion.mask, drawn.attributes)


def clustered_angioma(canvas: Canvas) -> Drawn:
    """Loose cluster of separate lacunae on pink skin."""
    rng = canvas.rng
    lesion = outline(
        rng, canvas.shape, float(rng.uniform(120, 180)), lobes=0.2, ragged=0.08, elongation=1.8
    )
    cover = lacunae(canvas, lesion, spacing=rng.uniform(17, 27), blood=rng.uniform(1.0, 1.5),
                    deep=rng.uniform(0.1, 0.5), septum=0.16, crowding=0.72,
                    thrombosed=rng.uniform(0.0, 0.12))  # fmt: skip
    return _finish(canvas, lesion, cover, 0.0)
