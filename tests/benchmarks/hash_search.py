"""How long a search by hash codes takes, over the search by embeddings.

    python -m tests.benchmarks.hash_search [--sizes 10000 100000] [--rounds N]

Turn about over the same drawn library, which is open as in the program: 16 lesions by embeddings,
as the index finds them, and by codes of each length. Vectors lie in clusters of fifty; codes are
signs of random projections, so that they tie as real ones do.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.library.hamming import CodeIndex
from inference.library.library import Library
from inference.library.snapshot import Selection
from tests.benchmarks.drawn_library import DIMENSION, MODEL, Drawing, record, snapshot_of
from tests.benchmarks.turn_about import compare

LENGTHS = (16, 32, 64, 128)
QUERIES, MATCHES = 50, 16

Floats = npt.NDArray[np.float32]


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=100)
    arguments = parser.parse_args()
    for size in arguments.sizes:
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder), size, arguments.rounds)


def _measure(folder: Path, size: int, rounds: int) -> None:
    drawing = Drawing(size, size // 50)
    record(folder / "library", drawing)
    with Library.open(folder / "library") as library:
        library.rebuild_index(MODEL)
        _compare(library, drawing, rounds)


def _compare(library: Library, drawing: Drawing, rounds: int) -> None:
    vectors, queries = drawing.whole(), drawing.queries(QUERIES)
    images = np.arange(1, len(vectors) + 1)
    snapshot = snapshot_of(library)
    generator = np.random.default_rng(0)
    by_embedding = _each(queries, lambda q: snapshot.nearest_lesions(q, MATCHES, Selection()))
    for bits in LENGTHS:
        planes = generator.normal(size=(DIMENSION, bits)).astype(np.float32)
        codes = CodeIndex(images, np.packbits(vectors @ planes > 0, axis=1))

        def by_code(query: Floats, codes: CodeIndex = codes, planes: Floats = planes) -> object:
            code = np.packbits(query @ planes > 0)
            return snapshot.nearest_by_code(codes, code, query, MATCHES, Selection())

        ratio, first, second = compare(by_embedding, _each(queries, by_code), rounds)
        print(
            f"{drawing.count} pictures, {bits} bits: {ratio:.2f} searches by embedding "
            f"({first:.2f} and {second:.2f} by halves)"
        )


def _each(queries: Floats, search: Callable[[Floats], object]) -> Callable[[], object]:
    """Return a search for the next query at each call, and round again."""
    turns = count()
    return lambda: search(queries[next(turns) % len(queries)])


if __name__ == "__main__":
    main()
