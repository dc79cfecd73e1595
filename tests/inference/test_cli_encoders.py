"""Choosing the encoder in the terminal."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from inference import cli
from inference.encoder import Encoder
from inference.encoder.manifest import read_manifest
from inference.encoder.model import Description
from inference.library import describe as describe_module
from tests.twins import TWIN, TWIN_TITLE, write_models

PICTURES = 12

Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("encoders") / "models")


@pytest.fixture(autouse=True)
def _two_encoders(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program come with two encoders."""
    monkeypatch.setattr("inference.opening.shipped", lambda _: models)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    (folder / "images").mkdir()
    rng = np.random.default_rng(8)
    rows = ["image_id,lesion_id,dx,dx_type,age,sex,localization,split\n"]
    for number in range(PICTURES):
        pixels = rng.integers(0, 255, (90, 120, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"P{number}.png")
        split = "train" if number < PICTURES - 2 else "val"
        rows.append(f"P{number},L{number},nv,histo,40,female,back,{split}\n")
    (folder / "labels.csv").write_text("".join(rows))
    return folder


@pytest.fixture(scope="module")
def original(source: Path, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dest = tmp_path_factory.mktemp("library") / "clinic"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("inference.opening.shipped", lambda _: models)
        build = ["library", "build", str(source), str(dest), "--split", "train"]
        assert cli.main([*build, "--encoder", TWIN]) == 0
    return dest


@pytest.fixture
def library(original: Path, tmp_path: Path) -> Path:
    """A library of ten pictures that the twin, not the default encoder, has described."""
    return shutil.copytree(original, tmp_path / "my clinic")


@pytest.fixture
def default(models: Path) -> str:
    return read_manifest(models).name


def _info(library: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    """Return name of encoder to number of pictures."""
    capsys.readouterr()
    assert cli.main(["library", "info", str(library), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert "models" not in record
    return {each["name"]: each["pictures"] for each in record["encoders"]}


def _query(library: Path, source: Path, *more: str) -> list[str]:
    return ["query", str(source / "images" / "P1.png"), "--library", str(library), "--json", *more]


def test_a_query_asks_with_the_encoder_that_described_the_library(
    library: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(_query(library, source)) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["model"]["name"] == TWIN and said.err == ""


def test_a_query_with_another_encoder_says_which_command_makes_its_vectors(
    library: Path, source: Path, default: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(_query(library, source, "--encoder", default)) == 2
    told = json.loads(capsys.readouterr().out)["error"]
    command = f"caselens library describe '{library}' --encoder {default}"
    assert "have not been described by" in told
    assert f"Run {command} first" in told, "no full stop sticks to the command"

    assert cli.main(["library", "describe", str(library), "--encoder", default]) == 0
    said = capsys.readouterr()
    assert "10 pictures described by" in said.out and "0 could not be" in said.out
    assert "describing: 10 of 10" in said.err or "done: 10 of 10" in said.err
    assert cli.main(_query(library, source, "--encoder", default)) == 0
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert record["model"]["name"] == default
    assert record["matches"][0]["image"] == "P1.png"
    assert cli.main(_query(library, source, "--encoder", TWIN)) == 0


def test_info_lists_whose_vectors_are_there(
    library: Path,
    models: Path,
    default: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _info(library, capsys) == {TWIN: 10}
    assert cli.main(["library", "describe", str(library)]) == 0
    assert _info(library, capsys) == {TWIN: 10, default: 10}
    assert cli.main(["library", "info", str(library)]) == 0
    assert f"described by {TWIN_TITLE} ({TWIN}): 10 pictures" in capsys.readouterr().out

    content = json.loads((models / "manifest.json").read_text())
    content["models"] = [entry for entry in content["models"] if entry["name"] == default]
    (library.parent / "manifest.json").write_text(json.dumps(content))
    monkeypatch.setattr("inference.opening.shipped", lambda _: library.parent)
    assert _info(library, capsys) == {"": 10, default: 10}
    assert cli.main(["library", "info", str(library)]) == 0
    assert "described by another model (" in capsys.readouterr().out


def test_a_build_goes_on_with_the_encoder_of_the_library(
    library: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["library", "build", str(source), str(library)]) == 0
    assert "2 pictures added, 10 were there already" in capsys.readouterr().out
    assert _info(library, capsys) == {TWIN: 12}


def test_a_query_that_leaves_pictures_out_says_so(
    library: Path, source: Path, default: str, capsys: pytest.CaptureFixture[str]
) -> None:
    build = ["library", "build", str(source), str(library), "--split", "val"]
    assert cli.main([*build, "--encoder", default]) == 0
    assert _info(library, capsys) == {TWIN: 10, default: 2}
    assert cli.main(_query(library, source)) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["model"]["name"] == TWIN
    assert "2 of its pictures are not searched" in said.err
    assert f"library describe '{library}' --encoder {TWIN}" in said.err


def test_an_unknown_encoder_is_told_with_the_known_ones_before_anything_is_made(
    library: Path, source: Path, tmp_path: Path, default: str, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "new"
    for arguments in (
        _query(library, source),
        ["query", str(source / "images" / "P1.png")],
        ["library", "build", str(source), str(new)],
        ["library", "describe", str(library)],
    ):
        assert cli.main([*arguments, "--encoder", "nonesuch"]) == 2
        said = capsys.readouterr()
        assert f"no model named nonesuch. Choose one of: {default}, {TWIN}" in said.out + said.err
    assert not new.exists()


def test_a_damaged_picture_is_named_and_the_rest_is_described(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    next(library.glob("images/*/*")).write_bytes(b"damaged")
    assert cli.main(["library", "describe", str(library)]) == 0
    said = capsys.readouterr()
    assert "9 pictures described" in said.out and "1 could not be" in said.out
    assert "not described: P" in said.err and "has been altered or damaged" in said.err


def test_nothing_but_damaged_pictures_is_a_failure(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in library.glob("images/*/*"):
        path.unlink()
    assert cli.main(["library", "describe", str(library)]) == 2
    assert capsys.readouterr().err.count("not described: P") == 10


def test_ctrl_c_keeps_what_is_described_and_the_next_command_goes_on(
    library: Path, default: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describe_module, "BATCH", 4)
    embed = Encoder.describe

    def interrupted(self: Encoder, prepared: npt.NDArray[np.uint8]) -> Description:
        signal.raise_signal(signal.SIGINT)
        return embed(self, prepared)

    with monkeypatch.context() as patched:
        patched.setattr(Encoder, "describe", interrupted)
        assert cli.main(["library", "describe", str(library)]) == 130
    assert "Stopped; 4 of 10 pictures are described" in capsys.readouterr().out
    assert _info(library, capsys) == {TWIN: 10, default: 4}
    assert cli.main(["library", "describe", str(library)]) == 0
    assert "6 pictures described" in capsys.readouterr().out
