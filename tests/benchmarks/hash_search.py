"""How long a search by hash codes takes, over the search by embeddings.

    python -m tests.benchmarks.hash_search [--sizes 10000 100000] [--rounds N]

Turn about over the same drawn library, held in memory and in index files as an open library holds
it: 16 lesions by embeddings, as the index finds them, and by codes of each length. Vectors lie in
clusters of fifty; codes are signs of random projections, so that they tie as real ones do.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.library import annoy_index
from inference.library.annoy_index import Expectation
from inference.library.hamming import CodeIndex
from inference.library.index import ExactIndex
from inference.library.kept_index import population_of
from inference.library.snapshot import Selection, Snapshot
from inference.library.store import Entries
from tests.benchmarks.turn_about import compare

LENGTHS = (16, 32, 64, 128)
DIMENSION, QUERIES, MATCHES = 256, 50, 16
MODEL = Expectation("0" * 64, DIMENSION)

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
    generator = np.random.default_rng(0)
    drawn = _drawn(size + QUERIES, generator)
    vectors, queries = drawn[:size], drawn[size:]
    snapshot = _snapshot(folder, vectors)
    by_embedding = _each(queries, lambda q: snapshot.nearest_lesions(q, MATCHES, Selection()))
    for bits in LENGTHS:
        planes = generator.normal(size=(DIMENSION, bits)).astype(np.float32)
        codes = CodeIndex(snapshot.entries.images, np.packbits(vectors @ planes > 0, axis=1))

        def by_code(query: Floats, codes: CodeIndex = codes, planes: Floats = planes) -> object:
            code = np.packbits(query @ planes > 0)
            return snapshot.nearest_by_code(codes, code, query, MATCHES, Selection())

        ratio, first, second = compare(by_embedding, _each(queries, by_code), rounds)
        print(
            f"{size} pictures, {bits} bits: {ratio:.2f} searches by embedding "
            f"({first:.2f} and {second:.2f} by halves)"
        )


def _drawn(size: int, generator: np.random.Generator) -> Floats:
    centres = generator.normal(size=(size // 50, DIMENSION))
    vectors = centres[generator.integers(0, len(centres), size)]
    vectors = vectors + 0.8 * generator.normal(size=vectors.shape)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(unit, np.float32)


def _snapshot(folder: Path, vectors: Floats) -> Snapshot:
    """Return an open library's snapshot of these pictures, two of each lesion."""
    images = np.arange(1, len(vectors) + 1)
    cases = (images + 1) // 2
    population = population_of(images, cases)
    annoy_index.build(
        folder, folder / "index", MODEL, images, vectors, closeness=np.empty(0, np.float32),
        last=len(vectors), fingerprint="", population=population,
    )  # fmt: skip
    index = annoy_index.load(folder / "index", annoy_index.read_manifest(folder / "index", MODEL))
    nothing = ExactIndex(images[:0], vectors[:0])
    return Snapshot((0,), index, nothing, Entries(images, cases), population)


def _each(queries: Floats, search: Callable[[Floats], object]) -> Callable[[], object]:
    """Return a search for the next query at each call, and round again."""
    turns = count()
    return lambda: search(queries[next(turns) % len(queries)])


if __name__ == "__main__":
    main()
