"""What is known of the files of an index, and of the vectors that they were made from."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from inference.library.files import sync_folder, write_whole
from inference.library.vouched import FileFacts, StaleIndexError

FORMAT: Final = 5
METRIC: Final = "angular"
NAME: Final = "manifest.json"

_PER_SEGMENT: Final = {"trees", "vectors", "images", "numbers"}
_OF_ALL: Final = {"closeness", "basis"}


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
class SegmentFacts:
    """Some of the vectors, with trees of their own.

    Attributes:
        count: how many.
        after: their ids in the store lie above this one.
        last: and go up to this one.
        files: ``trees``, ``vectors``, ``images`` and ``numbers``, see `Segment`.
    """

    count: int
    after: int
    last: int
    files: dict[str, FileFacts]


@dataclass(frozen=True, slots=True)
class Effort:
    """What a search takes, as it was measured on the library itself; see `effort.measure`.

    Attributes:
        search_k: nodes that Annoy inspects in a segment.
        recall: share of the true neighbours that it then found; 0.0 where it was not measured.
    """

    search_k: int
    recall: float


@dataclass(frozen=True, slots=True)
class History:
    """A place in the store's audit, which tells its history up to there from any other.

    Attributes:
        last: number of the last line.
        digest: SHA-256 of that line and those before it, see `LibraryStore.history`.
    """

    last: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of one generation of index files.

    Attributes:
        format: of the manifest and the files.
        byteorder: of the files: ``"little"`` or ``"big"``.
        model: SHA-256 of the encoder.
        metric: Annoy's.
        dimension: numbers in a vector.
        reduced: numbers in a vector of the trees.
        trees: number of Annoy's trees in a segment.
        seed: of Annoy's random numbers.
        fitted: from how many vectors the basis was made.
        history: of the store when the last vector had been read.
        population: of the store when ``closeness`` was measured, see `LibraryStore.population`.
        effort: of a search.
        segments: the vectors, in the order of their ids.
        files: ``closeness``, and ``basis`` where the trees' vectors are reduced.
    """

    format: int
    byteorder: str
    model: str
    metric: str
    dimension: int
    reduced: int
    trees: int
    seed: int
    fitted: int
    history: History
    population: str
    effort: Effort
    segments: tuple[SegmentFacts, ...]
    files: dict[str, FileFacts]

    @property
    def count(self) -> int:
        """Number of vectors."""
        return sum(segment.count for segment in self.segments)

    @property
    def last(self) -> int:
        """Id of the last vector that went into it; later ones are searched beside it."""
        return self.segments[-1].last

    def every_file(self) -> Iterator[FileFacts]:
        """Yield all files."""
        yield from self.files.values()
        for segment in self.segments:
            yield from segment.files.values()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Make a generation of index files the current one, in one step.

    Raises:
        LibraryError: the disk is full, or nothing can be written.
    """
    sync_folder(folder)
    write_whole(folder / NAME, json.dumps(asdict(manifest), indent=1).encode(), durable=True)
    sync_folder(folder)


def is_of_this_format(folder: Path) -> bool:
    """Say whether a folder holds an index of this format, or what was meant to be one."""
    try:
        found = json.loads((folder / NAME).read_bytes())
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    mark = found.get("format") if isinstance(found, dict) else None
    return not (isinstance(mark, int) and 0 < mark < FORMAT)


def read_manifest(folder: Path, expected: Expectation) -> Manifest:
    """Return the current generation's manifest, checked against what it must describe.

    Raises:
        StaleIndexError: there is none, it cannot be read, or it describes another index.
    """
    try:
        manifest = _parsed(json.loads((folder / NAME).read_bytes()))
        agrees = _agrees(manifest, expected)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StaleIndexError(f"manifest: {error}") from error
    if not agrees:
        raise StaleIndexError("manifest: it describes another index")
    return manifest


def _parsed(found: dict[str, Any]) -> Manifest:
    segments = tuple(
        SegmentFacts(**{**segment, "files": _files(segment["files"])})
        for segment in found.pop("segments")
    )
    return Manifest(
        history=History(**found.pop("history")),
        effort=Effort(**found.pop("effort")),
        segments=segments,
        files=_files(found.pop("files")),
        **found,
    )


def _files(found: dict[str, dict[str, Any]]) -> dict[str, FileFacts]:
    return {kind: FileFacts(**facts) for kind, facts in found.items()}


def _agrees(manifest: Manifest, expected: Expectation) -> bool:
    whole = (manifest.dimension, manifest.reduced, manifest.fitted, manifest.effort.search_k)
    return (
        manifest.format == FORMAT
        and manifest.byteorder == sys.byteorder
        and manifest.metric == METRIC
        and manifest.model == expected.model
        and manifest.dimension == expected.dimension
        and all(isinstance(number, int) and number > 0 for number in whole)
        and _reduction_agrees(manifest)
        and _segments_agree(manifest)
    )


def _reduction_agrees(manifest: Manifest) -> bool:
    if manifest.reduced == manifest.dimension:
        return set(manifest.files) == {"closeness"}
    size = manifest.dimension * manifest.reduced * np.dtype(np.float32).itemsize
    return set(manifest.files) == _OF_ALL and manifest.files["basis"].size == size


def _segments_agree(manifest: Manifest) -> bool:
    after = 0
    for segment in manifest.segments:
        row = {"images": 8, "numbers": 8, "vectors": 4 * manifest.dimension}
        if not (
            isinstance(segment.count, int)
            and segment.count > 0
            and after <= segment.after < segment.last
            and set(segment.files) == _PER_SEGMENT
            and all(segment.files[kind].size == segment.count * each for kind, each in row.items())
        ):
            return False
        after = segment.last
    return after > 0
