"""``caselens library verify``, ``duplicates``, ``backup`` and ``restore``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from inference.commands import STOPPED
from inference.errors import Cancelled
from inference.library.backup import back_up, restore
from inference.library.duplicates import MOST_BITS, Pair, near_duplicates
from inference.library.inspection import Finding
from inference.library.library import Library
from inference.terminal import ProgressLine, StopOnInterrupt

if TYPE_CHECKING:
    from inference.commands import Commands

UNSOUND = 1
"""Exit code of a library that was looked at and has faults."""


def add_to(actions: Commands) -> None:
    """Add the actions on a library as a whole."""
    verify = actions.add_parser("verify", help="look for faults, and repair them")
    verify.add_argument("dir", type=Path, metavar="DIR", help="library folder")
    verify.add_argument("--quick", action="store_true", help="look at sizes of pictures only")
    verify.add_argument("--repair", action="store_true", help="do what is said of each fault")
    verify.add_argument("--json", action="store_true", help="one JSON object a line")
    verify.set_defaults(run=_verify)
    alike = actions.add_parser(
        "duplicates", help="list pictures under different lesions that look like one"
    )
    alike.add_argument("dir", type=Path, metavar="DIR", help="library folder")
    alike.add_argument("--distance", type=int, default=MOST_BITS, metavar="BITS",
                       help="of 64, in which fingerprints may differ "
                       f"(default {MOST_BITS})")  # fmt: skip
    alike.add_argument("--json", action="store_true", help="one JSON object a line")
    alike.set_defaults(run=_duplicates)
    backing_up = actions.add_parser("backup", help="write a whole library into one file")
    backing_up.add_argument("dir", type=Path, metavar="DIR", help="library folder")
    backing_up.add_argument("file", type=Path, metavar="FILE")
    backing_up.set_defaults(run=_backup)
    restoring = actions.add_parser("restore", help="make a library from a backup")
    restoring.add_argument("file", type=Path, metavar="FILE")
    restoring.add_argument("dir", type=Path, metavar="DIR", help="new or empty folder")
    restoring.set_defaults(run=_restore)


def _verify(arguments: argparse.Namespace) -> int:
    line = ProgressLine()
    with Library.open(arguments.dir) as library:
        found = left = library.inspection.verify(quick=arguments.quick, progress=line)
        line.end()
        if found and arguments.repair:
            library.inspection.repair(found)
            left = library.inspection.verify(quick=arguments.quick, progress=line)
            line.end()
    told = [*found, *(finding for finding in left if finding not in found)]
    for finding in told:
        repaired = finding not in left
        if arguments.json:
            record = {**asdict(finding), "repair": finding.repair, "repaired": repaired}
            print(json.dumps(record))
        else:
            print(_line(finding, repaired=repaired))
    if not arguments.json:
        print(_summary(found, left))
    return UNSOUND if left else 0


def _line(finding: Finding, *, repaired: bool) -> str:
    text = f"{finding.kind}: {finding.subject}: {finding.reason}."
    if repaired:
        return f"{text} Repaired: {finding.repair}."
    if finding.repair:
        return f"{text} To repair: {finding.repair}."
    return f"{text} No repair helps: put back a backup."


def _summary(found: Sequence[Finding], left: Sequence[Finding]) -> str:
    if not found:
        return "The library is sound."
    if not left:
        return "The library is sound again."
    return f"{len(left)} fault{'s' * (len(left) > 1)}. With --repair, what is said is done."


def _duplicates(arguments: argparse.Namespace) -> int:
    line = ProgressLine()
    with Library.open(arguments.dir) as library, StopOnInterrupt() as stop:
        try:
            pairs = near_duplicates(
                library, most_bits=arguments.distance, progress=line, cancelled=stop
            )
        except Cancelled:
            line.end()
            print("Stopped. The same command goes on from there.")
            return STOPPED
        line.end()
        for pair in pairs:
            if arguments.json:
                print(json.dumps(asdict(pair)))
            else:
                print(_pair(library, pair))
    if not arguments.json:
        found = f"{len(pairs)} pair{'s' * (len(pairs) != 1)}"
        print(f"{found}. What is one lesion: caselens library merge DIR CASE INTO")
    return 0


def _pair(library: Library, pair: Pair) -> str:
    told = []
    for image, case in zip((pair.first, pair.second), pair.cases, strict=True):
        facts = library.case(case)
        told.append(f"case {case} ({facts.lesion}, {facts.diagnosis}) {library.image(image).name}")
    return f"{pair.likeness:.3f} {pair.distance:>2} bits   {'   '.join(told)}"


def _backup(arguments: argparse.Namespace) -> int:
    line = ProgressLine()
    with Library.open(arguments.dir) as library:
        count = back_up(library, arguments.file, progress=line)
    line.end()
    size = arguments.file.stat().st_size
    print(f"{count} pictures and the database are in {arguments.file}, {size / 1e6:.1f} MB.")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    line = ProgressLine()
    count = restore(arguments.file, arguments.dir, progress=line)
    line.end()
    print(f"{count} pictures and the database are in {arguments.dir}; the index is built by the "
          "first search.")  # fmt: skip
    return 0
