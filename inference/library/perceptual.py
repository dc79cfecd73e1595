"""A fingerprint of what a picture looks like: near-duplicates differ in few of its 64 bits.

The signs of the 8 x 8 lowest frequencies of the discrete cosine transform of the picture reduced
to 32 x 32 grey values (after Zauner 2010, whose pHash compares the values with their median).
Signs, since a mirrored or turned picture then has the same bits in another order, some of them
inverted: its fingerprint follows from the first one's, and none has to be stored or computed.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inference.images.model import RgbPixels

Fingerprints = npt.NDArray[np.uint64]

_SIDE = 32
_KEPT = 8
_BIT = np.arange(_KEPT * _KEPT, dtype=np.uint64).reshape(_KEPT, _KEPT)
_ONE = np.uint64(1)


def fingerprint(pixels: RgbPixels) -> int:
    """Return the fingerprint of uint8 (h, w, 3): 64 bits, of which that of the mean is 0."""
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    low = np.asarray(cv2.dct(grey))[:_KEPT, :_KEPT]
    signs = low > 0
    signs[0, 0] = False
    return int((signs.astype(np.uint64) << _BIT).sum(dtype=np.uint64))


def turned(fingerprints: Fingerprints) -> Fingerprints:
    """Return the fingerprints of pictures turned by quarters and mirrored, uint64 (8, n).

    Args:
        fingerprints: uint64 (n,); the first row of the result.
    """
    row, column = np.indices((_KEPT, _KEPT))
    # Mirroring changes the sign of the odd frequencies along its axis, and of no other.
    across, down = _mask(column % 2 == 1), _mask(row % 2 == 1)
    turns = (fingerprints, _transposed(fingerprints))
    masks = (np.uint64(0), across, down, across ^ down)
    return np.stack([each ^ mask for each in turns for mask in masks])


def distances(one: Fingerprints, others: Fingerprints) -> npt.NDArray[np.uint8]:
    """Return in how many bits pictures differ at the best turn: (n,), (m,) to uint8 (n, m)."""
    best = np.full((len(one), len(others)), 64, np.uint8)
    for each in turned(one):
        np.minimum(best, np.bitwise_count(each[:, None] ^ others), out=best)
    return best


def _transposed(fingerprints: Fingerprints) -> Fingerprints:
    bits = (fingerprints[:, None, None] >> _BIT) & _ONE
    swapped = bits.transpose(0, 2, 1) << _BIT
    return np.asarray(swapped.sum(axis=(1, 2), dtype=np.uint64))


def _mask(places: npt.NDArray[np.bool_]) -> np.uint64:
    chosen = places & (_BIT > 0)
    return np.uint64((chosen.astype(np.uint64) << _BIT).sum(dtype=np.uint64))
