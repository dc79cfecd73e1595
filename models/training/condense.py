"""Folds batch norms into convolutions, and halves a network's file.

A folded network is half as long to train, and keeps what its norms have learned. The shipped
weights are in half precision as well: they are rounded before anything is fitted to the network or
measured, so what is shipped is what was measured. They are computed with in single precision:
onnxruntime widens them once, when it loads the graph.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from models.training.network import Backbone, Encoder, batch_norm

SMALLEST = 4096
"""Numbers below which a tensor is left as it is."""


def condensed(encoder: Encoder) -> Encoder:
    """Return a copy with folded batch norms, and with weights that half precision can hold."""
    encoder = copy.deepcopy(encoder).eval()
    fold(encoder.backbone)
    with torch.no_grad():
        for parameter in encoder.parameters():
            if parameter.numel() >= SMALLEST:
                parameter.copy_(parameter.half().float())
    return encoder


def fold(backbone: Backbone) -> None:
    """Put each batch norm, as it is in use, into the convolution before it."""
    for owner, conv, norm in _pairs(backbone):
        folded = nn.utils.fusion.fuse_conv_bn_eval(getattr(owner, conv), getattr(owner, norm))
        setattr(owner, conv, folded)
        setattr(owner, norm, nn.Identity())


def unfold(backbone: Backbone) -> None:
    """Take the biases of a folded backbone out of its convolutions, into neutral batch norms.

    It computes what it did, and its weights have the names that those of every stage have.
    """
    for owner, conv, norm in _pairs(backbone):
        bias = getattr(owner, conv).bias
        neutral = batch_norm(len(bias))
        neutral.bias = bias
        neutral.running_var.fill_(1 - neutral.eps)
        setattr(owner, norm, neutral.to(bias.device).train(owner.training))
        getattr(owner, conv).bias = None


def _pairs(backbone: Backbone) -> Iterator[tuple[nn.Module, str, str]]:
    """Yield (module, name of its convolution, name of the batch norm that follows)."""
    yield backbone, "_conv_stem", "_bn0"
    yield backbone, "_conv_head", "_bn1"
    for block in backbone._blocks:
        yield block, "_depthwise_conv", "_bn1"
        yield block, "_project_conv", "_bn2"
        if block.expands:
            yield block, "_expand_conv", "_bn0"


def halve(path: Path) -> None:
    """Store those large tensors of an ONNX file in half precision that lose nothing by it."""
    model = onnx.load(path)
    graph = model.graph
    for tensor in list(graph.initializer):
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        half = values.astype(np.float16)
        if values.size < SMALLEST or not np.array_equal(half.astype(np.float32), values):
            continue
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(half, f"{tensor.name}.half"))
        widen = helper.make_node(
            "Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT
        )
        graph.node.insert(0, widen)
    onnx.checker.check_model(model)
    onnx.save(model, path)
