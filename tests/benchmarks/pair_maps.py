"""How long the pair maps of a query and its 16 matches take, over one pass of the encoder.

    python -m tests.benchmarks.pair_maps [--encoder NAME]

The maps are those of both sides, from encodings at hand. That the matches' pictures are encoded
first, in one batch, is the greater part of the time until they are shown, and measured as well.
Pair by pair, the maps cost a few hundredths of a pass, so nothing batches them.
"""

from __future__ import annotations

import argparse

from inference.encoder import Encoder
from inference.encoder.manifest import read_manifest
from inference.explain import pair_heatmaps
from inference.images import read
from inference.locations import shipped
from tests.benchmarks.turn_about import compare, told

THREADS = 2
MATCHES = 16


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", help="name of a shipped model; the default one without it")
    parser.add_argument("--rounds", type=int, default=100)
    arguments = parser.parse_args()
    name = read_manifest(shipped("models"), arguments.encoder).name
    encoder = Encoder.load(name=name, threads=THREADS)
    demo = shipped("resources") / "demo"
    query = read(demo / "queries" / "QUERY_bkl.jpg")
    images = [read(path) for path in sorted((demo / "images").glob("*.jpg"))[:MATCHES]]
    described, cases = encoder.encode(query), encoder.encode_many(images)

    def one_pass() -> object:
        return encoder.encode(query)

    def maps() -> object:
        return [pair_heatmaps(described, case) for case in cases]

    def with_encoding() -> object:
        return [pair_heatmaps(described, case) for case in encoder.encode_many(images)]

    found = compare(one_pass, maps, arguments.rounds)
    whole = compare(one_pass, with_encoding, max(5, arguments.rounds // 10))
    print(f"{name}: the maps of {MATCHES} matches {told(found)}")  # noqa: T201
    print(f"{name}: and the encoding of their pictures {told(whole)}")  # noqa: T201


if __name__ == "__main__":
    main()
