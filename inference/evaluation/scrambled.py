"""An encoder that has forgotten all it learned: the shipped graph with its weights shuffled.

A map that looks the same after the weights are gone tells of the picture or of the architecture,
not of the model (the parameter randomisation test of Adebayo et al. 2018, Sanity Checks for
Saliency Maps). Their networks get new weights; here the numbers of each tensor change places, so
that every layer keeps its distribution and no initialisation has to be invented. It happens in the
file's bytes, whose length and structure stay as they are. onnxruntime's own way of replacing a
tensor, `SessionOptions.add_initializer`, is silently ignored for every tensor that its optimiser
has folded or merged before.

All that a network without knowledge says is much alike, and mostly about its own padding. An
encoder that takes the mean of its training pictures away would have taken this away, had it been
made with such weights: the mean is measured, not learned. `centre` measures it anew, and
`recentred` applies it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.ahead import batches
from inference.encoder import Encoder, Encoding, Manifest
from inference.encoder.manifest import read_verified
from inference.encoder.wire import fields
from inference.images import read
from inference.locations import shipped

FloatArray = npt.NDArray[np.float32]

_BATCH, _TINY = 32, np.float32(1e-9)
# Field numbers of onnx.proto3, and its codes of the types that weights have.
_MODEL_GRAPH, _GRAPH_INITIALIZER, _TENSOR_TYPE, _TENSOR_RAW_DATA = 7, 5, 2, 9
_WIDTHS = {1: np.uint32, 10: np.uint16}
"""Code of single and of half precision to a type as wide."""


def scrambled_encoder(folder: Path | None, manifest: Manifest, seed: int) -> Encoder:
    """Load a model with shuffled weights.

    Args:
        folder: models folder; None for the one that came with the program.
        manifest: which model.
        seed: of the shuffling.

    Raises:
        ModelError: the model is missing, altered or does not load.
    """
    return Encoder(manifest, scramble(read_verified(folder or shipped("models"), manifest), seed))


def scramble(model: bytes, seed: int) -> bytes:
    """Shuffle the numbers within every floating-point tensor of a serialised ONNX model.

    Args:
        model: stores its tensors as raw data, as exporters do; others stay as they are.
        seed: of the shuffling.
    """
    content = bytearray(model)
    rng = np.random.default_rng(seed)
    for number, graph in fields(memoryview(content)):
        if number == _MODEL_GRAPH and isinstance(graph, memoryview):
            for inner, tensor in fields(graph):
                if inner == _GRAPH_INITIALIZER and isinstance(tensor, memoryview):
                    _shuffle(tensor, rng)
    return bytes(content)


def _shuffle(tensor: memoryview, rng: np.random.Generator) -> None:
    parts = dict(fields(tensor))
    raw, width = parts.get(_TENSOR_RAW_DATA), _WIDTHS.get(_code(parts))
    if width is not None and isinstance(raw, memoryview):
        rng.shuffle(np.frombuffer(raw, width))


def _code(parts: dict[int, int | memoryview]) -> int:
    code = parts.get(_TENSOR_TYPE)
    return code if isinstance(code, int) else 0


def centre(encoder: Encoder, paths: Sequence[Path]) -> FloatArray:
    """Return the mean embedding of picture files, (256,).

    Raises:
        CaseLensError: a picture cannot be read, or the encoder failed.
    """
    prepared = ([encoder.prepare(read(path)) for path in some] for some in batches(paths, _BATCH))
    embeddings = np.concatenate([encoder.embed(np.stack(some)) for some in prepared])
    return np.asarray(embeddings.mean(axis=0), np.float32)


def recentred(encoding: Encoding, middle: FloatArray) -> Encoding:
    """Take a mean embedding away from an encoding's feature map, and embed it anew."""
    length = np.linalg.norm(encoding.feature_map.mean(axis=(1, 2)))
    feature_map = encoding.feature_map / max(length, _TINY) - middle[:, None, None]
    mean = feature_map.mean(axis=(1, 2))
    embedding = mean / max(np.linalg.norm(mean), _TINY)
    return replace(encoding, feature_map=feature_map, embedding=embedding)
