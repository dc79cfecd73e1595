"""A library is opened with the encoder that fits it, or the one asked for."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.encoder.manifest import Manifest, read_manifest
from inference.errors import Cancelled, LibraryError, ModelError
from inference.library.library import Library
from inference.library.model import LibraryInfo, Progress
from inference.opening import (
    Described,
    Encoders,
    complete,
    described_by,
    fitting,
    open_library,
    require_described,
)
from tests.twins import PICTURES, TWIN, TWIN_TITLE, write_library, write_models


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("opening") / "models")


@pytest.fixture
def encoders(models: Path) -> Encoders:
    return Encoders(models)


@pytest.fixture
def folder(tmp_path: Path, models: Path) -> Path:
    """A library of five pictures, described by the twin."""
    return write_library(tmp_path, models)


def _info(**models: int) -> LibraryInfo:
    hashes = {name[0] * 64: count for name, count in models.items()}
    return LibraryInfo("L", Path("L"), 100, 100, max(models.values(), default=0), models=hashes)


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (_info(), "a"),
        (_info(a=100), "a"),
        (_info(b=100), "b"),
        (_info(a=100, b=100), "a"),
        (_info(a=7, b=100), "b"),
        (_info(a=99, b=3), "a"),
        (_info(b=10, c=60), "c"),
        (_info(x=100), "a"),
        (_info(x=100, b=1), "b"),
    ],
)
def test_the_fitting_encoder_spares_the_reader_the_wait(
    models: Path, info: LibraryInfo, expected: str
) -> None:
    """``a`` is the default, ``x`` is not shipped."""
    shipped = [_renamed(read_manifest(models), letter) for letter in "abc"]
    assert fitting(shipped, info).name == expected


def _renamed(manifest: Manifest, letter: str) -> Manifest:
    return replace(manifest, name=letter, sha256=letter * 64)


def test_a_library_opens_with_the_encoder_that_described_it(
    folder: Path, encoders: Encoders
) -> None:
    consultant = open_library(folder, encoders)
    with consultant.library:
        assert consultant.encoder.manifest.name == TWIN
        assert require_described(consultant) == 0
        assert len(consultant.ask(next(folder.glob("images/*/*"))).matches) == PICTURES


def test_the_encoder_asked_for_is_taken_and_its_vectors_are_made(
    folder: Path, encoders: Encoders
) -> None:
    default = encoders.manifest()
    told: list[Progress] = []
    consultant = open_library(folder, encoders, default.name)
    with consultant.library as library:
        assert consultant.encoder.manifest == default
        with pytest.raises(
            LibraryError, match=rf"library describe .*five --encoder {default.name}"
        ):
            require_described(consultant)
        assert complete(consultant, progress=told.append) == 0
        assert (told[0].stage, told[-1].stage) == ("describing", "done")
        assert require_described(consultant) == 0
        assert set(library.info().models.values()) == {PICTURES}
        told.clear()
        assert complete(consultant, progress=told.append) == 0 and told == []
    with open_library(folder, encoders).library as library:
        assert fitting(encoders.manifests(), library.info()) == default


def test_a_library_of_a_model_that_is_no_longer_shipped_is_described_anew(
    folder: Path, models: Path
) -> None:
    """An update of the program has brought other files."""
    updated = folder.parent / "updated"
    updated.mkdir()
    content = json.loads((models / "manifest.json").read_text())
    content["models"] = [e for e in content["models"] if e["name"] == content["default"]]
    (updated / "manifest.json").write_text(json.dumps(content))
    file = content["models"][0]["file"]
    (updated / file).hardlink_to(models / file)
    consultant = open_library(folder, Encoders(updated))
    with consultant.library as library:
        assert consultant.encoder.manifest.name == content["default"]
        assert complete(consultant) == 0
        assert described_by(Encoders(updated).manifests(), library.info()) == [
            Described(
                consultant.encoder.manifest.title,
                content["default"],
                consultant.encoder.manifest.sha256,
                PICTURES,
            ),
            Described("another model", "", read_manifest(models, TWIN).sha256, PICTURES),
        ]


def test_stopping_keeps_the_library_as_it_fits(folder: Path, encoders: Encoders) -> None:
    consultant = open_library(folder, encoders, encoders.manifest().name)
    with consultant.library, pytest.raises(Cancelled):
        complete(consultant, cancelled=lambda: True)
    with open_library(folder, encoders).library as library:
        assert fitting(encoders.manifests(), library.info()).name == TWIN


def test_a_damaged_picture_is_left_out_and_the_rest_is_searched(
    folder: Path, encoders: Encoders
) -> None:
    next(folder.glob("images/*/*")).write_bytes(b"damaged")
    consultant = open_library(folder, encoders, encoders.manifest().name)
    with consultant.library:
        assert complete(consultant) == 1
        assert require_described(consultant) == 1
        assert complete(consultant) == 1, "and again"


def test_a_library_without_any_readable_picture_is_told(folder: Path, encoders: Encoders) -> None:
    for path in folder.glob("images/*/*"):
        path.unlink()
    consultant = open_library(folder, encoders, encoders.manifest().name)
    with consultant.library, pytest.raises(LibraryError, match="no longer there"):
        complete(consultant)


@pytest.fixture
def read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The library where nothing can be written; permission bits do not bind the superuser."""
    monkeypatch.setattr("inference.library.sqlite_store.can_write", lambda _: False)
    return folder


def test_a_read_only_library_is_opened_with_what_describes_it_best(
    read_only: Path, encoders: Encoders
) -> None:
    consultant = open_library(read_only, encoders)
    with consultant.library:
        assert complete(consultant) == 0
    consultant = open_library(read_only, encoders, encoders.manifest().name)
    with consultant.library, pytest.raises(LibraryError, match="nothing can be written") as told:
        complete(consultant)
    assert "Copy the whole folder" in told.value.advice


def test_a_read_only_library_is_not_searched_by_a_few_of_its_pictures(
    folder: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = encoders.manifest()
    with Library.open(folder) as library:
        library.add_vectors([1, 2], np.eye(2, default.embedding, dtype=np.float32), default.sha256)
    monkeypatch.setattr("inference.library.sqlite_store.can_write", lambda _: False)
    consultant = open_library(folder, encoders, default.name)
    with consultant.library, pytest.raises(LibraryError, match="nothing can be written"):
        complete(consultant)


def test_an_unknown_encoder_is_told_and_the_library_closed(
    folder: Path, encoders: Encoders
) -> None:
    with pytest.raises(ModelError, match=f"no model named nonesuch.*{TWIN}"):
        open_library(folder, encoders, "nonesuch")
    folder.rename(folder.with_name("moved"))


def test_an_encoder_stays_loaded_as_long_as_somebody_holds_it(encoders: Encoders) -> None:
    one = encoders.load(TWIN)
    assert encoders.load(TWIN) is one
    other = encoders.load()
    assert other is not one and other.manifest.title != TWIN_TITLE
    assert len(encoders._loaded) == 2
    del one
    gc.collect()
    assert list(encoders._loaded.values()) == [other]
