"""Two pieces of work timed turn about, so that whatever else the machine does hits both alike."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np

from inference.encoder.manifest import read_manifest
from inference.locations import shipped


def asked(description: str | None, rounds: int) -> tuple[str, int]:
    """Read a benchmark's command line: the shipped model's name, and how many rounds."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--encoder", help="name of a shipped model; the default one without it")
    parser.add_argument("--rounds", type=int, default=rounds)
    arguments = parser.parse_args()
    return read_manifest(shipped("models"), arguments.encoder).name, arguments.rounds


def compare(one_pass: Callable[[], object], work: Callable[[], object], rounds: int) -> list[float]:
    """Run both turn about.

    Args:
        one_pass: what the other is measured in.
        work: what is measured.
        rounds: of both, after five to warm up.

    Returns:
        The ratio of medians, work over pass, over all rounds and over each half of them.
    """
    seconds = np.empty((rounds, 2))
    for i in range(-5, rounds):
        for column, call in enumerate((one_pass, work)):
            begun = time.perf_counter()
            call()
            if i >= 0:
                seconds[i, column] = time.perf_counter() - begun
    ratios = []
    for part in (seconds, seconds[: rounds // 2], seconds[rounds // 2 :]):
        pass_median, work_median = np.median(part, axis=0)
        ratios.append(float(work_median / pass_median))
    return ratios


def told(ratios: Sequence[float]) -> str:
    """Say what `compare` found."""
    return f"{ratios[0]:.2f} passes ({ratios[1]:.2f} and {ratios[2]:.2f} by halves)"
