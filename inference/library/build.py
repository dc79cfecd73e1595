"""Fills a library from pictures: decode, encode, keep, record, index.

Decoding runs in a thread of its own, so that the encoder never waits for a file. What has been
recorded stays, whatever happens next; a second build over the same pictures continues.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from inference.ahead import ahead, batches
from inference.errors import ImageError
from inference.images import MedicalImage, read, read_bytes
from inference.library.library import Library
from inference.library.model import NewCase, Progress
from inference.library.perceptual import fingerprint
from inference.library.pixels import KeptFile, suffix_for
from inference.library.store import Arrival, CodeArray, FloatArray, ImportRun
from inference.library.tally import UNUSABLE, Count, Report, is_usable, told

BATCH = 32
"""Pictures encoded in one call and recorded in one transaction."""

_BATCHES_AHEAD = 3

Prepared = npt.NDArray[np.uint8]


class ModelFacts(Protocol):
    """What `build` needs of an encoder's manifest."""

    @property
    def sha256(self) -> str:
        """Of the model's file, 64 hexadecimal digits."""

    @property
    def maps(self) -> tuple[str, ...]:
        """Names of the maps that are kept beside a vector."""

    @property
    def bits(self) -> tuple[int, ...]:
        """Lengths of the hash codes that are kept beside a vector; may be empty."""


class Embedder(Protocol):
    """What `build` needs of an `inference.encoder.Encoder`."""

    @property
    def manifest(self) -> ModelFacts:
        """The model's facts."""

    def prepare(self, image: MedicalImage) -> Prepared:
        """Return the encoder's input, uint8 (side, side, 3); called from another thread."""

    def describe(
        self, prepared: Prepared
    ) -> tuple[FloatArray, dict[str, FloatArray], dict[int, CodeArray]]:
        """Describe uint8 (n, side, side, 3).

        Returns:
            Embeddings, float32 (n, dimension), L2-normalised; each of the manifest's maps to
            float32 (n, channels, rows, columns); and each of its lengths of hash codes to packed
            ones, uint8 (n, length / 8).
        """


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A decoded picture whose bytes lie in the pixel store."""

    item: NewCase
    image: MedicalImage
    file: KeptFile
    prepared: Prepared
    fingerprint: int


@dataclass(slots=True, eq=False)
class _Batch:
    """What a decoding thread makes of some pictures."""

    kept: list[_Kept] = field(default_factory=list)
    skipped: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)


def build(
    library: Library,
    items: Sequence[NewCase],
    encoder: Embedder,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    who: str = "",
) -> Report:
    """Add pictures to a library and build its index.

    A picture that cannot be read, that another lesion holds already, whose lesion has another
    diagnosis there, that was deleted, or that is a phantom among patients or the reverse is
    rejected with the reason; the rest goes on. What one call adds is one change, to be taken back
    as a whole.

    Args:
        library: opened for writing.
        items: pictures with the facts of their cases, in the order of their arrival.
        encoder: makes the vectors; asked for one batch at a time.
        progress: called in this thread after each batch of `BATCH`.
        cancelled: asked before each batch; True stops with everything recorded so far kept.
        who: imports, for the audit.

    Raises:
        Cancelled: as ``cancelled`` asked. The same call again continues.
        LibraryError: the disk is full, or the library vanished; what was recorded is kept.
        ModelError: the encoder failed.
    """
    model = encoder.manifest.sha256
    library.remove_abandoned()
    count = Count(len(items), progress)
    count.tell("encoding")
    run = ImportRun(who=who)
    decode = partial(_decode, library, encoder)
    decoded = ahead(decode, batches(items, BATCH), further=_BATCHES_AHEAD, cancelled=cancelled)
    with closing(decoded) as ready:
        for batch in ready:
            count.skipped += batch.skipped
            count.rejected += batch.rejected
            _record(library, batch, encoder, count, run)
            count.tell("encoding")
    count.tell("indexing")
    library.rebuild_index(model)
    count.tell("done")
    return count.report()


def _decode(library: Library, encoder: Embedder, items: Sequence[NewCase]) -> _Batch:
    """Read and keep some pictures; runs in a decoding thread."""
    batch = _Batch()
    for item in items:
        _decode_one(library, item, encoder, batch)
    return batch


def _decode_one(library: Library, item: NewCase, encoder: Embedder, batch: _Batch) -> None:
    name = item.path.name
    if reason := library.refuses(item.case):
        batch.rejected.append((name, reason))
        return
    try:
        data = read_bytes(item.path)
    except ImageError as error:
        batch.rejected.append((name, told(error)))
        return
    content_hash = hashlib.sha256(data).hexdigest()
    known = library.known(content_hash, item.case.lesion, encoder.manifest.sha256)
    if known is not None:
        if known.kind == "refused":
            batch.rejected.append((name, known.reason))
        else:
            batch.skipped += 1
        return
    try:
        image = read(data, name=name)
    except ImageError as error:
        batch.rejected.append((name, told(error)))
        return
    prepared = encoder.prepare(image)
    file = library.keep_pixels(data, image)
    batch.kept.append(_Kept(item, image, file, prepared, fingerprint(image.pixels)))


def _record(
    library: Library, batch: _Batch, encoder: Embedder, count: Count, run: ImportRun
) -> None:
    """Encode and record what a batch holds."""
    if not batch.kept:
        return
    embeddings, maps, codes = encoder.describe(np.stack([kept.prepared for kept in batch.kept]))
    arrivals = []
    for place, (kept, embedding) in enumerate(zip(batch.kept, embeddings, strict=True)):
        if is_usable(embedding):
            its = {name: values[place] for name, values in maps.items()}
            own = {bits: values[place] for bits, values in codes.items()}
            arrivals.append(_arrival(kept, embedding, its, own))
        else:
            count.rejected.append((kept.item.path.name, UNUSABLE))
    outcomes = library.add(
        arrivals, [kept.file.path for kept in batch.kept], encoder.manifest.sha256, run
    )
    for arrival, outcome in zip(arrivals, outcomes, strict=True):
        if outcome.kind == "added":
            count.added += 1
        elif outcome.kind == "already there":
            count.skipped += 1
        else:
            count.rejected.append((arrival.name, outcome.reason))


def _arrival(
    kept: _Kept,
    embedding: FloatArray,
    maps: dict[str, FloatArray],
    codes: dict[int, CodeArray],
) -> Arrival:
    return Arrival(
        case=kept.item.case,
        name=kept.item.path.name,
        content_hash=kept.image.content_hash,
        suffix=suffix_for(kept.image),
        height=kept.image.height,
        width=kept.image.width,
        bytes=kept.file.bytes,
        embedding=embedding,
        maps=maps,
        codes=codes,
        fingerprint=kept.fingerprint,
    )
