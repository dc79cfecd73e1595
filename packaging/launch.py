"""Opens the viewer on the demonstration library, on the screen or, without one, off it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import environment
import system_libraries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PICTURE = environment.CHECKOUT / "runs" / "demonstration.png"


def has_display(platform: str, environ: Mapping[str, str]) -> bool:
    """Say whether a window can be shown: always, except on a Linux without X or Wayland."""
    if not platform.startswith("linux"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def viewer_command(python: Path, arguments: Sequence[str], *, display: bool) -> list[str]:
    """Return the command that shows the demonstration.

    Args:
        python: the interpreter of the environment.
        arguments: pictures to open instead of the demonstration's own, and options of the viewer.
        display: whether there is a screen; without one the viewer writes a picture of its window.
    """
    # -P: a folder called "viewer" where the user happens to stand must not be taken for ours.
    command = [str(python), "-P", "-m", "viewer", "--demo"]
    if not display and "--picture" not in arguments:
        command += ["--picture", str(PICTURE)]
    return [*command, *arguments]


def run(arguments: Sequence[str]) -> int:
    """Set up what is missing, then open the viewer; return its exit code."""
    system_libraries.provide(system_libraries.missing_libraries)
    python = environment.ensure(environment.CHECKOUT / ".venv", "app")
    display = has_display(sys.platform, os.environ)
    if not display:
        print("There is no display: running off screen, with a picture of the window.", flush=True)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        PICTURE.parent.mkdir(exist_ok=True)
    command = viewer_command(python, arguments, display=display)
    try:
        return subprocess.call(command)
    except KeyboardInterrupt:
        return 130
