"""The Annoy file: built beside, described by a manifest, verified before it is loaded.

Annoy trusts its file: a truncated, altered or foreign one crashes the process or answers wrongly
(its node format has no checks). So nothing is handed to it whose every byte is not vouched for.

    index/<model>/manifest.json         which files, their sizes and hashes; replaced atomically
    index/<model>/trees-<hash>.ann      Annoy's trees
    index/<model>/vectors-<hash>.f32    float32 (count, dimension), for exact re-scoring
    index/<model>/ids-<hash>.i64        int64 (count,), image id of each row
    index/<model>/closeness-<hash>.f32  float32 (m,), `Reference.similarities`

Files are named by their content and never written in place: a reader that has one mapped keeps
what it mapped, whoever builds meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from annoy import AnnoyIndex as Trees

from inference.errors import Cancelled
from inference.files import remove_abandoned, sha256_of
from inference.library.files import make_below, part_beside, sync_folder, write_whole
from inference.library.index import ExactIndex, FloatArray, Ids, Scores, rescored

TREES = 20
SEARCH_K = 10_000
"""Nodes that Annoy inspects at least; a library with fewer vectors is compared as a whole.

Over dermoscopy-1's embeddings of the 8,447 train and val images of HAM10000, 201 test images asking
for 32: 20 trees find .981 of the true neighbours at 2,500, .990 at 5,000 and .995 at 8,000, yet for
the unluckiest query six of the first sixteen are not among them. 50 and 100 trees find less at the
same cost, since real embeddings lie closer together than drawn ones. Comparing all 8,447 took 8 ms
in the same run, beside a busy core, and misses none: a reader does not feel the difference.
"""

COMPARED_WITH_FILTER = 100_000
"""With a filter, all vectors that pass are compared up to so many.

Annoy knows no filter, and what it finds thins out. Over 60,000 drawn vectors of 256 numbers, asking
for 32: of 10,000 that pass it finds .62 in 3.8 ms by inspecting 10,000 nodes; of 30,000, .934 in
7.4 ms by inspecting twice as many; of 50,000, .998 in 4.4 ms. Comparing all that pass misses none
and takes 3.6, 8.5 and 8 ms; of 100,000 among a million, some 36.
"""
MANIFEST = "manifest.json"

_METRIC: Final = "angular"
_FORMAT = 4
_SEED = 20_180_814
_NODES_PER_NEIGHBOUR = 40
_ROWS_BETWEEN_QUESTIONS = 1000


class StaleIndexError(Exception):
    """The files are absent, damaged, or made from other vectors: build them again."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the store says that an index must have been made from.

    Attributes:
        model: SHA-256 of the encoder.
        dimension: numbers in a vector.
    """

    model: str
    dimension: int


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One file of a generation."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of one generation of index files.

    Attributes:
        format: of the manifest and the files.
        byteorder: of the files: ``"little"`` or ``"big"``.
        model: SHA-256 of the encoder.
        metric: Annoy's.
        dimension: numbers in a vector.
        count: number of vectors.
        trees: number of Annoy's trees.
        seed: of Annoy's random numbers.
        last: id of the last vector in it; later ones are searched beside it.
        fingerprint: the store's, over the vectors up to ``last``.
        population: of the images and cases that ``closeness`` was measured over.
        files: ``trees``, ``vectors``, ``ids`` and ``closeness``.
    """

    format: int
    byteorder: str
    model: str
    metric: str
    dimension: int
    count: int
    trees: int
    seed: int
    last: int
    fingerprint: str
    population: str
    files: dict[str, FileFacts]


