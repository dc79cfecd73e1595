"""Whether a library is sound, part by part, and the repair of what is not.

A search notices what it needs to notice; this looks at everything: the database, every picture and
thumbnail, every vector and map, the words, the index, and files that nobody owns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from inference.errors import CaseLensError, LibraryError
from inference.files import sha256_of
from inference.library.checking import Checking, Picture
from inference.library.files import explained, make_below
from inference.library.model import Progress
from inference.library.pixels import PixelStore
from inference.library.searcher import Searcher

LOST = "lost+found"
"""Folder of a library that takes what `repair` moves out of the way."""

_YOUNG_SECONDS = 24 * 3600
_TOLD_EVERY = 50

Kind = Literal[
    "database", "missing picture", "altered picture", "picture is back", "thumbnail", "vector",
    "map", "words", "index", "nobody's file",
]  # fmt: skip

REPAIRS: dict[Kind, str] = {
    "database": "",
    "missing picture": "take it out of the library until its file is back or it is imported again",
    "altered picture": f"move the file to {LOST}, and take the picture out of the library until "
    "it is imported again",
    "picture is back": "let it be in the library again",
    "thumbnail": "make it from the picture",
    "vector": "drop it; caselens library describe makes it again",
    "map": "drop it; caselens library describe makes it again",
    "words": "write them anew",
    "index": "build it again",
    "nobody's file": f"move it to {LOST}",
}
"""What `Inspection.repair` does; nothing for the database: put back a backup."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        kind: what it is about; `REPAIRS` has what a repair does.
        subject: as the reader would look for it: a path below the library's folder, or a number.
        reason: what is wrong, one sentence without a full stop.
        number: of the image, vector, map or case, or 0.
        model: SHA-256, of an index.
    """

    kind: Kind
    subject: str
    reason: str
    number: int = 0
    model: str = ""

    @property
    def repair(self) -> str:
        """What a repair does about it; "" when it can do nothing."""
        return REPAIRS[self.kind]


class Inspection:
    """Looks through a library and repairs it. Reached as `Library.inspection`.

    Args:
        folder: the library's.
        checking: of its store.
        pixels: its pictures.
        searchers: gives a searcher for each model that has described pictures here.
    """

    def __init__(
        self,
        folder: Path,
        checking: Checking,
        pixels: PixelStore,
        searchers: Callable[[], dict[str, Searcher]],
    ) -> None:
        self._folder = folder
        self._checking = checking
        self._pixels = pixels
        self._searchers = searchers

    def verify(
        self,
        *,
        quick: bool = False,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> list[Finding]:
        """Look at everything; change nothing.

        Files younger than a day that nobody owns are passed over: an import that is under way, or
        was cut off, has put them there and will record them or take them over.

        Args:
            quick: trust a picture whose size is right, instead of reading it.
            progress: told of the pictures that have been looked at.

        Returns:
            What is wrong; empty when the library is sound. Damage of the database is returned
            alone: nothing else that it says could be trusted.
        """
        damages = [Finding("database", "library.sqlite", each) for each in self._checking.damages()]
        if damages:
            return damages
        pictures = self._checking.pictures()
        return [
            *self._files(pictures, quick, progress),
            *self._database(),
            *self._indexes(),
            *self._strays(pictures),
        ]

    def repair(self, findings: Sequence[Finding]) -> None:
        """Do for each finding what `REPAIRS` says; nothing is lost that is not said there.

        Raises:
            LibraryError: nothing can be written, or the disk is full; what was done stays.
        """
        for finding in findings:
            if finding.kind in ("altered picture", "nobody's file"):
                self._put_away(finding.subject)
        steps: tuple[tuple[tuple[Kind, ...], Callable[[list[int]], None]], ...] = (
            (("missing picture", "altered picture"), self._checking.mark_missing),
            (("picture is back",), self._checking.mark_found),
            (("vector",), self._checking.drop_vectors),
            (("map",), self._checking.drop_maps),
            (("words",), lambda _: self._checking.refill_words()),
            (("thumbnail",), self._make_thumbnails),
        )
        for kinds, mend in steps:
            if numbers := [finding.number for finding in findings if finding.kind in kinds]:
                mend(numbers)
        stale = {finding.model for finding in findings if finding.kind == "index"}
        dropped = any(finding.kind == "vector" for finding in findings)
        for model, searcher in self._searchers().items():
            if dropped or model in stale:
                searcher.rebuild()

    def copy_database(self, file: Path) -> None:
        """Copy the database, as it is at one instant, into a file that is not there yet."""
        self._checking.copy_to(file)

    def _files(
        self, pictures: Sequence[Picture], quick: bool, progress: Callable[[Progress], None]
    ) -> Iterator[Finding]:
        begun = time.monotonic()
        for done, picture in enumerate(pictures, start=1):
            yield from self._picture(picture, quick=quick)
            if done % _TOLD_EVERY == 0 or done == len(pictures):
                rate = done / max(time.monotonic() - begun, 1e-9)
                left = (len(pictures) - done) / rate
                progress(Progress(done, len(pictures), rate, left, "checking"))

    def _picture(self, picture: Picture, *, quick: bool) -> Iterator[Finding]:
        if picture.state == "purging":
            return
        path = self._pixels.path(picture.content_hash, picture.suffix)
        subject = path.relative_to(self._folder).as_posix()
        fault = self._fault(path, picture, quick=quick)
        if picture.state == "missing":
            if not fault:
                yield Finding("picture is back", subject, "it was missing", picture.id)
            elif fault != "missing":
                yield Finding("nobody's file", subject, "it is not the picture that was missing")
            return
        if fault == "missing":
            reason = f"the file of {picture.name} is not there"
            yield Finding("missing picture", subject, reason, picture.id)
        elif fault:
            reason = f"the file of {picture.name} {fault}"
            yield Finding("altered picture", subject, reason, picture.id)
        elif not self._pixels.has_thumbnail(picture.content_hash, quick=quick):
            reason = f"the thumbnail of {picture.name} is missing or cannot be read"
            yield Finding("thumbnail", subject, reason, picture.id)

    def _fault(self, path: Path, picture: Picture, *, quick: bool) -> str:
        """Return ``""``, ``"missing"``, or what else is wrong with a picture's file."""
        try:
            sizes = path.stat().st_size + self._pixels.thumbnail_size(picture.content_hash)
            if quick and sizes == picture.bytes:
                return ""
            return "" if sha256_of(path) == picture.content_hash else "has been altered or damaged"
        except FileNotFoundError:
            return "missing"
        except OSError as error:
            return f"cannot be read ({error.strerror})"

    def _database(self) -> Iterator[Finding]:
        for vector, image in self._checking.unsound_vectors():
            reason = "it has not the length of a vector, or holds what is no number"
            yield Finding("vector", f"vector {vector} of image {image}", reason, vector)
        for number, image in self._checking.unsound_maps():
            reason = "it has not the size of a map"
            yield Finding("map", f"map {number} of image {image}", reason, number)
        for case in self._checking.words_out_of_step():
            yield Finding("words", f"case {case}", "a search by words does not find it", case)

    def _indexes(self) -> Iterator[Finding]:
        for model, searcher in self._searchers().items():
            if fault := searcher.fault():
                yield Finding("index", f"index/{model[:16]}", fault, model=model)

    def _strays(self, pictures: Sequence[Picture]) -> Iterator[Finding]:
        owned = {
            path
            for picture in pictures
            for path in self._pixels.paths(picture.content_hash, picture.suffix)
        }
        for searcher in self._searchers().values():
            owned |= searcher.files()
        oldest = time.time() - _YOUNG_SECONDS
        for kind in ("images", "thumbs", "index"):
            with explained(self._folder):
                files = sorted(path for path in (self._folder / kind).rglob("*") if path.is_file())
            for path in files:
                if path not in owned and path.stat().st_mtime < oldest:
                    subject = path.relative_to(self._folder).as_posix()
                    yield Finding("nobody's file", subject, "nothing in the library refers to it")

    def _put_away(self, subject: str) -> None:
        """Move a file below the library's folder to `LOST`, beside what may be there already."""
        source, target = self._folder / subject, self._folder / LOST / subject
        make_below(self._folder, target.parent)
        number = 1
        while target.exists():
            number += 1
            target = target.with_name(f"{source.stem}-{number}{source.suffix}")
        with explained(source):
            source.replace(target)

    def _make_thumbnails(self, images: list[int]) -> None:
        wanted = set(images)
        for picture in self._checking.pictures():
            if picture.id not in wanted:
                continue
            path = self._pixels.path(picture.content_hash, picture.suffix)
            try:
                self._pixels.make_thumbnail(picture.content_hash, path, picture.name)
            except LibraryError:
                raise
            except CaseLensError:
                # It cannot be decoded, which no repair changes; the next look says it again.
                continue
