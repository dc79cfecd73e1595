"""The command line of the window."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from viewer.gallery_layout import Arrangement
from viewer.language import LanguageChoice
from viewer.settings import ThemeChoice


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for.

    Attributes:
        files: pictures and folders to look at.
        library: folder of the library to open; None for the last one.
        demo: open the demonstration library with its own query.
        picture: write a picture of the window to this file instead of showing it.
        compare: rank of the match that the picture shows beside the query; None for the gallery.
        theme: for this start only; None for the reader's choice.
        language: likewise.
        arrangement: how answers are read; likewise.
        size: (width, height) of the picture's window, in device-independent pixels.
        scale: device pixels for each of them.
    """

    files: tuple[Path, ...] = ()
    library: Path | None = None
    demo: bool = False
    picture: Path | None = None
    compare: int | None = None
    theme: ThemeChoice | None = None
    language: LanguageChoice | None = None
    arrangement: Arrangement | None = None
    size: tuple[int, int] = (1366, 768)
    scale: float = 1.0


def parse(argv: Sequence[str]) -> Options:
    """Read the command line.

    Raises:
        SystemExit: it asks for help (code 0) or cannot be understood (code 2).
    """
    parser = argparse.ArgumentParser(
        prog="caselens-viewer",
        description="Drop a dermoscopy picture and see the most similar confirmed cases. "
        "Research and education, not a diagnosis.",
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="picture or folder")
    parser.add_argument("--library", type=Path, metavar="DIR", help="case library to open")
    parser.add_argument(
        "--demo", action="store_true", help="demonstration library, with a demonstration query"
    )
    parser.add_argument(
        "--picture",
        type=Path,
        metavar="OUT.png",
        help="write a picture of the window, print the matches, and leave; needs no display",
    )
    parser.add_argument(
        "--compare", type=_rank, metavar="N", help="let the picture compare match N with the query"
    )
    parser.add_argument("--theme", choices=("light", "dark", "system"), help="for this start")
    parser.add_argument(
        "--read", choices=get_args(Arrangement), help="how answers are read, for this start"
    )
    parser.add_argument("--language", choices=("en", "de", "system"), help="for this start")
    parser.add_argument("--size", type=_size, default=(1366, 768), metavar="WxH")
    parser.add_argument("--scale", type=_scale, default=1.0, metavar="N", help="1 to 4")
    read = parser.parse_args(argv)
    if read.demo and read.library is not None:
        parser.error("--demo and --library exclude one another")
    if read.compare is not None and read.picture is None:
        parser.error("--compare needs --picture")
    return Options(
        files=tuple(read.files),
        library=read.library,
        demo=read.demo,
        picture=read.picture,
        compare=read.compare,
        theme=read.theme,
        language=read.language,
        arrangement=read.read,
        size=read.size,
        scale=read.scale,
    )


def _rank(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no rank from 1 on")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is no size such as 1366x768")
    if not (640 <= int(width) <= 8000 and 480 <= int(height) <= 8000):
        raise argparse.ArgumentTypeError(f"{text!r} is not between 640x480 and 8000x8000")
    return int(width), int(height)


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not 1 <= scale <= 4:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 1 and 4")
    return scale
