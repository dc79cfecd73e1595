"""What is told of an import: its plan as plain values, and a table of what was not taken."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from inference.diagnoses import diagnosis_name
from inference.library.files import write_whole
from inference.library.layouts import Rejected
from inference.library.planning import Plan


def plan_record(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain values, for JSON."""
    return {
        "layout": plan.layout.name,
        "title": plan.layout.title,
        "pictures": len(plan.items),
        "cases": plan.cases,
        "bytes": plan.bytes,
        "diagnoses": [
            {
                "diagnosis": each.diagnosis,
                "name": diagnosis_name(each.diagnosis),
                "words": list(each.words),
                "known": each.known,
                "pictures": each.pictures,
                "cases": each.cases,
            }
            for each in plan.diagnoses
        ],
        "duplicates": [{"picture": name, "of": first} for name, first in plan.duplicates],
        "present": plan.present,
        "rejected": [
            {"picture": each.name, "where": each.where, "reason": _sentence(each)}
            for each in plan.rejected
        ],
        "notes": list(plan.notes),
        "columns": dict(plan.columns),
        "preview": [
            {
                "picture": each.item.path.name,
                "word": each.word,
                "lesion": each.item.case.lesion,
                "diagnosis": each.item.case.diagnosis,
                "confirmation": each.item.case.confirmation,
                "age": each.item.case.age,
                "sex": each.item.case.sex,
                "site": each.item.case.site,
                "source": each.item.case.source,
                "licence": each.item.case.licence,
            }
            for each in plan.preview
        ],
    }


def rejections(plan: Plan, built: Iterable[tuple[str, str]] = ()) -> list[tuple[str, str, str]]:
    """Return (picture, place, reason) of what a plan and then a build could not take."""
    return [
        *((each.name, each.where, _sentence(each)) for each in plan.rejected),
        *((name, "", reason) for name, reason in built),
    ]


def write_rejections(path: Path, rows: Sequence[tuple[str, str, str]]) -> None:
    """Write `rejections` as a table in UTF-8 that spreadsheets know as such.

    Raises:
        LibraryError: it cannot be written there.
    """
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(("picture", "where", "reason"))
    table.writerows(rows)
    write_whole(path, text.getvalue().encode("utf-8-sig", "backslashreplace"), durable=True)


def _sentence(each: Rejected) -> str:
    return f"{each.reason}. {each.advice}" if each.advice else each.reason
