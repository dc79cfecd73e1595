"""A value inside an ONNX graph, given out beside the graph's own outputs.

The features that are best compared place by place are not those that the embedding is the mean of,
but earlier ones, which a graph computes and does not give out. Protobuf messages concatenate: a
model followed by a model that holds nothing but one more output is the model with that output.
So the file, whose hash names the model, stays as it was.
"""

from __future__ import annotations

from inference.encoder.wire import field

# Field numbers of onnx.proto3, and its code of single precision.
_MODEL_GRAPH, _GRAPH_OUTPUT = 7, 12
_VALUE_NAME, _VALUE_TYPE, _TYPE_TENSOR, _TENSOR_ELEMENTS, _SINGLE = 1, 2, 1, 1, 1


def with_output(model: bytes, name: str) -> bytes:
    """Return a serialised model that also gives out one of its values.

    Args:
        model: serialised.
        name: of a value of its graph, in single precision, that is no output yet.
    """
    kind = field(_TYPE_TENSOR, field(_TENSOR_ELEMENTS, _SINGLE))
    value = field(_VALUE_NAME, name.encode()) + field(_VALUE_TYPE, kind)
    return model + field(_MODEL_GRAPH, field(_GRAPH_OUTPUT, value))
