"""How long maps of a query and its 16 matches take, over one pass of the encoder.

    python -m tests.benchmarks.pair_maps [--encoder NAME]

Turn about with one pass: the pair maps of both sides of all matches, read from a library on the
disk and computed in one call, as for a new answer; the maps of a spot, as for each move of the
mouse after that; and the pair maps where the library keeps none, so that the matches' pictures are
decoded and encoded first.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

from inference.consultation import Answer, Consultant
from inference.encoder import Encoder
from inference.images import read
from inference.library.build import build
from inference.library.library import DATABASE, Library
from inference.library.source import read_source
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

    def one_pass() -> object:
        return encoder.encode(query)

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "library"
        with Library.create(place, "Benchmark", phantoms=True) as library:
            build(library, read_source(demo)[: 2 * MATCHES], encoder)
            consultant = Consultant(encoder, library)
            answer = consultant.ask_image(query, k=MATCHES)
            maps, spot = _new_answers(consultant, answer), _spots(consultant, answer)
            _tell(name, f"the maps of {MATCHES} matches", compare(one_pass, maps, rounds))
            _tell(name, "the maps of a spot", compare(one_pass, spot, rounds))
        with closing(sqlite3.connect(place / DATABASE)) as connection, connection:
            connection.execute("DELETE FROM maps")
        with Library.open(place) as library:
            encoded = _new_answers(Consultant(encoder, library), answer)
            found = compare(one_pass, encoded, max(5, rounds // 10))
            _tell(name, "the maps of matches that have none stored", found)


def _new_answers(consultant: Consultant, answer: Answer) -> Callable[[], object]:
    """Return the pair maps of an answer that was never explained before."""
    return lambda: consultant.pair_maps(replace(answer))


def _spots(consultant: Consultant, answer: Answer) -> Callable[[], object]:
    """Return the maps of a spot that moves."""
    moves = count()
    return lambda: consultant.point(answer, 100 + next(moves) % 300, 200)


def _tell(name: str, what: str, ratios: list[float]) -> None:
    print(f"{name}: {what}: {told(ratios)}")


if __name__ == "__main__":
    main()
