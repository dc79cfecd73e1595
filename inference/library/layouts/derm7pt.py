"""Derm7pt as it is released (Kawahara et al. 2019): ``meta/meta.csv`` beside ``images/``.

Each case has a dermoscopic picture, column ``derm``, and mostly a clinical photograph, column
``clinic``. Only the first is taken: the models know dermoscopy alone.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

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
from inference.library.layouts.tables import Row, read_table

_TABLE = Path("meta", "meta.csv")
_REQUIRED = ("case_num", "diagnosis", "derm")
_SOURCE, _LICENCE = "Derm7pt", "research only"


def _fits(folder: Path) -> bool:
    with explained(folder):
        return (folder / _TABLE).is_file()


def _read(origin: Origin) -> Reading:
    rows = read_table(origin.folder / _TABLE, _REQUIRED).rows
    pictures = Pictures.below(origin.folder)
    collected = Collected()
    for row in rows:
        collected.take(partial(_found, row, pictures), name=row["derm"], where=row.where)
    clinical = sum(bool(facts.known(row["clinic"])) for row in rows)
    notes = [f"{clinical} clinical photographs are left out: only dermoscopy is searched"]
    return collected.reading(notes if clinical else ())


DERM7PT = Layout("derm7pt", "Derm7pt as released", _fits, _read)


def _found(row: Row, pictures: Pictures) -> Found:
    if not row["case_num"] or not row["diagnosis"] or not row["derm"]:
        raise RowError("case_num, diagnosis or derm is empty", "Fill it in or delete the line")
    return found(
        pictures.find(row["derm"]),
        row["diagnosis"],
        f"{_SOURCE}/{row['case_num']}",
        where=row.where,
        sex=facts.sex(row["sex"]),
        site=facts.site(row["location"]),
        source=_SOURCE,
        licence=_LICENCE,
    )
