"""An encoder that has forgotten all it learned: the shipped graph with its weights shuffled.

A map that looks the same after the weights are gone tells of the picture or of the architecture,
not of the model (the parameter randomisation test of Adebayo et al. 2018, Sanity Checks for
Saliency Maps). Their networks get new weights; here the numbers of each tensor change places, so
that every layer keeps its distribution and no initialisation has to be invented. It happens in the
file's bytes, whose length and structure stay as they are. onnxruntime's own way of replacing a
tensor, `SessionOptions.add_initializer`, is silently ignored for every tensor that its optimiser
has folded or merged before.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inference.encoder import Encoder, Manifest
from inference.encoder.manifest import read_verified
from inference.encoder.wire import fields
from inference.locations import shipped

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