class AnnoyNeighbours:
    """A `NeighbourIndex`: candidates from Annoy, re-scored exactly from the mapped vectors.

    The mapped files are let go when the last reference to this object goes, never under a thread
    that is searching.
    """

    def __init__(
        self,
        trees: Trees,
        ids: Ids,
        vectors: FloatArray,
        closeness: FloatArray,
        population: str,
    ) -> None:
        self._trees = trees
        self._images = ids
        self.vectors = vectors
        self.closeness = closeness
        self.population = population
        self._exact = ExactIndex(ids, vectors)

    @property
    def count(self) -> int:
        """Number of vectors."""
        return len(self._images)

    @property
    def images(self) -> Ids:
        """The image of each, int64 (count,)."""
        return self._images

    def nearest(self, query: FloatArray, k: int, among: Ids | None = None) -> tuple[Ids, Scores]:
        """Return the nearest images; see `NeighbourIndex.nearest`.

        All that count are compared up to `COMPARED_WITH_FILTER` of them. Of more, Annoy is asked
        for so many that twice ``k`` can be expected to count, and inspects more nodes in
        proportion. Where that were as many nodes as there are vectors to choose from, or where
        fewer than ``k`` come of it, all that count are compared after all.
        """
        counts = None if among is None else np.isin(self._images, among)
        choice = self.count if counts is None else int(np.count_nonzero(counts))
        scale = self.count / max(1, choice)
        search_k = int(scale * max(SEARCH_K, _NODES_PER_NEIGHBOUR * k))
        few = among is not None and choice <= COMPARED_WITH_FILTER
        if few or search_k >= choice:
            return self._exact.nearest(query, k, among)
        found = self._trees.get_nns_by_vector(query, int(2 * k * scale), search_k)
        candidates = np.asarray(found, dtype=np.int64)
        if counts is not None:
            candidates = candidates[counts[candidates]]
        if len(candidates) < k:
            return self._exact.nearest(query, k, among)
        return rescored(self._images, self.vectors, query, candidates, k)


