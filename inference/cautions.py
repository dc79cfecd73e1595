"""Words of caution: what about a query makes its answer less sure, or special."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from inference.images import MedicalImage
from inference.search import Match

FLAGS: dict[str, str] = {
    "not_dermoscopy": "This does not look like dermoscopy; matches and estimate mean little here",
    "unlike_library": "Few cases here come near this picture; the library may lack its diagnosis",
    "cropped": "Only the central square of this picture was looked at",
    "low_resolution": "This picture is smaller than those the encoder was trained on",
    "no_colour": "This picture has no colour; the encoder knows dermoscopy in colour",
    "in_library": "This very picture is in the library, and is its own nearest match",
}
"""Each word of caution, and the sentence that explains it."""

_LEAST_SIDE = 150
_LEAST_SEEN = 0.6
_LEAST_CHROMA = 8.0


def cautions(
    image: MedicalImage, matches: Sequence[Match], *, familiar: bool, like_library: bool
) -> tuple[str, ...]:
    """Return the words of caution for a query and its matches, keys of `FLAGS`.

    ``familiar`` is the encoder's own judgement, see `Encoding.familiar`; ``like_library`` says
    whether the library holds anything like the query, see `inference.search.plausibility`.

    The limits are facts of the encoder and its training pictures, not tuned numbers: it sees the
    central square (flagged when that is less than 60 % of the picture; 4:3 keeps 75 %), no
    training picture had a shorter side than 150 px, and a grey picture's channels differ by no
    more than noise.
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
        "in_library": any(m.image.content_hash == image.content_hash for m in matches),
    }
    return tuple(flag for flag, holds in present.items() if holds)
