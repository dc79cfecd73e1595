"""How a library of any size opens and answers, beside exact search and other indexes.

    OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.scale --cases 1000000
        [--clusters 1000] [--keep FOLDER] [--rounds 200] [--others usearch hnswlib faiss faiss-ivf]

Draws a library of clustered vectors of 256 numbers and records it as an import does, then, each in
a process of its own: builds its index; opens it twice and asks it; asks it, NumPy and others turn
about. With ``--keep`` a library that is there already is used again. The others are installed for
this only: ``pip install usearch hnswlib faiss-cpu``.

Processor time is told beside time by the clock, since on a busy machine the clock counts the work
of others too; all searches run on one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from inference.library.filters import Filter
from inference.library.library import Library
from tests.benchmarks.contenders import NEIGHBOURS, Contender, Floats, exact, others
from tests.benchmarks.drawn_library import MODEL, Drawing, record, snapshot_of

WARM = 10
FILTERS = {
    "one case in a hundred": Filter(diagnosis=("df",)),
    "one in nine": Filter(diagnosis=("mel",)),
    "two in three": Filter(diagnosis=("nv",)),
}


def main() -> None:
    """Print the tables."""
    arguments = _arguments()
    drawing = Drawing(arguments.cases, arguments.clusters)
    if arguments.step:
        _STEPS[arguments.step](arguments, drawing)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = arguments.keep or Path(place) / "library"
        if not folder.exists():
            begun = time.perf_counter()
            record(folder, drawing)
            _say(f"recorded in {time.perf_counter() - begun:.0f} s")
        for step in ("build", "open", "open", "ask"):
            if step != "build" or not (folder / "index").exists():
                command = [sys.executable, "-m", __spec__.name, *sys.argv[1:]]
                subprocess.run([*command, "--keep", folder, "--step", step], check=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--clusters", type=int, default=1000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--others", nargs="*", default=["usearch", "hnswlib", "faiss", "faiss-ivf"])
    parser.add_argument("--step", choices=list(_STEPS), help=argparse.SUPPRESS)
    return parser.parse_args()


def _build(arguments: argparse.Namespace, drawing: Drawing) -> None:
    begun, worked = time.perf_counter(), time.process_time()
    with Library.open(arguments.keep) as library:
        library.rebuild_index(MODEL)
    _say(
        f"{drawing.count} cases, {drawing.clusters} clusters: index built in "
        f"{time.perf_counter() - begun:.0f} s ({time.process_time() - worked:.0f} s of processor "
        f"time), peak memory {_peak_megabytes()} MB with the mapped files"
    )
    database = (arguments.keep / "library.sqlite").stat().st_size
    files = [path for path in arguments.keep.glob("index/*/*") if path.is_file()]
    of = {
        kind: sum(path.stat().st_size for path in files if path.name.startswith(kind))
        for kind in ("trees", "vectors", "")
    }
    _say(
        f"on disk: database {database >> 20} MB, index {of[''] >> 20} MB "
        f"(trees {of['trees'] >> 20}, vectors {of['vectors'] >> 20})"
    )
    (manifest,) = arguments.keep.glob("index/*/manifest.json")
    _say(f"effort chosen: {json.loads(manifest.read_text())['effort']}")


def _open(arguments: argparse.Namespace, drawing: Drawing) -> None:
    query = drawing.queries(1)[0]
    begun, worked = time.perf_counter(), time.process_time()
    with Library.open(arguments.keep) as library:
        opened = time.perf_counter() - begun
        library.nearest(query, NEIGHBOURS, model=MODEL)
        _say(
            f"opened in {opened:.3f} s, first answer after {time.perf_counter() - begun:.2f} s "
            f"({time.process_time() - worked:.2f} s of processor time)"
        )


def _ask(arguments: argparse.Namespace, drawing: Drawing) -> None:
    queries = drawing.queries(arguments.rounds + WARM)
    with Library.open(arguments.keep) as library:
        index = snapshot_of(library).main
        trial = drawing.queries(arguments.rounds + WARM + 100)[-100:]
        vectors = drawing.whole()
        contenders = [
            exact(vectors),
            Contender("CaseLens, index", lambda q: index.nearest(q, NEIGHBOURS)[0] - 1, 0.0),
            Contender("CaseLens, library", lambda q: _rows(library, q), 0.0),
            *others(arguments.others, vectors, trial),
        ]
        _table(contenders, queries)
        for name, wanted in FILTERS.items():
            _filtered(library, vectors, wanted, name, queries[:20])


def _rows(library: Library, query: Floats, wanted: Filter | None = None) -> np.ndarray:
    found = library.nearest(query, NEIGHBOURS, model=MODEL, filter=wanted or Filter())
    return np.array([image - 1 for image, _ in found])


def _table(contenders: Sequence[Contender], queries: Floats) -> None:
    """Ask all of them each query, turn about."""
    clock = np.empty((len(queries), len(contenders)))
    worked, recall = np.empty_like(clock), np.empty_like(clock)
    for turn, query in enumerate(queries):
        true: set[int] = set()
        for place, contender in enumerate(contenders):
            seconds, processor, rows = _timed(partial(contender.search, query))
            true = true or set(rows.tolist())
            clock[turn, place], worked[turn, place] = seconds, processor
            recall[turn, place] = len(true & set(rows.tolist())) / NEIGHBOURS
    _say("| | ms | times NumPy | ms of processor | times NumPy | recall@16 | worst | built in |")
    _say("|---|---|---|---|---|---|---|---|")
    for place, contender in enumerate(contenders):
        ms = 1e3 * np.median(clock[WARM:, place])
        own = 1e3 * np.median(worked[WARM:, place])
        times = np.median(clock[WARM:, 0]) * 1e3 / ms
        own_times = np.median(worked[WARM:, 0]) * 1e3 / own
        _say(
            f"| {contender.name} | {ms:.2f} | {times:.1f} | {own:.2f} | {own_times:.1f} "
            f"| {recall[:, place].mean():.4f} | {recall[:, place].min():.2f} "
            f"| {contender.seconds:.0f} s |"
        )


def _filtered(
    library: Library, vectors: Floats, wanted: Filter, name: str, queries: Floats
) -> None:
    passing = library.passing(wanted) - 1
    recalls, seconds = [], []
    for query in queries:
        cosines = vectors @ query
        true = passing[np.argpartition(-cosines[passing], NEIGHBOURS)[:NEIGHBOURS]]
        taken, _, rows = _timed(partial(_rows, library, query, wanted))
        seconds.append(taken)
        recalls.append(len(set(true.tolist()) & set(rows.tolist())) / NEIGHBOURS)
    _say(
        f"filter that {name} passes ({len(passing)}): {1e3 * np.median(seconds[2:]):.1f} ms, first "
        f"{1e3 * seconds[0]:.0f} ms, recall@16 {np.mean(recalls):.4f}"
    )


def _timed(work: Callable[[], np.ndarray]) -> tuple[float, float, np.ndarray]:
    begun, worked = time.perf_counter(), time.thread_time()
    result = work()
    return time.perf_counter() - begun, time.thread_time() - worked, result


def _peak_megabytes() -> int:
    """Return the most memory that this process has held, mapped files included."""
    if sys.platform == "win32":
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> (20 if sys.platform == "darwin" else 10)


def _say(line: str) -> None:
    print(line, flush=True)


_STEPS: dict[str, Callable[[argparse.Namespace, Drawing], None]] = {
    "build": _build,
    "open": _open,
    "ask": _ask,
}


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
