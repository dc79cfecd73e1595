"""The window as a program: its imports in the order in which they can be loaded."""

from __future__ import annotations

from collections.abc import Sequence

# onnxruntime comes before Qt: on Windows their libraries clash the other way round.
import inference.encoder  # noqa: F401  isort: skip
from viewer.app import run
from viewer.options import parse


def show(arguments: Sequence[str]) -> int:
    """Run the window as the command line says; return the exit code."""
    return run(parse(arguments))
