"""Reads every file of other projects' test suites as the window would, and counts what came out.

    python -m tests.benchmarks.corpora [FOLDER...] [--fetch] [--list]

FOLDERs are read with all that is below them. Without any: pydicom's own test files, and `dicom` and
`malformed` in the folder of real images, if there is one. `--fetch` adds the files of pydicom-data
and Pillow's test images, out of its source distribution; both are downloaded into a temporary
folder and deleted afterwards.

Where both of a pair are there, a compressed file and what its makers decoded it to (the working
group of DICOM for JPEG 2000, DCMTK for JPEG), their pixels must be the same.

Each file must give a picture or the domain error within `MOST_SECONDS`, and nothing else may
happen: no end of this process, no error of another kind, no failure that the reader did not
foresee. The exit code is 1 where something else did.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import PIL
import pydicom.data

from inference.errors import ImageError
from inference.images import IsolatedReader, read, reader
from inference.images.worker import MEMORY_BYTES

MOST_SECONDS = 5.0
CHECKOUT = Path(__file__).resolve().parents[2]

PAIRS = (
    (r"(\w+)_J2K([RI])\.dcm", r"\1_UNC\2.dcm"),
    (r"SC_rgb_dcmtk_\+eb\+cr\.dcm", "SC_rgb_dcmtk_ebcr_dcmd.dcm"),
    (r"SC_rgb_dcmtk_\+eb\+cy\+(\w+)\.dcm", r"SC_rgb_dcmtk_ebcy\1_dcmd.dcm"),
)
"""Name of a compressed file, and of the same picture as the program that made it decodes it."""

LIMITS = {
    "longer than": "time limit",
    "more memory": "memory limit",
    "crashed": "crash",
    "unforeseen": "unforeseen",
    "went wrong": "unforeseen",
}
"""Words of a reason to what they are counted as."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: its corpus, kind by content, result, reason and time."""

    path: Path
    corpus: str
    kind: str
    result: str
    reason: str
    seconds: float


def main() -> int:
    """Print the tables; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--fetch", action="store_true", help="also fetch pydicom-data and Pillow")
    parser.add_argument("--list", action="store_true", help="one line for each file")
    arguments = parser.parse_args()
    corpora = {folder.name: folder for folder in arguments.folders} or _at_hand()
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.fetch:
            corpora |= _fetched(Path(scratch))
        outcomes, peak = _read(corpora, listing=arguments.list)
        same, others = _compared([outcome.path for outcome in outcomes])
    _print_table("corpus", outcomes, lambda outcome: outcome.corpus)
    _print_table("kind", outcomes, lambda outcome: outcome.kind)
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    print(f"slowest: {slowest.seconds:.2f} s, {slowest.path.name}")
    print(f"memory of the worker at its most: {peak / 2**20:.0f} MB, limit "
          f"{MEMORY_BYTES / 2**20:.0f} MB of address space")  # fmt: skip
    print(f"pairs of the same pixels: {same}; of others: {', '.join(others) or 'none'}")
    bad = [o for o in outcomes if o.result in LIMITS.values() or o.seconds > MOST_SECONDS]
    for outcome in bad:
        print(f"{outcome.path}: {outcome.seconds:.1f} s, {outcome.reason}")
    failed = ("unforeseen", "crash")
    return int(bool(others) or any(o.result in failed or o.seconds > MOST_SECONDS for o in bad))


def _at_hand() -> dict[str, Path]:
    real = Path(os.environ.get("CASELENS_REAL_DATA") or CHECKOUT.parent / "shared" / "data")
    found = {"pydicom": Path(pydicom.data.__file__).parent}
    return found | {n: real / n for n in ("dicom", "malformed") if (real / n).is_dir()}


def _fetched(scratch: Path) -> dict[str, Path]:
    """Download and unpack other projects' files."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(scratch)]
    subprocess.run([*pip, "pydicom-data"], check=True)
    subprocess.run([*pip, "--no-binary", "pillow", f"pillow=={PIL.__version__}"], check=True)
    corpora = {"pydicom-data": scratch / "pydicom-data", "Pillow": scratch / "pillow"}
    for wheel in scratch.glob("pydicom_data*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(corpora["pydicom-data"])
    for source in scratch.glob("pillow*.tar.gz"):
        with tarfile.open(source) as archive:
            images = [m for m in archive if "/Tests/images/" in m.name]
            archive.extractall(corpora["Pillow"], members=images, filter="data")
    return corpora


def _read(corpora: dict[str, Path], *, listing: bool) -> tuple[list[Outcome], int]:
    """Read everything; return what became of it, and the worker's peak memory in bytes."""
    outcomes, peak = [], 0
    with IsolatedReader() as isolated:
        isolated.read(CHECKOUT / "resources" / "demo" / "queries" / "QUERY_mel.jpg")  # warm
        for corpus, folder in corpora.items():
            for path in _files(folder):
                outcome = _outcome(isolated, corpus, path)
                outcomes.append(outcome)
                peak = max(peak, _peak_memory(isolated))
                if listing:
                    print(f"{corpus} {path.relative_to(folder)}: {outcome.result} {outcome.reason}")
    return outcomes, peak


def _compared(paths: list[Path]) -> tuple[int, list[str]]:
    """Return how many pairs have the same pixels, and the names of the others."""
    named = {path.name: path for path in paths}
    same, others = 0, []
    for (name, path), (compressed, decoded) in product(named.items(), PAIRS):
        match = re.fullmatch(compressed, name)
        counterpart = named.get(match.expand(decoded)) if match else None
        if counterpart is None:
            continue
        if np.array_equal(read(path).pixels, read(counterpart).pixels):
            same += 1
        else:
            others.append(name)
    return same, others


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _outcome(isolated: IsolatedReader, corpus: str, path: Path) -> Outcome:
    begun, reason = time.perf_counter(), ""
    try:
        isolated.read(path)
        result = "picture"
    except ImageError as error:
        assert error.subject == path.name
        assert error.advice
        reason = str(error)
        result = next((name for word, name in LIMITS.items() if word in error.reason), "error")
    return Outcome(path, corpus, _kind(path), result, reason, time.perf_counter() - begun)


def _kind(path: Path) -> str:
    """Name what a file is by its content."""
    data = path.read_bytes()[:4096]
    if data[128:132] == b"DICM":
        return "DICOM"
    return reader.photo_kind(data) or "other"


def _peak_memory(isolated: IsolatedReader) -> int:
    """Return the most memory that the worker has had so far; 0 where the system does not say."""
    try:
        status = Path(f"/proc/{isolated.process_id}/status").read_text()
    except OSError:
        return 0
    return next((int(s.split()[1]) * 1024 for s in status.splitlines() if "VmHWM" in s), 0)


def _print_table(title: str, outcomes: list[Outcome], key: Callable[[Outcome], str]) -> None:
    columns = ("picture", "error", "time limit", "memory limit", "crash", "unforeseen")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        counts[key(outcome)][outcome.result] += 1
        counts["all"][outcome.result] += 1
    print(f"| {title} | files | {' | '.join(columns)} |\n|---|{'---|' * (len(columns) + 1)}")
    for name, results in sorted(counts.items(), key=lambda item: (item[0] == "all", item[0])):
        cells = " | ".join(str(results[column]) for column in columns)
        print(f"| {name} | {results.total()} | {cells} |")
    print()


if __name__ == "__main__":
    sys.exit(main())
