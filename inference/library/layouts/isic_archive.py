"""An export of the ISIC Archive: a table of metadata and the pictures, as isic-cli writes them.

Newer tables give the diagnosis as a path through a hierarchy, ``diagnosis_1`` to ``diagnosis_5``;
older ones give one word in ``diagnosis``, those of the 2020 challenge call the picture
``image_name``, and the oldest begin their columns with ``meta.clinical.`` and the like.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

from inference.diagnoses import confirmation, is_known_spelling
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

_NAMES = ("isic_id", "image_name", "name")
_DIAGNOSES = tuple(f"diagnosis_{level}" for level in range(5, 0, -1))
"""From the narrowest word to the widest."""

_ALL_DIAGNOSES = (*_DIAGNOSES[:4], "diagnosis", _DIAGNOSES[4], "benign_malignant")
_SITES = ("anatom_site_special", "anatom_site_general", "anatom_site_general_challenge")
_SOURCE = "ISIC Archive"
_DERMOSCOPIC = ("", "dermoscopic")


def _plain(column: str) -> str:
    return column.rsplit(".", 1)[-1].strip().lower()


def _tables(folder: Path) -> list[Path]:
    """Return the tables that name pictures of the archive, and say what they show."""
    with explained(folder):
        files = sorted(each for each in folder.iterdir() if each.suffix.lower() == ".csv")
    return [each for each in files if _is_metadata(columns_of(each))]


def _is_metadata(columns: tuple[str, ...]) -> bool:
    plain = {_plain(column) for column in columns}
    return "isic_id" in plain or ("benign_malignant" in plain and not plain.isdisjoint(_NAMES))


def _fits(folder: Path) -> bool:
    return bool(_tables(folder))


def _read(origin: Origin) -> Reading:
    tables = _tables(origin.folder)
    if not tables:
        raise LibraryError(
            origin.folder,
            "it holds no metadata.csv with the column isic_id",
            "Download the table of metadata too",
        )
    pictures = Pictures.below(origin.folder)
    collected, left_out = Collected(), Counter[str]()
    for table in tables:
        for raw in read_table(table).rows:
            row = Row(raw.table, raw.line, {_plain(k): v for k, v in raw.values.items()})
            kind = facts.known(row["image_type"])
            if kind not in _DERMOSCOPIC:
                left_out[kind] += 1
                continue
            name = row.first(_NAMES)
            collected.take(partial(_found, row, name, pictures), name=name, where=row.where)
    notes = [
        f'{count} pictures of the kind "{kind}" are left out: only dermoscopy is searched'
        for kind, count in sorted(left_out.items())
    ]
    return collected.reading(notes)


ISIC_ARCHIVE = Layout("isic", "an export of the ISIC Archive", _fits, _read)


def _found(row: Row, name: str, pictures: Pictures) -> Found:
    if not name:
        raise RowError("it names no picture", "Fill in isic_id or delete the line")
    word = _diagnosis(row)
    if not word:
        raise RowError("it states no diagnosis", "Leave it out of the library")
    lesion = row["lesion_id"] or facts.picture_lesion(name, row["patient_id"])
    attribution = facts.known(row["attribution"])
    source, licence = facts.provenance(
        lesion,
        f"{_SOURCE}: {attribution}" if attribution else "",
        facts.licence(row["copyright_license"]),
    )
    return found(
        pictures.find(name),
        word,
        lesion,
        where=row.where,
        confirmation=confirmation(row["diagnosis_confirm_type"]),
        age=facts.age(row.first(("age_approx", "age"))),
        sex=facts.sex(row["sex"]),
        site=facts.site(row.first(_SITES)),
        source=source or _SOURCE,
        licence=licence,
    )


def _diagnosis(row: Row) -> str:
    """Return the narrowest word of a row that we know, else the narrowest that it has."""
    words = [facts.known(row[column]) for column in _ALL_DIAGNOSES]
    words = [word for word in words if word]
    return next((word for word in words if is_known_spelling(word)), _leaf(words))


def _leaf(words: list[str]) -> str:
    return words[0] if words else ""
