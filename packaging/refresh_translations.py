"""Brings the German words up to date with the sources: reads new ones, and compiles the rest.

    .venv/bin/python packaging/refresh_translations.py

Words without German are then marked as unfinished in resources/translations/caselens_de.ts, which
Qt Linguist or any editor changes; the compiled file beside it is what the program loads.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import PySide6

CHECKOUT = Path(__file__).resolve().parent.parent
WORDS = CHECKOUT / "resources" / "translations" / "caselens_de.ts"
COMPILED = WORDS.with_suffix(".qm")

_TOOLS = Path(PySide6.__file__).parent


def collect(words: Path) -> None:
    """Bring a file of words up to date with the sources of the window."""
    sources = sorted(str(path) for path in (CHECKOUT / "viewer").glob("*.py"))
    _call(
        "lupdate", *sources, "-locations", "none", "-no-obsolete",
        "-source-language", "en", "-target-language", "de", "-ts", str(words),
    )  # fmt: skip


def compile_to(compiled: Path, words: Path = WORDS) -> None:
    """Compile a file of words; unfinished ones are left out."""
    _call("lrelease", str(words), "-nounfinished", "-qm", str(compiled))


def _call(tool: str, *arguments: str) -> None:
    suffix = ".exe" if sys.platform == "win32" else ""
    subprocess.run([str(_TOOLS / f"{tool}{suffix}"), "-silent", *arguments], check=True)


if __name__ == "__main__":
    collect(WORDS)
    compile_to(COMPILED)
