"""Cases to be carried to another workstation: one file that says of no patient who it is.

A container, see `inference.library.container`, of ``cases.json`` and of pictures, each named by
the beginning of the SHA-256 of its bytes. What goes in is listed here, and nothing else does: of a
picture its pixels as they are shown, written anew as PNG, so no header, comment, thumbnail or file
name; of a case the facts of `FACTS`, and those of `ASKED` that were asked for. A lesion's name may
be a patient's: in its place stands one that follows from its first picture, which is the same in
every pack of a library and tells nobody more who has not that picture.

An import takes a pack as it takes any archive, see `inference.library.layouts.pack`.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from PIL import Image

from inference.errors import Cancelled, ImageError, LibraryError
from inference.images.model import RgbPixels
from inference.library import container
from inference.library.container import require_room
from inference.library.facts import values
from inference.library.library import Library
from inference.library.model import Case, Progress

KIND: Final = "CaseLens case pack"
SUFFIX: Final = ".pack"
SCHEMA: Final = 1
"""Version of ``cases.json``; in the manifest's facts."""

CASES: Final = "cases.json"
FACTS: Final = ("diagnosis", "confirmation", "age", "sex", "site", "source", "licence")

Asked = Literal["dates", "notes", "tags"]
ASKED: Final[dict[Asked, str]] = {"dates": "follow_ups", "notes": "note", "tags": "tags"}
"""What may tell who a patient is, or what somebody wrote freely, to the attribute of `Case`."""

OLDEST: Final = 89.0
"""Years. Who is older is "90": so old, a patient is one of few (45 CFR 164.514(b)(2)(i)(C))."""

_NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Packed:
    """How much a pack holds."""

    cases: int
    pictures: int


def export(
    library: Library,
    file: Path,
    cases: Sequence[int],
    *,
    name: str = "",
    asked: Collection[Asked] = (),
    progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Packed:
    """Write some cases of a library into a pack.

    A picture whose pixels are those of one before it is left out: no library would take it.

    Args:
        library: open; reading suffices.
        file: an earlier pack there is replaced once the new one is whole.
        cases: ids, at least one; in this order they arrive elsewhere.
        name: shown when it is imported, and seen by whoever opens it.
        asked: what is to go in besides.
        progress: told of the pictures.
        cancelled: asked before each picture; then nothing is written.

    Raises:
        Cancelled: as ``cancelled`` asked.
        LibraryError: no case is named or one is not there, a picture is missing, altered or
            cannot be read, another file is in the way, the disk is full, or nothing can be
            written there.
    """
    if not cases:
        raise LibraryError(library.folder, "no case is chosen", "Ask for other words or facts")
    require_room(file, KIND)
    writer = _Writer(library, [library.case(each) for each in cases], asked, progress, cancelled)
    container.write(file, KIND, writer.parts(name), {"schema": SCHEMA})
    return writer.packed


class _Writer:
    """Makes the parts of a pack, one after another."""

    def __init__(
        self,
        library: Library,
        cases: Sequence[Case],
        asked: Collection[Asked],
        progress: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._library = library
        self._cases = cases
        self._kept = (*FACTS, *(ASKED[each] for each in asked))
        self._progress = progress
        self._cancelled = cancelled
        self._begun = time.monotonic()
        self._total = sum(len(case.images) for case in cases)
        self._done = 0
        self._written: set[str] = set()
        self._records: list[dict[str, Any]] = []

    @property
    def packed(self) -> Packed:
        """What has been written."""
        return Packed(len(self._records), len(self._written))

    def parts(self, name: str) -> Iterator[tuple[str, bytes]]:
        """Yield name and bytes of each picture, and then of the table of cases."""
        for case in self._cases:
            pictures = []
            for image in case.images:
                data = self._picture(image)
                content_hash = hashlib.sha256(data).hexdigest()
                if content_hash not in self._written:
                    self._written.add(content_hash)
                    origin = self._library.image(image).content_hash
                    pictures.append({"sha256": content_hash, "origin": origin})
                    yield picture_part(content_hash), data
                self._tell()
            if pictures:
                self._records.append(self._record(case, pictures))
        table = {"name": name, "cases": self._records}
        yield CASES, json.dumps(table, indent=1, ensure_ascii=False).encode()

    def _picture(self, image: int) -> bytes:
        if self._cancelled():
            raise Cancelled
        try:
            return _png(self._library.read_image(image).pixels)
        except ImageError as error:
            raise LibraryError(error.subject, error.reason, error.advice) from error

    def _record(self, case: Case, pictures: list[dict[str, str]]) -> dict[str, Any]:
        record = {"lesion": self._pseudonym(case), **values(case, self._kept)}
        if case.age is not None and case.age > OLDEST:
            record["age"] = OLDEST + 1
        return {**record, "pictures": pictures}

    def _pseudonym(self, case: Case) -> str:
        first = self._library.image(case.images[0]).content_hash
        return hashlib.sha256(f"lesion {first}".encode()).hexdigest()[:_NAME_DIGITS]

    def _tell(self) -> None:
        self._done += 1
        rate = self._done / max(time.monotonic() - self._begun, 1e-9)
        left = (self._total - self._done) / rate
        self._progress(Progress(self._done, self._total, rate, left, "packing"))


def picture_part(content_hash: str) -> str:
    """Return the name of a picture's part."""
    return f"images/{content_hash[:2]}/{content_hash[:_NAME_DIGITS]}.png"


def _png(pixels: RgbPixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
