"""Lines of equal evidence, by marching squares (Lorensen and Cline 1987, in the plane)."""

from __future__ import annotations

from collections import defaultdict

import cv2
import numpy as np
import numpy.typing as npt

from inference.explain.heatmap import Heatmap
from inference.explain.upsampling import surface

LEVELS = (0.25, 0.5, 0.75)
"""The values at which lines are drawn: always the same, so that maps can be compared."""

Line = npt.NDArray[np.float32]

_STEPS_PER_CELL = 16
_STEPS_PER_CELL_ROUGH = 6
_ROUGH = 1 / 1000
_MOST_STEPS = 160

_Edge = tuple[int, int, int]
"""An edge of the sampling grid: row, column, and 0 for one that runs across, 1 for down."""

_TOP, _RIGHT, _BOTTOM, _LEFT = (0, 0, 0), (0, 1, 1), (1, 0, 0), (0, 0, 1)
# By the sum of 1 (upper left), 2 (upper right), 4 (lower right), 8 (lower left) for the corners
# that reach the level: the edges of a square that lines join. 5 and 10 are saddles: see _joined.
_JOINS: dict[int, tuple[tuple[_Edge, _Edge], ...]] = {
    1: ((_LEFT, _TOP),), 14: ((_LEFT, _TOP),),
    2: ((_TOP, _RIGHT),), 13: ((_TOP, _RIGHT),),
    4: ((_RIGHT, _BOTTOM),), 11: ((_RIGHT, _BOTTOM),),
    8: ((_BOTTOM, _LEFT),), 7: ((_BOTTOM, _LEFT),),
    3: ((_LEFT, _RIGHT),), 12: ((_LEFT, _RIGHT),),
    6: ((_TOP, _BOTTOM),), 9: ((_TOP, _BOTTOM),),
}  # fmt: skip
_APART = ((_LEFT, _TOP), (_RIGHT, _BOTTOM))
_ACROSS = ((_TOP, _RIGHT), (_BOTTOM, _LEFT))


def contour_lines(heatmap: Heatmap, level: float, tolerance: float = 0.0) -> list[Line]:
    """Find where the map's surface has a value.

    Args:
        heatmap: the map.
        level: the value, in (0, 1).
        tolerance: how far points may be left out of a line's course, as a share of the picture's
            longer side (Douglas and Peucker 1973): a line of fewer points is drawn faster.

    Returns:
        Lines of float32 (points, 2): x and y as shares of the picture's width and height, so that
        they can be drawn sharp at any size. A closed line ends where it begins; one that meets
        the edge of what the encoder saw ends there, since nobody looked beyond.
    """
    steps = _STEPS_PER_CELL if tolerance < _ROUGH else _STEPS_PER_CELL_ROUGH
    rows, columns = (min(_MOST_STEPS, steps * n) for n in heatmap.values.shape)
    down = np.linspace(0, 1, rows + 1, dtype=np.float32)
    across = np.linspace(0, 1, columns + 1, dtype=np.float32)
    field = heatmap.field
    size = np.array([field.width / columns, field.height / rows], np.float32)
    corner = np.array([field.left, field.top], np.float32)
    whole = np.array([field.picture_width, field.picture_height], np.float32)
    slack = tolerance * max(field.picture_width, field.picture_height)
    found = _lines(surface(heatmap.values, down, across), level)
    return [np.asarray(_thinned(corner + line * size, slack) / whole, np.float32) for line in found]


def _thinned(line: Line, slack: float) -> Line:
    """Leave out points, at most ``slack`` from what is left; a ring stays a ring."""
    if slack == 0:
        return line
    ring = np.array_equal(line[0], line[-1])
    points = (line[:-1] if ring else line).astype(np.float32)
    kept = cv2.approxPolyDP(points[:, None], slack, closed=ring)[:, 0]
    return np.asarray(np.concatenate([kept, kept[:1]]) if ring else kept, np.float32)


def _lines(values: npt.NDArray[np.float32], level: float) -> list[Line]:
    """Follow a level through an array; x and y in steps of the array."""
    reached = values >= level
    codes = (
        reached[:-1, :-1] + 2 * reached[:-1, 1:] + 4 * reached[1:, 1:] + 8 * reached[1:, :-1]
    )  # fmt: skip
    met: dict[_Edge, list[_Edge]] = defaultdict(list)
    at = np.nonzero((codes > 0) & (codes < 15))
    for row, column, code in zip(*(found.tolist() for found in (*at, codes[at])), strict=True):
        for one, other in _joined(values, level, row, column, code):
            met[one].append(other)
            met[other].append(one)
    return [_crossings(values, level, chain) for chain in _chains(met)]


def _joined(
    values: npt.NDArray[np.float32], level: float, row: int, column: int, code: int
) -> list[tuple[_Edge, _Edge]]:
    """Return the pairs of edges that the level joins inside one square."""
    joins = _JOINS.get(code)
    if joins is None:  # the middle decides whether a saddle's heights are one or two
        middle = values[row : row + 2, column : column + 2].mean() >= level
        joins = _ACROSS if (code == 5) == bool(middle) else _APART
    return [(_placed(one, row, column), _placed(other, row, column)) for one, other in joins]


def _placed(edge: _Edge, row: int, column: int) -> _Edge:
    return row + edge[0], column + edge[1], edge[2]


def _crossings(values: npt.NDArray[np.float32], level: float, chain: list[_Edge]) -> Line:
    """Return x and y of the places on edges where the level lies."""
    row, column, runs_down = np.array(chain).T
    here = values[row, column]
    part = (level - here) / (values[row + runs_down, column + 1 - runs_down] - here)
    return np.stack([column + part * (1 - runs_down), row + part * runs_down], axis=1)


def _chains(met: dict[_Edge, list[_Edge]]) -> list[list[_Edge]]:
    """Join edges into chains: open ones from their ends first, then the rings that are left."""
    ends = [edge for edge, others in met.items() if len(others) == 1]
    chains = []
    for start in [*ends, *met]:
        if not met[start]:
            continue
        chain = [start]
        while met[chain[-1]]:
            following = met[chain[-1]].pop()
            met[following].remove(chain[-1])
            chain.append(following)
        chains.append(chain)
    return chains
