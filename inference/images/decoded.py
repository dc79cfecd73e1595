"""What a decoder hands to the reader, the limits every decoder keeps, and quiet for third parties.

The limits bound memory: while the largest accepted picture is decoded, the process holds about 2 GB
for 8 bits and up to 3.7 GB for 16 bits.
"""

from __future__ import annotations

import re
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, UnidentifiedImageError
from pydicom.errors import BytesLengthException, InvalidDicomError

from inference.errors import ImageError
from inference.images.model import Acquisition, RgbPixels

MAX_FILE_BYTES: Final = 512 * 2**20
"""Largest file that is read, and largest data set that a deflated DICOM file may inflate to."""

MAX_PIXELS: Final = 200_000_000
"""Most pixels (rows x columns) of one picture: twice what the largest cameras make."""

ANY_PIXELS: Final = 16_000_000
PIXELS_PER_BYTE: Final = 100
"""A picture of more than `ANY_PIXELS` pixels may have so many for each byte of its file. A photo
has five at most; a file of half a megabyte could otherwise ask for seconds and a gigabyte."""

FAILURES: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    BytesLengthException,
    EOFError,
    ImageCms.PyCMSError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    InvalidDicomError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    UnidentifiedImageError,
    ValueError,
    struct.error,
    zlib.error,
)
"""Every kind of exception that pydicom, Pillow and imagecodecs raise for files that are damaged.

pydicom alone raises eight kinds over a corpus of 950 malformed files; Pillow's PNG reader raises
SyntaxError. KeyError and IndexError are LookupErrors, struct.error is no ValueError, and both
NotImplementedError and RecursionError are RuntimeErrors.
"""

# Pillow warns above this many pixels, and `quiet` turns that warning into an error.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

_ADDRESS: Final = re.compile(r" <[^>]* at 0x[0-9a-f]+>")

_WARNING_FILTERS = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """The part of a `MedicalImage` that comes from inside the file.

    Attributes:
        pixels: uint8 (height, width, 3) sRGB, upright, C-contiguous.
        acquisition: what the file says of its making.
        spacing_mm: (row, column) distance of pixel centres in millimetres, or None.
    """

    pixels: RgbPixels
    acquisition: Acquisition
    spacing_mm: tuple[float, float] | None = None


def too_many_pixels(name: str) -> ImageError:
    """Return the error for a picture of more than `MAX_PIXELS`."""
    return ImageError(
        name,
        f"the picture has more than {MAX_PIXELS // 1_000_000} million pixels",
        "Make it smaller and try again",
    )


def refuse_bomb(pixels: int, size: int, name: str) -> None:
    """Refuse a picture by what its header says, before anything is decoded.

    Args:
        pixels: rows x columns.
        size: bytes of the file.
        name: what the error calls it.

    Raises:
        ImageError: it has too many pixels, or too many for so small a file.
    """
    if pixels > MAX_PIXELS:
        raise too_many_pixels(name)
    if pixels > max(ANY_PIXELS, PIXELS_PER_BYTE * size):
        raise ImageError(
            name,
            f"{pixels // 1_000_000} million pixels from {size // 1000} kB are no photo, but a "
            "file that is made to fill the memory",
            "Open it with the program that made it, and export a smaller one",
        )


def refuse_frame(frame: int, frames: int, name: str) -> None:
    """Raise `ImageError` where a file has no frame of this number, counted from 0."""
    if not 0 <= frame < frames:
        raise ImageError(
            name, f"it has no frame {frame + 1}, only {frames}", f"Choose one from 1 to {frames}"
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the libraries' warnings on odd but readable files; keep the bomb warning an error.

    A departure from the standard that still leaves a picture is nothing the clinician can act
    on, and one that leaves none raises. Python's warning filters belong to the whole process, so
    only one thread at a time may change them: keep the block short, do not nest it.
    """
    with _WARNING_FILTERS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def in_plain_words(error: BaseException) -> str:
    """Return the heart of a library's message, short enough for one line on the screen.

    pydicom puts the cause last: ``Unable to decode as ...:`` and then the decoder's own words.
    What comes after a dash is its advice to programmers. Pillow names the object that it reads.
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[-1] if lines else type(error).__name__
    text = text.removeprefix("caselens: ").split(" - ")[0].rstrip(".")
    text = _ADDRESS.sub("", text)
    return text if len(text) <= 160 else text[:157] + "..."
