"""``caselens deidentify``: pictures without anything that says whose they are."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from inference.commands import FAILED
from inference.errors import CaseLensError
from inference.export import Box, Pseudonyms, deidentify
from inference.files import explained, write_whole
from inference.images import IsolatedReader, read_bytes

if TYPE_CHECKING:
    from inference.commands import Commands


def add_to(commands: Commands) -> None:
    """Add ``deidentify``."""
    parser = commands.add_parser(
        "deidentify", help="write pictures without anything that says whose they are"
    )
    parser.add_argument("pictures", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR",
                        help="folder for what is written, made if need be")  # fmt: skip
    parser.add_argument("--box", type=_box, action="append", default=[], metavar="L,T,W,H",
                        help="blacken this box of every picture: left, top, width, height in "
                        "pixels; may be given several times")  # fmt: skip
    parser.add_argument("--keep-characteristics", action="store_true",
                        help="keep age (90 and more as 90) and sex, of DICOM")  # fmt: skip
    parser.set_defaults(run=_deidentify)


def _box(text: str) -> Box:
    numbers = text.split(",")
    if len(numbers) != 4 or not all(number.strip().isdecimal() for number in numbers):
        raise argparse.ArgumentTypeError(f"{text} is not four numbers: left,top,width,height")
    return Box(*(int(number) for number in numbers))


def _deidentify(arguments: argparse.Namespace) -> int:
    """Write each picture; names are told on standard output, which is not to leave the house."""
    with explained(arguments.out):
        arguments.out.mkdir(parents=True, exist_ok=True)
    pseudonyms, status = Pseudonyms(), 0
    with IsolatedReader() as reader:
        for path in arguments.pictures:
            try:
                print(f"{path}: {_written(path, arguments, reader, pseudonyms)}", flush=True)
            except CaseLensError as error:
                status = FAILED
                print(f"caselens: {error}", file=sys.stderr)
    return status


def _written(
    path: Path, arguments: argparse.Namespace, reader: IsolatedReader, pseudonyms: Pseudonyms
) -> Path:
    data = read_bytes(path)
    reader.read(data, name=path.name)  # what crashes its decoder must not come further
    result = deidentify(
        data, path.name, pseudonyms,
        boxes=arguments.box, keep_characteristics=arguments.keep_characteristics,
    )  # fmt: skip
    target: Path = arguments.out / result.name
    write_whole(target, result.data, durable=True)
    return target
