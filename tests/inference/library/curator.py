"""A program that changes a library without end, to be killed at any instant.

``python -m tests.inference.library.curator KIND FOLDER SOURCE`` makes changes of one kind and
tells each on standard output once the library has acknowledged it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

from inference.library import build as build_module
from inference.library.build import build
from inference.library.library import Library
from inference.library.model import Progress
from inference.library.source import read_source
from tests.inference.library.conftest import MODEL, FakeEncoder


def _tell(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201


def _import(library: Library, source: Path) -> None:
    build_module.BATCH = 4
    items, encoder = read_source(source), FakeEncoder()

    def progress(_: Progress) -> None:
        _tell(library.info().images)

    for _ in count():
        build(library, items, encoder, progress=progress)
        library.curation.undo()
        _tell(0)


def _edit(library: Library, _: Path) -> None:
    for number in count():
        case = library.case(1 + number % 20)
        after = replace(case, note=f"note {number}", tags=(f"tag{number}", f"also{number}"))
        library.curation.edit(case, after)
        _tell(number)


def _delete(library: Library, _: Path) -> None:
    for number in count():
        case = 1 + number % 20
        library.curation.delete([case])
        _tell("deleted", case)
        library.curation.undo()
        _tell("back", case)


def _merge(library: Library, _: Path) -> None:
    for _number in count():
        library.curation.merge(5, 2)
        _tell("merged")
        library.curation.undo()
        _tell("parted")


def _index(library: Library, _: Path) -> None:
    for number in count():
        library.rebuild_index(MODEL)
        _tell(number)


def _open(library: Library, _: Path) -> None:
    """The migration is over when this is reached."""
    _tell(library.info().images)


KINDS: dict[str, Callable[[Library, Path], None]] = {
    "import": _import,
    "edit": _edit,
    "delete": _delete,
    "merge": _merge,
    "index": _index,
    "migrate": _open,
}

if __name__ == "__main__":
    kind, folder, its_source = sys.argv[1:]
    _tell("ready")
    with Library.open(Path(folder)) as opened:
        KINDS[kind](opened, Path(its_source))
