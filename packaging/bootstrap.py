#!/usr/bin/env python3
"""From a fresh clone to a running CaseLens, with nothing but the system's Python.

    python3 packaging/bootstrap.py run [FILES...]    open the viewer on the demonstration library
    python3 packaging/bootstrap.py test [OPTIONS]    run all checks; OPTIONS go to pytest

Both first set up what is missing: system libraries, the environment in .venv, the packages of the
lock files. A second time there is nothing to set up. Without a display, "run" does the same off
screen: it prints the matches and writes a picture of the window.
"""

from __future__ import annotations

import sys

OLDEST = (3, 11)
NEWEST = (3, 13)


def version_problem(version: tuple[int, ...]) -> str | None:
    """Say what is wrong with a version of Python; None when CaseLens runs on it."""
    if OLDEST <= version[:2] <= NEWEST:
        return None
    return (
        f"CaseLens needs Python 3.11, 3.12 or 3.13; this is {version[0]}.{version[1]} "
        f"({sys.executable}).\nInstall one of them and start this with it, for example\n"
        "    python3.11 packaging/bootstrap.py run"
    )


def main(arguments: list[str]) -> int:
    """Do what the first argument says; return the exit code."""
    # This file is read by whatever Python is there, from 3.8 on; the others only by one that
    # will do. So they are imported late.
    problem = version_problem(tuple(sys.version_info[:3]))
    if problem:
        print(problem, file=sys.stderr)
        return 1
    if not arguments or arguments[0] not in {"run", "test"}:
        print(__doc__, file=sys.stdout if arguments[:1] in (["-h"], ["--help"]) else sys.stderr)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2

    from set_up_error import SetUpError  # noqa: PLC0415

    try:
        if arguments[0] == "run":
            import launch  # noqa: PLC0415

            return launch.run(arguments[1:])
        import checks  # noqa: PLC0415

        return checks.run(arguments[1:])
    except SetUpError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from a clean state.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
