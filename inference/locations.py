"""Where the program's own files and the user's files lie."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import platformdirs

from inference.errors import CaseLensError

_PACKAGE_PARENT = Path(__file__).resolve().parent.parent


def shipped(folder: Literal["models", "resources"]) -> Path:
    """Return the folder of shipped files, in a checkout, an installed wheel and a frozen bundle.

    A checkout and a frozen bundle have the folder beside the ``inference`` package; a wheel puts
    it in ``caselens_data`` there, so that no other distribution's ``models`` is overwritten.

    Raises:
        CaseLensError: neither place holds the folder: the installation is incomplete.
    """
    for candidate in (_PACKAGE_PARENT / "caselens_data" / folder, _PACKAGE_PARENT / folder):
        if candidate.is_dir():
            return candidate
    raise CaseLensError(
        _PACKAGE_PARENT / folder,
        "this part of the installation is missing",
        "Install CaseLens again",
    )


def user_data() -> Path:
    """Return the user's own CaseLens folder (libraries live under it); it may not exist yet."""
    return Path(platformdirs.user_data_dir("CaseLens", appauthor=False))


def user_cache() -> Path:
    """Return the folder for what can be made again, such as the built demonstration library."""
    return Path(platformdirs.user_cache_dir("CaseLens", appauthor=False))
