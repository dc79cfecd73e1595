"""From trained weights to the shipped graph: ONNX file, calibration and manifest entry.

python -m models.training.export --weights runs/dermoscopy/first --name dermoscopy-1
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inference.encoder.preprocess import prepare
from models.training.calibration import (
    calibrate,
    choose_side,
    fit_unfamiliarity,
    plausibility_limit,
    unfamiliarity_limit,
)
from models.training.data import CLASSES, originals
from models.training.graph import Graph, check_agreement, write_graph
from models.training.network import EMBEDDING, Encoder

FITTED = 1500
"""Training pictures of each source, at most, to which unfamiliarity is fitted."""


def entry(
    name: str, title: str, path: Path, side: int, calibration: dict[str, Any]
) -> dict[str, Any]:
    """The manifest entry of an exported graph."""
    grid = side // 32
    return {
        "name": name,
        "title": title,
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "input": {
            "name": "image", "side": side, "colour": "RGB uint8, n x side x side x 3",
            "field": "central square, area resampling when shrinking, bilinear when enlarging",
        },
        "outputs": {
            "embedding": ["n", EMBEDDING],
            "logits": ["n", len(CLASSES)],
            "feature_map": ["n", EMBEDDING, grid, grid],
            "class_maps": ["n", len(CLASSES), grid, grid],
            "unfamiliarity": ["n"],
        },
        "classes": list(CLASSES),
        "calibration": calibration,
        "training_data": [
            "HAM10000 train (CC BY-NC 4.0)",
            "ISIC 2017 train (ISIC Archive, mostly CC0)",
            "Derm7pt train (research only)",
            "ImageNet, by way of EfficientNet-Lite weights (Apache-2.0)",
        ],
        "licence": "CC BY-NC 4.0, research only: the terms of its training pictures",
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "card": f"{name}.md",
    }  # fmt: skip


def main() -> None:
    """Export, calibrate and enter into the manifest as its default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="folder of a finished run")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--name", default="dermoscopy-1")
    parser.add_argument("--title", default="Dermoscopy, RGB")
    parser.add_argument("--sides", type=int, nargs="+", default=[160, 192, 224])
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; 1 on a busy machine")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    recipe = json.loads((arguments.weights / "recipe.json").read_text())
    if recipe.get("guided"):
        raise SystemExit("the graph has no first pass yet; export a stage without saliency map")
    encoder = Encoder(recipe["size"], len(CLASSES), bits=recipe.get("bits", ()))
    state = torch.load(arguments.weights / "weights.pt", weights_only=True, map_location="cpu")
    encoder.load_state_dict(state)
    encoder.eval().to(memory_format=torch.channels_last)
    validation = originals(arguments.data, "val")
    chosen = validation.of("ham10000")
    side, logits = choose_side(encoder, chosen.pixels, chosen.labels, arguments.sides)
    training = originals(arguments.data, "train", most=FITTED)
    graph = Graph(encoder, fit_unfamiliarity(encoder, training, side))
    made = arguments.weights / f"{arguments.name}.onnx"
    write_graph(graph, side, made)
    some = np.stack([prepare(p, side) for p in chosen.pixels[:100]])
    difference = check_agreement(graph, made, some)
    print(f"onnxruntime against PyTorch on 100 pictures: {difference:.1e}")
    if not difference <= 1e-4:
        raise SystemExit("the exported graph is not the network; models/ is as it was")
    gallery = originals(arguments.data, "train").of("ham10000")
    temperature, bias = calibrate(logits, chosen.labels)
    calibration = {
        "temperature": temperature,
        "bias": bias,
        "unfamiliarity_limit": unfamiliarity_limit(graph, validation, side),
        "plausibility_limit": plausibility_limit(encoder, chosen, gallery, side),
    }
    enter(arguments.models, made, entry(arguments.name, arguments.title, made, side, calibration))


def enter(models: Path, made: Path, entry: dict[str, Any]) -> None:
    """Copy a checked graph into the models folder and make it the manifest's default."""
    manifest = models / "manifest.json"
    old = json.loads(manifest.read_text())["models"] if manifest.exists() else []
    others = [model for model in old if model["name"] != entry["name"]]
    content = {"format": 1, "default": entry["name"], "models": [*others, entry]}
    manifest.with_suffix(".part").write_text(json.dumps(content, indent=2) + "\n")
    shutil.copy(made, models / f"{made.name}.part")
    (models / f"{made.name}.part").replace(models / made.name)
    manifest.with_suffix(".part").replace(manifest)


if __name__ == "__main__":
    main()
