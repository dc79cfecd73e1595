"""The engine from a terminal: ``caselens query``, ``library``, ``evaluate`` and their like.

Exit codes: 0 done; 1 a library was looked through and has faults; 2 something outside the program
failed, and the message says what to do; 130 stopped by Ctrl-C with everything finished so far kept.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from inference.commands import (
    FAILED,
    NOTICE,
    STOPPED,
    deidentify,
    evaluate,
    export,
    formats,
    library,
    query,
)
from inference.commands.curate import with_signs
from inference.errors import CaseLensError
from inference.images.exchange import WORKER_OPTION
from inference.images.worker import main as decode_for_parent

_UNHEARD = 141


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="caselens", description=f"CaseLens. {NOTICE}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for each in (query, library, evaluate, formats, deidentify, export):
        each.add_to(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, or the decoding process of a frozen program; return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names need not be valid text
    given = sys.argv[1:] if argv is None else argv
    if WORKER_OPTION in given:
        return decode_for_parent()
    arguments = _parser().parse_args(with_signs(given))
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except CaseLensError as error:
        print(f"caselens: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("caselens: stopped.", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # Whoever read our output has gone, as ``head`` does; nobody is left to be told.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNHEARD


if __name__ == "__main__":
    sys.exit(main())
