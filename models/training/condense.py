"""Halves a network's file: batch norms folded into convolutions, weights in half precision.

The weights are rounded before anything is fitted to the network or measured, so what is shipped is
what was measured. They are computed with in single precision: onnxruntime widens them once, when
it loads the graph.
"""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from models.training.network import Backbone, Encoder

SMALLEST = 4096
"""Numbers below which a tensor is left as it is."""


def condensed(encoder: Encoder) -> Encoder:
    """Return a copy with folded batch norms, and with weights that half precision can hold."""
    encoder = copy.deepcopy(encoder).eval()
    _fold(encoder.backbone)
    with torch.no_grad():
        for parameter in encoder.parameters():
            if parameter.numel() >= SMALLEST:
                parameter.copy_(parameter.half().float())
    return encoder


def _fold(backbone: Backbone) -> None:
    fold = nn.utils.fusion.fuse_conv_bn_eval
    pairs = [(backbone, "_conv_stem", "_bn0"), (backbone, "_conv_head", "_bn1")]
    for block in backbone._blocks:
        pairs += [(block, "_depthwise_conv", "_bn1"), (block, "_project_conv", "_bn2")]
        if block.expands:
            pairs.append((block, "_expand_conv", "_bn0"))
    for owner, conv, norm in pairs:
        setattr(owner, conv, fold(getattr(owner, conv), getattr(owner, norm)))
        setattr(owner, norm, nn.Identity())


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
