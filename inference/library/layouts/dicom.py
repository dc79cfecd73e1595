"""DICOM files in folders of any shape, or those that a DICOMDIR lists.

A DICOM picture names no confirmed diagnosis. One from the patient's admission is taken where the
file has it, and the rest come without: they are neighbours to look at, not to count on.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from pathlib import Path

from inference.diagnoses import UNKNOWN, diagnosis_of_snomed
from inference.errors import CaseLensError, ImageError, LibraryError
from inference.images import read_bytes
from inference.images.dicom_case import case_facts, is_dicom, listed_files
from inference.library.files import explained
from inference.library.layouts.model import (
    Collected,
    Found,
    Layout,
    Origin,
    Reading,
    RowError,
    found,
)
from inference.library.layouts.pictures import files_below

DIRECTORY = "DICOMDIR"
_LOOKED_AT = 64
"""Files that are opened to see whether a tree holds DICOM: its first may be notes or a viewer."""


def _fits(folder: Path) -> bool:
    with explained(folder):
        if (folder / DIRECTORY).is_file():
            return True
    return any(_is_dicom(path) for path in islice(files_below(folder), _LOOKED_AT))


def _read(origin: Origin) -> Reading:
    directory = origin.folder / DIRECTORY
    with explained(directory):
        is_disc = directory.is_file()
    collected = Collected()
    if is_disc:
        _take_listed(directory, origin, collected)
    else:
        _take_all(origin, collected)
    reading = collected.reading()
    unnamed = sum(each.item.case.diagnosis == UNKNOWN for each in reading.found)
    if not unnamed:
        return reading
    note = f"{unnamed} of {len(reading.found)} DICOM pictures name no diagnosis"
    return Reading(reading.found, reading.rejected, (*reading.notes, note))


DICOM = Layout("dicom", "DICOM files", _fits, _read)


def _take_listed(directory: Path, origin: Origin, collected: Collected) -> None:
    try:
        listed = listed_files(read_bytes(directory), directory.name)
    except ImageError as error:
        raise LibraryError(directory, error.reason, error.advice) from error
    there = {_key(path, origin.folder): path for path in files_below(origin.folder)}
    for parts in listed:
        name = "/".join(parts)
        # Discs are often copied with their names in small letters.
        path = there.get(name.casefold())
        make = partial(_found, path, origin)
        collected.take(make, name=name, where=DIRECTORY)


def _take_all(origin: Origin, collected: Collected) -> None:
    for path in files_below(origin.folder):
        if _is_dicom(path):
            collected.take(partial(_found, path, origin), name=path.name, where="")


def _found(path: Path | None, origin: Origin) -> Found:
    if path is None:
        raise RowError("its file is not there", "Copy the whole disc")
    try:
        facts = case_facts(read_bytes(path), path.name)
    except CaseLensError as error:
        raise RowError(error.reason, error.advice) from error
    coded = (diagnosis_of_snomed(concept) for concept in facts.snomed)
    word = next((ours for ours in coded if ours), facts.diagnosis or UNKNOWN)
    return found(
        path,
        word,
        f"DICOM/{facts.lesion}",
        age=facts.age,
        sex=facts.sex,
        site=facts.site,
        source=origin.name,
        licence="",
    )


def _key(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix().casefold()


def _is_dicom(path: Path) -> bool:
    with explained(path):
        if not path.is_file():  # a pipe would never end
            return False
        with path.open("rb") as file:
            return is_dicom(file.read(132))
