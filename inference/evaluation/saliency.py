"""The maps that are compared: the pair map as the reader sees it, and what might do as well."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from inference.encoder import Encoding
from inference.encoder.preprocess import central_square
from inference.explain import Heatmap, class_heatmap, gradcam_map, gradient_map, pair_heatmaps

FloatArray = npt.NDArray[np.float32]
Method = Callable[[Encoding, Encoding], FloatArray]
"""Makes of a query and a case a map of the query: float32 (rows, columns), >= 0, any scale."""

SIGMA = 0.25
"""Of the centred Gaussian, as a share of the side."""

UNIFORM = "_uniform"


def _pair(query: Encoding, case: Encoding) -> FloatArray:
    return pair_heatmaps(query, case)[0].values


def _uniform(query: Encoding, _: Encoding) -> FloatArray:
    return np.ones(query.feature_map.shape[1:], np.float32)


def _classmap(query: Encoding, _: Encoding) -> FloatArray:
    return class_heatmap(query).values


def _gaussian(query: Encoding, _: Encoding) -> FloatArray:
    return centred_gaussian(*query.feature_map.shape[1:])


METHODS: dict[str, Method] = {
    "": _pair,
    UNIFORM: _uniform,
    "_gaussian": _gaussian,
    "_gradient": gradient_map,
    "_gradcam": gradcam_map,
    "_classmap": _classmap,
}
"""What stands behind a figure's name to the map that it was measured on; "" is the pair map."""


def centred_gaussian(rows: int, columns: int) -> FloatArray:
    """Return a map that only knows where the middle is: float32 (rows, columns) in (0, 1]."""
    down, across = (np.arange(n) / n + 0.5 / n - 0.5 for n in (rows, columns))
    squared = down[:, None] ** 2 + across**2
    return np.exp(-squared / (2 * SIGMA**2)).astype(np.float32)


def random_map(shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """Return a map whose cells are in random order, as a uniform one gives none."""
    cells = int(np.prod(shape))
    return (rng.permutation(cells).reshape(shape) + 1).astype(np.float32)


def spread(values: FloatArray, side: int) -> FloatArray:
    """Spread a map over the prepared picture, as the viewer does over the whole one.

    Args:
        values: (rows, columns), >= 0.
        side: of the prepared picture.

    Returns:
        float32 (side, side) in [0, 1], 1 at its peak; all 0 where ``values`` are.
    """
    if np.ptp(values) == 0:  # interpolation would leave rounding errors, and a peak among them
        return np.full((side, side), values.flat[0] > 0, np.float32)
    scaled = (values / values.max()).astype(np.float32)
    shown = Heatmap(scaled, central_square(side, side)).over()
    return np.asarray(shown / shown.max(), np.float32)  # smoothing lowers the peak of a small spot
