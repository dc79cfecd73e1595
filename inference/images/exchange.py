"""What passes between the program and its decoding process: messages, facts, shared pixels.

A message is four bytes of length, big-endian, and a JSON object; the bytes of a file follow the
request bare. One file takes these messages:

    program   {"size": bytes, "seconds": limit, "frame": 0, "window": 0}, then the file
    worker    {"picture": {"height": ..., "width": ..., ...}}, or {"refused": {...}}
    program   {"memory": where the pixels go}
    worker    {"filled": true}

The worker may be in the hands of the file that it reads. So nothing that it sends is unpickled or
evaluated, each message is bounded, and each fact is checked before it is used.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from inference.images.decoded import MAX_PIXELS, Decoded
from inference.images.model import Acquisition, RgbPixels

WORKER_OPTION: Final = "--decode-for-parent"
"""Makes a frozen program the worker, as ``python -m inference.images.worker`` does otherwise."""

_MAX_MESSAGE: Final = 1 << 18
_MAX_TEXT: Final = 1_000
_MAX_FRAMES: Final = 2**31
_MAX_WINDOWS: Final = 100


class ProtocolError(ValueError):
    """The other side said something that the protocol does not have."""


def send(stream: BinaryIO, message: Mapping[str, Any], body: bytes = b"") -> None:
    """Write a message, and ``body`` after it.

    Raises:
        OSError: the other side has gone.
    """
    text = json.dumps(message).encode()
    _write_all(stream, len(text).to_bytes(4) + text)
    _write_all(stream, body)


def receive(stream: BinaryIO) -> dict[str, Any]:
    """Read a message.

    Raises:
        EOFError: the other side has gone.
        ProtocolError: it is too long or no JSON object.
    """
    length = int.from_bytes(receive_bytes(stream, 4))
    if length > _MAX_MESSAGE:
        raise ProtocolError(f"a message of {length} bytes")
    try:
        message = json.loads(receive_bytes(stream, length))
    except (ValueError, RecursionError) as error:
        raise ProtocolError("no JSON") from error
    if not isinstance(message, dict):
        raise ProtocolError("no JSON object")
    return message


def receive_bytes(stream: BinaryIO, size: int) -> bytes:
    """Read exactly ``size`` bytes.

    Raises:
        EOFError: the other side has gone.
    """
    data = bytearray(size)
    view, filled = memoryview(data), 0
    while filled < size:
        count = stream.readinto(view[filled:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        filled += count
    view.release()
    return bytes(data)


def _write_all(stream: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[stream.write(view) :]


def facts_of(decoded: Decoded) -> dict[str, Any]:
    """Put everything but the pixels into plain data."""
    height, width = decoded.pixels.shape[:2]
    return {
        "height": height,
        "width": width,
        "spacing_mm": decoded.spacing_mm,
        "acquisition": {
            key: cut(value) if isinstance(value, str) else value
            for key, value in asdict(decoded.acquisition).items()
        },
    }


def cut(text: str) -> str:
    """Return a text as long as `text_in` takes it; a file may hold any amount in any attribute."""
    return text[:_MAX_TEXT]


def size_in(facts: object) -> tuple[int, int]:
    """Return the height and width that facts state.

    Raises:
        ProtocolError: they are no numbers, or too large.
    """
    height, width = (_integer(_mapping(facts).get(key), MAX_PIXELS) for key in ("height", "width"))
    if height * width > MAX_PIXELS:
        raise ProtocolError("more pixels than are accepted")
    return height, width


def decoded_from(facts: object, pixels: RgbPixels) -> Decoded:
    """Put facts and pixels together again; see `facts_of`.

    Raises:
        ProtocolError: a fact is missing or not of its kind.
    """
    stated = _mapping(_mapping(facts).get("acquisition"))
    if stated.keys() != {field.name for field in fields(Acquisition)}:
        raise ProtocolError("other facts than expected")
    checked: dict[str, Any] = {key: _fact(key, value) for key, value in stated.items()}
    return Decoded(pixels, Acquisition(**checked), _spacing(_mapping(facts).get("spacing_mm")))


def _fact(key: str, value: object) -> int | str | tuple[str, ...]:
    if key == "frames":
        return _integer(value, _MAX_FRAMES)
    if key == "frame":
        return _integer(value, _MAX_FRAMES, least=0)
    if key == "windows":
        if not isinstance(value, list) or len(value) > _MAX_WINDOWS:
            raise ProtocolError("no short list")
        return tuple(text_in(each) for each in value)
    return text_in(value)


def text_in(value: object) -> str:
    """Return a short text that the worker sent.

    Raises:
        ProtocolError: it is none.
    """
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise ProtocolError("no short text")
    return value


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ProtocolError("no object")
    return value


def _integer(value: object, most: int, least: int = 1) -> int:
    if type(value) is not int or not least <= value <= most:  # a bool would be an int
        raise ProtocolError("no number in range")
    return value


def _spacing(value: object) -> tuple[float, float] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2:
        raise ProtocolError("no spacing")
    row, column = (float(x) if type(x) in (int, float) else math.nan for x in value)
    if not all(math.isfinite(x) and x > 0 for x in (row, column)):
        raise ProtocolError("no spacing")
    return row, column


class PixelMemory:
    """Memory that the program makes and the worker fills with the pixels of one picture.

    On Linux it is an anonymous file whose size is sealed, so that a worker gone wrong cannot cut
    it short below an array of the program's, which would end the program. Its memory is given
    back when the last array on it is.

    Args:
        size: bytes.

    Attributes:
        name: under which the worker opens it, until `forget`.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._descriptor = -1
        self._path = ""
        if sys.platform == "win32":
            self.name = f"caselens-{secrets.token_hex(16)}"
            self._map = mmap.mmap(-1, size, tagname=self.name)
            return
        if sys.platform == "linux":
            self._descriptor = _sealed_file(size)
            self.name = f"/proc/{os.getpid()}/fd/{self._descriptor}"
        else:
            self._descriptor, self._path = tempfile.mkstemp(prefix="caselens-")
            os.ftruncate(self._descriptor, size)
            self.name = self._path
        self._map = mmap.mmap(self._descriptor, size)

    def pixels(self, height: int, width: int) -> npt.NDArray[np.uint8]:
        """Return uint8 (height, width, 3) on the memory, without a copy."""
        return np.frombuffer(self._map, np.uint8).reshape(height, width, 3)

    def forget(self) -> None:
        """Take the name away: nobody else can open the memory any more."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._path:
            os.unlink(self._path)  # noqa: PTH108 - a name, as mkstemp gave it
            self._path = ""


def _sealed_file(size: int) -> int:
    """Return the descriptor of an anonymous file that keeps its size."""
    import fcntl  # noqa: PLC0415 - Windows has none

    descriptor = os.memfd_create("caselens", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor


def fill(name: str, pixels: RgbPixels) -> None:
    """Write pixels into the program's memory; the worker's side of `PixelMemory`.

    Raises:
        OSError: there is no such memory.
    """
    if sys.platform == "win32":
        shared = mmap.mmap(-1, pixels.size, tagname=name)
    else:
        descriptor = os.open(name, os.O_RDWR)
        try:
            shared = mmap.mmap(descriptor, pixels.size)
        finally:
            os.close(descriptor)
    target = np.frombuffer(shared, np.uint8).reshape(pixels.shape)
    np.copyto(target, pixels)
    del target
    shared.close()
