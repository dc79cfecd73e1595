"""Pairs of pictures under two lesions that look like one: for a curator to look through.

Two steps: the fingerprints of all pairs are compared, and of the few that are close the
thumbnails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from inference.errors import Cancelled, ImageError, LibraryError
from inference.library.library import Library
from inference.library.model import Progress
from inference.library.perceptual import Fingerprints, distances, fingerprint

MOST_BITS = 6
"""In how many bits the fingerprints of near-duplicates differ.

Of 300 pictures of HAM10000, 224 x 224, written anew as JPEG of quality 60, at half the size,
turned, mirrored, or 15 % brighter, all come within; of those cut by 2 % on each side, 90 %. Of the
4.5 million pairs of pictures of different lesions among 3,000 of them, 574 do.
"""

LEAST_LIKENESS = 0.96
"""Correlation of the grey values of near-duplicates.

Of 200 of those pictures, all that were written anew or brightened are above .98, and 95 % of those
cut by 2 % above .958; of the 574 pairs of different lesions, three are above .96.
"""

_SIDE = 32
_BLOCK = 256
_HASHED_AT_ONCE = 32

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures of different cases that look alike.

    Attributes:
        first: id of an image.
        second: id of another, the greater.
        cases: ids of their cases.
        distance: in how many of 64 bits their fingerprints differ at the best turn.
        likeness: correlation of their grey values at the best turn, in [-1, 1].
    """

    first: int
    second: int
    cases: tuple[int, int]
    distance: int
    likeness: float


def near_duplicates(
    library: Library,
    *,
    most_bits: int = MOST_BITS,
    least_likeness: float = LEAST_LIKENESS,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Pair]:
    """Return the pairs that may be one picture, or one lesion, the likest first.

    Pictures from before fingerprints were kept get theirs first, and keep them where the library
    can be written. Turned and mirrored copies are found too; pictures that cannot be read are not.

    Args:
        library: open.
        most_bits: see `MOST_BITS`.
        least_likeness: see `LEAST_LIKENESS`.
        progress: told of the pictures that are compared.
        cancelled: True stops; fingerprints that were made are kept.

    Raises:
        Cancelled: as ``cancelled`` asked.
        LibraryError: the library cannot be read.
    """
    images, cases, fingerprints = _fingerprints(library, progress, cancelled)
    likeness = _Likeness(library)
    pairs = []
    for rows, others, bits in _close(fingerprints, most_bits):
        if cancelled():
            raise Cancelled
        progress(Progress(int(rows.max(initial=0)), len(images), stage="comparing"))
        for one, other, distance in zip(rows, others, bits, strict=True):
            if cases[one] == cases[other]:
                continue
            first, second = int(images[one]), int(images[other])
            alike = likeness(first, second)
            if alike is not None and alike >= least_likeness:
                both = int(cases[one]), int(cases[other])
                pairs.append(Pair(first, second, both, int(distance), alike))
    return sorted(pairs, key=lambda pair: (-pair.likeness, pair.first, pair.second))


def _fingerprints(
    library: Library, progress: Callable[[Progress], None], cancelled: Callable[[], bool]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Fingerprints]:
    """Return image ids ascending, their cases and fingerprints, once all have one."""
    store = library.curation
    lacking = store.without_fingerprint()
    made: dict[int, int] = {}
    for begin in range(0, len(lacking), _HASHED_AT_ONCE):
        if cancelled():
            raise Cancelled
        some = lacking[begin : begin + _HASHED_AT_ONCE]
        found = {image: value for image in some if (value := _made(library, image)) is not None}
        if library.writable:
            store.add_fingerprints(found)
        made |= found
        progress(Progress(begin + len(some), len(lacking), stage="looking"))
    kept = store.fingerprints()
    known = {image: case for image, case, _ in kept}
    added = [(image, library.image(image).case, value)
             for image, value in made.items() if image not in known]  # fmt: skip
    rows = sorted([*kept, *added])
    table = np.array([row[:2] for row in rows], np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1], np.array([row[2] for row in rows], np.uint64)


def _made(library: Library, image: int) -> int | None:
    try:
        return fingerprint(library.read_image(image).pixels)
    except (ImageError, LibraryError):
        return None


def _close(
    fingerprints: Fingerprints, most_bits: int
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.uint8]]]:
    """Yield (rows, later rows, distances) of the pairs within ``most_bits``, block by block."""
    for begin in range(0, len(fingerprints), _BLOCK):
        bits = distances(fingerprints[begin : begin + _BLOCK], fingerprints[begin:])
        rows, others = np.nonzero(bits <= most_bits)
        later = others > rows
        rows, others = rows[later], others[later]
        yield rows + begin, others + begin, bits[rows, others]


class _Likeness:
    """Correlates thumbnails, each of which is read once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._small: dict[int, Floats | None] = {}

    def __call__(self, one: int, other: int) -> float | None:
        """Return the correlation at the best turn; None where a picture cannot be read."""
        first, second = self._reduced(one), self._reduced(other)
        if first is None or second is None:
            return None
        mirrored = first[:, ::-1]
        turns = [np.rot90(each, quarter) for each in (first, mirrored) for quarter in range(4)]
        return max(float((turn * second).sum()) for turn in turns)

    def _reduced(self, image: int) -> Floats | None:
        """Return float32 (32, 32) of mean 0 and length 1."""
        if image not in self._small:
            self._small[image] = self._made(image)
        return self._small[image]

    def _made(self, image: int) -> Floats | None:
        try:
            pixels = self._library.thumbnail(image)
        except (ImageError, LibraryError):
            return None
        small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        grey: Floats = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32)
        grey -= grey.mean()
        return grey / max(np.float32(np.linalg.norm(grey)), np.float32(1e-6))
