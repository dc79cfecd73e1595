"""Does an ONNX file want bytes from other files? Answered from its wire format.

An ``.onnx`` whose tensors are stored as external data makes onnxruntime open whatever side file
it names, even when it is loaded from memory, so a hash of the ``.onnx`` would prove nothing. The
``onnx`` package is not part of the product; the walk below needs the handful of field numbers of
``onnx.proto3`` on the paths from a model to its tensors.
"""

from __future__ import annotations

from inference.encoder.wire import fields

# message -> field number -> message of that field (onnx.proto3, IR version 12)
_CHILDREN: dict[str, dict[int, str]] = {
    "Model": {7: "Graph", 25: "Function"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 15: "SparseTensor"},
    "Node": {5: "Attribute"},
    "Attribute": {
        5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "SparseTensor", 23: "SparseTensor",
    },
    "SparseTensor": {1: "Tensor", 2: "Tensor"},
    "Tensor": {},
}  # fmt: skip
_TENSOR_EXTERNAL_DATA = 13
_TENSOR_DATA_LOCATION = 14


def declares_external_data(model: bytes) -> bool:
    """Say whether any tensor of a serialised ONNX model lies outside it.

    A file that this walk cannot follow to its end is taken to have some: what cannot be vouched
    for is not loaded.
    """
    try:
        return _walk(memoryview(model), "Model")
    except (IndexError, ValueError):
        return True


def _walk(message: memoryview, kind: str) -> bool:
    for number, value in fields(message):
        if kind == "Tensor":
            if number == _TENSOR_EXTERNAL_DATA or (number == _TENSOR_DATA_LOCATION and value == 1):
                return True
        elif isinstance(value, memoryview):
            child = _CHILDREN[kind].get(number)
            if child and _walk(value, child):
                return True
    return False
