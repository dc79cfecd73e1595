"""How long the pair maps of a query and its 16 matches take, over one pass of the encoder.

    python -m tests.benchmarks.pair_maps [--encoder NAME]

The maps are those of both sides, from encodings at hand. That the matches' pictures are encoded
first, in one batch, is the greater part of the time until they are shown, and measured as well.
Pair by pair, the maps cost a few hundredths of a pass, so nothing batches them.
"""

from __future__ import annotations

from inference.encoder import Encoder
from inference.explain import pair_heatmaps
from inference.images import read
from inference.locations import shipped
from tests.benchmarks.turn_about import asked, compare, told

THREADS = 2
MATCHES = 16


def main() -> None:
    """Print the ratios."""
    name, rounds = asked(__doc__, 100)
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

    found = compare(one_pass, maps, rounds)
    whole = compare(one_pass, with_encoding, max(5, rounds // 10))
    print(f"{name}: the maps of {MATCHES} matches {told(found)}")  # noqa: T201
    print(f"{name}: and the encoding of their pictures {told(whole)}")  # noqa: T201


if __name__ == "__main__":
    main()
