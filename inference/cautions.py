"""Words of caution: what about a query makes its answer less sure, or special."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from inference.images import MedicalImage
from inference.quality import Quality, measure
from inference.search import Match

FLAGS: dict[str, str] = {
    "not_dermoscopy": "This does not look like dermoscopy; matches and estimate mean little here",
    "unlike_library": "Few cases here come near this picture; the library may lack its diagnosis",
    "cropped": "Only the central square of this picture was looked at",
    "low_resolution": "This picture is smaller than those the encoder was trained on",
    "no_colour": "This picture has no colour; the encoder knows dermoscopy in colour",
    "blurred": "This picture looks blurred; take it again with the glass on the skin and in focus",
    "too_dark": "This picture is too dark; take it again with more light",
    "too_bright": "Bright parts of this picture are burnt out; take it again with less light",
    "hair": "Much hair covers this picture; part, wet or clip it and take the picture again",
    "small_lesion": "The lesion is small in this picture; move closer, or cut the picture to it",
    "in_library": "This very picture is in the library, and is its own nearest match",
}
"""Each word of caution, and the sentence that explains it."""

_LEAST_SIDE = 150
_LEAST_SEEN = 0.6
_LEAST_CHROMA = 8.0

# The limits of quality were chosen on the validation split of HAM10000 (832 pictures, of which
# each flag may take 2 %) and on copies of it spoilt as in `inference.evaluation.degradations`.
_LEAST_SHARPNESS = 0.39
"""Two sound pictures are below, soft ones, for HAM10000 was sorted by hand; of pictures blurred
by 1.25 % of the side, which takes away dots and network, 95 % are below, and by 2 % all are."""

_LEAST_HIGHLIGHT = 145.0
"""The darkest sound picture has 149, the brightest with a quarter of its light 137."""

_MOST_BURNT = 0.05
"""No sound picture has more; of those with three times their light, 88 % have. A hundredth would
notice 94 %, but also 27 % of Derm7pt's validation pictures, bright skin around a readable lesion;
a twentieth takes 6 % of them."""

_MOST_HAIR = 0.09
"""Fewer than 2 % of the sound pictures are above; by eye, hair lies all over each of them."""

_LEAST_LESION = 0.03
"""About 1 % of the sound pictures are below, and in each of them the physicians' outline covers
less than 4 % too: a lesion about 40 pixels wide in the 224 that an encoder sees."""


def cautions(
    image: MedicalImage, matches: Sequence[Match], *, familiar: bool, like_library: bool
) -> tuple[str, ...]:
    """Return the words of caution for a query and its matches, keys of `FLAGS`.

    ``familiar`` is the encoder's own judgement, see `Encoding.familiar`; ``like_library`` says
    whether the library holds anything like the query, see `inference.search.plausibility`.

    Here the limits are facts of the encoder and its training pictures, not tuned numbers: it sees
    the central square (flagged when that is less than 60 % of the picture; 4:3 keeps 75 %), no
    training picture had a shorter side than 150 px, and a grey picture's channels differ by no
    more than noise. For the limits of quality see `quality_cautions`;
    of a picture that is no dermoscopy they would say nothing.
    """
    short, long = sorted((image.height, image.width))
    small = cv2.resize(image.pixels, (64, 64), interpolation=cv2.INTER_AREA).astype(int)
    chroma = (small.max(axis=2) - small.min(axis=2)).mean()
    present = {
        "not_dermoscopy": not familiar,
        "unlike_library": not like_library,
        "cropped": short < _LEAST_SEEN * long,
        "low_resolution": short < _LEAST_SIDE,
        "no_colour": chroma < _LEAST_CHROMA,
        **dict.fromkeys(quality_cautions(measure(image.pixels)), familiar),
        "in_library": any(m.image.content_hash == image.content_hash for m in matches),
    }
    return tuple(flag for flag, holds in present.items() if holds)


def quality_cautions(quality: Quality) -> tuple[str, ...]:
    """Return the words of caution that the measurements of a picture deserve, keys of `FLAGS`."""
    present = {
        "blurred": quality.sharpness < _LEAST_SHARPNESS,
        "too_dark": quality.highlight < _LEAST_HIGHLIGHT,
        "too_bright": quality.burnt > _MOST_BURNT,
        "hair": quality.hair > _MOST_HAIR,
        "small_lesion": quality.lesion < _LEAST_LESION,
    }
    return tuple(flag for flag, holds in present.items() if holds)
