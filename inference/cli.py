"""The engine from a terminal: ``caselens query``, ``library`` and ``evaluate``.

Exit codes: 0 done; 2 something outside the program failed, and the message says what to do; 130
stopped by Ctrl-C with everything finished so far kept.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from inference.cautions import FLAGS
from inference.consultation import DEFAULT_K, Answer, Consultant
from inference.diagnoses import CONFIRMATIONS, diagnosis_name
from inference.encoder import Encoder
from inference.errors import Cancelled, CaseLensError
from inference.evaluation import quality, regions
from inference.evaluation.protocols import PROTOCOLS, Session
from inference.explain import Region, class_heatmap
from inference.export import answer_record, error_record, match_table, write_overlay
from inference.files import write_whole
from inference.images import read
from inference.library.build import build
from inference.library.demonstration import open_demonstration
from inference.library.describe import describe
from inference.library.library import Library
from inference.library.model import DRAWN
from inference.library.source import read_source
from inference.opening import (
    Encoders,
    described_by,
    describing_command,
    open_library,
    require_described,
)
from inference.terminal import ProgressLine, StopOnInterrupt

NOTICE = "Research and education, not a diagnosis."
_FAILED, _STOPPED, _UNHEARD = 2, 130, 141


def _query(arguments: argparse.Namespace) -> int:
    desk = _Desk(arguments.library, arguments.encoder)
    status = 0
    for number, name in enumerate(arguments.images, start=1):
        try:
            print(_answered(arguments, desk, name, number), flush=True)
        except CaseLensError as error:
            status = _FAILED
            if arguments.json:
                print(json.dumps(error_record(name, error)), flush=True)
            else:
                print(f"caselens: {error}", file=sys.stderr)
    return status


def _answered(arguments: argparse.Namespace, desk: _Desk, name: str, number: int) -> str:
    """Answer one picture; return what to print."""
    begun = time.perf_counter()
    image = read(Path(name))  # before the models: a bad file is told of at once
    read_ms = (time.perf_counter() - begun) * 1e3
    region = None
    if arguments.region is not None:
        region = Region.parse(arguments.region, picture=(image.height, image.width))
    consultant = desk.consultant()
    answer = consultant.ask_image(image, k=arguments.k, read_ms=read_ms)
    if region is not None:
        answer = consultant.ask_region(answer, region, k=arguments.k)
    if arguments.heatmap:
        path = _numbered(arguments.heatmap, number, len(arguments.images))
        write_overlay(path, image.pixels, class_heatmap(answer.encoding))
    if not arguments.json:
        return _answer_table(name, answer, consultant)
    record = answer_record(name, answer, consultant.encoder.manifest, consultant.library)
    return json.dumps(record)


class _Desk:
    """Opens encoder and library when the first picture needs them.

    Args:
        folder: the library's; None for the demonstration library.
        encoder: name; "" for the one that fits the library.
    """

    def __init__(self, folder: Path | None, encoder: str) -> None:
        self._folder = folder
        self._encoder = encoder
        self._consultant: Consultant | None = None

    def consultant(self) -> Consultant:
        """Return the one consultant of this run."""
        if self._consultant is None:
            self._consultant = _consultant(self._folder, self._encoder)
        return self._consultant


def _consultant(folder: Path | None, name: str) -> Consultant:
    encoders = Encoders()
    if folder is None:
        encoder, line = encoders.load(name), ProgressLine()
        library = open_demonstration(encoder, progress=line)
        line.end()
        return Consultant(encoder, library)
    consultant = open_library(folder, encoders, name)
    if missing := require_described(consultant):
        manifest = consultant.encoder.manifest
        print(
            f"caselens: {folder}: {missing} of its pictures are not searched: "
            f"{manifest.title} has not described them. "
            f"Run {describing_command(folder, manifest)} to complete it.",
            file=sys.stderr,
        )
    return consultant


def _numbered(path: Path, number: int, count: int) -> Path:
    """Name one picture of several: ``map.png`` becomes ``map-2.png`` for the second query."""
    if not path.name:
        raise CaseLensError(path, "this is a folder, not a file name", "Name a file ending in .png")
    return path if count == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")


def _answer_table(name: str, answer: Answer, consultant: Consultant) -> str:
    lines = [f"{name}   library: {consultant.library.name}"]
    lines += [f"note: {FLAGS[flag]}." for flag in answer.flags]
    if answer.region is not None:
        lines.append("matches by region; where: left,top,width,height in that picture")
    if answer.unsearched:
        lines.append(f"note: {_unsearched(answer.unsearched, consultant)}")
    lines.append(match_table(answer.matches))
    ordered = sorted(answer.estimate.items(), key=lambda item: -item[1])
    lines.append(
        "class estimate: " + ", ".join(f"{diagnosis_name(c)} {p:.0%}" for c, p in ordered[:3])
    )
    times = ", ".join(f"{stage} {ms:.0f} ms" for stage, ms in answer.milliseconds.items())
    lines.append(f"{times}. {NOTICE}")
    return "\n".join(lines)


def _unsearched(count: int, consultant: Consultant) -> str:
    command = describing_command(consultant.library.folder, consultant.encoder.manifest)
    return f"{count} pictures have no feature map and were left out. Run {command} to complete it."


def _library_build(arguments: argparse.Namespace) -> int:
    splits = None if arguments.split is None else tuple(arguments.split.split(","))
    items = read_source(arguments.source, splits=splits)
    phantoms = all(item.case.confirmation == DRAWN for item in items)
    name = arguments.name or arguments.dest.resolve().name
    encoders, line = Encoders(), ProgressLine()
    encoders.manifest(arguments.encoder)  # before an empty library is made for a wrong name
    opened = Library.open_or_create(arguments.dest, name, phantoms=phantoms)
    with opened as library, StopOnInterrupt() as stop:
        encoder = encoders.load(encoders.for_library(library.info(), arguments.encoder).name)
        try:
            report = build(library, items, encoder, progress=line, cancelled=stop)
        except Cancelled:
            line.end()
            kept = library.info().models.get(encoder.manifest.sha256, 0)
            print(f"Stopped; {kept} pictures are kept. The same command goes on from there.")
            return _STOPPED
    line.end()
    print(
        f"{report.added} pictures added, {report.skipped} were there already, "
        f"{len(report.rejected)} rejected; {report.seconds:.1f} s, "
        f"{report.images_per_second:.1f} images per second."
    )
    for picture, reason in report.rejected:
        print(f"rejected: {picture}: {reason}.", file=sys.stderr)
    return 0 if report.added or report.skipped else _FAILED


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
            return _STOPPED
    line.end()
    print(
        f"{report.added} pictures described by {title}, {report.skipped} were already, "
        f"{len(report.rejected)} could not be; {report.seconds:.1f} s, "
        f"{report.images_per_second:.1f} images per second."
    )
    for picture, reason in report.rejected:
        print(f"not described: {picture}: {reason}.", file=sys.stderr)
    return _FAILED if report.rejected and not (report.added or report.skipped) else 0


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
    if not described:
        print("described by no model yet")
    for word, count in sorted(info.diagnoses.items(), key=lambda item: -item[1]):
        print(f"  {diagnosis_name(word):<44}{count:>7}  {count / info.cases:6.1%}")
    for word, count in sorted(info.confirmations.items(), key=lambda item: -item[1]):
        print(f"  {CONFIRMATIONS.get(word, word):<44}{count:>7}  {count / info.cases:6.1%}")
    return 0


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
            result = session.result(protocol, line)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="caselens", description=f"CaseLens. {NOTICE}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    query = commands.add_parser("query", help="find the cases most similar to pictures")
    query.add_argument("images", nargs="+", metavar="IMAGE")
    query.add_argument("--library", type=Path, metavar="DIR",
                       help="library folder; without it, the demonstration library")  # fmt: skip
    query.add_argument("--encoder", default="", metavar="NAME",
                       help="model (default: the one that described the library)")  # fmt: skip
    query.add_argument("-k", type=_count, default=DEFAULT_K, help="matches (default 16)")
    query.add_argument("--region", metavar="L,T,W,H",
                       help="find cases that hold what is in this box of the picture: left, top, "
                       "width, height in pixels")  # fmt: skip
    query.add_argument("--json", action="store_true", help="one JSON object a line, format 1")
    query.add_argument("--heatmap", type=Path, metavar="OUT.png",
                       help="write the picture with the map of its likeliest class; with "
                       "several pictures OUT-1.png, OUT-2.png, ...")  # fmt: skip
    query.set_defaults(run=_query)

    library = commands.add_parser(
        "library", help="build a library, describe it anew, or look at one"
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
    evaluate.set_defaults(run=_evaluate)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of at least 1")
    return int(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names need not be valid text
    arguments = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except CaseLensError as error:
        print(f"caselens: {error}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        print("caselens: stopped.", file=sys.stderr)
        return _STOPPED
    except BrokenPipeError:
        # Whoever read our output has gone, as ``head`` does; nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNHEARD


if __name__ == "__main__":
    sys.exit(main())
