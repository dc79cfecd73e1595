"""The two graphs that every map of likeness is run by: see `models/training/likeness.py`.

They hold no weights and leave all sizes free, so they serve every encoder.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.encoder.graph import Graph
from inference.encoder.manifest import read_graph_file, read_verified
from inference.locations import shipped

FloatArray = npt.NDArray[np.float32]

_ALL_AT_ONCE = 1
"""Threads: a gallery's maps are some thousand numbers, less than waking another thread costs."""


class Likeness:
    """Runs the graphs of likeness. Safe to call from several threads.

    A feature map is given as a row of its positions, float32 (channels, positions).

    Args:
        pairs: the graph of pair maps.
        places: the graph of local maps.
    """

    def __init__(self, pairs: Graph, places: Graph) -> None:
        self._pairs = pairs
        self._places = places

    @classmethod
    def load(cls, folder: Path | None = None) -> Likeness:
        """Load the shipped graphs.

        Args:
            folder: models folder; None for the one that came with the program.

        Raises:
            ModelError: one is missing, altered or does not load.
        """
        folder = folder or shipped("models")
        return cls(_loaded(folder, "pair_maps"), _loaded(folder, "local_maps"))

    def pairs(
        self,
        query: FloatArray,
        query_embedding: FloatArray,
        cases: FloatArray,
        case_embeddings: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """Decompose the similarities of a query with n cases, all in one call.

        Args:
            query: float32 (channels, p).
            query_embedding: float32 (channels,), L2-normalised.
            cases: float32 (n, channels, q).
            case_embeddings: float32 (n, channels), each L2-normalised.

        Returns:
            What each position adds to the similarity: of the query, float32 (n, p), and of each
            case, float32 (n, q). Each row sums to the cosine of its pair.

        Raises:
            ModelError: the graph failed.
        """
        inputs = {
            "query": query, "query_embedding": query_embedding,
            "cases": cases, "case_embeddings": case_embeddings,
        }  # fmt: skip
        found = self._pairs.run(("on_query", "on_cases"), inputs)
        return found["on_query"], found["on_cases"]

    def places(
        self, query: FloatArray, weights: FloatArray, cases: FloatArray, windows: FloatArray
    ) -> FloatArray:
        """Compare some place of a query with every window of n cases.

        Args:
            query: float32 (channels, p).
            weights: float32 (p,), of the query's positions: a spot or a region.
            cases: float32 (n, channels, q).
            windows: float32 (q, w), weights of a case's positions in each window.

        Returns:
            float32 (n, w): cosine of the two weighted means, in [-1, 1].

        Raises:
            ModelError: the graph failed.
        """
        inputs = {"query": query, "weights": weights, "cases": cases, "windows": windows}
        found: FloatArray = self._places.run(("cosines",), inputs)["cosines"]
        return found


def _loaded(folder: Path, name: str) -> Graph:
    entry = read_graph_file(folder, name)
    return Graph(entry.file, read_verified(folder, entry), threads=_ALL_AT_ONCE)


@cache
def shipped_likeness() -> Likeness:
    """Return the shipped graphs, loaded once for the whole program.

    Raises:
        ModelError: one is missing, altered or does not load.
    """
    return Likeness.load()
