"""The wheel holds the program and what it ships, and finds it once installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the checkout, offline."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_it_holds_both_packages_and_what_is_shipped_but_no_recipe(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        "caselens_data",
        "inference",
        "viewer",
    }
    assert "caselens_data/models/manifest.json" in names
    assert [n for n in names if n.startswith("caselens_data/models/") and n.endswith(".onnx")]
    assert [n for n in names if n.startswith("caselens_data/resources/")]
    made_by = ("caselens_data/models/training/", "caselens_data/resources/phantoms/")
    assert [n for n in names if n.startswith(made_by)] == []
    assert [n for n in names if n.startswith("caselens_data/") and n.endswith(".py")] == []


def test_installed_it_finds_its_models_and_resources(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    options = ["--quiet", "--no-deps", "--no-index", "--no-cache-dir", "--target", str(site)]
    install = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *options]
    subprocess.run([*install, str(wheel)], check=True)
    # The checkout is on the path of this environment too: the wheel's folder has to come first.
    script = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "from inference.locations import shipped\n"
        "print(shipped('models') / 'manifest.json')\n"
        "print(shipped('resources'))"
    )
    python = [sys.executable, "-P", "-c", script]
    done = subprocess.run(python, cwd=tmp_path, capture_output=True, text=True, check=True)
    manifest, resources = map(Path, done.stdout.split())
    assert manifest.is_file()
    assert resources.is_dir()
    assert manifest.is_relative_to(site)
    assert resources.is_relative_to(site)


def test_it_declares_both_commands(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    name = next(n for n in archive.namelist() if n.endswith("entry_points.txt"))
    declared = archive.read(name).decode()
    assert "caselens = inference.cli:main" in declared
    assert "caselens-viewer = viewer.__main__:main" in declared
