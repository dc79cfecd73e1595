"""Two encoders, the shipped one and a twin that differs in its hash only, and a library."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from inference.encoder.manifest import FILE_NAME, read_manifest
from inference.library.build import build
from inference.library.library import Library
from inference.library.model import Case, NewCase
from inference.locations import shipped
from inference.opening import Encoders

TWIN = "twin"
TWIN_TITLE = "Twin & double"
PICTURES = 5
_DOC_STRING = bytes([6 << 3 | 2, 4]) + b"twin"
"""Field 6 of ONNX's ModelProto; protobuf messages concatenate, and the graph stays as it is."""


def write_models(folder: Path) -> Path:
    """Copy the shipped default model and make its twin; return ``folder``."""
    folder.mkdir()
    origin = shipped("models")
    manifest = read_manifest(origin)
    content = json.loads((origin / FILE_NAME).read_text(encoding="utf-8"))
    (entry,) = (entry for entry in content["models"] if entry["name"] == manifest.name)
    shutil.copy(origin / manifest.file, folder / manifest.file)
    twin = (origin / manifest.file).read_bytes() + _DOC_STRING
    (folder / "twin.onnx").write_bytes(twin)
    other = {
        "name": TWIN,
        "title": TWIN_TITLE,
        "file": "twin.onnx",
        "sha256": hashlib.sha256(twin).hexdigest(),
    }
    content["models"] = [{**entry, **other}, entry]
    (folder / FILE_NAME).write_text(json.dumps(content), encoding="utf-8")
    return folder


def write_library(folder: Path, models: Path) -> Path:
    """Build a library of `PICTURES` pictures, described by the twin alone; return its folder."""
    rng = np.random.default_rng(3)
    items = []
    for number in range(PICTURES):
        path = folder / f"{number}.png"
        Image.fromarray(rng.integers(0, 255, (90, 120, 3), dtype=np.uint8)).save(path)
        items.append(NewCase(path, Case(0, f"L{number}", "nv", "histopathology")))
    with Library.create(folder / "five", "Five") as library:
        build(library, items, Encoders(models).load(TWIN))
    return folder / "five"