def build(
    root: Path,
    folder: Path,
    expected: Expectation,
    ids: Ids,
    vectors: FloatArray,
    *,
    closeness: FloatArray,
    last: int,
    fingerprint: str,
    population: str,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Write a generation of index files and make it the current one.

    The same vectors give the same bytes: fixed seed, one job.

    Args:
        root: the library's folder, which must be there.
        folder: below it, of this model's index; made when absent.
        expected: the model and its dimension.
        ids: int64 (n,), image ids, n >= 1.
        vectors: float32 (n, dimension), L2-normalised.
        closeness: float32 (m,), the library's `Reference.similarities`; empty when it is small.
        last: id of the last vector.
        fingerprint: the store's, over these vectors.
        population: of the images and cases that ``closeness`` was measured over.
        cancelled: asked now and then; True leaves the generation that is current as it is. Annoy
            does not listen while it plants its trees: 6 s for 60,000 vectors of 256 numbers.

    Raises:
        Cancelled: as ``cancelled`` asked.
        LibraryError: the disk is full, or the folder cannot be written.
    """
    make_below(root, folder)
    files = {
        "trees": _write_trees(folder, vectors, cancelled),
        "vectors": _write_array(folder, "vectors", ".f32", vectors),
        "ids": _write_array(folder, "ids", ".i64", ids),
        "closeness": _write_array(folder, "closeness", ".f32", closeness),
    }
    manifest = Manifest(
        format=_FORMAT,
        byteorder=sys.byteorder,
        model=expected.model,
        metric=_METRIC,
        dimension=expected.dimension,
        count=len(ids),
        trees=TREES,
        seed=_SEED,
        last=last,
        fingerprint=fingerprint,
        population=population,
        files=files,
    )
    _stop_if(cancelled)
    sync_folder(folder)
    content = json.dumps(asdict(manifest), indent=1).encode()
    write_whole(folder / MANIFEST, content, durable=True)
    sync_folder(folder)
    _remove_all_but(folder, {facts.name for facts in files.values()})


def discard(folder: Path) -> None:
    """Delete the files of an index, as far as the system lets it: there is nothing to index."""
    for path in folder.glob("*"):
        with contextlib.suppress(OSError):
            path.unlink()


def is_of_this_format(folder: Path) -> bool:
    """Say whether a folder holds an index of this format, or what was meant to be one."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    mark = found.get("format") if isinstance(found, dict) else None
    return not (isinstance(mark, int) and 0 < mark < _FORMAT)


def read_manifest(folder: Path, expected: Expectation) -> Manifest:
    """Return the current generation's manifest, checked against what it must describe.

    Raises:
        StaleIndexError: there is none, it cannot be read, or it describes another index.
    """
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
        files = {kind: FileFacts(**facts) for kind, facts in found.pop("files").items()}
        manifest = Manifest(**found, files=files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StaleIndexError(f"manifest: {error}") from error
    agrees = (
        manifest.format == _FORMAT
        and manifest.byteorder == sys.byteorder
        and manifest.metric == _METRIC
        and manifest.model == expected.model
        and manifest.dimension == expected.dimension
        and isinstance(manifest.count, int)
        and manifest.count > 0
        and isinstance(manifest.last, int)
        and set(files) == {"trees", "vectors", "ids", "closeness"}
    )
    if not agrees:
        raise StaleIndexError("manifest: it describes another index")
    sizes = {
        "vectors": manifest.count * manifest.dimension * np.dtype(np.float32).itemsize,
        "ids": manifest.count * np.dtype(np.int64).itemsize,
    }
    if any(files[kind].size != size for kind, size in sizes.items()):
        raise StaleIndexError("manifest: count and sizes disagree")
    return manifest


def load(folder: Path, manifest: Manifest) -> AnnoyNeighbours:
    """Verify every file of a generation, and only then map it.

    Raises:
        StaleIndexError: a file is missing, or differs from the manifest in size or hash.
    """
    paths = {kind: _verified(folder, facts) for kind, facts in manifest.files.items()}
    shape = (manifest.count, manifest.dimension)
    try:
        ids = np.fromfile(paths["ids"], dtype=np.int64)
        vectors = np.memmap(paths["vectors"], dtype=np.float32, mode="r", shape=shape)
        closeness = np.fromfile(paths["closeness"], dtype=np.float32)
        trees = Trees(manifest.dimension, _METRIC)
        trees.load(str(paths["trees"]))
    except (OSError, ValueError) as error:
        raise StaleIndexError(str(error)) from error
    if trees.get_n_items() != manifest.count:
        raise StaleIndexError("the trees hold another number of items")
    return AnnoyNeighbours(trees, ids, np.asarray(vectors), closeness, manifest.population)


def _write_trees(folder: Path, vectors: FloatArray, cancelled: Callable[[], bool]) -> FileFacts:
    trees = Trees(vectors.shape[1], _METRIC)
    trees.set_seed(_SEED)
    for row, vector in enumerate(vectors):
        if row % _ROWS_BETWEEN_QUESTIONS == 0:
            _stop_if(cancelled)
        trees.add_item(row, vector)
    _stop_if(cancelled)
    trees.build(TREES, n_jobs=1)

    def write(part: Path) -> None:
        trees.save(str(part))
        # Annoy maps what it saved, and Windows does not rename a mapped file.
        trees.unload()

    return _publish(folder, "trees", ".ann", write)


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise Cancelled


def _write_array(folder: Path, kind: str, suffix: str, values: Ids | FloatArray) -> FileFacts:
    def write(part: Path) -> None:
        values.tofile(part)

    return _publish(folder, kind, suffix, write)


def _publish(folder: Path, kind: str, suffix: str, write: Callable[[Path], None]) -> FileFacts:
    """Let ``write`` fill a file, and give it its name only when it is whole on the disk."""
    with part_beside(folder / kind) as part:
        write(part)
        with part.open("r+b") as file:
            os.fsync(file.fileno())
        digest = sha256_of(part)
        facts = FileFacts(f"{kind}-{digest[:16]}{suffix}", part.stat().st_size, digest)
        part.replace(folder / facts.name)
    return facts


def _verified(folder: Path, facts: FileFacts) -> Path:
    if Path(facts.name).name != facts.name:
        raise StaleIndexError(f"{facts.name}: not a file's name")
    path = folder / facts.name
    try:
        if path.stat().st_size != facts.size or sha256_of(path) != facts.sha256:
            raise StaleIndexError(f"{facts.name}: it is not the file that was written")
    except OSError as error:
        raise StaleIndexError(f"{facts.name}: {error}") from error
    return path


def _remove_all_but(folder: Path, keep: set[str]) -> None:
    """Delete older generations; a file that another program has mapped may have to stay."""
    remove_abandoned(folder)
    for path in folder.glob("*-*.*"):
        if path.name not in keep:
            with contextlib.suppress(OSError):
                path.unlink()
