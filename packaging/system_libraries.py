"""Finds and installs what pip cannot bring: Qt's shared libraries and a compiler for Annoy.

The shared objects themselves are asked for, not the packages: what the loader finds is what Qt
will find, whichever way it came onto the machine.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from set_up_error import SetUpError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Shared object to the Debian and Ubuntu package that brings it: first those needed with and
# without a display, from libX11-xcb on those of windows under X. Qt's own message blames
# libxcb-cursor0 whichever of them is missing. Debian 13 and Ubuntu 24.04 know libglib2.0-0t64
# by the name without the suffix too.
SHARED_OBJECTS = {
    "libstdc++.so.6": "libstdc++6",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libX11.so.6": "libx11-6",
    "libzstd.so.1": "libzstd1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}


def loads(name: str) -> bool:
    """Say whether the loader finds a shared object with all that it needs in turn."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing_libraries(loads: Callable[[str], bool] = loads) -> list[str]:
    """Return the packages whose shared objects Qt would not find, each once.

    Args:
        loads: says whether a shared object is found.
    """
    if not sys.platform.startswith("linux"):
        return []
    lacking = [package for name, package in SHARED_OBJECTS.items() if not loads(name)]
    return list(dict.fromkeys(lacking))


def missing_tools(
    finds: Callable[[str], object] = shutil.which,
    has_module: Callable[[str], object] = importlib.util.find_spec,
    headers: Path | None = None,
) -> list[str]:
    """Return the packages without which no environment can be made and Annoy not be built.

    Args:
        finds: says whether a command is on the path.
        has_module: says whether Python has a module; Debian splits ensurepip off.
        headers: folder that should hold ``Python.h``; the running Python's own when not given.
    """
    if not sys.platform.startswith("linux"):
        return []
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    headers = headers or Path(sysconfig.get_path("include"))
    present = {
        f"{python}-venv": has_module("ensurepip"),
        f"{python}-dev": (headers / "Python.h").exists(),
        "g++": finds("c++") or finds("g++"),
    }
    return [package for package, found in present.items() if not found]


def install_command(packages: Sequence[str]) -> str:
    """Return what a user without root's rights has to type."""
    return "sudo apt-get install " + " ".join(packages)


def provide(missing: Callable[[], list[str]]) -> None:
    """Install what is missing if we may; otherwise say how.

    Args:
        missing: returns the packages that are missing now; asked again after the installation.

    Raises:
        SetUpError: something is missing, and we are not root, or apt is not there or failed.
    """
    packages = missing()
    if not packages:
        return
    if not shutil.which("apt-get"):
        raise SetUpError(
            "This system lacks libraries or tools that Debian and Ubuntu call\n"
            f"    {' '.join(packages)}\n"
            "Install them with your system's package manager, then run this again."
        )
    advice = (
        f"Install what is missing with\n    {install_command(packages)}\nthen run this again. "
        "(If apt-get cannot find a package: first 'sudo apt-get update'.)"
    )
    if os.geteuid() != 0:
        raise SetUpError(f"This system lacks libraries or tools. {advice}")
    print(f"Installing system packages: {' '.join(packages)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    for command in (["apt-get", "update"], install):
        # A failed update is no reason to stop: the lists that are there may do.
        done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, check=False)
    left = missing()
    if done.returncode or left:
        raise SetUpError(f"apt-get could not install {' '.join(left or packages)}. {advice}")
