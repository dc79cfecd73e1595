"""A model is loaded only when it is the very file that its manifest names."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.encoder import Encoder
from inference.encoder.external_data import declares_external_data
from inference.encoder.manifest import read_manifest, read_manifests, read_verified
from inference.errors import ModelError
from inference.locations import shipped

LIMITS = {"unfamiliarity_limit": 1.0, "plausibility_limit": 0.1}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a copy of the shipped models that a test may damage."""
    folder = tmp_path / "models"
    folder.mkdir()
    entry = read_manifest(shipped("models"))
    for name in ("manifest.json", entry.file):
        shutil.copy(shipped("models") / name, folder / name)
    return folder


def _edit(models: Path, change: dict[str, Any]) -> None:
    path = models / "manifest.json"
    content = json.loads(path.read_text())
    content["models"] = [{**entry, **change} for entry in content["models"]]
    path.write_text(json.dumps(content))


def test_the_shipped_model_loads_and_names_its_card() -> None:
    manifest = Encoder.load().manifest
    assert manifest.classes == ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
    assert (shipped("models") / manifest.card).is_file()


def test_one_changed_byte_is_refused(models: Path) -> None:
    manifest = read_manifest(models)
    path = models / manifest.file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="not the file that its manifest names"):
        Encoder.load(models)


def test_a_missing_model_is_told_with_its_name(models: Path) -> None:
    manifest = read_manifest(models)
    (models / manifest.file).unlink()
    with pytest.raises(ModelError, match=manifest.file):
        Encoder.load(models)


def test_a_model_outside_the_folder_is_refused(models: Path) -> None:
    _edit(models, {"file": "../elsewhere.onnx"})
    with pytest.raises(ModelError, match="outside the models folder"):
        read_verified(models, read_manifest(models))


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"format": 1}', '{"format": 1, "models": [3]}', '{"models": 3}']
)
def test_a_damaged_manifest_is_told(models: Path, damage: str) -> None:
    (models / "manifest.json").write_text(damage)
    with pytest.raises(ModelError, match="damaged"):
        read_manifest(models)


def test_a_newer_manifest_is_told(models: Path) -> None:
    path = models / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))
    with pytest.raises(ModelError, match="format 2"):
        read_manifest(models)


def test_an_unknown_name_is_told_with_the_known_ones(models: Path) -> None:
    known = read_manifest(models).name
    with pytest.raises(ModelError, match=known):
        read_manifest(models, "nonesuch")


def _add_twin(models: Path, name: str, change: dict[str, Any]) -> None:
    """Put a second entry, equal but for its name and ``change``, before the first."""
    path = models / "manifest.json"
    content = json.loads(path.read_text())
    content["models"].insert(0, {**content["models"][0], "name": name, **change})
    path.write_text(json.dumps(content))


def test_all_models_are_listed_the_default_first(models: Path) -> None:
    default, *others = read_manifests(models)
    _add_twin(models, "twin", {"title": "Another"})
    assert [(m.name, m.title) for m in read_manifests(models)] == [
        (default.name, default.title),
        ("twin", "Another"),
        *((m.name, m.title) for m in others),
    ]
    assert read_manifest(models, "twin").title == "Another"
    assert read_manifest(models) == default


def test_a_damaged_entry_is_told_by_its_name(models: Path) -> None:
    _add_twin(models, "twin", {"calibration": 3})
    with pytest.raises(ModelError, match="entry of twin is damaged"):
        read_manifests(models)


def test_a_default_that_is_not_listed_is_told(models: Path) -> None:
    _edit(models, {"name": "renamed"})
    with pytest.raises(ModelError, match="lacks its default"):
        read_manifests(models)


def test_an_entry_of_another_shape_is_told(models: Path) -> None:
    _edit(models, {"outputs": {"embedding": ["n"]}})
    with pytest.raises(ModelError, match="damaged"):
        read_manifest(models)


def test_calibration_is_the_manifest_s(models: Path) -> None:
    bias = [0.0, 1, 2, 3, 0, 0, 0]
    _edit(
        models,
        {
            "calibration": {
                "temperature": 2.0,
                "bias": bias,
                "unfamiliarity_limit": 1.0,
                "plausibility_limit": 0.1,
            }
        },
    )
    logits = np.array([[6.0, 4, 2, 0, 0, 0, 0]], np.float32)
    scores = np.exp([3.0, 3, 3, 3, 0, 0, 0])  # logits / 2 + bias
    found = Encoder.load(models, threads=1).probabilities(logits)[0]
    assert found == pytest.approx(scores / scores.sum(), rel=1e-5)


def test_biases_must_fit_the_classes(models: Path) -> None:
    _edit(
        models,
        {
            "calibration": {
                "temperature": 1.0,
                "bias": [0.0],
                "unfamiliarity_limit": 1.0,
                "plausibility_limit": 0.1,
            }
        },
    )
    with pytest.raises(ModelError, match="damaged"):
        read_manifest(models)


def _message(number: int, content: bytes) -> bytes:
    """Return one length-delimited protobuf field."""
    key = number << 3 | 2
    assert len(content) < 128 and key < 1 << 14
    head = bytes([key]) if key < 128 else bytes([key & 0x7F | 0x80, key >> 7])
    return head + bytes([len(content)]) + content


_ENTRY = _message(13, _message(1, b"location") + _message(2, b"other.bin"))
_LOCATION = bytes([14 << 3, 1])


@pytest.mark.parametrize("tensor", [_ENTRY, _LOCATION], ids=["entries", "location"])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda t: _message(7, _message(5, t)),
        lambda t: _message(7, _message(15, _message(1, t))),
        lambda t: _message(7, _message(1, _message(5, _message(5, t)))),
        lambda t: _message(7, _message(1, _message(5, _message(6, _message(5, t))))),
        lambda t: _message(25, _message(7, _message(5, _message(10, t)))),
    ],
    ids=["initializer", "sparse", "constant", "subgraph", "function"],
)
def test_external_data_is_found_wherever_it_hides(
    tensor: bytes, wrap: Callable[[bytes], bytes]
) -> None:
    """Field numbers are those of onnx.proto3."""
    assert declares_external_data(wrap(tensor))


@pytest.mark.parametrize(
    "content",
    [b"\x3a\x7f\x00", b"\x13\x14" + _message(7, _message(5, _ENTRY)), b"\xff" * 12],
    ids=["truncated", "group first", "no protobuf"],
)
def test_what_cannot_be_followed_is_not_vouched_for(content: bytes) -> None:
    assert declares_external_data(content)


def test_a_model_with_its_own_data_has_none() -> None:
    manifest = read_manifest(shipped("models"))
    assert not declares_external_data((shipped("models") / manifest.file).read_bytes())


def test_a_model_that_wants_other_files_is_refused_even_with_its_hash(models: Path) -> None:
    manifest = read_manifest(models)
    path = models / manifest.file
    # Protobuf messages concatenate: the graph gets one more initializer.
    path.write_bytes(path.read_bytes() + _message(7, _message(5, _ENTRY)))
    _edit(models, {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
    with pytest.raises(ModelError, match="other files"):
        Encoder.load(models)
