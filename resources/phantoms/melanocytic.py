"""Recipes of melanocytic lesions: nevus (regular) and melanoma (irregular in every way)."""

from __future__ import annotations

import numpy as np

from resources.phantoms.layers import Canvas
from resources.phantoms.noise import smoothstep
from resources.phantoms.outline import Outline, outline
from resources.phantoms.pigment import (
    atypical_network,
    body,
    globules,
    off_centre,
    pepper,
    regression,
    streaks,
    territory,
    typical_network,
    veil,
)
from resources.phantoms.recipe import Drawn, seven_points
from resources.phantoms.vessels import dotted, fine_vessels


def _nevus(canvas: Canvas, low: float, high: float) -> Outline:
    """A calm outline."""
    rng = canvas.rng
    return outline(
        rng,
        canvas.shape,
        float(rng.uniform(low, high)),
        lobes=float(rng.uniform(0.03, 0.09)),
        ragged=float(rng.uniform(0.015, 0.035)),
        elongation=float(rng.uniform(1.05, 1.7)),
    )


def _melanoma(canvas: Canvas, low: float, high: float) -> Outline:
    """A restless outline with bays and bulges."""
    rng = canvas.rng
    return outline(
        rng,
        canvas.shape,
        float(rng.uniform(low, high)),
        lobes=float(rng.uniform(0.16, 0.26)),
        ragged=float(rng.uniform(0.035, 0.065)),
        elongation=float(rng.uniform(1.1, 1.9)),
    )


def reticular_nevus(canvas: Canvas) -> Drawn:
    """Honeycomb network all over, thinning at the edge."""
    rng = canvas.rng
    lesion = _nevus(canvas, 95, 165)
    body(canvas, lesion, rng.uniform(0.20, 0.42), softness=34, mottle=0.18,
         centre=rng.uniform(0.1, 0.9), blood=rng.uniform(0, 0.2))  # fmt: skip
    typical_network(canvas, lesion, rng.uniform(0.75, 1.25), rng.uniform(12, 19))
    return Drawn(
        lesion.mask, seven_points(pigment_network="typical", pigmentation="diffuse regular")
    )


def globular_nevus(canvas: Canvas) -> Drawn:
    """Regular brown globules like cobbles."""
    rng = canvas.rng
    lesion = _nevus(canvas, 75, 150)
    body(
        canvas,
        lesion,
        rng.uniform(0.22, 0.42),
        softness=16,
        mottle=0.2,
        blood=rng.uniform(0.1, 0.5),
    )
    globules(canvas, lesion.edge(6, 6), spacing=rng.uniform(13, 21), melanin=rng.uniform(0.6, 1.0),
             share=0.97, spread=0.13, size=0.40)  # fmt: skip
    return Drawn(
        lesion.mask, seven_points(dots_and_globules="regular", pigmentation="diffuse regular")
    )


def mixed_nevus(canvas: Canvas) -> Drawn:
    """Network outside, globules in a dark centre."""
    rng = canvas.rng
    lesion = _nevus(canvas, 100, 165)
    body(canvas, lesion, rng.uniform(0.22, 0.40), softness=32, mottle=0.18, centre=1.0)
    typical_network(canvas, lesion, rng.uniform(0.7, 1.0), rng.uniform(13, 18))
    middle = 1.0 - smoothstep(lesion.reach, 0.35, 0.6)
    globules(canvas, middle, spacing=rng.uniform(11, 15), melanin=1.0, spread=0.15, size=0.36)
    return Drawn(
        lesion.mask,
        seven_points(
            pigment_network="typical", dots_and_globules="regular", pigmentation="diffuse regular"
        ),
    )


def homogeneous_nevus(canvas: Canvas) -> Drawn:
    """Even pinkish brown, a breath of small dots."""
    rng = canvas.rng
    lesion = _nevus(canvas, 55, 125)
    body(canvas, lesion, rng.uniform(0.5, 0.95), softness=rng.uniform(16, 34), mottle=0.24,
         centre=rng.uniform(-0.2, 0.8), blood=rng.uniform(0.15, 0.6))  # fmt: skip
    globules(canvas, lesion.edge(8, 14), spacing=8.5, melanin=0.5, share=0.6, spread=0.15,
             size=0.22, name="dots")  # fmt: skip
    return Drawn(
        lesion.mask, seven_points(dots_and_globules="regular", pigmentation="diffuse regular")
    )


