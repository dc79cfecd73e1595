"""Pictures by the hash of their bytes: the original as it came, and a thumbnail of it.

    images/ab/ab12....jpg     the bytes that were imported, never re-encoded
    thumbs/ab/ab12....jpg     a JPEG for lists; made again from the original when it is lost

A picture's bytes are on the disk before its row is: a row never points at nothing. A kill in
between leaves a file without a row, which the next import of that picture takes over.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from inference.errors import LibraryError
from inference.files import remove_abandoned
from inference.images import read
from inference.images.model import MedicalImage, RgbPixels
from inference.library.files import explained, make_below, sync_folder, write_whole

THUMBNAIL_SIDE = 320
"""Longest side of a thumbnail in pixels; smaller pictures are not enlarged."""

_THUMBNAIL_QUALITY = 88
_UNDECODABLE = (OSError, UnidentifiedImageError, ValueError, SyntaxError)
_SUFFIXES = {
    "JPEG": ".jpg",
    "PNG": ".png",
    "TIFF": ".tif",
    "WEBP": ".webp",
    "BMP": ".bmp",
    "DICOM": ".dcm",
}


def suffix_for(image: MedicalImage) -> str:
    """Return the suffix under which to keep a picture: by its content, not by its old name."""
    return _SUFFIXES.get(image.acquisition.format, ".bin")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Where a picture's bytes lie, and how many bytes it takes with its thumbnail."""

    path: Path
    bytes: int


class PixelStore:
    """The folders ``images`` and ``thumbs`` of a library. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, content_hash: str, suffix: str) -> Path:
        """Return where the picture of this content is kept."""
        return self._folder / "images" / content_hash[:2] / f"{content_hash}{suffix}"

    def keep(self, data: bytes, image: MedicalImage) -> KeptFile:
        """Store a picture's bytes and its thumbnail; the bytes are on the disk afterwards.

        Args:
            data: the file's bytes.
            image: the same, decoded.

        Raises:
            LibraryError: the disk is full, or the folder cannot be written.
        """
        target = self.path(image.content_hash, suffix_for(image))
        thumb = self._thumb(image.content_hash)
        make_below(self._folder, target.parent)
        make_below(self._folder, thumb.parent)
        write_whole(target, data, durable=True)
        small = _encoded(_reduced(image.pixels))
        write_whole(thumb, small, durable=False)
        return KeptFile(target, len(data) + len(small))

    def settle(self, paths: list[Path]) -> None:
        """Make the names of newly kept pictures durable; to be called before their rows are.

        Raises:
            LibraryError: the drive is gone.
        """
        folders = {path.parent for path in paths}
        for folder in sorted(folders | {parent.parent for parent in folders}):
            sync_folder(folder)

    def read(self, path: Path, content_hash: str, name: str) -> MedicalImage:
        """Decode a stored picture, once its bytes prove to be those that were imported.

        Raises:
            LibraryError: the file is missing or has been altered.
            ImageError: it cannot be decoded.
        """
        with explained(path):
            data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != content_hash:
            raise LibraryError(
                path,
                "the stored picture has been altered or damaged",
                "Run caselens library verify DIR --repair, and import the picture again",
            )
        return read(data, name=name)

    def thumbnail(self, content_hash: str, original: Path, name: str) -> RgbPixels:
        """Return uint8 (h, w, 3), the longer side at most `THUMBNAIL_SIDE`.

        Made from the original when the stored thumbnail is lost or damaged.

        Raises:
            LibraryError: the original is needed, and missing or altered.
            ImageError: the original is needed, and cannot be decoded.
        """
        try:
            return self._stored_thumbnail(content_hash)
        except _UNDECODABLE:
            return _reduced(self.read(original, content_hash, name).pixels)

    def paths(self, content_hash: str, suffix: str) -> tuple[Path, Path]:
        """Return where the picture of this content is kept, and its thumbnail."""
        return self.path(content_hash, suffix), self._thumb(content_hash)

    def thumbnail_size(self, content_hash: str) -> int:
        """Return the bytes of a stored thumbnail; 0 when there is none."""
        try:
            return self._thumb(content_hash).stat().st_size
        except OSError:
            return 0

    def has_thumbnail(self, content_hash: str, *, quick: bool) -> bool:
        """Say whether a thumbnail is stored that can be decoded, or that is not empty if quick."""
        if quick:
            return self.thumbnail_size(content_hash) > 0
        try:
            self._stored_thumbnail(content_hash)
        except _UNDECODABLE:
            return False
        return True

    def make_thumbnail(self, content_hash: str, original: Path, name: str) -> None:
        """Store a thumbnail made from the original.

        Raises:
            LibraryError: the original is missing or altered, or nothing can be written.
            ImageError: the original cannot be decoded.
        """
        small = _encoded(_reduced(self.read(original, content_hash, name).pixels))
        thumb = self._thumb(content_hash)
        make_below(self._folder, thumb.parent)
        write_whole(thumb, small, durable=True)

    def discard(self, pictures: Sequence[tuple[str, str]]) -> None:
        """Delete the files of some pictures, given by content hash and suffix; absent ones too.

        Raises:
            LibraryError: one of them may not be deleted.
        """
        for content_hash, suffix in pictures:
            for path in (self.path(content_hash, suffix), self._thumb(content_hash)):
                with explained(path):
                    path.unlink(missing_ok=True)

    def remove_abandoned(self) -> None:
        """Delete the half-written files that killed imports left behind, once they are old."""
        for kind in ("images", "thumbs"):
            for folder in (self._folder / kind).glob("??"):
                remove_abandoned(folder)

    def _stored_thumbnail(self, content_hash: str) -> RgbPixels:
        with Image.open(self._thumb(content_hash), formats=("JPEG",)) as stored:
            return np.asarray(stored.convert("RGB"), dtype=np.uint8)

    def _thumb(self, content_hash: str) -> Path:
        return self._folder / "thumbs" / content_hash[:2] / f"{content_hash}.jpg"


def _reduced(pixels: RgbPixels) -> RgbPixels:
    picture = Image.fromarray(pixels)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return np.asarray(picture, dtype=np.uint8)


def _encoded(pixels: RgbPixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_THUMBNAIL_QUALITY)
    return buffer.getvalue()
