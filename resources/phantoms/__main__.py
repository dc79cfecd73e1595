"""``python -m resources.phantoms --per-class 12 --seed 7 DEST``: draw a demonstration set."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resources.phantoms.export import write_set

SEED = 7
PER_CLASS = 12


def main(arguments: list[str] | None = None) -> int:
    """Draw the set and say how far it is."""
    parser = argparse.ArgumentParser(prog="python -m resources.phantoms", description=__doc__)
    parser.add_argument("destination", type=Path, metavar="DEST", help="folder to write into")
    parser.add_argument("--per-class", type=int, default=PER_CLASS, help="phantoms of each class")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed, another set")
    chosen = parser.parse_args(arguments)
    if chosen.per_class < 1 or chosen.seed < 0:
        parser.error("--per-class must be at least 1 and --seed at least 0")
    count = 0
    for name in write_set(chosen.destination, chosen.seed, chosen.per_class):
        count += 1
        sys.stderr.write(f"{count}: {name}\n")
    sys.stdout.write(f"{count} phantoms in {chosen.destination}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
