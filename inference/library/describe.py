"""Gives a library's pictures what a model says of them: vector, maps and hash codes.

The kept pictures are read, never the folder they once came from. Vectors of other models stay, and
what has been recorded stays, whatever happens next: a second call continues.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from inference.ahead import ahead, batches
from inference.errors import ImageError, LibraryError
from inference.library.build import BATCH, Embedder, ModelFacts, Prepared
from inference.library.library import Library
from inference.library.model import Progress
from inference.library.tally import UNUSABLE, Count, Report, is_usable, told

_BATCHES_AHEAD = 3


@dataclass(slots=True, eq=False)
class _Batch:
    """What the reading thread makes of some pictures: parallel lists, and those it cannot read."""

    images: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    prepared: list[Prepared] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)


def describe(
    library: Library,
    encoder: Embedder,
    *,
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Describe every picture of a library that this encoder has not described in full.

    That is, those without a vector of it, and those of libraries older than the keeping of feature
    maps or hash codes. Then its index is built, where there are new vectors.

    A kept picture that is missing, altered or unreadable is rejected with the reason; the rest
    goes on.

    Args:
        library: opened for writing.
        encoder: makes the vectors; asked for one batch at a time.
        progress: called in this thread after each batch of `BATCH`; its total is all pictures.
        cancelled: asked before each batch; True stops with everything recorded so far kept.

    Returns:
        What became of all pictures; those that lacked nothing count as skipped.

    Raises:
        Cancelled: as ``cancelled`` asked. The same call again continues.
        LibraryError: nothing can be written, the disk is full, or the library vanished; what was
            recorded is kept.
        ModelError: the encoder failed.
    """
    library.require_writable()
    model = encoder.manifest.sha256
    pending = lacking(library, encoder.manifest)
    unsearched = bool(library.undescribed(model))
    total = library.info().images
    count = Count(total, progress, skipped=total - len(pending))
    count.tell("describing")
    read = ahead(
        partial(_read, library, encoder),
        batches(pending, BATCH),
        further=_BATCHES_AHEAD,
        cancelled=cancelled,
    )
    with closing(read) as ready:
        for batch in ready:
            count.rejected += batch.rejected
            _record(library, batch, encoder, count)
            count.tell("describing")
    # Where nothing but unreadable pictures was left, the index is what it was.
    if (count.added and unsearched) or not pending:
        count.tell("indexing")
        library.rebuild_index(model)
    count.tell("done")
    return count.report()


def lacking(library: Library, model: ModelFacts) -> list[int]:
    """Return the ids of the images that a model has not described in full, ascending."""
    unmapped = library.unmapped(model.sha256, model.maps)
    return sorted({*unmapped, *library.uncoded(model.sha256, model.bits)})


def _read(library: Library, encoder: Embedder, images: Sequence[int]) -> _Batch:
    """Read and prepare some pictures; runs in the reading thread."""
    batch = _Batch()
    for image_id in images:
        # Outside the try: a library that has vanished is no fault of one picture.
        name = library.image(image_id).name
        try:
            prepared = encoder.prepare(library.read_image(image_id))
        except (ImageError, LibraryError) as error:
            batch.rejected.append((name, told(error)))
            continue
        batch.images.append(image_id)
        batch.names.append(name)
        batch.prepared.append(prepared)
    return batch


def _record(library: Library, batch: _Batch, encoder: Embedder, count: Count) -> None:
    """Encode and record what a batch holds."""
    if not batch.images:
        return
    embeddings, maps, codes = encoder.describe(np.stack(batch.prepared))
    usable = [place for place, embedding in enumerate(embeddings) if is_usable(embedding)]
    unusable = sorted(set(range(len(embeddings))) - set(usable))
    count.rejected += [(batch.names[place], UNUSABLE) for place in unusable]
    images = [batch.images[place] for place in usable]
    model = encoder.manifest.sha256
    its = {name: values[usable] for name, values in maps.items()}
    own = {bits: values[usable] for bits, values in codes.items()}
    added = library.add_vectors(images, embeddings[usable], model, its, own)
    count.added += added
    # Another program was there first, or took the picture away.
    count.skipped += len(images) - added
