"""A small deterministic encoder and small sources, so that no model and no real picture is needed.

Also run as a program (``python -m tests.inference.library.conftest SOURCE DEST PAUSE_AFTER``): a
build that stands still after so many batches, to be killed there.
"""

from __future__ import annotations

import csv
import errno
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from inference.images import MedicalImage
from inference.library import build as build_module
from inference.library import describe as describe_module
from inference.library import schema
from inference.library.build import build
from inference.library.library import Library
from inference.library.model import Case, NewCase, Progress
from inference.library.source import read_source
from inference.library.store import Arrival

ROOT = Path(__file__).resolve().parents[3]
DIMENSION = 16
MODEL = "a" * 64
COLUMNS = ["image_id", "lesion_id", "dx", "dx_type", "age", "sex", "localization", "split"]


@dataclass(frozen=True)
class FakeManifest:
    """As much of a manifest as a build asks for."""

    sha256: str = MODEL
    maps: tuple[str, ...] = ("feature_map", "inner")
    bits: tuple[int, ...] = (8, 16)


class FakeEncoder:
    """A fixed random projection of a picture reduced to 6 x 6 pixels."""

    def __init__(self, sha256: str = MODEL, dimension: int = DIMENSION) -> None:
        self.manifest = FakeManifest(sha256)
        generator = np.random.default_rng(int(sha256[:8], 16))
        self._projection = generator.normal(size=(6 * 6 * 3, dimension))
        self.batches = 0

    def prepare(self, image: MedicalImage) -> npt.NDArray[np.uint8]:
        """Return uint8 (6, 6, 3)."""
        return np.asarray(Image.fromarray(image.pixels).resize((6, 6)), dtype=np.uint8)

    def embed(self, prepared: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Return float32 (n, dimension), of length 1."""
        self.batches += 1
        flat = prepared.reshape(len(prepared), -1).astype(np.float64) - 127.0
        vectors = flat @ self._projection
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors.astype(np.float32)

    def describe(
        self, prepared: npt.NDArray[np.uint8]
    ) -> tuple[
        npt.NDArray[np.float32],
        dict[str, npt.NDArray[np.float32]],
        dict[int, npt.NDArray[np.uint8]],
    ]:
        """Return the vectors of `embed`, maps, and the signs of the first numbers as codes.

        Maps of the first name have the vectors as means.
        """
        vectors = self.embed(prepared)
        slope = np.linspace(-0.5, 0.5, 6, dtype=np.float32).reshape(2, 3)
        inner = prepared[:, :4, :4].astype(np.float32).transpose(0, 3, 1, 2)
        maps = {"feature_map": vectors[:, :, None, None] * (1 + slope), "inner": inner}
        return vectors, maps, codes_of(vectors, self.manifest.bits)


def codes_of(
    vectors: npt.NDArray[np.float32], lengths: tuple[int, ...] = FakeManifest.bits
) -> dict[int, npt.NDArray[np.uint8]]:
    """Return length to packed signs of the first so many numbers, uint8 (n, length / 8)."""
    return {bits: np.packbits(vectors[:, :bits] > 0, axis=1) for bits in lengths}


def write_source(
    folder: Path,
    count: int,
    *,
    lesions: int | None = None,
    seed: int = 0,
    confirmation: str = "histo",
) -> Path:
    """Write labels.csv and images/ of ``count`` random pictures; returns ``folder``."""
    generator = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True)
    names = ("nv", "mel", "bcc")
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for number in range(count):
            lesion = number % (lesions or count)
            pixels = generator.integers(0, 256, (30, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / "images" / f"picture_{number:03}.png")
            table.writerow(
                [f"picture_{number:03}", f"L{lesion}", names[lesion % 3], confirmation, 40, "male",
                 "back", ("train", "val", "test")[number % 3]]
            )  # fmt: skip
    return folder


@pytest.fixture
def encoder() -> FakeEncoder:
    """A deterministic encoder."""
    return FakeEncoder()


@pytest.fixture
def make_encoder() -> type[FakeEncoder]:
    """The class, for encoders of another model or dimension."""
    return FakeEncoder


@pytest.fixture
def make_source(tmp_path: Path) -> Callable[..., Path]:
    """``make_source(count, lesions=None, seed=0, confirmation="histo")`` returns its folder."""
    return lambda count, **options: write_source(tmp_path / "source", count, **options)


@pytest.fixture
def built(tmp_path: Path, encoder: FakeEncoder) -> Iterator[Library]:
    """A library of 30 pictures of 20 lesions, with its index."""
    source = write_source(tmp_path / "built source", 30, lesions=20)
    with Library.create(tmp_path / "library", "Small") as library:
        build(library, read_source(source), encoder)
        yield library


@pytest.fixture
def add_vectors() -> Callable[..., None]:
    """``add_vectors(library, vectors, lesions, model=MODEL)`` records vectors without pictures."""

    def add(
        library: Library,
        vectors: npt.NDArray[np.float32],
        lesions: list[str],
        model: str = MODEL,
    ) -> None:
        start = library.info().images
        arrivals = [
            Arrival(
                case=Case(0, lesion, "nv", "histopathology"),
                name=f"{number}.png",
                content_hash=f"{start + number:064x}",
                suffix=".png",
                height=1,
                width=1,
                bytes=0,
                embedding=vector,
            )
            for number, (vector, lesion) in enumerate(zip(vectors, lesions, strict=True))
        ]
        library.add(arrivals, [], model)

    return add


def clustered(count: int, dimension: int = DIMENSION, seed: int = 0) -> npt.NDArray[np.float32]:
    """Return float32 (count, dimension) of length 1, in clusters as real embeddings are."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(max(2, count // 30), dimension))
    vectors = centres[generator.integers(0, len(centres), count)]
    vectors = vectors + 0.8 * generator.normal(size=(count, dimension))
    unit: npt.NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32)


