"""The engine from a terminal: ``caselens query``, ``library`` and ``evaluate``.

Exit codes: 0 done; 2 something outside the program failed, and the message says what to do; 130
stopped by Ctrl-C with everything finished so far kept.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Self

from inference.cautions import FLAGS
from inference.consultation import DEFAULT_K, Answer, Consultant
from inference.diagnoses import CONFIRMATIONS, diagnosis_name
from inference.encoder import Encoder
from inference.errors import Cancelled, CaseLensError
from inference.evaluation import quality
from inference.evaluation.protocols import PROTOCOLS, Session
from inference.explain import class_heatmap
from inference.export import answer_record, error_record, match_table, write_overlay
from inference.files import write_whole
from inference.images import read
from inference.library.build import build
from inference.library.demonstration import open_demonstration
from inference.library.library import Library
from inference.library.model import DRAWN, Progress
from inference.library.source import read_source

NOTICE = "Research and education, not a diagnosis."
_FAILED, _STOPPED, _UNHEARD = 2, 130, 141


class ProgressLine:
    """Tells on standard error how long work takes: one line rewritten, or a line now and then."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        """Show the state; on a terminal at most ten times a second, else every ten seconds."""
        now = time.monotonic()
        finished = progress.done >= progress.total
        if now - self._last < (0.1 if self._live else 10.0) and not finished:
            return
        self._last = now
        left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
        text = (
            f"{progress.stage}: {progress.done} of {progress.total}, "
            f"{progress.per_second:.1f} images/s{left}"
        )
        print(f"\r{text:<70}" if self._live else text, end="" if self._live else "\n",
              file=sys.stderr, flush=True)  # fmt: skip

    def end(self) -> None:
        """Leave the rewritten line."""
        if self._live and self._last:
            print(file=sys.stderr)


class _StopOnInterrupt:
    """Turns Ctrl-C into a question that long work asks; a second Ctrl-C stops at once."""

    def __init__(self) -> None:
        self._asked = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        signal.signal(signal.SIGINT, self._before)

    def __call__(self) -> bool:
        return self._asked


def _query(arguments: argparse.Namespace) -> int:
    desk = _Desk(arguments.library)
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
    consultant = desk.consultant()
    answer = consultant.ask_image(image, k=arguments.k, read_ms=read_ms)
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
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._consultant: Consultant | None = None

    def consultant(self) -> Consultant:
        """Return the one consultant of this run."""
        if self._consultant is None:
            self._consultant = _consultant(self._folder)
        return self._consultant


def _consultant(folder: Path | None) -> Consultant:
    encoder = Encoder.load()
    if folder is not None:
        return Consultant(encoder, Library.open(folder))
    line = ProgressLine()
    library = open_demonstration(encoder, progress=line)
    line.end()
    return Consultant(encoder, library)


def _numbered(path: Path, number: int, count: int) -> Path:
    """Name one picture of several: ``map.png`` becomes ``map-2.png`` for the second query."""
    if not path.name:
        raise CaseLensError(path, "this is a folder, not a file name", "Name a file ending in .png")
    return path if count == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")


def _answer_table(name: str, answer: Answer, consultant: Consultant) -> str:
    lines = [f"{name}   library: {consultant.library.name}"]
    lines += [f"note: {FLAGS[flag]}." for flag in answer.flags]
    lines.append(match_table(answer.matches))
    ordered = sorted(answer.estimate.items(), key=lambda item: -item[1])
    lines.append(
        "class estimate: " + ", ".join(f"{diagnosis_name(c)} {p:.0%}" for c, p in ordered[:3])
    )
    times = ", ".join(f"{stage} {ms:.0f} ms" for stage, ms in answer.milliseconds.items())
    lines.append(f"{times}. {NOTICE}")
    return "\n".join(lines)


def _library_build(arguments: argparse.Namespace) -> int:
    splits = None if arguments.split is None else tuple(arguments.split.split(","))
    items = read_source(arguments.source, splits=splits)
    phantoms = all(item.case.confirmation == DRAWN for item in items)
    name = arguments.name or arguments.dest.resolve().name
    encoder = Encoder.load()
    line = ProgressLine()
    opened = Library.open_or_create(arguments.dest, name, phantoms=phantoms)
    with opened as library, _StopOnInterrupt() as stop:
        try:
            report = build(library, items, encoder, progress=line, cancelled=stop)
        except Cancelled:
            line.end()
            kept = library.info().embedded
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


def _library_info(arguments: argparse.Namespace) -> int:
    with Library.open(arguments.dir) as library:
        info = library.info()
    if arguments.json:
        print(json.dumps({**asdict(info), "folder": str(info.folder)}))
        return 0
    print(f"{info.name}   {info.folder}")
    if info.phantoms:
        print("computer-drawn phantoms, no patients")
    print(f"{info.cases} cases, {info.images} pictures, {info.embedded} of them embedded")
    print(f"model {info.model or 'none'}; {info.bytes_on_disk / 1e6:.1f} MB on disk")
    for word, count in sorted(info.diagnoses.items(), key=lambda item: -item[1]):
        print(f"  {diagnosis_name(word):<44}{count:>7}  {count / info.cases:6.1%}")
    for word, count in sorted(info.confirmations.items(), key=lambda item: -item[1]):
        print(f"  {CONFIRMATIONS.get(word, word):<44}{count:>7}  {count / info.cases:6.1%}")
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    protocols = list(dict.fromkeys(arguments.protocols))
    retrieval = [name for name in protocols if name in PROTOCOLS]
    line = ProgressLine()
    session = None
    if retrieval:
        encoder = Encoder.load(arguments.models, name=arguments.model)
        session = Session.prepare(retrieval, arguments.data, encoder, line)
        line.end()
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for protocol in protocols:
        if session and protocol in retrieval:
            result = session.result(protocol)
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
    query.add_argument("-k", type=_count, default=DEFAULT_K, help="matches (default 16)")
    query.add_argument("--json", action="store_true", help="one JSON object a line, format 1")
    query.add_argument("--heatmap", type=Path, metavar="OUT.png",
                       help="write the picture with the map of its likeliest class; with "
                       "several pictures OUT-1.png, OUT-2.png, ...")  # fmt: skip
    query.set_defaults(run=_query)

    library = commands.add_parser("library", help="build a library or look at one")
    actions = library.add_subparsers(required=True, metavar="ACTION")
    making = actions.add_parser("build", help="add the pictures of a folder to a library")
    making.add_argument("source", type=Path, metavar="SOURCE",
                        help="folder with labels.csv and images/")  # fmt: skip
    making.add_argument("dest", type=Path, metavar="DEST", help="library folder, new or not")
    making.add_argument("--split", metavar="A,B", help="only rows of these splits")
    making.add_argument("--name", help="shown name (default: the folder's)")
    making.set_defaults(run=_library_build)
    info = actions.add_parser("info", help="count what a library holds")
    info.add_argument("dir", type=Path, metavar="DIR")
    info.add_argument("--json", action="store_true")
    info.set_defaults(run=_library_info)

    evaluate = commands.add_parser("evaluate", help="measure a model by a published protocol")
    known = (*PROTOCOLS, quality.NAME)
    evaluate.add_argument("protocols", nargs="+", choices=known, metavar="PROTOCOL",
                          help=f"one or several of {', '.join(known)}")  # fmt: skip
    evaluate.add_argument("--data", type=Path, required=True, metavar="DIR",
                          help="folder that holds the data sets' folders")  # fmt: skip
    evaluate.add_argument("--json", type=Path, metavar="FILE",
                          help="write the figures; of several protocols, by protocol")  # fmt: skip
    evaluate.add_argument("--tables", type=Path, metavar="FILE.md",
                          help="write HAM10000's figures by class, site, ...")  # fmt: skip
    evaluate.add_argument("--models", type=Path, metavar="DIR", help="another models folder")
    evaluate.add_argument("--model", metavar="NAME", help="another model of its manifest")
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
