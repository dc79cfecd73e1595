"""What holds for the tree as a whole."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

CHECKOUT = Path(__file__).resolve().parent.parent
LOCKS = CHECKOUT / "packaging" / "locks"
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.*?))? \\$", re.MULTILINE)

# Written so that this file does not match itself.
MACHINE_PATH = re.compile(rb"/w[o]rk/(main|shared)|/ro[o]t/|/opt/p[y]pi|/opt/w[h]eels|/tmp/b[r]ief")
HOST = re.compile(r"://|p[y]pi\.org|pythonh[o]sted")


def tracked(pattern: str = "*") -> list[Path]:
    """Return the files that git keeps, or would keep, whose name matches."""
    if not (CHECKOUT / ".git").exists():
        pytest.skip("not a checkout: an unpacked source without its history")
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", pattern]
    names = subprocess.run(listing, cwd=CHECKOUT, capture_output=True, check=True).stdout
    files = [CHECKOUT / name for name in names.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def lock_pins(name: str) -> dict[str, list[str]]:
    """Return package to its pinned versions; there are several where Python's version decides."""
    pins: dict[str, list[str]] = {}
    for package, version, _ in PINNED.findall((LOCKS / f"{name}.txt").read_text()):
        pins.setdefault(package, []).append(version)
    return pins


def test_packaging_is_no_package() -> None:
    # It would shadow the library "packaging", which pip, pytest and hatchling need.
    assert not (CHECKOUT / "packaging" / "__init__.py").exists()


def test_no_module_is_longer_than_500_lines() -> None:
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in tracked("*.py")}
    assert lengths
    assert [f"{file}: {n}" for file, n in lengths.items() if n > 500] == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    """Models too: an exporter writes the source file of every operation into them."""
    assert [file for file in tracked() if MACHINE_PATH.search(file.read_bytes())] == []


def test_the_training_recipes_are_imported_by_nobody_outside_models() -> None:
    imports = re.compile(r"^\s*(?:from|import)\s+models\b", re.MULTILINE)
    outside = [f for f in tracked("*.py") if f.relative_to(CHECKOUT).parts[0] != "models"]
    measuring = {("tests", "models"), ("tests", "benchmarks")}
    outside = [f for f in outside if f.relative_to(CHECKOUT).parts[:2] not in measuring]
    assert [f for f in outside if imports.search(f.read_text(encoding="utf-8"))] == []


def test_locks_name_neither_hosts_nor_folders() -> None:
    locks = sorted(LOCKS.glob("*.txt"))
    assert {lock.stem for lock in locks} == {"app", "build", "dev", "engine", "source"}
    for lock in locks:
        assert not HOST.search(lock.read_text()), lock.name
        assert not re.search(r"(?:^|\s)/\w", lock.read_text()), lock.name


def test_every_pinned_package_has_hashes() -> None:
    for lock in LOCKS.glob("*.txt"):
        text = re.sub(r"^ *#.*\n", "", lock.read_text(), flags=re.MULTILINE)
        entries = re.split(r"\n(?=\S)", text.strip())
        assert entries
        for entry in entries:
            assert re.match(r"\S+==\S+", entry), entry
            assert "--hash=sha256:" in entry, entry


def test_the_locks_meet_what_pyproject_asks_for() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    pins = {**lock_pins("source"), **lock_pins("app")}
    for line in project["dependencies"]:
        wanted = Requirement(line)
        versions = pins.get(wanted.name.lower())
        assert versions, f"{wanted.name} is not locked: run packaging/refresh_locks.py"
        assert all(wanted.specifier.contains(version) for version in versions), line


def test_the_locks_agree_with_one_another() -> None:
    whole = lock_pins("dev")
    for name in ("app", "build", "engine"):
        assert lock_pins(name).items() <= whole.items(), name


def test_the_engine_is_tested_without_qt_and_nothing_needs_torch() -> None:
    engine = lock_pins("engine")
    assert engine.keys() >= lock_pins("app").keys() - {"pyside6-essentials", "shiboken6"}
    assert not engine.keys() & {"pyside6-essentials", "shiboken6"}
    assert "torch" not in lock_pins("dev")
