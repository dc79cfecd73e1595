"""Does a map lie on the lesion? Pointing game and energy inside the physicians' outline."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


def points_inside(values: FloatArray, mask: Mask) -> float:
    """Say whether a map's peak lies inside a mask (pointing game, Zhang et al. 2016).

    Args:
        values: (side, side), >= 0.
        mask: bool (side, side).

    Returns:
        1 or 0; where several pixels share the peak, the share of them that lies inside, so that a
        map that is the same everywhere scores the mask's share of the picture.
    """
    return float(mask[values == values.max()].mean())


def energy_over_area(values: FloatArray, mask: Mask) -> float:
    """Return the share of a map's energy inside a mask over the mask's share of the picture.

    Wang et al. 2020 (Score-CAM) report the first share alone, which a large lesion makes large.

    Args:
        values: (side, side), >= 0; the energy is their sum.
        mask: bool (side, side), not empty.

    Returns:
        1 for a map that knows nothing of the lesion, at most one over the mask's share; 0 for a
        map without energy.
    """
    energy = values.sum(dtype=np.float64)
    if energy == 0:
        return 0.0
    return float(values[mask].sum(dtype=np.float64) / energy / mask.mean())
