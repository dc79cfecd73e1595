"""Runs every check of the project and sums them up: style, types, borders, tests."""

from __future__ import annotations

import subprocess
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import environment
import system_libraries

if TYPE_CHECKING:
    from collections.abc import Sequence

ENGINE_TESTS = "tests/inference"
NOTHING_COLLECTED = 5


@dataclass(frozen=True)
class Count:
    """What a run of tests came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Count) -> Count:
        """Sum two runs."""
        return Count(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped
        )

    def __str__(self) -> str:
        """Say it in the plain words that every CI reads."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def read_count(report: Path) -> Count:
    """Return the counts of a JUnit report; a run that died before writing one is a failure."""
    if not report.exists():
        return Count(failed=1)
    suite = ET.parse(report).getroot().find("testsuite")  # noqa: S314 - our own pytest wrote it
    if suite is None:
        return Count(failed=1)
    tests, failures, errors, skipped = (
        int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")
    )
    return Count(tests - failures - errors - skipped, failures + errors, skipped)


def engine_arguments(arguments: Sequence[str]) -> list[str] | None:
    """Return pytest's arguments for the run without Qt; None when it has nothing to do.

    Args:
        arguments: the user's own. Options serve both runs; of named files and folders only those
            of the engine's tests.
    """
    named = [a for a in arguments if _inside(a, "tests")]
    if not named:
        return [ENGINE_TESTS, *arguments]
    ours = [a for a in named if _inside(a, ENGINE_TESTS)]
    return [a for a in arguments if a in ours or a not in named] if ours else None


def _inside(argument: str, folder: str) -> bool:
    """Say whether an argument of pytest names something in a folder of the checkout."""
    path = environment.CHECKOUT / argument.partition("::")[0]
    return path.exists() and path.resolve().is_relative_to(environment.CHECKOUT / folder)


def step(title: str, command: Sequence[str]) -> int:
    """Run one check, with its title before it and its time after it; return its exit code."""
    print(f"\n── {title}", flush=True)
    start = time.monotonic()
    code = subprocess.run(
        command, cwd=environment.CHECKOUT, stdin=subprocess.DEVNULL, check=False
    ).returncode
    print(f"── {title}: {'failed' if code else 'ok'}, {time.monotonic() - start:.0f} s", flush=True)
    return code


def tests(title: str, python: Path, arguments: Sequence[str]) -> tuple[bool, Count]:
    """Run pytest; return whether it failed, and its counts. A run without tests has not failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        code = step(title, [str(python), "-m", "pytest", *arguments, f"--junitxml={report}"])
        return code not in {0, NOTHING_COLLECTED}, read_count(report)


def run(arguments: Sequence[str]) -> int:
    """Set up what is missing, run every check, and return 0 when all have passed.

    Args:
        arguments: passed on to pytest.
    """
    system_libraries.provide(system_libraries.missing_libraries)
    python = environment.ensure(environment.CHECKOUT / ".venv", "app", "dev")
    without_qt = environment.ensure(environment.CHECKOUT / ".venv-engine", "engine")

    scripts = python.parent
    steps = {
        "ruff check": [str(scripts / "ruff"), "check", "."],
        "ruff format": [str(scripts / "ruff"), "format", "--check", "."],
        "mypy": [str(scripts / "mypy")],
        "import-linter": [str(scripts / "lint-imports")],
    }
    failed = [title for title, command in steps.items() if step(title, command)]

    count = Count()
    runs = {
        "pytest": (python, list(arguments)),
        "pytest of the engine, without Qt": (without_qt, engine_arguments(arguments)),
    }
    for title, (interpreter, chosen) in runs.items():
        if chosen is None:
            continue
        broken, counted = tests(title, interpreter, chosen)
        count += counted
        failed += [title] if broken else []
    if count.passed + count.failed == 0:
        failed.append("no test ran")

    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    print(count, flush=True)
    return 1 if failed else 0
