"""A JPEG picture without what its file says besides, its compressed samples as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_START, _END = b"\xff\xd8", b"\xff\xd9"
_SEQUENTIAL: Final = 0xC0
_FRAMES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_TABLES: Final = {0xC4, 0xDB, 0xDD}
_SCAN, _JFIF, _ADOBE = 0xDA, 0xE0, 0xEE
_RESTARTS: Final = range(0xD0, 0xD8)
_PLAIN_JFIF: Final = b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
"""Version 1.1, no density, no thumbnail."""


@dataclass(frozen=True, slots=True)
class JpegStream:
    """What DICOM's JPEG Baseline takes (PS3.5 8.2.1 and A.4.1).

    Attributes:
        data: from start to end of image, with tables, markers of colour and scans, nothing else.
        photometric: Photometric Interpretation of its samples.
    """

    data: bytes
    photometric: str


def picture_alone(source: bytes) -> JpegStream | None:
    """Return the picture of a JPEG file; None for one that DICOM's JPEG Baseline does not take.

    That is one that is progressive, arithmetic, of 12 bits, of four components, or not whole.
    Comments, EXIF, XMP, colour profiles, thumbnails and whatever follows the picture stay behind.
    """
    parts, place, frame, adobe = [_START], 2, b"", b""
    while source[place : place + 1] == b"\xff":
        marker = source[place + 1]
        if marker == 0xFF:  # a fill byte
            place += 1
            continue
        if marker == _END[1]:
            parts.append(_END)
            photometric = _photometric(frame, adobe)
            return JpegStream(b"".join(parts), photometric) if photometric else None
        length = int.from_bytes(source[place + 2 : place + 4])
        segment, body = source[place : place + 2 + length], source[place + 4 : place + 2 + length]
        if length < 2 or len(body) != length - 2 or (marker in _FRAMES and marker != _SEQUENTIAL):
            return None
        place += 2 + length
        if marker == _SEQUENTIAL:
            frame = body
        if marker == _ADOBE and body[:5] == b"Adobe":
            adobe = body[:12]
            segment = b"\xff\xee" + (len(adobe) + 2).to_bytes(2) + adobe
        if marker == _JFIF and body[:4] == b"JFIF":
            parts.append(b"\xff\xe0" + (len(_PLAIN_JFIF) + 2).to_bytes(2) + _PLAIN_JFIF)
        elif marker in _TABLES or marker in (_SEQUENTIAL, _SCAN) or segment[4:9] == b"Adobe":
            parts.append(segment)
        if marker == _SCAN:
            end = _end_of_scan(source, place)
            parts.append(source[place:end])
            place = end
    return None


def _end_of_scan(source: bytes, place: int) -> int:
    """Return where the next marker begins that is no restart and no stuffed byte."""
    while True:
        place = source.find(b"\xff", place)
        if place < 0 or place + 1 >= len(source):
            return len(source)
        if source[place + 1] == 0 or source[place + 1] in _RESTARTS:
            place += 2
        elif source[place + 1] == 0xFF:
            place += 1
        else:
            return place


def _photometric(frame: bytes, adobe: bytes) -> str:
    """Return what the samples are, or ``""`` for what is not taken."""
    if len(frame) < 6 or frame[0] != 8 or len(frame) < 6 + 3 * frame[5]:
        return ""
    if frame[5] == 1:
        return "MONOCHROME2"
    if frame[5] != 3:
        return ""
    if frame[6::3][:3] == b"RGB" or (len(adobe) == 12 and adobe[11] == 0):
        return "RGB"
    factors = frame[7::3][:3]
    return "YBR_FULL" if len(set(factors)) == 1 else "YBR_FULL_422"
