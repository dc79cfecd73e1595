"""Deletion and insertion curves: does a similarity live where a map says it does?

Petsiuk et al. 2018 (RISE): pixels are taken away, or put back, most important first, and the
answer is followed. If the map is right, the similarity falls early when its pixels are deleted,
and comes back early when they are inserted. What takes their place in both curves is the same
picture strongly blurred. RISE deletes to plain grey; in a picture of skin that draws an edge and a
colour which no encoder of skin has seen, so that a curve would measure surprise.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from inference.encoder import Encoder
from inference.encoder.preprocess import PixelArray

FloatArray = npt.NDArray[np.float32]
Ranks = npt.NDArray[np.int64]

SHARES = np.array([0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0])
"""Shares of the pixels that are replaced, the points of a curve: closest where maps differ most.

Each point between costs a call of the encoder, and a thousand queries with few points tell more
than half as many with twice the points: what varies is the query.
"""

BLUR = 0.15
"""Sigma of the blur, as a share of the side: a lesion is left as a stain."""

_TIES_SEED = 20261120


def blurred(picture: PixelArray) -> PixelArray:
    """Return what replaces pixels: the picture, uint8 (side, side, 3), without its structures."""
    return np.asarray(
        cv2.GaussianBlur(picture, (0, 0), BLUR * len(picture), borderType=cv2.BORDER_REFLECT),
        np.uint8,
    )


def ranks(values: FloatArray) -> Ranks:
    """Rank pixels by importance, 0 the most important one.

    Args:
        values: (side, side). Equal ones, as where a map is 0, are in one random order, the same
            for all maps of this size.

    Returns:
        int64 (side, side), a permutation.
    """
    shuffled = np.random.default_rng(_TIES_SEED).permutation(values.size)
    order = shuffled[np.argsort(-values.ravel()[shuffled], kind="stable")]
    ranked = np.empty(values.size, np.int64)
    ranked[order] = np.arange(values.size)
    return ranked.reshape(values.shape)


def replaced(picture: PixelArray, other: PixelArray, ranked: Ranks) -> PixelArray:
    """Replace the most important pixels of a picture by those of another.

    Returns:
        uint8 (shares, side, side, 3), one for each of `SHARES` but 0 and 1, which leave the
        picture and the other one.
    """
    counts = np.rint(SHARES[1:-1] * ranked.size)
    taken = ranked[None] < counts[:, None, None]
    return np.where(taken[..., None], other, picture)


class Follower:
    """Follows the similarity of one picture to a case while its pixels come and go.

    Args:
        encoder: that describes them.
        picture: prepared, uint8 (side, side, 3).
        case: embedding of the case, (256,).
    """

    def __init__(self, encoder: Encoder, picture: PixelArray, case: FloatArray) -> None:
        self._encoder, self._case = encoder, case
        self._picture, self._blurred = picture, blurred(picture)
        self._whole, self._bare = encoder.embed(np.stack([picture, self._blurred])) @ case

    @property
    def similarity(self) -> float:
        """Cosine of the whole picture and the case."""
        return float(self._whole)

    def deletion(self, ranked: Ranks) -> float:
        """Return the area under the similarity while the most important pixels go.

        Lower is better. The area is over the share of pixels replaced, with the trapezoidal rule;
        1 stands for the similarity of the whole picture all along.
        """
        return self._area(self._picture, self._blurred, ranked, (self._whole, self._bare))

    def insertion(self, ranked: Ranks) -> float:
        """Return the area under the similarity while the most important pixels come; see there.

        Higher is better.
        """
        return self._area(self._blurred, self._picture, ranked, (self._bare, self._whole))

    def _area(
        self,
        begin: PixelArray,
        end: PixelArray,
        ranked: Ranks,
        ends: tuple[np.float32, np.float32],
    ) -> float:
        between = self._encoder.embed(replaced(begin, end, ranked)) @ self._case
        curve = np.concatenate([ends[:1], between, ends[1:]], dtype=np.float64)
        return float(np.trapezoid(curve, SHARES) / self._whole)
