"""``caselens library``: build, import, describe anew, look at it, and all that curators do."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from inference.commands import FAILED, STOPPED, curate, importing, keep
from inference.commands.filling import fill
from inference.diagnoses import CONFIRMATIONS, diagnosis_name
from inference.errors import Cancelled
from inference.library.describe import describe
from inference.library.library import Library
from inference.library.source import read_source
from inference.opening import Encoders, described_by
from inference.terminal import ProgressLine, StopOnInterrupt

if TYPE_CHECKING:
    from inference.commands import Commands


def add_to(commands: Commands) -> None:
    """Add ``library`` and its actions."""
    library = commands.add_parser(
        "library", help="build, describe, search, edit, check or back up a library"
    )
    actions = library.add_subparsers(required=True, metavar="ACTION")
    making = actions.add_parser("build", help="add the pictures of a folder to a library")
    making.add_argument("source", type=Path, metavar="SOURCE",
                        help="folder with labels.csv and images/")  # fmt: skip
    making.add_argument("dest", type=Path, metavar="DEST", help="library folder, new or not")
    making.add_argument("--split", metavar="A,B", help="only rows of these splits")
    making.add_argument("--name", help="shown name (default: the folder's)")
    making.add_argument("--encoder", default="", metavar="NAME",
                        help="model to describe them (default: the one that described the "
                        "library, else the standard one)")  # fmt: skip
    making.set_defaults(run=_library_build)
    importing.add_to(actions)
    describing = actions.add_parser(
        "describe", help="describe a library's pictures by a model that has not yet"
    )
    describing.add_argument("dir", type=Path, metavar="DIR", help="library folder")
    describing.add_argument("--encoder", default="", metavar="NAME",
                            help="model (default: the standard one)")  # fmt: skip
    describing.set_defaults(run=_library_describe)
    info = actions.add_parser("info", help="count what a library holds")
    info.add_argument("dir", type=Path, metavar="DIR")
    info.add_argument("--json", action="store_true")
    info.set_defaults(run=_library_info)
    curate.add_to(actions)
    keep.add_to(actions)


def _library_build(arguments: argparse.Namespace) -> int:
    splits = None if arguments.split is None else tuple(arguments.split.split(","))
    items = read_source(arguments.source, splits=splits)
    report = fill(arguments.dest, items, name=arguments.name, encoder=arguments.encoder)
    if report is None:
        return STOPPED
    for picture, reason in report.rejected:
        print(f"rejected: {picture}: {reason}.", file=sys.stderr)
    return 0 if report.added or report.skipped else FAILED


def _library_describe(arguments: argparse.Namespace) -> int:
    encoder, line = Encoders().load(arguments.encoder), ProgressLine()
    model, title = encoder.manifest.sha256, encoder.manifest.title
    with Library.open(arguments.dir) as library, StopOnInterrupt() as stop:
        try:
            report = describe(library, encoder, progress=line, cancelled=stop)
        except Cancelled:
            line.end()
            info = library.info()
            print(
                f"Stopped; {info.models.get(model, 0)} of {info.images} pictures are described by "
                f"{title}, and kept. The same command goes on from there."
            )
            return STOPPED
    line.end()
    print(
        f"{report.added} pictures described by {title}, {report.skipped} were already, "
        f"{len(report.rejected)} could not be; {report.seconds:.1f} s, "
        f"{report.images_per_second:.1f} images per second."
    )
    for picture, reason in report.rejected:
        print(f"not described: {picture}: {reason}.", file=sys.stderr)
    return FAILED if report.rejected and not (report.added or report.skipped) else 0


def _library_info(arguments: argparse.Namespace) -> int:
    with Library.open(arguments.dir) as library:
        info = library.info()
    described = described_by(Encoders().manifests(), info)
    if arguments.json:
        record = {**asdict(info), "folder": str(info.folder)}
        del record["models"]
        print(json.dumps({**record, "encoders": [asdict(each) for each in described]}))
        return 0
    print(f"{info.name}   {info.folder}")
    if info.phantoms:
        print("computer-drawn phantoms, no patients")
    print(f"{info.cases} cases, {info.images} pictures; {info.bytes_on_disk / 1e6:.1f} MB on disk")
    for each in described:
        name = each.name or f"{each.sha256[:12]}..."
        print(f"described by {each.title} ({name}): {each.pictures} pictures")
    if info.deleted:
        print(f"{info.deleted} deleted pictures are kept until the library is purged")
    if not described:
        print("described by no model yet")
    for word, count in sorted(info.diagnoses.items(), key=lambda item: -item[1]):
        print(f"  {diagnosis_name(word):<44}{count:>7}  {count / info.cases:6.1%}")
    for word, count in sorted(info.confirmations.items(), key=lambda item: -item[1]):
        print(f"  {CONFIRMATIONS.get(word, word):<44}{count:>7}  {count / info.cases:6.1%}")
    return 0
