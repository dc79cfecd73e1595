"""Some of a library's vectors with Annoy's trees over them: one part of an index.

    trees-<hash>.ann      Annoy's trees over the vectors as the basis reduces them
    vectors-<hash>.f32    float32 (count, dimension), L2-normalised, for exact scoring
    images-<hash>.i64     int64 (count,), image id of each
    numbers-<hash>.i64    int64 (count,), id of each vector in the store, ascending

An index is made of segments for two reasons. Planting trees cannot be stopped, and takes memory:
a segment takes some ten seconds of a processor, a million vectors at once minutes. And what has
come, gone or been damaged since the last build costs the segment where it lies, not everything. A
search pays little for it: as many nodes in all bring as many neighbours from two segments as from
one of twice their size (drawn vectors, a thousand clusters, 64 or 48 numbers: of 131,072, 2,000
nodes find .99 to .995; of 262,144, 4,000 find .985).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from annoy import AnnoyIndex as Trees

from inference.library.index import FloatArray, Ids
from inference.library.index_manifest import METRIC, SegmentFacts
from inference.library.vouched import (
    FileFacts,
    PathOf,
    StaleIndexError,
    publish,
    publish_array,
)

SEGMENT = 1 << 17
"""Vectors in a segment, at most."""

TREES = 32
SEED = 20_180_814


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Mapped files; they are let go when the last reference to them goes.

    Attributes:
        facts: what the manifest says of it.
        images: int64 (count,).
        numbers: int64 (count,), ascending.
        vectors: float32 (count, dimension).
        trees: Annoy's.
    """

    facts: SegmentFacts
    images: Ids
    numbers: Ids
    vectors: FloatArray
    trees: Trees

    @property
    def count(self) -> int:
        """Number of vectors."""
        return len(self.images)

    def candidates(self, reduced: FloatArray, count: int, search_k: int) -> Ids:
        """Return rows that are probably near a query, int64 (up to ``count``,).

        Args:
            reduced: float32 (reduced dimension,), the query as the trees see it.
            count: how many.
            search_k: nodes to inspect.
        """
        found = self.trees.get_nns_by_vector(reduced, count, search_k)
        return np.asarray(found, dtype=np.int64)


def load(facts: SegmentFacts, reduced: int, path: PathOf) -> Segment:
    """Map the files of a segment, once all of them prove to be sound.

    Raises:
        StaleIndexError: a file is missing, or is not what was written.
    """
    paths = {kind: path(file) for kind, file in facts.files.items()}
    dimension = facts.files["vectors"].size // (4 * facts.count)
    try:
        images = _mapped(paths["images"], np.int64, facts.count)
        numbers = _mapped(paths["numbers"], np.int64, facts.count)
        vectors = _mapped(paths["vectors"], np.float32, facts.count * dimension)
        trees = Trees(reduced, METRIC)
        trees.load(str(paths["trees"]))
    except (OSError, ValueError) as error:
        raise StaleIndexError(str(error)) from error
    if trees.get_n_items() != facts.count:
        raise StaleIndexError("the trees hold another number of items")
    return Segment(facts, images, numbers, vectors.reshape(facts.count, dimension), trees)


def write_rows(
    folder: Path, images: Ids, numbers: Ids, vectors: FloatArray
) -> dict[str, FileFacts]:
    """Write a segment's files, except its trees.

    Raises:
        LibraryError: the disk is full, or the folder cannot be written.
    """
    return {
        "images": publish_array(folder, "images", ".i64", images),
        "numbers": publish_array(folder, "numbers", ".i64", numbers),
        "vectors": publish_array(folder, "vectors", ".f32", vectors),
    }


def rows_of(folder: Path, files: dict[str, FileFacts], dimension: int) -> FloatArray:
    """Map the vectors of a segment that has just been written, float32 (count, dimension)."""
    file = files["vectors"]
    flat = _mapped(folder / file.name, np.float32, file.size // 4)
    return flat.reshape(-1, dimension)


def write_trees(folder: Path, vectors: FloatArray) -> FileFacts:
    """Plant and write a segment's trees; the same vectors give the same bytes (one job).

    Args:
        folder: of the index.
        vectors: float32 (count, reduced dimension).

    Raises:
        LibraryError: the disk is full, or the folder cannot be written.
    """
    trees = Trees(vectors.shape[1], METRIC)
    trees.set_seed(SEED)
    for row, vector in enumerate(vectors):
        trees.add_item(row, vector)
    trees.build(TREES, n_jobs=1)

    def write(part: Path) -> None:
        trees.save(str(part))
        # Annoy maps what it saved, and Windows does not rename a mapped file.
        trees.unload()

    return publish(folder, "trees", ".ann", write)


def _mapped(path: Path, kind: type[np.generic], count: int) -> np.ndarray:
    return np.asarray(np.memmap(path, dtype=kind, mode="r", shape=(count,)))
