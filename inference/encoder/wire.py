"""Protobuf's wire format, as far as ONNX files need it: the ``onnx`` package is not shipped."""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Read the fields of one message in their order.

    Args:
        message: serialised, one byte an item.

    Yields:
        The field's number, and its value: a number, or the bytes of a string, a packed list or a
        message as a view into ``message``. Numbers of fixed width are passed over.

    Raises:
        IndexError: the message ends within a field's number or length.
        ValueError: it ends within a value, or is no protobuf message.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
        elif wire == _BYTES:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise ValueError("a field runs past the end of its message")
            yield key >> 3, message[at : at + length]
            at += length
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {wire}")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
