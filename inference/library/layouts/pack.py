"""A pack of cases, see `inference.library.pack`: verified as a whole before a part is unpacked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from inference.errors import LibraryError
from inference.library.container import Container, kind_of
from inference.library.facts import check, tidied
from inference.library.files import explained
from inference.library.layouts.model import Found, Layout, Origin, Reading
from inference.library.layouts.unpacking import Scratch
from inference.library.model import DRAWN, Case, NewCase
from inference.library.pack import ASKED, CASES, FACTS, KIND, SCHEMA, SUFFIX, picture_part

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LESION = re.compile(r"[0-9a-f]{16}")
_LARGEST_TABLE = 1 << 28
_MALFORMED = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What is raised by a table that no program of ours has written."""


def is_pack(file: Path) -> bool:
    """Say whether a file is a pack, or is called one.

    Raises:
        LibraryError: it cannot be read.
    """
    return file.suffix.lower() == SUFFIX or kind_of(file) == KIND


def unpacked(file: Path, room: Scratch) -> Path:
    """Return a new folder with the parts of a pack, each of which is what was written.

    Raises:
        LibraryError: it is no pack, was made by a newer program, is damaged or was altered, or the
            disk has no room for it.
    """
    with Container.open(file, KIND) as pack:
        if pack.facts.get("schema") != SCHEMA:
            raise LibraryError(
                file, "it was written by a newer CaseLens", "Install the newest CaseLens"
            )
        sizes = {part.name: part.size for part in pack.parts}
        if sizes.get(CASES, _LARGEST_TABLE) >= _LARGEST_TABLE:
            raise LibraryError(file, f"it holds no sound {CASES}", "Choose another copy")
        pack.verify()
        folder = room.folder_for(file, sum(sizes.values()))
        pack.unpack(folder)
    return folder


def _fits(folder: Path) -> bool:
    with explained(folder):
        return (folder / CASES).is_file()


def _read(origin: Origin) -> Reading:
    table = origin.folder / CASES
    with explained(table):
        content = table.read_bytes()
    try:
        told = json.loads(content)
        name = str(told["name"])
        found = [each for record in told["cases"] for each in _found(origin.folder, record)]
    except _MALFORMED as error:
        raise LibraryError(
            table, f"it is no table of cases ({error})", "Choose another copy"
        ) from error
    return Reading(tuple(found), notes=(f"It is called {name}",) if name else ())


PACK = Layout("pack", "a pack of cases", _fits, _read)


def _found(folder: Path, record: dict[str, Any]) -> Iterator[Found]:
    case = _case(record)
    for picture in record["pictures"]:
        content_hash, original = picture["sha256"], picture["origin"]
        if not _SHA256.fullmatch(content_hash) or not _SHA256.fullmatch(original):
            raise ValueError(f"{content_hash!r} or {original!r} is no SHA-256")
        path = folder / picture_part(content_hash)
        yield Found(NewCase(path, case, original), case.diagnosis, f"case {case.lesion}")


def _case(record: dict[str, Any]) -> Case:
    """Make the case of a record.

    Raises:
        LibraryError: a fact is not one that a case can have.
        KeyError, TypeError, ValueError, AttributeError: it is no record of a case.
    """
    lesion = record["lesion"]
    if not _LESION.fullmatch(lesion):
        raise ValueError(f"{lesion!r} is no lesion's name")
    facts = {name: record[name] for name in FACTS}
    facts |= {name: record[name] for name in ASKED.values() if name in record}
    if "follow_ups" in facts:
        facts["follow_ups"] = tuple(date.fromisoformat(day) for day in facts["follow_ups"])
    facts["tags"] = tuple(facts.get("tags", ()))
    case = tidied(Case(id=0, lesion=lesion, **facts))
    check(case, phantoms=case.confirmation == DRAWN)
    return case