@pytest.fixture
def make_vectors() -> Callable[..., npt.NDArray[np.float32]]:
    """``make_vectors(count, dimension=16, seed=0)``: clustered unit vectors."""
    return clustered


@pytest.fixture
def lock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``lock(name)``: the system lets nobody look at what lies under a part of this name.

    Only one name at a time; permission bits would not bind the superuser.
    """
    locked = [""]
    look = Path.stat

    def stat(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if locked[0] in path.parts:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return look(path, follow_symlinks=follow_symlinks)

    def now(name: str) -> None:
        locked[0] = name

    monkeypatch.setattr(Path, "stat", stat)
    return now


def make_older(folder: Path, version: int) -> None:
    """Make a library's database what a program of an older format would have left."""
    file, newer = folder / "library.sqlite", folder / "newer.sqlite"
    file.rename(newer)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(f"ATTACH '{newer}' AS newer")
        for statement in (line for step in schema.MIGRATIONS[:version] for line in step):
            connection.execute(statement)
        tables = connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'")
        for (table,) in tables.fetchall():
            if table == "sqlite_sequence":
                continue
            columns = ", ".join(
                name for _, name, *_ in connection.execute(f"PRAGMA main.table_info({table})")
            )
            connection.execute(
                f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}"
            )
        connection.execute("DELETE FROM audit WHERE action = 'import'")
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    newer.unlink()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let four pictures be recorded at a time."""
    monkeypatch.setattr(build_module, "BATCH", 4)
    monkeypatch.setattr(describe_module, "BATCH", 4)


@pytest.fixture
def build_program() -> list[str]:
    """The command that builds and stands still; takes SOURCE DEST PAUSE_AFTER; run in ROOT."""
    return [sys.executable, "-m", "tests.inference.library.conftest"]


def _build_and_stand_still(items: list[NewCase], folder: Path, pause_after: int) -> None:
    build_module.BATCH = 4
    batches = 0

    def progress(_: Progress) -> None:
        nonlocal batches
        if batches == pause_after:
            print("standing still", flush=True)  # noqa: T201
            time.sleep(600)
        batches += 1

    with Library.open_or_create(folder, "Small") as library:
        build(library, items, FakeEncoder(), progress=progress)


if __name__ == "__main__":
    _build_and_stand_still(read_source(Path(sys.argv[1])), Path(sys.argv[2]), int(sys.argv[3]))
