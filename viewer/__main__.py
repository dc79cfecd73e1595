"""Entry of the window: ``python -m viewer [FILES...]`` and ``caselens-viewer``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from inference.images.exchange import WORKER_OPTION
from inference.images.worker import main as decode_for_parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window, or the decoding process of a frozen one; return the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if WORKER_OPTION in arguments:
        return decode_for_parent()
    from viewer.program import show  # noqa: PLC0415 - the decoding process needs none of it

    return show(arguments)


if __name__ == "__main__":
    sys.exit(main())
