"""Putting pictures into a library from a terminal, with progress, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inference.errors import Cancelled
from inference.library.build import build
from inference.library.library import Library
from inference.library.model import DRAWN, NewCase
from inference.library.tally import Report
from inference.opening import Encoders
from inference.terminal import ProgressLine, StopOnInterrupt


def fill(dest: Path, items: Sequence[NewCase], *, name: str | None, encoder: str) -> Report | None:
    """Add pictures to the library in ``dest``, made where there is none; print what became of it.

    Args:
        dest: the library's folder.
        items: at least one picture.
        name: shown name of a new library; by default the folder's.
        encoder: name of the model; "" for the one that described the library, else the standard.

    Returns:
        What became of the pictures, or None when Ctrl-C stopped it.
    """
    phantoms = all(item.case.confirmation == DRAWN for item in items)
    encoders, line = Encoders(), ProgressLine()
    encoders.manifest(encoder)  # before an empty library is made for a wrong name
    opened = Library.open_or_create(dest, name or dest.resolve().name, phantoms=phantoms)
    with opened as library, StopOnInterrupt() as stop:
        model = encoders.load(encoders.for_library(library.info(), encoder).name)
        try:
            report = build(library, items, model, progress=line, cancelled=stop)
        except Cancelled:
            line.end()
            kept = library.info().models.get(model.manifest.sha256, 0)
            print(f"Stopped; {kept} pictures are kept. The same command goes on from there.")
            return None
    line.end()
    print(
        f"{report.added} pictures added, {report.skipped} were there already, "
        f"{len(report.rejected)} rejected; {report.seconds:.1f} s, "
        f"{report.images_per_second:.1f} images per second."
    )
    return report