def growing_nevus(canvas: Canvas) -> Drawn:
    """Network with a rim of globules: a nevus that grows."""
    rng = canvas.rng
    lesion = _nevus(canvas, 90, 150)
    body(canvas, lesion, rng.uniform(0.30, 0.5), softness=14, mottle=0.18, centre=0.4)
    typical_network(canvas, lesion, rng.uniform(0.55, 0.9), rng.uniform(12, 16))
    rim = lesion.edge(3, -5) * (1.0 - smoothstep(lesion.distance, 17, 21))
    globules(
        canvas, rim, spacing=rng.uniform(11, 14), melanin=1.15, share=0.97, spread=0.1, size=0.40
    )
    return Drawn(
        lesion.mask,
        seven_points(
            pigment_network="typical", dots_and_globules="regular", pigmentation="diffuse regular"
        ),
    )


def starburst_nevus(canvas: Canvas) -> Drawn:
    """Dark Reed nevus with streaks all round."""
    rng = canvas.rng
    lesion = _nevus(canvas, 70, 115)
    body(canvas, lesion, rng.uniform(1.1, 1.6), softness=10, mottle=0.2, centre=0.7)
    canvas.layers.deep += 0.35 * (1.0 - smoothstep(lesion.reach, 0.2, 0.8))
    streaks(canvas, lesion, 1.3, regular=True, bulbs=False)
    return Drawn(lesion.mask, seven_points(streaks="regular", pigmentation="diffuse regular"))


def network_melanoma(canvas: Canvas) -> Drawn:
    """Atypical network, dark blotch off centre, irregular globules."""
    rng = canvas.rng
    lesion = _melanoma(canvas, 120, 180)
    body(
        canvas,
        lesion,
        rng.uniform(0.36, 0.58),
        softness=16,
        mottle=0.4,
        blood=rng.uniform(0.0, 0.15),
    )
    atypical_network(canvas, lesion, rng.uniform(1.5, 2.1), rng.uniform(16, 24),
                     territory(canvas, lesion, 0.72, 1.1))  # fmt: skip
    blotch = off_centre(canvas, lesion, rng.uniform(0.3, 0.6), rng.uniform(0.35, 0.5))
    canvas.layers.melanin += 1.1 * blotch * lesion.edge(6, 3)
    globules(canvas, territory(canvas, lesion, 0.4, 0.8), spacing=16, melanin=1.3, share=0.55,
             spread=0.42, size=0.26)  # fmt: skip
    return Drawn(
        lesion.mask,
        seven_points(
            pigment_network="atypical",
            dots_and_globules="irregular",
            pigmentation="diffuse irregular",
        ),
    )


def veil_melanoma(canvas: Canvas) -> Drawn:
    """Blue-white veil over part of a dark lesion with irregular globules."""
    rng = canvas.rng
    lesion = _melanoma(canvas, 100, 165)
    body(
        canvas, lesion, rng.uniform(0.8, 1.2), softness=10, mottle=0.35, blood=rng.uniform(0.0, 0.3)
    )
    atypical_network(canvas, lesion, 0.9, rng.uniform(14, 19), territory(canvas, lesion, 0.5, 1.0))
    globules(canvas, lesion.edge(6, -4), spacing=rng.uniform(15, 20), melanin=1.4, share=0.45,
             spread=0.45, size=0.27)  # fmt: skip
    where = off_centre(canvas, lesion, rng.uniform(0.1, 0.45), rng.uniform(0.5, 0.72))
    veil(canvas, where * lesion.edge(14, 12), rng.uniform(0.85, 1.25))
    return Drawn(
        lesion.mask,
        seven_points(
            pigment_network="atypical",
            dots_and_globules="irregular",
            pigmentation="diffuse irregular",
            blue_whitish_veil="present",
        ),
    )


