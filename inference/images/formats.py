"""What this installation reads, and why it does not read the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import features
from pydicom import uid

from inference.images.codestreams import JPEG_XL_SYNTAXES
from inference.images.dicom_pixels import is_readable
from inference.images.photo import FORMATS

_JPEG_FAMILY: Final = "1.2.840.10008.1.2.4."
_REASONS: Final = {
    "MPEG": "a film, not a picture",
    "HEVC": "a film, not a picture",
    "SMPTE": "a film on its way through a network, not a file",
    "JPIP": "the pixels are on a server, not in the file",
    "MIME": "no file of pixels",
    "XML": "no file of pixels",
    "Papyrus": "retired from the standard",
    "Encapsulated Uncompressed": "not written by any device that we know of",
    "Multi-component": "no library that we could ship decodes it",
    "JPEG": "retired from the standard",
}
"""Word in a name to the reason; the first that fits."""

_PILLOW_FEATURES: Final = {"JPEG": "jpg", "TIFF": "libtiff", "WEBP": "webp", "PNG": "zlib"}


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file, or a compression within DICOM.

    Attributes:
        name: as its standard calls it.
        identifier: of its transfer syntax, or ``""`` for a photo.
        read: whether this installation reads it.
        words: what reads it, or why nothing does.
    """

    name: str
    identifier: str
    read: bool
    words: str


def formats() -> list[Format]:
    """Return all formats: photos, then DICOM's transfer syntaxes in the order of their numbers."""
    syntaxes = {
        number: name
        for number, (name, kind, *_) in uid.UID_dictionary.items()  # type: ignore[attr-defined]
        if kind == "Transfer Syntax"
    } | JPEG_XL_SYNTAXES
    ordered = sorted(syntaxes, key=lambda number: [int(part) for part in number.split(".")])
    return [*_photos(), *(_syntax(number, syntaxes[number]) for number in ordered)]


def _photos() -> list[Format]:
    found = []
    for kind in FORMATS:
        feature = _PILLOW_FEATURES.get(kind)
        version = features.version(feature) if feature else None
        there = feature is None or bool(features.check(feature))
        words = f"Pillow {version or ''}".strip() if there else "this Pillow was built without it"
        found.append(Format(kind, "", there, words))
    reason = "its decoders are under the LGPL or GPL; save it as JPEG"
    return [*found, Format("HEIC", "", read=False, words=reason)]


def _syntax(number: str, name: str) -> Format:
    if is_readable(uid.UID(number)):
        return Format(name, number, read=True, words=_decoder(number))
    reason = next((why for word, why in _REASONS.items() if word in name), "unknown to CaseLens")
    return Format(name, number, read=False, words=reason)


def _decoder(number: str) -> str:
    if number in (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit):
        return "Pillow; 12 bits by imagecodecs"
    return "imagecodecs" if number.startswith(_JPEG_FAMILY) else "pydicom"
