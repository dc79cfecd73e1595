"""Recipes of keratinocytic lesions: actinic keratosis, basal cell carcinoma, benign keratosis."""

from __future__ import annotations

import numpy as np

from resources.phantoms.keratin import (
    comedo_openings,
    fingerprint,
    fissures,
    milia_cysts,
    rosettes,
    scale,
    shiny_streaks,
    strawberry,
    ulcer,
)
from resources.phantoms.layers import WHITE, Canvas
from resources.phantoms.noise import blur, fractal, smoothstep
from resources.phantoms.outline import Outline, outline
from resources.phantoms.pigment import body, globules, leaves, nests, off_centre, territory
from resources.phantoms.recipe import Drawn, seven_points
from resources.phantoms.vessels import arborizing, dotted, fine_vessels


def _patch(canvas: Canvas, low: float, high: float, lobes: float = 0.16) -> Outline:
    """An irregular flat patch."""
    rng = canvas.rng
    return outline(
        rng,
        canvas.shape,
        float(rng.uniform(low, high)),
        lobes=float(rng.uniform(0.6, 1.2)) * lobes,
        ragged=float(rng.uniform(0.03, 0.07)),
        elongation=float(rng.uniform(1.1, 1.8)),
    )


def strawberry_keratosis(canvas: Canvas) -> Drawn:
    """Facial actinic keratosis: strawberry pattern, some scale, rosettes."""
    rng = canvas.rng
    lesion = _patch(canvas, 130, 185)
    where = lesion.edge(46, 8)
    strawberry(canvas, where, spacing=rng.uniform(19, 30), blood=rng.uniform(0.5, 0.85),
               melanin=rng.uniform(0.0, 0.14))  # fmt: skip
    fine_vessels(canvas, where, 60, blood=0.4)
    scale(
        canvas, territory(canvas, lesion, rng.uniform(0.08, 0.3), 0.7), yellow=rng.uniform(0.2, 0.9)
    )
    if rng.random() < 0.6:
        rosettes(canvas, where, int(rng.integers(5, 12)))
    return Drawn(lesion.mask, seven_points(vascular_structures="linear irregular"))


def scaly_keratosis(canvas: Canvas) -> Drawn:
    """Thick white-yellow scale over a red base."""
    rng = canvas.rng
    lesion = _patch(canvas, 95, 165)
    body(
        canvas,
        lesion,
        rng.uniform(0.03, 0.12),
        softness=40,
        mottle=0.4,
        blood=rng.uniform(0.3, 0.6),
    )
    strawberry(canvas, lesion.edge(40, 6), spacing=rng.uniform(17, 24), blood=0.3, melanin=0.02)
    scale(canvas, territory(canvas, lesion, rng.uniform(0.45, 0.7), 0.8),
          yellow=rng.uniform(0.5, 1.0), strength=0.8)  # fmt: skip
    return Drawn(lesion.mask, seven_points(vascular_structures="linear irregular"))


def pigmented_keratosis(canvas: Canvas) -> Drawn:
    """Brown pseudonetwork round follicles on a pink base."""
    rng = canvas.rng
    lesion = _patch(canvas, 120, 180)
    where = lesion.edge(40, 6)
    part = territory(canvas, lesion, 0.65, 0.8, soft=0.6)
    strawberry(
        canvas, where, spacing=rng.uniform(18, 25), blood=rng.uniform(0.3, 0.5), melanin=0.10
    )
    canvas.layers.melanin += (
        rng.uniform(0.3, 0.55)
        * part
        * np.clip(1.0 + 0.4 * fractal(rng, canvas.shape, 26, 3), 0.2, 2)
    )
    globules(
        canvas,
        part,
        spacing=10,
        melanin=0.35,
        deep=0.3,
        share=0.4,
        spread=0.3,
        size=0.2,
        name="dots",
    )
    scale(canvas, territory(canvas, lesion, 0.18, 0.6), yellow=0.6)
    return Drawn(
        lesion.mask,
        seven_points(
            pigmentation="localized irregular",
            dots_and_globules="irregular",
            vascular_structures="linear irregular",
        ),
    )


