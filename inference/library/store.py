"""The seam to the library's store: what is asked of it, and the rows that cross."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import numpy.typing as npt

from inference.library.filters import EVERYTHING, Filter, Word
from inference.library.model import Case, Change

if TYPE_CHECKING:
    from inference.library.checking import Checking

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
        fingerprint: see `inference.library.perceptual`; None where it was not made.
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
    fingerprint: int | None = None


@dataclass(frozen=True, slots=True)
class ImportRun:
    """One import, however many transactions it takes: one entry of the audit, undone as a whole.

    Attributes:
        token: tells it from every other one.
        who: started it, or ``""``.
    """

    token: str = field(default_factory=lambda: secrets.token_hex(8))
    who: str = ""


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
    deleted: int


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


class CurationStore(Protocol):
    """What a curator asks of the store; each change is one transaction with one audit entry."""

    def edit(self, before: Case, after: Case, who: str) -> int | None:
        """Change facts of a case; return the audit entry, None where nothing differs."""

    def delete(self, cases: Collection[int], images: Collection[int], who: str) -> int:
        """Delete cases and single images; return the audit entry."""

    def merge(self, case: int, into: int, who: str) -> int:
        """Move the images of a case to another one; return the audit entry."""

    def undo(self, entry: int | None, who: str) -> Change:
        """Take a change back, the newest without ``entry``; return what was taken back."""

    def changes(self, limit: int | None) -> list[Change]:
        """Return the newest changes, newest first."""

    def case_of(self, lesion: str) -> int | None:
        """Return the id of the case of the lesion with this name, or None."""

    def search(self, text: str, limit: int | None, filter: Filter) -> list[int]:
        """Return the ids of the cases that pass and have every word of ``text``, best first."""

    def cases(self, filter: Filter) -> list[int]:
        """Return the ids of the cases that pass, ascending."""

    def without_fingerprint(self) -> list[int]:
        """Return the ids of the images that have no fingerprint, ascending."""

    def add_fingerprints(self, fingerprints: Mapping[int, int]) -> None:
        """Record the fingerprints of images; it changes nothing that a reader sees."""

    def fingerprints(self) -> list[tuple[int, int, int]]:
        """Return (image, case, fingerprint) of each image that has one, ascending."""

    def begin_purge(self) -> list[tuple[str, str]]:
        """Make deletions final; return content hash and suffix of the files to be removed."""

    def finish_purge(self, who: str) -> int:
        """Forget the images whose deletion is final; return how many they were."""


class LibraryStore(Protocol):
    """What the library asks of its store; the methods may be called from any thread.

    Unless a method says otherwise, deleted cases and images are not there.
    """

    @property
    def curation(self) -> CurationStore:
        """What curators ask."""

    @property
    def checking(self) -> Checking:
        """What an inspection asks."""

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

    def known(self, content_hash: str, lesion: str, model: str) -> Outcome | None:
        """Say what would become of a picture if that is clear from its bytes, else None."""

    def add(self, arrivals: Sequence[Arrival], model: str, run: ImportRun) -> list[Outcome]:
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

    def models(self) -> list[str]:
        """Return the SHA-256 of every model that ever described a picture here."""

    def dimension(self, model: str) -> int | None:
        """Return the length of the vectors of ``model``; None when it has none."""

    def passing(self, filter: Filter) -> Ids:
        """Return the ids of the images whose case passes, ascending."""

    def counts(self, fact: Word, filter: Filter) -> dict[str, int]:
        """Return each word of a fact to how many cases with it pass."""

    def cases_of(self, model: str, images: Ids) -> Ids:
        """Return the case of each image, int64 (n,); 0 for one without a vector of ``model``."""

    def population(self, model: str, last: int) -> str:
        """Return what tells the images with a vector of ``model`` up to ``last``, and their cases.

        It is another one as soon as one of them is deleted, comes back, or moves to another case.
        """

    def vectors(
        self, model: str, *, after: int = 0, upto: int = ENDLESS, limit: int = -1
    ) -> Vectors:
        """Return the first ``limit`` vectors of ``model`` with ids above ``after`` to ``upto``.

        Also those of deleted images, here and below: they stay in an index, and come back in it.
        """

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
