"""Bytes to a pydicom data set, with bounded inflation and without a guess too many."""

from __future__ import annotations

import zlib
from io import BytesIO

import pydicom
from pydicom import uid
from pydicom.dataset import Dataset, FileDataset
from pydicom.filereader import read_dataset, read_preamble
from pydicom.tag import BaseTag

from inference.errors import ImageError
from inference.images.decoded import MAX_FILE_BYTES, in_plain_words

_MARKS_OF_BARE_DATA = (b"\x02\0\0\0", b"\x02\0\x01\0", b"\x02\0\x10\0", b"\x08\0", b"\0\x08\0")
"""How a data set without preamble begins: group 0002 or 0008, in either byte order."""


_INFLATION = 32
_ANY_INFLATION_BYTES = 16 * 2**20
"""A deflated data set may inflate to so many times the file's size, or to so many bytes if that
is more, so that a small file costs neither seconds nor gigabytes. A photo shrinks to no less than
a twentieth by deflation."""


class TooLargeError(ValueError):
    """A deflated data set would inflate to more than a picture does."""


def damaged(name: str, error: BaseException) -> ImageError:
    """Return what is said of a file over which a library failed.

    Args:
        name: of the file.
        error: one of `inference.images.decoded.FAILURES`.
    """
    return ImageError(
        name,
        f"the DICOM file is damaged or incomplete ({in_plain_words(error)})",
        "Export it again from where it came",
    )


def may_be_bare(data: bytes) -> bool:
    """Say whether the first bytes could be a DICOM data set without the 132 bytes before it."""
    return data.startswith(_MARKS_OF_BARE_DATA)


def parse(data: bytes) -> FileDataset:
    """Parse a DICOM file, or a bare data set, and state its transfer syntax if it does not.

    Raises:
        TooLargeError: see there.
        Exception: one of `inference.images.decoded.FAILURES` for damaged files.
    """
    plain = _inflated(data)
    dataset = pydicom.dcmread(BytesIO(plain), force=True)
    if plain is not data:  # say what the file is, not what was made of it
        dataset.file_meta.TransferSyntaxUID = uid.DeflatedExplicitVRLittleEndian
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = _implied_syntax(dataset)
    return dataset


def _implied_syntax(dataset: FileDataset) -> uid.UID:
    """Return the uncompressed transfer syntax by which pydicom could parse a bare data set."""
    implicit, little = dataset.original_encoding
    if not little:
        return uid.ExplicitVRBigEndian
    return uid.ImplicitVRLittleEndian if implicit else uid.ExplicitVRLittleEndian


def _inflated(data: bytes) -> bytes:
    """Return a deflated file as an uncompressed one, and any other file as it is.

    pydicom inflates without a bound, before anything can be looked at, so a file of 1 MB may ask
    for gigabytes. Hence the file's head is read here as pydicom will read it (the same functions),
    and the deflated part never reaches it.
    """
    file = BytesIO(data)
    read_preamble(file, force=True)
    start = file.tell()
    meta = read_dataset(
        file, is_implicit_VR=False, is_little_endian=True, stop_when=_is_beyond_file_meta
    )
    _refuse_second_guess(meta)
    if meta.get("TransferSyntaxUID") != uid.DeflatedExplicitVRLittleEndian:
        return data
    end = file.tell()
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    most = min(MAX_FILE_BYTES, max(_ANY_INFLATION_BYTES, _INFLATION * len(data)))
    body = inflater.decompress(data[end:], most)
    if inflater.unconsumed_tail:
        raise TooLargeError(f"it inflates to more than {most // 2**20} MB")
    if not inflater.eof:
        raise EOFError("the deflated part ends too early")
    plain = uid.ExplicitVRLittleEndian.encode()
    deflated = uid.DeflatedExplicitVRLittleEndian.encode()
    head = data[start:end].replace(deflated, plain.ljust(len(deflated), b"\0"))
    if deflated in head:
        raise ValueError("the transfer syntax is written in an unknown way")
    return data[:start] + head + body


def _refuse_second_guess(meta: Dataset) -> None:
    """Fail where pydicom would read the file's head a second time in another encoding.

    It does so when the first element does not convert, and might then find that the file is
    deflated after all.
    """
    for element in meta:
        _ = element.value
        break


def _is_beyond_file_meta(tag: BaseTag, vr: str | None, length: int) -> bool:  # noqa: ARG001
    return tag >> 16 != 2
