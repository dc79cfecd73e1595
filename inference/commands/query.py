"""``caselens query``: the cases most similar to pictures."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from inference.cautions import FLAGS
from inference.commands import FAILED, NOTICE
from inference.commands.where import add_where, read_filter
from inference.consultation import DEFAULT_K, Answer, Consultant
from inference.diagnoses import diagnosis_name
from inference.errors import CaseLensError
from inference.explain import Region, class_heatmap
from inference.export import answer_record, error_record, match_table, write_overlay
from inference.images import IsolatedReader
from inference.library.demonstration import open_demonstration
from inference.opening import Encoders, describing_command, open_library, require_described
from inference.terminal import ProgressLine

if TYPE_CHECKING:
    from inference.commands import Commands


def add_to(commands: Commands) -> None:
    """Add ``query``."""
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
    query.add_argument("--search", type=_bits, default=None, metavar="HOW",
                       help="what to compare: float (embeddings, the default) or hash16, hash32, "
                       "hash64, hash128 (hash codes of so many bits)")  # fmt: skip
    add_where(query)
    query.add_argument("--json", action="store_true", help="one JSON object a line, format 1")
    query.add_argument("--heatmap", type=Path, metavar="OUT.png",
                       help="write the picture with the map of its likeliest class; with "
                       "several pictures OUT-1.png, OUT-2.png, ...")  # fmt: skip
    query.set_defaults(run=_query)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of at least 1")
    return int(text)


def _bits(text: str) -> int | None:
    """Return the length of the hash codes to compare; None for embeddings."""
    length = text.removeprefix("hash")
    if text == "float":
        return None
    if text == length or not length.isdecimal() or int(length) == 0:
        raise argparse.ArgumentTypeError(f"{text} is neither float nor hash and a number of bits")
    return int(length)


def _query(arguments: argparse.Namespace) -> int:
    if arguments.search and arguments.region is not None:
        raise CaseLensError(
            "--search",
            "a region is compared by feature maps, not by hash codes",
            "Leave out --search or --region",
        )
    arguments.filter = read_filter(arguments.where)
    desk = Desk(arguments.library, arguments.encoder)
    status = 0
    with IsolatedReader() as reader:
        for number, name in enumerate(arguments.images, start=1):
            try:
                print(_answered(arguments, desk, reader, name, number), flush=True)
            except CaseLensError as error:
                status = FAILED
                if arguments.json:
                    print(json.dumps(error_record(name, error)), flush=True)
                else:
                    print(f"caselens: {error}", file=sys.stderr)
    return status


def _answered(
    arguments: argparse.Namespace, desk: Desk, reader: IsolatedReader, name: str, number: int
) -> str:
    """Answer one picture; return what to print."""
    begun = time.perf_counter()
    image = reader.read(Path(name))  # before the models: a bad file is told of at once
    read_ms = (time.perf_counter() - begun) * 1e3
    region = None
    if arguments.region is not None:
        region = Region.parse(arguments.region, picture=(image.height, image.width))
    consultant = desk.consultant()
    answer = consultant.ask_image(
        image, k=arguments.k, read_ms=read_ms, filter=arguments.filter, bits=arguments.search
    )
    if region is not None:
        answer = consultant.ask_region(answer, region, k=arguments.k)
    if arguments.heatmap:
        path = _numbered(arguments.heatmap, number, len(arguments.images))
        write_overlay(path, image.pixels, class_heatmap(answer.encoding))
    if not arguments.json:
        return _answer_table(name, answer, consultant)
    record = answer_record(name, answer, consultant.encoder.manifest, consultant.library)
    return json.dumps(record)


class Desk:
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
    if answer.bits is not None:
        lines.append(f"matches by hash codes of {answer.bits} bits")
    if answer.unsearched:
        lines.append(f"note: {_unsearched(answer, consultant)}")
    if answer.filter:
        lines.append(_searched(answer))
    lines.append(match_table(answer.matches))
    ordered = sorted(answer.estimate.items(), key=lambda item: -item[1])
    lines.append(
        "class estimate: " + ", ".join(f"{diagnosis_name(c)} {p:.0%}" for c, p in ordered[:3])
    )
    times = ", ".join(f"{stage} {ms:.0f} ms" for stage, ms in answer.milliseconds.items())
    lines.append(f"{times}. {NOTICE}")
    return "\n".join(lines)


def _searched(answer: Answer) -> str:
    """Say how much of the library the filter left, by diagnosis."""
    rates = sorted(answer.base_rates.items(), key=lambda item: -item[1])
    counts = ", ".join(f"{diagnosis_name(word)} {count}" for word, count in rates)
    total = sum(answer.base_rates.values())
    return f"searched: {total} cases that pass the filter ({counts or 'none'})"


def _unsearched(answer: Answer, consultant: Consultant) -> str:
    what = "feature map" if answer.bits is None else "hash code"
    command = describing_command(consultant.library.folder, consultant.encoder.manifest)
    return (
        f"{answer.unsearched} pictures have no {what} and were left out. "
        f"Run {command} to complete it."
    )
