"""Draw one phantom: skin, lesion, light, artefacts, camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from resources.phantoms import artefacts
from resources.phantoms.layers import Canvas, to_srgb
from resources.phantoms.lesions import CLASSES
from resources.phantoms.noise import FloatField, Mask
from resources.phantoms.skin import TONES, Tone, lay_skin, melanin_of

HEIGHT, WIDTH = 450, 600


@dataclass(frozen=True, slots=True, eq=False)
class Phantom:
    """A computer-drawn dermoscopy picture with all that is known of it.

    Attributes:
        pixels: uint8 (450, 600, 3) sRGB.
        mask: bool (450, 600): the lesion; lies in the central 450 x 450 square.
        structures: name, such as ``"pigment_network"``, to bool (450, 600): the pixels that hold
            it. Structures overlap, and may reach over the lesion's edge, as streaks do.
        attributes: the seven-point checklist, criterion to value.
        diagnosis: abbreviation such as ``"mel"``.
        pattern: which recipe of the class drew it, such as ``"veil"``.
        tone: Fitzpatrick skin type, ``"I"`` to ``"VI"``.
        seed: the number that it was drawn from.
    """

    pixels: npt.NDArray[np.uint8]
    mask: Mask
    structures: dict[str, Mask]
    attributes: dict[str, str]
    diagnosis: str
    pattern: str
    tone: Tone
    seed: int


def draw(
    diagnosis: str, seed: int, *, pattern: str | None = None, tone: Tone | None = None
) -> Phantom:
    """Draw a phantom; the same arguments give the same pixels.

    Args:
        diagnosis: one of akiec, bcc, bkl, df, mel, nv, vasc.
        seed: 0 or more.
        pattern: a recipe of the class; left out, the seed chooses.
        tone: Fitzpatrick type; left out, the seed chooses.

    Raises:
        KeyError: no such diagnosis or pattern.
    """
    kind = CLASSES[diagnosis]
    key = [seed, sorted(CLASSES).index(diagnosis)]
    choice, terrain, growth, session = (
        np.random.default_rng(stream) for stream in np.random.SeedSequence(key).spawn(4)
    )
    chosen_pattern = list(kind.recipes)[int(choice.integers(len(kind.recipes)))]
    chosen_tone = TONES[int(choice.integers(len(TONES)))]
    pattern, tone = pattern or chosen_pattern, tone or chosen_tone

    canvas = Canvas(lay_skin(terrain, (HEIGHT, WIDTH), tone), growth)
    ground = canvas.layers.melanin.copy()
    drawn = kind.recipes[pattern](canvas)
    # Lesions of dark skin make more melanin than those of fair skin, or they would not show.
    gained = np.maximum(canvas.layers.melanin - ground, 0.0)
    canvas.layers.melanin += 0.7 * melanin_of(tone) * gained
    pixels = to_srgb(_photograph(session, canvas.layers.develop(), tone))
    planted = {name: where for name, where in canvas.planted.items() if where.any()}
    return Phantom(pixels, drawn.mask, planted, drawn.attributes, diagnosis, pattern, tone, seed)


def _photograph(rng: np.random.Generator, light: FloatField, tone: Tone) -> FloatField:
    """Take the picture: what lies on the skin, the lamp, the plate, the camera."""
    if rng.random() < 0.6:
        light = artefacts.hairs(rng, light, tone, int(rng.integers(2, 16)))
    if rng.random() < 0.22:
        light = artefacts.bubbles(rng, light, int(rng.integers(4, 22)))
    light = artefacts.illuminate(rng, light)
    if rng.random() < 0.18:
        light = artefacts.ruler(rng, light)
    if rng.random() < 0.35:
        light = artefacts.vignette(rng, light, float(rng.uniform(0.55, 0.72)))
    return artefacts.sense(rng, light)
