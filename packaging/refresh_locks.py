"""Writes packaging/locks anew from pyproject.toml, with the newest versions that it allows.

Run it in the development environment: ``.venv/bin/python packaging/refresh_locks.py``. Every lock
holds for Python 3.11 to 3.13 on Linux, macOS and Windows, with the hashes of all files of the
public registry; names of hosts and folders are left out, so that a mirror serves as well.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import environment

HEADER = "python packaging/refresh_locks.py"
WINDOW = ("pyside6-essentials", "shiboken6")
SOURCE_BUILT = ("annoy",)


def compile_lock(output: Path, *arguments: str, constraints: Path | None = None) -> None:
    """Resolve requirements with uv into one lock file.

    Args:
        output: the file to write; what it held before has no say in the versions.
        arguments: what to resolve, as options and files of ``uv pip compile``.
        constraints: a lock whose versions win, so that all locks agree.

    Raises:
        subprocess.CalledProcessError: the requirements cannot be met; uv has said why.
    """
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade", "--no-config"]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-annotate", "--no-emit-index-url", "--custom-compile-command", HEADER]
    if constraints is not None:
        command += ["--constraints", str(constraints)]
    # A mirror's files could be other builds with other hashes.
    public = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    command += [*arguments, "--output-file", str(output)]
    subprocess.run(command, check=True, env=public, cwd=environment.CHECKOUT)


def omit(*names: str) -> list[str]:
    """Return the options that keep these packages out of a lock."""
    return [f"--no-emit-package={name}" for name in names]


def main() -> None:
    """Resolve everything once, then cut each lock from that."""
    with (environment.CHECKOUT / "pyproject.toml").open("rb") as file:
        dependencies: list[str] = tomllib.load(file)["project"]["dependencies"]
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole.txt")
        compile_lock(whole, "pyproject.toml", "--group=dev")

        source = Path(folder, "source.in")
        source.write_text("\n".join(line for line in dependencies if line.startswith(SOURCE_BUILT)))
        compile_lock(environment.lock("source"), "--no-deps", str(source), constraints=whole)

        for name, arguments in {
            "build": ["--group=build"],
            "app": ["pyproject.toml", *omit(*SOURCE_BUILT)],
            "engine": ["pyproject.toml", "--group=tests", *omit(*SOURCE_BUILT, *WINDOW)],
            "dev": ["pyproject.toml", "--group=dev", *omit(*SOURCE_BUILT)],
        }.items():
            compile_lock(environment.lock(name), *arguments, constraints=whole)
            print(f"Wrote {environment.lock(name).relative_to(environment.CHECKOUT)}")


if __name__ == "__main__":
    main()
