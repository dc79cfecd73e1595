"""``caselens library import``: take an archive as it was downloaded into a library."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from inference.commands import FAILED, STOPPED
from inference.commands.filling import fill
from inference.diagnoses import CONFIRMATIONS, UNKNOWN, diagnosis_name
from inference.errors import LibraryError
from inference.library.errors import UnfinishedLibraryError
from inference.library.layouts import LAYOUTS, Opened, opened
from inference.library.library import DATABASE, Library
from inference.library.plan_report import plan_record, rejections, write_rejections
from inference.library.planning import DiagnosisCount, Plan, plan

if TYPE_CHECKING:
    from inference.commands import Commands

_MOST_LISTED = 20
"""Rejected rows that are printed; the report has them all."""


def add_to(actions: Commands) -> None:
    """Add ``import`` to the actions of ``library``."""
    taking = actions.add_parser("import", help="take an archive as it was downloaded")
    taking.add_argument("source", type=Path, metavar="SOURCE",
                        help="folder, ZIP, DICOMDIR or pack")  # fmt: skip
    taking.add_argument("dest", type=Path, metavar="DEST", help="library folder, new or not")
    taking.add_argument("--dry-run", action="store_true",
                        help="only say what would be done")  # fmt: skip
    taking.add_argument("--json", action="store_true",
                        help="of a dry run: print one JSON object")  # fmt: skip
    names = ", ".join(layout.name for layout in LAYOUTS)
    taking.add_argument("--layout", default="", metavar="NAME",
                        help=f"take it for one of {names}")  # fmt: skip
    taking.add_argument("--columns", type=_columns, default={}, metavar="OURS=THEIRS,...",
                        help="columns of the table, such as "
                        "diagnosis=Dx,lesion=patient_lesion")  # fmt: skip
    taking.add_argument("--report", type=Path, metavar="FILE.csv",
                        help="write what was rejected, and why")  # fmt: skip
    taking.add_argument("--encoder", default="", metavar="NAME",
                        help="model to describe the pictures")  # fmt: skip
    taking.add_argument("--name", help="shown name of a new library (default: the folder's)")
    taking.set_defaults(run=_import)


def _columns(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",")]
    if any(not ours.strip() or not theirs.strip() for ours, _, theirs in pairs):
        raise argparse.ArgumentTypeError(f"{text} is not of the form ours=theirs,ours=theirs")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _import(arguments: argparse.Namespace) -> int:
    print(f"Reading {arguments.source} ...", file=sys.stderr, flush=True)  # a ZIP takes minutes
    with opened(
        arguments.source,
        scratch=arguments.dest,
        layout=arguments.layout,
        columns=arguments.columns,
    ) as archive:
        planned = _planned(archive, arguments.dest)
        if arguments.dry_run:
            return _tell(arguments, planned)
        return _carry_out(arguments, planned)


def _planned(archive: Opened, dest: Path) -> Plan:
    if not (dest / DATABASE).is_file():
        return plan(archive)
    try:
        with Library.open(dest) as library:
            return plan(archive, library)
    except UnfinishedLibraryError:  # the import will make it anew
        return plan(archive)


def _tell(arguments: argparse.Namespace, planned: Plan) -> int:
    if arguments.json:
        print(json.dumps(plan_record(planned)))
    else:
        _print_plan(planned)
        _print_rejected(rejections(planned))
    if arguments.report:
        write_rejections(arguments.report, rejections(planned))
    return 0 if planned.items else FAILED


def _carry_out(arguments: argparse.Namespace, planned: Plan) -> int:
    print(f"Taken for {planned.layout.title}: {len(planned.items)} pictures.")
    for note in planned.notes:
        print(f"{note}.")
    if arguments.report:  # before the work: a wrong place is told of at once
        write_rejections(arguments.report, rejections(planned))
    report = None
    if planned.items:
        report = fill(arguments.dest, planned.items, name=arguments.name, encoder=arguments.encoder)
        if report is None:
            return STOPPED
    rows = rejections(planned, report.rejected if report else ())
    _print_rejected(rows)
    if arguments.report:
        write_rejections(arguments.report, rows)
    if report is None:
        raise LibraryError(
            arguments.source, "it holds no picture that can be taken", "See what was rejected"
        )
    return 0 if report.added or report.skipped else FAILED


def _print_plan(planned: Plan) -> None:
    print(f"Taken for {planned.layout.title}. Nothing has been changed.")
    print(
        f"{len(planned.items)} pictures of {planned.cases} cases, {planned.bytes / 1e6:.1f} MB; "
        f"{planned.present} are in the library already, {len(planned.duplicates)} are there twice, "
        f"{len(planned.rejected)} rejected."
    )
    for note in planned.notes:
        print(f"{note}.")
    for ours, theirs in planned.columns.items():
        print(f"  column {ours} = {theirs}")
    for count in planned.diagnoses:
        words = ", ".join(count.words)
        named = diagnosis_name(count.diagnosis)
        print(
            f"  {named:<44}{count.cases:>7} cases {count.pictures:>7} pictures: "
            f"{words}{_mark(count)}"
        )
    if planned.preview:
        print("The first, as they would be taken:")
    for each in planned.preview:
        case = each.item.case
        age = "" if case.age is None else f"{case.age:.0f}"
        facts = (diagnosis_name(case.diagnosis), CONFIRMATIONS[case.confirmation], age, case.sex,
                 case.site, case.source, case.licence)  # fmt: skip
        known = ", ".join(fact for fact in facts if fact)
        print(f"  {each.item.path.name}, lesion {case.lesion}: {known}")
    for name, first in planned.duplicates[:_MOST_LISTED]:
        print(f"the same picture twice: {name} is {first}")


def _mark(count: DiagnosisCount) -> str:
    if count.diagnosis == UNKNOWN:
        return "   (no diagnosis is named)"
    return "" if count.known else "   (not a diagnosis that CaseLens knows)"


def _print_rejected(rows: list[tuple[str, str, str]]) -> None:
    for name, where, reason in rows[:_MOST_LISTED]:
        place = ", ".join(part for part in (where, name) if part)
        print(f"rejected: {place}: {reason}.", file=sys.stderr)
    if len(rows) > _MOST_LISTED:
        print(f"and {len(rows) - _MOST_LISTED} more; --report FILE.csv lists all.", file=sys.stderr)
