"""What it is worth to show each of several joined networks the picture in a view of its own.

    python -m models.training.views --stages sharp rgb second

Validation queries are described in all eight views by each network, and the networks joined twice:
all shown the same view, for each of the eight, and each shown another, for as many random
choices as are asked for. Printed are the means and their standard errors: one choice differs from
another by more than what there is to find.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from models.training import turning
from models.training.calibration import Facts, join, look, validation_figures
from models.training.controls import turned
from models.training.data import Originals, originals
from models.training.dermoscopy import STAGES, Workshop
from models.training.descriptions import Descriptions, assemble
from models.training.sight import Sight
from models.training.whitening import Whitening

SEED = 1
SHOWN = ("p1", "p6", "map", "vote6", "auc9", "bma", "auc")


def in_all_views(workshop: Workshop, stage: str, queries: Originals, side: int) -> list[Facts]:
    """Return what a stage's network says of the queries in each view."""
    passes = assemble(workshop, [stage])
    for network in passes.joined:
        network.view = 0  # here the pictures are turned instead
    sight = Sight(passes, side)
    return [look(sight, queries, turned(queries.batches(side), v)) for v in range(turning.COUNT)]


def draws(networks: int, count: int) -> list[list[int]]:
    """Return random choices of a view for each network, no two of them the same."""
    rng = random.Random(SEED)
    return [rng.sample(range(turning.COUNT), networks) for _ in range(count)]


def measured(
    seen: Sequence[Sequence[Facts]], gallery: Facts, choices: Iterable[Sequence[int]]
) -> str:
    """Return the figures of joined networks in words: means over choices of views.

    Args:
        seen: of each network, what it says in each view.
        gallery: what they say of the gallery, joined.
        choices: view of each network.
    """
    whitening = Whitening(gallery.embedding, 0.0, gallery.embedding.shape[1])
    rows = []
    for choice in choices:
        views = zip(seen, choice, strict=True)
        asked = join([replace(of_network[view], codes={}) for of_network, view in views])
        figures = validation_figures(asked, gallery, whitening.embed)
        rows.append([figures[name] for name in SHOWN])
    table = np.array(rows)
    error = table.std(0, ddof=1) / np.sqrt(len(table))
    words = zip(SHOWN, table.mean(0), error, strict=True)
    return ", ".join(f"{name} {mean:.4f} ± {about:.4f}" for name, mean, about in words)


def main() -> None:
    """Print both rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=["sharp", "rgb", "second"])
    parser.add_argument("--draws", type=int, default=24, help="random choices of views")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("runs/dermoscopy"))
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; 1 on a busy machine")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    workshop, stages = Workshop(arguments.data, arguments.out), arguments.stages
    side = max(STAGES[stage].config.side for stage in stages)
    queries = originals(arguments.data, "val").of("ham10000")
    gallery = Descriptions(workshop).of(stages, "train", side).of("ham10000")
    seen = [in_all_views(workshop, stage, queries, side) for stage in stages]
    same = [[view] * len(stages) for view in range(turning.COUNT)]
    print("one view for all:", measured(seen, gallery, same), flush=True)
    own = draws(len(stages), arguments.draws)
    print("a view for each:", measured(seen, gallery, own), flush=True)


if __name__ == "__main__":
    main()
