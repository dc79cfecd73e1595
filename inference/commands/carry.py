"""``caselens library export``: cases in one file, to be carried to another workstation."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from inference.commands import STOPPED
from inference.commands.where import add_where, chosen, read_filter
from inference.errors import Cancelled
from inference.library.library import Library
from inference.library.pack import ASKED, export
from inference.terminal import ProgressLine, StopOnInterrupt

if TYPE_CHECKING:
    from inference.commands import Commands


def add_to(actions: Commands) -> None:
    """Add ``export`` to the actions of ``library``."""
    packing = actions.add_parser(
        "export", help="write cases into one file that names no patient, for import elsewhere"
    )
    packing.add_argument("dir", type=Path, metavar="DIR", help="library folder")
    packing.add_argument("file", type=Path, metavar="FILE.pack")
    packing.add_argument("words", nargs="*", metavar="WORD",
                         help="only cases that have all of these, as in a search")  # fmt: skip
    add_where(packing)
    packing.add_argument("--with", dest="asked", action="append", default=[], choices=tuple(ASKED),
                         help="what else goes in; may be given several times")  # fmt: skip
    packing.add_argument("--name", default="", help="shown to whoever opens it")
    packing.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> int:
    line = ProgressLine()
    with Library.open(arguments.dir) as library, StopOnInterrupt() as stop:
        cases = chosen(library, arguments.words, read_filter(arguments.where))
        try:
            packed = export(
                library, arguments.file, sorted(cases), name=arguments.name,
                asked=arguments.asked, progress=line, cancelled=stop,
            )  # fmt: skip
        except Cancelled:
            line.end()
            print("Stopped; no pack was written.")
            return STOPPED
    line.end()
    size = arguments.file.stat().st_size
    pictures = f"{packed.pictures} picture{'s' * (packed.pictures != 1)}"
    told = f"{pictures} of {packed.cases} case{'s' * (packed.cases != 1)}"
    print(f"Written to {arguments.file}: {told}, {size / 1e6:.1f} MB.")
    return 0
