"""Makes the checkout's Python environments from the lock files, and knows when they are ready.

Each lock that has been installed leaves a stamp in the environment: a hash of all that went into
it. A stamp that matches means that nothing needs doing; one that is missing or differs, because
the set-up was interrupted or a lock has changed, means making the environment anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import system_libraries
from set_up_error import SetUpError

CHECKOUT = Path(__file__).resolve().parent.parent


def lock(name: str) -> Path:
    """Return the path of a lock file: ``app``, ``engine``, ``dev``, ``build`` or ``source``."""
    return CHECKOUT / "packaging" / "locks" / f"{name}.txt"


def interpreter(folder: Path) -> Path:
    """Return where an environment has its Python."""
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def ensure(folder: Path, *locks: str) -> Path:
    """Return the Python of an environment that holds these locks; make or mend it if needed.

    Args:
        folder: the environment's folder; replaced when its first lock is out of date.
        locks: names of locks, each holding everything of those before it.

    Raises:
        SetUpError: a system package is missing, or pip, the compiler or the network failed.
    """
    for n, name in enumerate(locks):
        wanted = fingerprint(*locks[: n + 1])
        if _stamp(folder, name) == wanted:
            continue
        if n == 0:
            _make(folder)
        print(f"Installing the packages of {lock(name).name} into {folder.name}", flush=True)
        install = ["install", "--no-deps", "--require-hashes", "-r", str(lock(name))]
        _pip(interpreter(folder), *install)
        _write_stamp(folder, name, wanted)
    return interpreter(folder)


def fingerprint(*locks: str) -> str:
    """Return a hash of everything that decides what an environment with these locks holds.

    It covers the locks, this recipe, the version of Python, the place of the checkout (an
    environment does not survive being moved), and the commands that the project declares.
    """
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    parts = [Path(__file__).read_bytes(), str(CHECKOUT).encode(), _python_kind().encode()]
    parts += [json.dumps(project, sort_keys=True).encode()]
    parts += [lock(name).read_bytes() for name in ("build", "source", *locks)]
    return _hash(parts)


def annoy_flags(system: str, machine: str) -> str:
    """Return compiler flags for an Annoy that runs on other machines than this one.

    Annoy's own flags contain ``-march=native``, which dies with SIGILL on an older processor,
    and ``-ffast-math``, with which it loses neighbours under some compilers.

    Args:
        system: as `platform.system` says it.
        machine: as `platform.machine` says it.
    """
    if system == "Windows":
        return "/O2,/EHsc,/std:c++14,/DANNOYLIB_MULTITHREADED_BUILD"
    flags = "-O3,-std=c++14,-DANNOYLIB_MULTITHREADED_BUILD"
    return f"{flags},-march=x86-64-v2" if machine.lower() in {"x86_64", "amd64"} else flags


def _make(folder: Path) -> None:
    """Make an environment that holds Annoy and the checkout, and no lock's packages yet."""
    system_libraries.provide(system_libraries.missing_tools)
    print(f"Making the Python environment {folder}", flush=True)
    # Without the interpreter of the environment itself, which is about to be replaced.
    base = getattr(sys, "_base_executable", sys.executable)
    _run([base, "-m", "venv", "--clear", str(folder)], "the Python environment was not made")
    python = interpreter(folder)
    _pip(python, "install", "--no-deps", "--require-hashes", "-r", str(lock("build")))
    annoy = _annoy_wheel(python)
    _pip(python, "install", "--no-deps", "--no-index", str(annoy))
    editable = ["--no-deps", "--no-index", "--no-build-isolation", "--editable", str(CHECKOUT)]
    _pip(python, "install", "--quiet", *editable)


def _annoy_wheel(python: Path) -> Path:
    """Return a wheel of Annoy for this Python, built from its hashed source if there is none."""
    flags = annoy_flags(platform.system(), platform.machine())
    recipe = [lock(name).read_bytes() for name in ("build", "source")]
    key = _hash([*recipe, flags.encode(), _python_kind().encode()])[:16]
    shelf = CHECKOUT / ".venv-wheels" / key
    for wheel in shelf.glob("annoy-*.whl"):
        return wheel
    print("Building Annoy from its source", flush=True)
    unfinished = shelf.with_name(f"{key}.{os.getpid()}")
    # Not from pip's cache of wheels: the flags are not part of its key.
    options = ["--no-deps", "--no-build-isolation", "--no-cache-dir", "--no-binary", ":all:"]
    options += ["--require-hashes", "-r", str(lock("source")), "--wheel-dir", str(unfinished)]
    keep = {k: v for k, v in os.environ.items() if k not in {"CFLAGS", "CPPFLAGS", "CXXFLAGS"}}
    _pip(python, "wheel", *options, environ={**keep, "ANNOY_COMPILER_ARGS": flags})
    shutil.rmtree(shelf, ignore_errors=True)
    unfinished.replace(shelf)
    return next(shelf.glob("annoy-*.whl"))


def _python_kind() -> str:
    """Return what a compiled extension depends on: version, implementation, platform."""
    return f"{sys.implementation.cache_tag} {sysconfig.get_platform()}"


def _pip(python: Path, *arguments: str, environ: dict[str, str] | None = None) -> None:
    """Run pip inside an environment."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    _run(command, "installing failed; pip says above why", environ)


def _run(command: list[str], failure: str, environ: dict[str, str] | None = None) -> None:
    """Run a command to its end; its failure is the user's to mend."""
    done = subprocess.run(command, env=environ, cwd=CHECKOUT, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SetUpError(
            f"Set-up stopped: {failure}.\nOnce it is mended (a network, a full disk), run the same "
            "command again: it goes on from a clean state."
        )


def _stamp(folder: Path, name: str) -> str:
    """Return the fingerprint that an installed lock left; empty when there is none.

    A Python that is gone, because the system has moved to a newer one, leaves nothing that holds.
    """
    stamp = folder / f"caselens-{name}.stamp"
    if not (stamp.exists() and interpreter(folder).exists()):
        return ""
    return stamp.read_text(encoding="ascii")


def _write_stamp(folder: Path, name: str, text: str) -> None:
    """Leave a stamp, in one step, so that an interruption leaves none."""
    unfinished = folder / f"caselens-{name}.unfinished"
    unfinished.write_text(text, encoding="ascii")
    unfinished.replace(folder / f"caselens-{name}.stamp")


def _hash(parts: list[bytes]) -> str:
    """Return one SHA-256 over parts, with their borders."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "little"))
        whole.update(part)
    return whole.hexdigest()
