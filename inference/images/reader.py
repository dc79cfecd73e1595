"""Any accepted file to a `MedicalImage`: recognised by its content, never by its name."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np

from inference.errors import ImageError
from inference.images import dicom, photo
from inference.images.decoded import MAX_FILE_BYTES, Decoded
from inference.images.model import FIRST, MedicalImage, View

_READABLE = "Choose a JPEG, PNG, TIFF, WebP, BMP or DICOM picture"

_PHOTOS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
"""First bytes to format; those of WebP and BMP are in two places, see `photo_kind`."""

_STRANGERS: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"GIF8", "a GIF picture", "Save it as PNG and open that"),
    (4, b"ftyp", "a HEIC or AVIF picture, or a video", "Save it as JPEG and open that"),
    (0, b"%PDF", "a PDF document", "Export the picture in it as JPEG or PNG"),
    (0, b"PK\x03\x04", "a ZIP archive or an office document", "Take the picture out of it"),
    (0, b"\x1f\x8b", "a gzip archive", "Unpack it and open the picture in it"),
)
"""Offset, bytes, what it is, what to do: well-known files that are no picture of ours."""


def read(
    source: Path | str | bytes, *, name: str | None = None, view: View = FIRST
) -> MedicalImage:
    """Read a picture from a file, or from the bytes of one, in this process.

    For files that are trusted, such as an archive that is imported as a whole: a file that is
    made to crash or to stall its decoder does so to the program. A file from anywhere else is
    for `inference.images.IsolatedReader`.

    Args:
        source: a path, or the whole content of a file.
        name: what to call it; by default the file's name without its folder.
        view: which frame, and by which window.

    Returns:
        The decoded picture. Its ``content_hash`` is the SHA-256 of the file's bytes.

    Raises:
        ImageError: there is no such file or frame, it is no picture, it is damaged or
            incomplete, or it is over `MAX_FILE_BYTES` or `MAX_PIXELS`.
    """
    data, name = content_of(source, name)
    return image_from(decode(data, name, view), hashlib.sha256(data).hexdigest(), name)


def content_of(source: Path | str | bytes, name: str | None) -> tuple[bytes, str]:
    """Return the bytes of a file and what to call it; see `read`.

    Raises:
        ImageError: there is no such file, it cannot be read, or it is over `MAX_FILE_BYTES`.
    """
    if not isinstance(source, bytes):
        name = name or Path(source).name or str(source)
        return read_bytes(Path(source), name=name), name
    name = name or "unnamed picture"
    _refuse_large(source, name)
    return source, name


def decode(data: bytes, name: str, view: View = FIRST) -> Decoded:
    """Decode the whole content of a file.

    Raises:
        ImageError: it is no picture, it is damaged or incomplete, it is over `MAX_PIXELS`, or
            there is not memory enough for it.
    """
    try:
        return _decoder(data, name)(view)
    except MemoryError as error:
        raise ImageError(
            name, "reading it needs more memory than there is for it", "Export a smaller one"
        ) from error


def image_from(decoded: Decoded, content_hash: str, name: str) -> MedicalImage:
    """Put a decoded picture together with what was known before; see `MedicalImage`."""
    return MedicalImage(
        pixels=np.ascontiguousarray(decoded.pixels),
        content_hash=content_hash,
        name=name,
        spacing_mm=decoded.spacing_mm,
        acquisition=decoded.acquisition,
    )


def read_bytes(path: Path, *, name: str | None = None) -> bytes:
    """Return the bytes of an ordinary file; a pipe or a device could block or never end.

    For whoever needs the bytes beside the picture: `read` takes them as they are.

    Args:
        path: the file.
        name: what errors call it; by default the file's name without its folder.

    Raises:
        ImageError: there is no such file, it is no ordinary one, it cannot be read, or it is
            over `MAX_FILE_BYTES`.
    """
    name = name or path.name or str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError(name, "this is a folder, not a picture", "Choose a file in it")
        if not stat.S_ISREG(status.st_mode):
            raise ImageError(name, "this is not an ordinary file", _READABLE)
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise ImageError(
            name, "there is no such file", f"Look whether {path.parent} still holds it"
        ) from error
    except PermissionError as error:
        raise ImageError(
            name, "you have no permission to read this file", "Ask its owner for access"
        ) from error
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise ImageError(
            name, f"the file cannot be read ({words})", "Check the drive or the network"
        ) from error
    _refuse_large(data, name)
    return data


def _refuse_large(data: bytes, name: str) -> None:
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(
            name, f"the file is larger than {MAX_FILE_BYTES // 2**20} MB", "Export a smaller one"
        )


def _decoder(data: bytes, name: str) -> Callable[[View], Decoded]:
    """Recognise the format by its first bytes, and return what decodes it."""
    if not data:
        raise ImageError(name, "the file is empty", "Copy it again from where it came")
    # First, since a DICOM file may carry a TIFF header in its first 128 bytes.
    if data[128:132] == b"DICM":
        return lambda view: dicom.decode(data, name, view)
    if kind := photo_kind(data):
        return lambda view: photo.decode(data, name, kind, view.frame)
    for offset, mark, what, advice in _STRANGERS:
        if data.startswith(mark, offset):
            raise ImageError(name, f"this is {what}, which CaseLens does not read", advice)
    if dicom.may_be_bare(data):
        return lambda view: dicom.decode(data, name, view)
    if _is_text(data):
        raise ImageError(name, "this is a text file, not a picture", _READABLE)
    raise ImageError(name, "this is not a picture of a kind that CaseLens reads", _READABLE)


def photo_kind(data: bytes) -> str:
    """Return the photo format, or an empty string."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    # Two letters could begin any text; the two reserved words of a BMP header are zero.
    if data[:2] == b"BM" and data[6:10] == bytes(4):
        return "BMP"
    return next((kind for mark, kind in _PHOTOS if data.startswith(mark)), "")


def _is_text(data: bytes) -> bool:
    """Say whether the beginning is UTF-8 without control characters other than white space."""
    # A character may be cut at the end of the sample, so its last bytes may be unreadable.
    text = data[:4096].decode("utf-8", errors="replace").rstrip("�")
    return all(c.isprintable() or c.isspace() for c in text) and "�" not in text
