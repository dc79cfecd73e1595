"""Other indexes to be measured beside ours; none of them is a part of the product.

They are used where they are installed: ``pip install usearch hnswlib faiss-cpu``. Each one's effort
is raised until it finds .99 of the true neighbours of some queries, or its ladder ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Search = Callable[[Floats], npt.NDArray[np.int64]]

WANTED = 0.99
NEIGHBOURS = 16

_LADDER = (16, 32, 64, 128, 256, 512, 1024)
_LINKS = 16


@dataclass(frozen=True)
class Contender:
    """A way to find rows.

    Attributes:
        name: with its effort.
        search: takes a query, float32 (256,), returns the rows of its neighbours.
        seconds: of processor time, on one thread, that building it took.
    """

    name: str
    search: Search
    seconds: float


def exact(vectors: Floats) -> Contender:
    """Compare with every vector, in NumPy."""

    def search(query: Floats) -> npt.NDArray[np.int64]:
        cosines = vectors @ query
        best = np.argpartition(-cosines, NEIGHBOURS)[:NEIGHBOURS]
        return best[np.argsort(-cosines[best])].astype(np.int64)

    return Contender("NumPy, exact", search, 0.0)


def others(names: list[str], vectors: Floats, trial: Floats) -> Iterator[Contender]:
    """Build those that are asked for and installed.

    Args:
        names: of the libraries.
        vectors: float32 (n, 256).
        trial: queries to choose the effort by.
    """
    makers: dict[str, Callable[[Floats], tuple[str, Callable[[int], Search], tuple[int, ...]]]] = {
        "faiss": _faiss_flat,
        "faiss-ivf": _faiss_cells,
        "hnswlib": _hnswlib,
        "usearch": _usearch,
    }
    for name in names:
        begun = time.process_time()
        try:
            label, at, ladder = makers[name](vectors)
        except ImportError:
            print(f"{name} is not installed")
            continue
        seconds = time.process_time() - begun
        effort = _enough(at, ladder, exact(vectors).search, trial)
        yield Contender(label.format(effort), at(effort), seconds)


def _enough(
    at: Callable[[int], Search], ladder: tuple[int, ...], truth: Search, trial: Floats
) -> int:
    true = [set(truth(query).tolist()) for query in trial]
    for effort in ladder:
        search = at(effort)
        found = [set(search(query).tolist()) for query in trial]
        shares = [len(a & b) / NEIGHBOURS for a, b in zip(true, found, strict=True)]
        if np.mean(shares) >= WANTED:
            return effort
    return ladder[-1]


def _faiss_flat(vectors: Floats) -> tuple[str, Callable[[int], Search], tuple[int, ...]]:
    faiss: Any = import_module("faiss")
    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return "faiss, exact", lambda _: lambda q: index.search(q[None], NEIGHBOURS)[1][0], (0,)


def _faiss_cells(vectors: Floats) -> tuple[str, Callable[[int], Search], tuple[int, ...]]:
    faiss: Any = import_module("faiss")
    faiss.omp_set_num_threads(1)
    cells = int(2 * len(vectors) ** 0.5)
    index = faiss.IndexIVFFlat(
        faiss.IndexFlatIP(vectors.shape[1]), vectors.shape[1], cells, faiss.METRIC_INNER_PRODUCT
    )
    index.train(vectors[:: max(1, len(vectors) // (50 * cells))])
    index.add(vectors)

    def at(effort: int) -> Search:
        def search(query: Floats) -> npt.NDArray[np.int64]:
            index.nprobe = effort
            return np.asarray(index.search(query[None], NEIGHBOURS)[1][0])

        return search

    return f"faiss, {{}} of {cells} cells", at, (4, 8, *_LADDER)


def _hnswlib(vectors: Floats) -> tuple[str, Callable[[int], Search], tuple[int, ...]]:
    hnswlib: Any = import_module("hnswlib")
    index = hnswlib.Index("ip", vectors.shape[1])
    index.init_index(len(vectors), M=_LINKS, ef_construction=100, random_seed=1)
    index.set_num_threads(1)
    index.add_items(vectors, num_threads=1)

    def at(effort: int) -> Search:
        def search(query: Floats) -> npt.NDArray[np.int64]:
            index.set_ef(effort)
            return np.asarray(index.knn_query(query, NEIGHBOURS)[0][0], dtype=np.int64)

        return search

    return "hnswlib, ef {}", at, _LADDER


def _usearch(vectors: Floats) -> tuple[str, Callable[[int], Search], tuple[int, ...]]:
    usearch: Any = import_module("usearch.index")
    index = usearch.Index(
        ndim=vectors.shape[1], metric="ip", dtype="f32", connectivity=_LINKS, expansion_add=100
    )
    index.add(np.arange(len(vectors)), vectors, threads=1)

    def at(effort: int) -> Search:
        def search(query: Floats) -> npt.NDArray[np.int64]:
            index.expansion_search = effort
            return np.asarray(index.search(query, NEIGHBOURS).keys, dtype=np.int64)

        return search

    return "usearch, expansion {}", at, _LADDER
