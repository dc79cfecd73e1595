"""``caselens formats``: what this installation reads, and why not the rest."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from inference.images.formats import formats

if TYPE_CHECKING:
    from inference.commands import Commands


def add_to(commands: Commands) -> None:
    """Add ``formats``."""
    parser = commands.add_parser("formats", help="list the files and compressions that are read")
    parser.set_defaults(run=_formats)


def _formats(_arguments: argparse.Namespace) -> int:
    rows = formats()
    name_width = max(len(row.name) for row in rows)
    number_width = max(len(row.identifier) for row in rows)
    for row in rows:
        read = "yes" if row.read else "no "
        print(f"{read}  {row.name:<{name_width}}  {row.identifier:<{number_width}}  {row.words}")
    return 0
