"""The seam to the library's store: what is asked of it, and the rows that cross."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from inference.library.filters import EVERYTHING, Filter
from inference.library.model import Case

Ids = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]
CodeArray = npt.NDArray[np.uint8]

ENDLESS = 2**63 - 1
"""No id is higher."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """A picture whose bytes lie in the pixel store, ready to be recorded.

    Attributes:
        case: the facts of its case; ``id`` and ``images`` are ignored.
        name: the file's name at its source.
        content_hash: SHA-256 of the file's bytes.
        suffix: of the stored file, such as ``".jpg"``.
        height: rows of pixels.
        width: columns of pixels.
        bytes: size of the stored file and its thumbnail.
        embedding: float32 (dimension,), L2-normalised.
        maps: name to float (channels, rows, columns), to be kept beside the embedding.
        codes: length in bits to packed hash code, uint8 (length / 8,), likewise.
    """

    case: Case
    name: str
    content_hash: str
    suffix: str
    height: int
    width: int
    bytes: int
    embedding: FloatArray
    maps: Mapping[str, FloatArray] = field(default_factory=dict)
    codes: Mapping[int, CodeArray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an `Arrival`; ``reason`` says why it was refused."""

    kind: Literal["added", "already there", "refused"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image as recorded; its path follows from the content hash and the suffix."""

    id: int
    case: int
    name: str
    content_hash: str
    suffix: str
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over a whole library; see `inference.library.model.LibraryInfo` for each."""

    name: str
    phantoms: bool
    cases: int
    images: int
    diagnoses: dict[str, int]
    confirmations: dict[str, int]
    models: dict[str, int]
    image_bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """Vectors of one model, in the order of their arrival.

    Attributes:
        numbers: int64 (n,), ids of the vectors themselves, ascending.
        images: int64 (n,), the image of each.
        values: float32 (n, dimension), L2-normalised.
    """

    numbers: Ids
    images: Ids
    values: FloatArray

    @property
    def last(self) -> int:
        """Id of the last of them, or 0."""
        return int(self.numbers[-1]) if len(self.numbers) else 0


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """The hash codes of one length that a model gave pictures: parallel arrays.

    Attributes:
        images: int64 (n,), ascending.
        values: uint8 (n, bits / 8), packed, first bit highest.
    """

    images: Ids
    values: CodeArray


@dataclass(frozen=True, slots=True, eq=False)
class MapBatch:
    """Maps of one name that a model gave pictures, as they are kept, with their vectors.

    Attributes:
        last: id of the last of the vectors, or 0.
        images: int64 (n,), the image of each.
        cases: int64 (n,), the case of each.
        embeddings: float32 (n, dimension), L2-normalised.
        values: float16 (n, channels, rows, columns).
    """

    last: int
    images: Ids
    cases: Ids
    embeddings: FloatArray
    values: HalfArray

    def __len__(self) -> int:
        """Return n."""
        return len(self.images)

    def by_image(self) -> dict[int, tuple[FloatArray, FloatArray]]:
        """Return image id to its map, in single precision, and its vector."""
        wide = self.values.astype(np.float32)
        pairs = zip(wide, self.embeddings, strict=True)
        return dict(zip(self.images.tolist(), pairs, strict=True))


class LibraryStore(Protocol):
    """What the library asks of its store; the methods may be called from any thread."""

    @property
    def writable(self) -> bool:
        """Whether anything can be added."""

    def close(self) -> None:
        """Give the database back; later calls raise `LibraryError`."""

    def check_in_place(self) -> None:
        """Raise `LibraryError` when the store was deleted, moved or replaced since its opening."""

    def state(self) -> tuple[int, ...]:
        """Return a token that differs after every change, also by another program."""

    def summary(self) -> Summary:
        """Count what is there."""

    def label(self) -> tuple[str, bool]:
        """Return the library's name, and whether its cases are phantoms."""

    def case(self, case_id: int) -> Case | None:
        """Return a case, or None when there is no such case."""

    def image(self, image_id: int) -> ImageRow | None:
        """Return an image, or None when there is no such image."""

    def images_of_hashes(self, hashes: Collection[str]) -> set[int]:
        """Return the ids of the images with these content hashes."""

    def lesion_of_embedded(self, content_hash: str, model: str) -> str | None:
        """Return the lesion of the image with this content and a vector of ``model``, or None."""

    def add(self, arrivals: Sequence[Arrival], model: str) -> list[Outcome]:
        """Record pictures, all in one transaction; an `Outcome` for each."""

    def undescribed(self, model: str) -> list[int]:
        """Return the ids of the images without a vector of ``model``, ascending."""

    def unmapped(self, model: str, names: Sequence[str]) -> list[int]:
        """Return the ids of the images that lack a map of one of these names, ascending."""

    def uncoded(self, model: str, bits: Sequence[int]) -> list[int]:
        """Return the ids of the images that lack a code of one of these lengths, ascending."""

    def add_vectors(
        self,
        images: Sequence[int],
        embeddings: FloatArray,
        model: str,
        *,
        maps: Mapping[str, FloatArray],
        codes: Mapping[int, CodeArray],
    ) -> int:
        """Give images vectors, maps and codes of ``model``, in one transaction; count the new."""

    def codes(self, model: str, bits: int) -> Codes:
        """Return the codes of this length of ``model``."""

    def maps_of(self, images: Sequence[int], model: str, name: str) -> MapBatch:
        """Return the maps of this name that ``model`` gave some images, where they are kept."""

    def maps_after(
        self, model: str, name: str, after: int, limit: int, *, filter: Filter = EVERYTHING
    ) -> MapBatch:
        """Return the next maps of this name of ``model`` with vector ids above ``after``."""

    def dimension(self, model: str) -> int | None:
        """Return the length of the vectors of ``model``; None when it has none."""

    def passing(self, filter: Filter) -> Ids:
        """Return the ids of the images whose case passes, ascending."""

    def base_rates(self, filter: Filter) -> dict[str, int]:
        """Return each diagnosis to how many cases of it pass."""

    def cases_of(self, model: str, images: Ids) -> Ids:
        """Return the case of each image, int64 (n,); 0 for one without a vector of ``model``."""

    def vectors(
        self, model: str, *, after: int = 0, upto: int = ENDLESS, limit: int = -1
    ) -> Vectors:
        """Return the first ``limit`` vectors of ``model`` with ids above ``after`` to ``upto``."""

    def vectors_of(self, model: str, numbers: Ids) -> Vectors:
        """Return the vectors of ``model`` with these ids, where there are such."""

    def numbers(self, model: str, after: int, upto: int) -> Ids:
        """Return the ids of the vectors of ``model`` above ``after``, up to ``upto``."""

    def totals(self, model: str, last: int) -> tuple[int, int]:
        """Return how many vectors of ``model`` there are up to ``last``, and their ids' sum."""

    def tallies(self, model: str, last: int) -> Ids:
        """Return what tells which vectors of ``model`` up to id ``last`` there are, by blocks."""

    def history(self, last: int | None = None) -> tuple[int, str]:
        """Return (number, SHA-256) of the audit's last lines up to one; up to its end if None."""
