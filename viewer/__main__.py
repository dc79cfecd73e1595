"""Entry of the window: ``python -m viewer [FILES...]`` and ``caselens-viewer``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

# onnxruntime comes before Qt: on Windows their libraries clash the other way round.
import inference.encoder  # noqa: F401  isort: skip
from viewer.app import run
from viewer.options import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window; return the exit code."""
    return run(parse(sys.argv[1:] if argv is None else argv))


if __name__ == "__main__":
    sys.exit(main())
