"""Encodes many files for a protocol, decoding ahead while the encoder works."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.ahead import ahead, batches
from inference.encoder import Brief, Encoder
from inference.images import read
from inference.library.model import Progress

_BATCH = 32
_BATCHES_AHEAD = 3

FloatArray = npt.NDArray[np.float32]


def describe_files(
    paths: Sequence[Path],
    encoder: Encoder,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Brief:
    """Describe picture files, in their order.

    Raises:
        ImageError: a file cannot be read; a protocol never goes on without one of its pictures.
        ModelError: the encoder failed.
    """
    briefs = [encoder.brief(batch) for batch in _prepared(paths, encoder, progress)]
    return Brief(
        np.concatenate([brief.embedding for brief in briefs]),
        np.concatenate([brief.logits for brief in briefs]),
        {bits: np.concatenate([brief.codes[bits] for brief in briefs]) for bits in briefs[0].codes},
    )


def unfamiliarity_of_files(
    paths: Sequence[Path],
    encoder: Encoder,
    progress: Callable[[Progress], None] = lambda _: None,
) -> FloatArray:
    """Return `Encoding.unfamiliarity` of picture files, (n,); raises as `describe_files` does."""
    prepared = _prepared(paths, encoder, progress)
    return np.concatenate([encoder.unfamiliarity(batch) for batch in prepared])


def _prepared(
    paths: Sequence[Path], encoder: Encoder, progress: Callable[[Progress], None]
) -> Iterator[npt.NDArray[np.uint8]]:
    """Read and prepare the files, some batches ahead; tell of a batch once it was used."""
    begun = time.monotonic()
    done = 0

    def prepared(some: Sequence[Path]) -> npt.NDArray[np.uint8]:
        return np.stack([encoder.prepare(read(path)) for path in some])

    with closing(ahead(prepared, batches(paths, _BATCH), further=_BATCHES_AHEAD)) as ready:
        for batch in ready:
            yield batch
            done += len(batch)
            rate = done / (time.monotonic() - begun)
            progress(Progress(done, len(paths), rate, (len(paths) - done) / rate, "encoding"))
