"""The ISIC 2018 and 2019 challenges, with BCN20000: a one-hot table of the classes.

``*_GroundTruth.csv`` has a column for each class; ``*_Metadata.csv`` (2019) or
``*_LesionGroupings.csv`` (2018) beside it has the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from inference.diagnoses import confirmation
from inference.errors import LibraryError
from inference.library.files import explained
from inference.library.layouts import facts
from inference.library.layouts.model import (
    Collected,
    Found,
    Layout,
    Origin,
    Reading,
    RowError,
    found,
)
from inference.library.layouts.pictures import Pictures
from inference.library.layouts.tables import Row, columns_of, read_table

_TRUTH = "_groundtruth.csv"
_FURTHER = ("_metadata.csv", "_lesiongroupings.csv")
_CLASSES = ("MEL", "NV", "BCC", "AK", "AKIEC", "BKL", "DF", "VASC", "SCC", "UNK")
_LICENCE = "CC BY-NC 4.0"
_HALF = 0.5


def _truths(folder: Path) -> list[Path]:
    with explained(folder):
        files = sorted(each for each in folder.iterdir() if each.name.lower().endswith(_TRUTH))
    return [each for each in files if {"image", "MEL"} <= set(columns_of(each))]


def _fits(folder: Path) -> bool:
    return bool(_truths(folder))


def _read(origin: Origin) -> Reading:
    truths = _truths(origin.folder)
    if not truths:
        raise LibraryError(
            origin.folder,
            "it holds no GroundTruth.csv with the columns image and MEL",
            "Download the ground truth too",
        )
    pictures = Pictures.below(origin.folder)
    collected = Collected()
    for truth in truths:
        source = "ISIC 2018" if "2018" in truth.name else "ISIC 2019"
        facts_of = _further(truth)
        for row in read_table(truth).rows:
            more = facts_of.get(row["image"], Row(truth.name, row.line, {}))
            make = partial(_found, row, more, pictures, source)
            collected.take(make, name=row["image"], where=row.where)
    return collected.reading()


ISIC2019 = Layout("isic2019", "a challenge of the ISIC with ground truth", _fits, _read)


def _further(truth: Path) -> Mapping[str, Row]:
    """Return a picture's name to what the tables beside the ground truth say of it."""
    stem = truth.name[: -len(_TRUTH)].lower()
    wanted = {stem + ending for ending in _FURTHER}
    with explained(truth.parent):
        tables = sorted(each for each in truth.parent.iterdir() if each.name.lower() in wanted)
    return {row["image"]: row for table in tables for row in read_table(table, ("image",)).rows}


def _found(row: Row, more: Row, pictures: Pictures, source: str) -> Found:
    image = row["image"]
    if not image:
        raise RowError("it names no picture", "Fill in image or delete the line")
    lesion = more["lesion_id"] or facts.picture_lesion(image)
    archive, licence = facts.provenance(lesion, "", "")
    return found(
        pictures.find(image),
        _class(row),
        lesion,
        where=row.where,
        confirmation=confirmation(more.first(("diagnosis_confirm_type", "diagnosis confirm type"))),
        age=facts.age(more["age_approx"]),
        sex=facts.sex(more["sex"]),
        site=facts.site(more["anatom_site_general"]),
        source=archive or source,
        licence=licence or _LICENCE,
    )


def _class(row: Row) -> str:
    """Return the one class that a row marks."""
    marked = [name for name in _CLASSES if row[name] and _number(name, row[name]) > _HALF]
    if len(marked) != 1:
        raise RowError(f"it marks {len(marked)} classes, not one", "Correct it or delete the line")
    return marked[0]


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise RowError(f"{name} is {text!r}, not a number", "Correct it") from error