def bowen(canvas: Canvas) -> Drawn:
    """Intraepithelial carcinoma: clusters of coiled vessels and scale on a pink plaque."""
    rng = canvas.rng
    lesion = _patch(canvas, 110, 165, lobes=0.12)
    body(
        canvas,
        lesion,
        rng.uniform(0.06, 0.22),
        softness=16,
        mottle=0.4,
        blood=rng.uniform(0.35, 0.6),
    )
    dotted(canvas, territory(canvas, lesion, 0.6, 0.7), spacing=rng.uniform(13, 16),
           radius=rng.uniform(3.6, 4.6), blood=1.3)  # fmt: skip
    scale(canvas, territory(canvas, lesion, rng.uniform(0.2, 0.36), 0.6),
          yellow=rng.uniform(0, 0.6), strength=0.72)  # fmt: skip
    if rng.random() < 0.5:
        brown = territory(canvas, lesion, 0.3, 0.8)
        canvas.layers.melanin += 0.45 * brown
    return Drawn(lesion.mask, seven_points(vascular_structures="dotted"))


def _pearl(canvas: Canvas, lesion: Outline, blood: float) -> None:
    """Translucent pearly pink nodule with a lighter rim."""
    body(canvas, lesion, 0.03, softness=24, mottle=0.3, blood=blood)
    canvas.layers.melanin = canvas.layers.melanin * (1.0 - 0.45 * lesion.edge(24, 6))
    haze = np.clip(0.8 + 0.3 * fractal(canvas.rng, canvas.shape, 120, 20), 0.1, 1.3)
    canvas.layers.cover((0.82, 0.62, 0.60), 0.22 * lesion.edge(26, 8) * haze)


def nodular_carcinoma(canvas: Canvas) -> Drawn:
    """Pearly nodule crossed by arborizing vessels."""
    rng = canvas.rng
    lesion = _patch(canvas, 105, 160, lobes=0.1)
    _pearl(canvas, lesion, rng.uniform(0.3, 0.55))
    arborizing(canvas, lesion, int(rng.integers(4, 8)), width=rng.uniform(3.6, 5.4))
    if rng.random() < 0.5:
        nests(canvas, lesion, int(rng.integers(2, 6)), size=rng.uniform(8, 16), deep=0.9)
    shiny_streaks(canvas, lesion.edge(10, 10), 7)
    return Drawn(lesion.mask, seven_points(vascular_structures="arborizing"))


def pigmented_carcinoma(canvas: Canvas) -> Drawn:
    """Blue-grey ovoid nests and leaf-like areas, a few vessels."""
    rng = canvas.rng
    lesion = _patch(canvas, 105, 160)
    _pearl(canvas, lesion, rng.uniform(0.15, 0.4))
    leaves(canvas, lesion, int(rng.integers(3, 6)), rng.uniform(0.55, 0.9))
    nests(
        canvas,
        lesion,
        int(rng.integers(7, 15)),
        size=rng.uniform(15, 26),
        deep=rng.uniform(1.0, 1.7),
    )
    globules(canvas, lesion.edge(8, 10), spacing=15, melanin=0.3, deep=0.9, share=0.22, spread=0.3,
             size=0.2, name="dots")  # fmt: skip
    arborizing(canvas, lesion, int(rng.integers(1, 3)), width=3.6)
    return Drawn(
        lesion.mask,
        seven_points(
            pigmentation="localized irregular",
            dots_and_globules="irregular",
            vascular_structures="arborizing",
        ),
    )


def superficial_carcinoma(canvas: Canvas) -> Drawn:
    """Flat pink patch with leaf-like areas at the edge, fine vessels, small erosions."""
    rng = canvas.rng
    lesion = _patch(canvas, 115, 175)
    body(canvas, lesion, 0.06, softness=26, mottle=0.5, blood=rng.uniform(0.2, 0.42))
    leaves(canvas, lesion, int(rng.integers(3, 7)), rng.uniform(0.5, 0.8))
    fine_vessels(canvas, lesion.edge(8, 8), 46, blood=0.65)
    ulcer(canvas, np.asarray(territory(canvas, lesion, 0.035, 0.4)))
    shiny_streaks(canvas, lesion.edge(10, 10), 8)
    return Drawn(
        lesion.mask,
        seven_points(pigmentation="localized irregular", vascular_structures="linear irregular"),
    )


def ulcerated_carcinoma(canvas: Canvas) -> Drawn:
    """Nodule with arborizing vessels round a central crusted ulcer."""
    rng = canvas.rng
    lesion = _patch(canvas, 100, 155, lobes=0.1)
    _pearl(canvas, lesion, rng.uniform(0.3, 0.55))
    arborizing(canvas, lesion, int(rng.integers(4, 7)), width=rng.uniform(3.4, 4.8))
    ulcer(canvas, off_centre(canvas, lesion, rng.uniform(0, 0.35), rng.uniform(0.3, 0.48)))
    if rng.random() < 0.5:
        nests(canvas, lesion, int(rng.integers(3, 7)), size=11, deep=1.0)
    return Drawn(lesion.mask, seven_points(vascular_structures="arborizing"))


