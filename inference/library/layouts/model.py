"""The words of an import: what a layout is given, what it finds, and what it has to leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from inference.diagnoses import diagnosis_word
from inference.library.model import Case, NewCase


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a layout looks.

    Attributes:
        folder: holds the archive's files.
        name: what the reader calls it: the folder's or the ZIP's name.
        columns: our name of a column to the table's own, where the reader has said so.
        unpack: makes a folder of a ZIP that lies in ``folder``; gone when the import ends.
    """

    folder: Path
    name: str
    columns: Mapping[str, str]
    unpack: Callable[[Path], Path]


@dataclass(frozen=True, slots=True)
class Found:
    """A picture that an archive describes.

    Attributes:
        item: the picture's file with the facts of its case.
        word: the diagnosis as the archive spells it.
        where: the place that says so, such as ``"meta.csv, line 3"``, or ``""`` where it is the
            file itself.
    """

    item: NewCase
    word: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row or a file that cannot be taken.

    Attributes:
        name: of the picture, or ``""`` where not even that is known.
        where: as of `Found`.
        reason: one sentence without a full stop.
        advice: what to do about it, without a full stop; may be empty.
    """

    name: str
    where: str
    reason: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a layout makes of an archive, without a picture opened for its pixels.

    Attributes:
        found: the pictures, in the archive's order.
        rejected: what cannot be taken, and why.
        notes: what the reader should know of it all, whole sentences.
        columns: our name of a column to the table's own, where columns were guessed or named.
    """

    found: tuple[Found, ...]
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Layout:
    """One way in which pictures and their facts lie in a folder.

    Attributes:
        name: by which the reader can ask for it.
        title: what to call it in a sentence.
        fits: says whether a folder is laid out so, from names and first lines alone.
        read: reads it; raises `LibraryError` where the whole of it is unusable.
    """

    name: str
    title: str
    fits: Callable[[Path], bool]
    read: Callable[[Origin], Reading]


class RowError(Exception):
    """A row or a file cannot be taken; the rest can. Caught in `Collected.take`."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice


class Collected:
    """Gathers what a layout finds and what it must leave, in order."""

    def __init__(self) -> None:
        self._found: list[Found] = []
        self._rejected: list[Rejected] = []

    def take(self, make: Callable[[], Found], *, name: str, where: str) -> None:
        """Add what ``make`` returns, or why it could not."""
        try:
            self._found.append(make())
        except RowError as error:
            self._rejected.append(Rejected(name, where, error.reason, error.advice))

    def reading(
        self, notes: Iterable[str] = (), columns: Mapping[str, str] = MappingProxyType({})
    ) -> Reading:
        """Return all of it."""
        return Reading(tuple(self._found), tuple(self._rejected), tuple(notes), columns)


def found(
    path: Path,
    word: str,
    lesion: str,
    *,
    source: str,
    licence: str,
    where: str = "",
    confirmation: str = "unknown",
    age: float | None = None,
    sex: str = "",
    site: str = "",
) -> Found:
    """Make a `Found` of facts that are in our words already; only the diagnosis is not."""
    case = Case(
        id=0,
        lesion=lesion,
        diagnosis=diagnosis_word(word),
        confirmation=confirmation,
        age=age,
        sex=sex,
        site=site,
        source=source,
        licence=licence,
    )
    return Found(NewCase(path, case), word, where)
