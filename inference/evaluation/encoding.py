"""Encodes many files for a protocol, decoding ahead while the encoder works."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt

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
    batches = [encoder.brief(batch) for batch in _prepared(paths, encoder, progress)]
    return Brief(
        np.concatenate([batch.embedding for batch in batches]),
        np.concatenate([batch.logits for batch in batches]),
        {
            bits: np.concatenate([batch.codes[bits] for batch in batches])
            for bits in batches[0].codes
        },
    )


def unfamiliarity_of_files(
    paths: Sequence[Path],
    encoder: Encoder,
    progress: Callable[[Progress], None] = lambda _: None,
) -> FloatArray:
    """Return `Encoding.unfamiliarity` of picture files, (n,); raises as `describe_files` does."""
    batches = _prepared(paths, encoder, progress)
    return np.concatenate([encoder.unfamiliarity(batch) for batch in batches])


def _prepared(
    paths: Sequence[Path], encoder: Encoder, progress: Callable[[Progress], None]
) -> Iterator[npt.NDArray[np.uint8]]:
    """Read and prepare the files, some batches ahead; tell of a batch once it was used."""
    begun = time.monotonic()
    slices = deque(paths[start : start + _BATCH] for start in range(0, len(paths), _BATCH))
    under_way: deque[Future[npt.NDArray[np.uint8]]] = deque()
    done = 0

    def prepared(some: Sequence[Path]) -> npt.NDArray[np.uint8]:
        return np.stack([encoder.prepare(read(path)) for path in some])

    with ThreadPoolExecutor(1, thread_name_prefix="decode") as pool:
        while slices or under_way:
            while slices and len(under_way) < _BATCHES_AHEAD:
                under_way.append(pool.submit(prepared, slices.popleft()))
            batch = under_way.popleft().result()
            yield batch
            done += len(batch)
            rate = done / (time.monotonic() - begun)
            progress(Progress(done, len(paths), rate, (len(paths) - done) / rate, "encoding"))