def regressing_melanoma(canvas: Canvas) -> Drawn:
    """White scar-like and peppered areas within remains of network."""
    rng = canvas.rng
    lesion = _melanoma(canvas, 120, 180)
    body(canvas, lesion, rng.uniform(0.35, 0.6), softness=18, mottle=0.4, blood=0.08)
    atypical_network(canvas, lesion, rng.uniform(0.9, 1.4), rng.uniform(14, 20),
                     territory(canvas, lesion, 0.6, 1.0))  # fmt: skip
    scar = off_centre(canvas, lesion, rng.uniform(0.1, 0.5), rng.uniform(0.42, 0.6))
    scar = np.asarray(np.maximum(scar, 0.9 * territory(canvas, lesion, 0.14, 0.7)))
    regression(canvas, np.asarray(scar * lesion.edge(12, 8)), peppering=True)
    grey = off_centre(canvas, lesion, 0.5, 0.36) * lesion.edge(8, 8)
    pepper(canvas, np.asarray(grey))
    fine_vessels(canvas, np.asarray(scar * lesion.edge(8, 8)), 16, blood=0.55)
    return Drawn(
        lesion.mask,
        seven_points(
            pigment_network="atypical",
            pigmentation="localized irregular",
            regression_structures="combinations",
            dots_and_globules="irregular",
            vascular_structures="within regression",
        ),
    )


def streaked_melanoma(canvas: Canvas) -> Drawn:
    """Pseudopods and streaks in a few arcs round a near-black lesion."""
    rng = canvas.rng
    lesion = _melanoma(canvas, 85, 135)
    body(canvas, lesion, rng.uniform(1.0, 1.6), softness=9, mottle=0.32, blood=rng.uniform(0, 0.2))
    streaks(canvas, lesion, rng.uniform(1.4, 1.9), regular=False, bulbs=True)
    globules(
        canvas, lesion.edge(8, -10), spacing=15, melanin=1.2, share=0.35, spread=0.45, size=0.24
    )
    haze = off_centre(canvas, lesion, 0.3, 0.5) * lesion.edge(10, 12)
    veil(canvas, np.asarray(haze), rng.uniform(0.5, 0.9))
    return Drawn(
        lesion.mask,
        seven_points(
            streaks="irregular",
            dots_and_globules="irregular",
            pigmentation="diffuse irregular",
            blue_whitish_veil="present",
        ),
    )


def multicolour_melanoma(canvas: Canvas) -> Drawn:
    """Tan, dark brown, pink, blue and white in one lesion."""
    rng = canvas.rng
    lesion = _melanoma(canvas, 120, 180)
    body(
        canvas,
        lesion,
        rng.uniform(0.28, 0.45),
        softness=14,
        mottle=0.4,
        blood=rng.uniform(0.15, 0.45),
    )
    dark = territory(canvas, lesion, rng.uniform(0.28, 0.42), 0.9)
    canvas.layers.melanin += rng.uniform(0.9, 1.4) * dark
    atypical_network(canvas, lesion, 1.1, rng.uniform(15, 20), territory(canvas, lesion, 0.5, 0.9))
    globules(canvas, territory(canvas, lesion, 0.5, 0.6), spacing=17, melanin=1.2, share=0.5,
             spread=0.45, size=0.27)  # fmt: skip
    veil(canvas, np.asarray(off_centre(canvas, lesion, 0.55, 0.40) * lesion.edge(10, 8)), 0.95)
    pale = off_centre(canvas, lesion, 0.5, 0.30) * lesion.edge(10, 8)
    regression(canvas, np.asarray(pale), peppering=False)
    dotted(canvas, territory(canvas, lesion, 0.25, 0.7), spacing=10, radius=1.5)
    return Drawn(
        lesion.mask,
        seven_points(
            pigment_network="atypical",
            dots_and_globules="irregular",
            pigmentation="diffuse irregular",
            blue_whitish_veil="present",
            regression_structures="white areas",
            vascular_structures="dotted",
        ),
    )
