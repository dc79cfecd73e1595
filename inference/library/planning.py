"""What an import would do, told before it is done and without decoding a picture."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.diagnoses import UNKNOWN, is_known_spelling
from inference.files import sha256_of
from inference.library.layouts import Found, Layout, Opened, Rejected
from inference.library.library import Library
from inference.library.model import NewCase

PREVIEW = 5
"""Pictures whose facts are shown as they would be taken."""


@dataclass(frozen=True, slots=True)
class DiagnosisCount:
    """How much of one diagnosis an import holds.

    Attributes:
        diagnosis: as it would be stored.
        words: the archive's spellings that become it.
        known: False where the archive's word is stored because we have none for it.
        pictures: number of pictures.
        cases: number of cases.
    """

    diagnosis: str
    words: tuple[str, ...]
    known: bool
    pictures: int
    cases: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do.

    Attributes:
        layout: what the archive was taken for.
        items: the pictures that a build would be given, in the archive's order.
        diagnoses: counts of each, most cases first.
        cases: number of cases.
        bytes: size of the pictures' files.
        duplicates: (name, name of the first) of pictures whose file is the same as one before.
        present: pictures that the library holds already, by lesion and name.
        rejected: rows and files that cannot be taken, and why.
        notes: what else the reader should know, whole sentences without a full stop.
        columns: our name of a column to the table's, where columns were guessed or named.
        preview: the first pictures, with their facts as they would be taken.
    """

    layout: Layout
    items: tuple[NewCase, ...]
    diagnoses: tuple[DiagnosisCount, ...]
    cases: int
    bytes: int
    duplicates: tuple[tuple[str, str], ...]
    present: int
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...]
    columns: Mapping[str, str]
    preview: tuple[Found, ...]


def plan(archive: Opened, library: Library | None = None) -> Plan:
    """Look at the files of an archive and compare it with a library.

    A row is rejected whose picture's file is missing, or whose lesion has another diagnosis
    before it or in the library: a build would refuse it too.

    Args:
        archive: as recognised and read.
        library: into which it would go; None for a new one.

    Raises:
        LibraryError: the library cannot be read.
    """
    there = _There.of(library)
    sizes: dict[Path, int] = {}
    usable: list[Found] = []
    rejected = list(archive.reading.rejected)
    diagnoses = dict(there.diagnoses)
    for each in archive.reading.found:
        if (size := _size(each.item.path)) is None:
            rejected.append(_rejected(each, "there is no such file"))
        elif reason := _conflict(each, diagnoses, there):
            rejected.append(_rejected(each, reason))
        else:
            sizes[each.item.path] = size
            diagnoses.setdefault(each.item.case.lesion, each.item.case.diagnosis)
            usable.append(each)
    return Plan(
        layout=archive.layout,
        items=tuple(each.item for each in usable),
        diagnoses=_counts(usable),
        cases=len({each.item.case.lesion for each in usable}),
        bytes=sum(sizes.values()),
        duplicates=tuple(_duplicates(usable, sizes)),
        present=sum(_key(each.item) in there.pictures for each in usable),
        rejected=tuple(rejected),
        notes=archive.reading.notes,
        columns=archive.reading.columns,
        preview=tuple(usable[:PREVIEW]),
    )


@dataclass(frozen=True, slots=True)
class _There:
    """What a library holds: lesion to diagnosis, and (lesion, name) of each picture."""

    diagnoses: Mapping[str, str]
    pictures: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, library: Library | None) -> _There:
        if library is None:
            return cls({}, frozenset())
        # No model has this hash, so none has described any of the pictures: these are all.
        images = [library.image(each) for each in library.undescribed("")]
        cases = {number: library.case(number) for number in {each.case for each in images}}
        return cls(
            {case.lesion: case.diagnosis for case in cases.values()},
            frozenset((cases[each.case].lesion, each.name) for each in images),
        )


def _conflict(each: Found, diagnoses: Mapping[str, str], there: _There) -> str:
    """Say why a picture's lesion cannot have its diagnosis, or ""."""
    lesion, diagnosis = each.item.case.lesion, each.item.case.diagnosis
    first = diagnoses.get(lesion, diagnosis)
    if first == diagnosis:
        return ""
    place = "is in the library" if lesion in there.diagnoses else "is in this archive too,"
    return f"lesion {lesion} {place} with the diagnosis {first}, not {diagnosis}"


def _counts(usable: Sequence[Found]) -> tuple[DiagnosisCount, ...]:
    groups: defaultdict[str, list[Found]] = defaultdict(list)
    for each in usable:
        groups[each.item.case.diagnosis].append(each)
    counts = [
        DiagnosisCount(
            diagnosis,
            tuple(sorted({each.word for each in group})),
            all(is_known_spelling(each.word) for each in group) and diagnosis != UNKNOWN,
            len(group),
            len({each.item.case.lesion for each in group}),
        )
        for diagnosis, group in groups.items()
    ]
    return tuple(sorted(counts, key=lambda each: (-each.cases, each.diagnosis)))


def _duplicates(usable: Sequence[Found], sizes: Mapping[Path, int]) -> Iterator[tuple[str, str]]:
    """Yield pictures that are the same as one before; only files of equal size are read."""
    same_size: defaultdict[int, list[Path]] = defaultdict(list)
    for each in usable:
        same_size[sizes[each.item.path]].append(each.item.path)
    for paths in same_size.values():
        firsts: dict[str, Path] = {}
        for path in paths if len(paths) > 1 else ():
            # One that cannot be read is the build's to tell of.
            with contextlib.suppress(OSError):
                content = sha256_of(path)
                if content in firsts:
                    yield path.name, firsts[content].name
                firsts.setdefault(content, path)


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _key(item: NewCase) -> tuple[str, str]:
    return item.case.lesion, item.path.name


def _rejected(each: Found, reason: str) -> Rejected:
    return Rejected(each.item.path.name, each.where, reason)
