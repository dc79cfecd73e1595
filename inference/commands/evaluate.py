"""``caselens evaluate``: measure a model by a published protocol."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from inference.encoder import Encoder
from inference.errors import CaseLensError
from inference.evaluation import quality, regions
from inference.evaluation.protocols import PROTOCOLS, Session
from inference.files import write_whole
from inference.terminal import ProgressLine

if TYPE_CHECKING:
    from inference.commands import Commands


def add_to(commands: Commands) -> None:
    """Add ``evaluate``."""
    evaluate = commands.add_parser("evaluate", help="measure a model by a published protocol")
    known = (*PROTOCOLS, quality.NAME, regions.NAME)
    evaluate.add_argument("protocols", nargs="+", choices=known, metavar="PROTOCOL",
                          help=f"one or several of {', '.join(known)}")  # fmt: skip
    evaluate.add_argument("--data", type=Path, metavar="DIR",
                          help="folder that holds the data sets' folders; regions needs "
                          "none")  # fmt: skip
    evaluate.add_argument("--json", type=Path, metavar="FILE",
                          help="write the figures; of several protocols, by protocol")  # fmt: skip
    evaluate.add_argument("--tables", type=Path, metavar="FILE.md",
                          help="write HAM10000's figures by class, site, ...")  # fmt: skip
    evaluate.add_argument("--models", type=Path, metavar="DIR", help="another models folder")
    evaluate.add_argument("--encoder", metavar="NAME", help="another model of its manifest")
    evaluate.add_argument("--sample", type=_count, metavar="N",
                          help="explain N of the queries, drawn at random once for "
                          "all")  # fmt: skip
    evaluate.set_defaults(run=_evaluate)


def _count(word: str) -> int:
    """Read a number of queries, at least 2: one alone has no interval."""
    if not word.isdecimal() or int(word) < 2:
        raise argparse.ArgumentTypeError(f"{word} is not a number of queries; take 2 or more")
    return int(word)


def _evaluate(arguments: argparse.Namespace) -> int:
    protocols = list(dict.fromkeys(arguments.protocols))
    if arguments.data is None and protocols != [regions.NAME]:
        raise CaseLensError(
            "evaluate", "the folder of the data sets is not named", "Name it with --data DIR"
        )
    retrieval = [name for name in protocols if name in PROTOCOLS]
    line = ProgressLine()
    session = None
    if retrieval:
        encoder = Encoder.load(arguments.models, name=arguments.encoder)
        session = Session.prepare(retrieval, arguments.data, encoder, line, models=arguments.models)
        line.end()
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for protocol in protocols:
        if session and protocol in retrieval:
            result = session.result(protocol, line, sample=arguments.sample)
        elif protocol == regions.NAME:
            encoder = Encoder.load(arguments.models, name=arguments.encoder)
            result = regions.result(encoder, line)
        else:
            result = quality.result(arguments.data, line)
        line.end()
        print(result.table(), flush=True)
        figures[protocol] = {name: asdict(figure) for name, figure in result.figures.items()}
    if arguments.json:
        content = figures if len(protocols) > 1 else figures[protocols[0]]
        written = json.dumps(content, indent=2) + "\n"
        write_whole(arguments.json, written.encode(), durable=True)
    if arguments.tables and session:
        written = "\n".join(table.markdown() for table in session.breakdown())
        write_whole(arguments.tables, written.encode(), durable=True)
    return 0
