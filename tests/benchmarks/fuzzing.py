"""Guides mutants of DICOM files by what they cover of the Python that parses them.

    python -m pip install atheris
    python -m tests.benchmarks.fuzzing CORPUS [-max_total_time=1800] [further options of libFuzzer]

CORPUS is a folder, made if need be and filled with the drawn files of `tests.benchmarks.mutants`;
what covers more is added to it. pydicom and our own reader are instrumented; what is compiled is
not, and is the business of `tests.benchmarks.mutants`. Decoding is in this process, so that a crash
is seen. It stops at the first failure that is not the domain error, and says which bytes did it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pydicom", "inference.images"]):
    from inference.images import reader

from inference.errors import ImageError
from tests.benchmarks.mutants import seeds


def once(data: bytes) -> None:
    """Read one mutant."""
    try:
        reader.decode(data, "mutant")
    except ImageError as error:
        assert error.reason
        assert error.advice


def main() -> None:
    """Fill the corpus and go on until the time is up."""
    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    for name, data in seeds().items():
        (corpus / name.replace(" ", "-").replace(",", "")).write_bytes(data)
    limits = ["-rss_limit_mb=4096", "-timeout=20", "-max_len=65536"]
    atheris.Setup([sys.argv[0], str(corpus), *limits, *sys.argv[2:]], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