def _stuck_on(canvas: Canvas, lesion: Outline, melanin: float) -> None:
    """Waxy plaque with a sharp edge and a shadow beside it, as if stuck on."""
    rng = canvas.rng
    body(canvas, lesion, melanin, softness=5, mottle=0.38, blood=float(rng.uniform(0.0, 0.4)))
    wax = np.clip(0.7 + 0.35 * fractal(rng, canvas.shape, 60, 6, 1.0), 0, 1.5)
    canvas.layers.cover(
        (0.50, 0.33, 0.20), float(rng.uniform(0.04, 0.24)) * lesion.edge(5, 3) * wax
    )
    rim = np.exp(-(((lesion.distance - 2.5) / 3.0) ** 2)).astype(np.float32)
    canvas.layers.melanin += 0.30 * melanin * rim
    shade = blur(np.roll(lesion.edge(4), (4, 3), axis=(0, 1)), 4.0) * (1.0 - lesion.edge(4))
    canvas.layers.melanin += 0.12 * shade


def _verrucous(canvas: Canvas) -> Outline:
    """A sharp knobbly outline."""
    rng = canvas.rng
    return outline(
        rng, canvas.shape, float(rng.uniform(95, 175)), lobes=float(rng.uniform(0.07, 0.18)),
        ragged=float(rng.uniform(0.02, 0.04)), elongation=float(rng.uniform(1.1, 1.8)),
    )  # fmt: skip


def cystic_keratosis(canvas: Canvas) -> Drawn:
    """Seborrheic keratosis full of milia-like cysts: a starry sky."""
    rng = canvas.rng
    lesion = _verrucous(canvas)
    _stuck_on(canvas, lesion, rng.uniform(0.55, 1.9))
    inside = lesion.edge(6, 12)
    milia_cysts(canvas, inside, spacing=rng.uniform(26, 36), share=rng.uniform(0.45, 0.8))
    comedo_openings(canvas, inside, spacing=44, share=0.35)
    return Drawn(lesion.mask, seven_points(pigmentation="diffuse irregular"))


def plugged_keratosis(canvas: Canvas) -> Drawn:
    """Seborrheic keratosis with many comedo-like openings."""
    rng = canvas.rng
    lesion = _verrucous(canvas)
    _stuck_on(canvas, lesion, rng.uniform(0.35, 1.1))
    inside = lesion.edge(6, 12)
    comedo_openings(canvas, inside, spacing=rng.uniform(25, 34), share=rng.uniform(0.5, 0.8))
    milia_cysts(canvas, inside, spacing=40, share=0.3)
    return Drawn(lesion.mask, seven_points(pigmentation="diffuse irregular"))


def cerebriform_keratosis(canvas: Canvas) -> Drawn:
    """Seborrheic keratosis with gyri and fissures like a brain."""
    rng = canvas.rng
    lesion = _verrucous(canvas)
    _stuck_on(canvas, lesion, rng.uniform(0.35, 1.2))
    fissures(canvas, lesion, rng.uniform(22, 36), rng.uniform(0.6, 1.1))
    milia_cysts(canvas, lesion.edge(6, 12), spacing=46, share=0.3)
    return Drawn(lesion.mask, seven_points(pigmentation="diffuse irregular"))


def solar_lentigo(canvas: Canvas) -> Drawn:
    """Flat tan patch with a moth-eaten edge and fingerprint-like ridges."""
    rng = canvas.rng
    whole = outline(
        rng, canvas.shape, float(rng.uniform(120, 180)), lobes=0.15, ragged=0.06, elongation=1.6
    )
    bites = smoothstep(fractal(rng, canvas.shape, 70, 14, 1.0), 0.7, 0.95)
    near_edge = 1.0 - smoothstep(whole.distance, 8, 44)
    cover = np.asarray(whole.edge(5) * (1.0 - bites * near_edge), dtype=np.float32)
    tide = np.clip(1.0 + 0.25 * fractal(rng, canvas.shape, 140, 14), 0.3, 1.8)
    canvas.layers.melanin += rng.uniform(0.3, 0.8) * cover * tide
    fingerprint(canvas, cover, rng.uniform(0.25, 0.42))
    pores = smoothstep(fractal(rng, canvas.shape, 26, 12, 0.4), 1.5, 2.1) * cover
    canvas.layers.melanin -= 0.4 * pores * canvas.layers.melanin
    canvas.layers.cover(WHITE, np.asarray(0.05 * pores))
    return Drawn(np.asarray(cover > 0.5), seven_points(pigmentation="diffuse regular"))
