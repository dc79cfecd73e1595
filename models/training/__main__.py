"""The whole recipe: from the data folder to the shipped models, their numbers and their cards.

    python -m models.training --data ../shared/data --out runs/dermoscopy --name dermoscopy-4

Every step that is finished is kept in ``--out`` and not done again; test pictures are looked at
in the last step alone, once for each model.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from inference import cli
from inference.encoder.manifest import read_manifest
from models.training import card
from models.training.dermoscopy import STAGES, Workshop, leading_to
from models.training.descriptions import Descriptions, needed
from models.training.ship import VARIANTS, best_of_each_kind, ship, table, weigh

PROTOCOLS = ("ham10000", "isic2017", "derm7pt", "pad_ufes20")


def main() -> None:
    """Train, choose, export, evaluate, write cards."""
    parser = argparse.ArgumentParser(prog="python -m models.training", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("runs/dermoscopy"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--name", default="dermoscopy-4")
    parser.add_argument(
        "--variants", nargs="+", choices=[variant.name for variant in VARIANTS], metavar="NAME",
        help="choose among these alone, such as guided+first; trains only what they need",
    )  # fmt: skip
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; 1 on a busy machine")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    workshop = Workshop(arguments.data, arguments.out)
    chosen = [v for v in VARIANTS if not arguments.variants or v.name in arguments.variants]
    used = {stage for variant in chosen for stage in needed(variant.stages)}
    for stage in leading_to(used, workshop.finished) if arguments.variants else STAGES:
        workshop.run(stage)
    descriptions = Descriptions(workshop)
    candidates = [weigh(workshop, descriptions, variant) for variant in chosen]
    print(table(candidates), flush=True)
    best = [candidate.variant for candidate in best_of_each_kind(candidates)]
    for name in ship(workshop, descriptions, best, arguments.name, arguments.models):
        measure(name, arguments.data, arguments.out, arguments.models)


def measure(name: str, data: Path, out: Path, models: Path) -> None:
    """Measure a model of the manifest on the test pictures, and write its card.

    A file that has been measured is not measured again.

    Raises:
        RuntimeError: a protocol failed.
    """
    measured = f"{name}-{read_manifest(models, name).sha256[:16]}"
    figures, tables = (out / f"{measured}.{ending}" for ending in ("figures.json", "tables.md"))
    if not tables.exists():
        asked = ["evaluate", *PROTOCOLS, "--data", str(data), "--models", str(models)]
        asked += ["--encoder", name, "--json", str(figures), "--tables", str(tables)]
        if cli.main(asked) != 0:
            raise RuntimeError(f"{name}: the protocols could not be run")
    card.write(name, models, figures, tables)


if __name__ == "__main__":
    main()
