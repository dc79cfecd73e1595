"""From trained weights to the shipped graph: ONNX file, calibration and manifest entry.

python -m models.training.export --stage guided --name dermoscopy-2
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
from models.training.dermoscopy import STAGES, Workshop
from models.training.graph import Graph, check_agreement, write_graph
from models.training.network import EMBEDDING
from models.training.passes import Passes

FITTED = 1500
"""Training pictures of each source, at most, to which unfamiliarity is fitted."""

AGREEMENT = 1e-4
SIDES = (160, 192, 224)


def passes_of(workshop: Workshop, stage: str) -> Passes:
    """Return a finished stage as the product runs it.

    Raises:
        ValueError: the stage is a control, which no product can run.
    """
    kind = STAGES[stage].maps
    if kind not in (None, "map"):
        raise ValueError(f"{stage} is a control: the product has no {kind} in place of a map")
    if kind is None:
        return Passes(workshop.encoder(stage))
    first = workshop.encoder("first")
    return Passes(workshop.encoder(stage), first, STAGES["first"].config.side)


def export(
    workshop: Workshop, stage: str, name: str, title: str, models: Path, *, default: bool = True
) -> None:
    """Choose a side, fit and calibrate, write the graph, check it, enter it into the manifest.

    Args:
        workshop: where the stage was trained.
        stage: finished, ``maps`` None or ``"map"``.
        name: of the model.
        title: shown to the reader.
        models: folder of the manifest.
        default: whether it becomes the manifest's default.

    Raises:
        RuntimeError: onnxruntime and PyTorch differ by more than `AGREEMENT`.
    """
    passes = passes_of(workshop, stage)
    data = workshop.data
    validation = originals(data, "val")
    chosen = validation.of("ham10000")
    side, logits = choose_side(passes, chosen.pixels, chosen.labels, list(SIDES))
    training = originals(data, "train", most=FITTED)
    graph = Graph(passes, fit_unfamiliarity(passes, training, side))
    made = workshop.out / stage / f"{name}.onnx"
    write_graph(graph, side, made)
    some = np.stack([prepare(p, side) for p in chosen.pixels[:100]])
    difference = check_agreement(graph, made, some)
    print(f"onnxruntime against PyTorch on 100 pictures: {difference:.1e}", flush=True)
    if not difference <= AGREEMENT:
        raise RuntimeError("the exported graph is not the network; models/ is as it was")
    gallery = originals(data, "train").of("ham10000")
    temperature, bias = calibrate(logits, chosen.labels)
    calibration = {
        "temperature": temperature,
        "bias": bias,
        "unfamiliarity_limit": unfamiliarity_limit(graph, validation, side),
        "plausibility_limit": plausibility_limit(passes, chosen, gallery, side),
    }
    enter(
        models,
        made,
        entry(name, title, made, side=side, graph=graph, calibration=calibration),
        default=default,
    )


def entry(
    name: str, title: str, path: Path, *, side: int, graph: Graph, calibration: dict[str, Any]
) -> dict[str, Any]:
    """The manifest entry of an exported graph."""
    grid = side // 32
    outputs: dict[str, list[Any]] = {
        "embedding": ["n", EMBEDDING],
        "logits": ["n", len(CLASSES)],
        "feature_map": ["n", EMBEDDING, grid, grid],
        "class_maps": ["n", len(CLASSES), grid, grid],
        "unfamiliarity": ["n"],
    }
    if graph.bits:
        outputs["code"] = ["n", sum(graph.bits) // 8]
    if graph.passes.first is not None:
        seen = graph.passes.first_side // 32
        outputs["saliency"] = ["n", seen, seen]
    return {
        "name": name,
        "title": title,
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "input": {
            "name": "image", "side": side, "colour": "RGB uint8, n x side x side x 3",
            "field": "central square, area resampling when shrinking, bilinear when enlarging",
        },
        "outputs": outputs,
        "bits": list(graph.bits),
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


def enter(models: Path, made: Path, entry: dict[str, Any], *, default: bool) -> None:
    """Copy a checked graph into the models folder and enter it into the manifest."""
    models.mkdir(parents=True, exist_ok=True)
    manifest = models / "manifest.json"
    old = json.loads(manifest.read_text()) if manifest.exists() else {"models": []}
    others = [model for model in old["models"] if model["name"] != entry["name"]]
    chosen = entry["name"] if default or not others else old["default"]
    content = {"format": 1, "default": chosen, "models": [*others, entry]}
    manifest.with_suffix(".part").write_text(json.dumps(content, indent=2) + "\n")
    shutil.copy(made, models / f"{made.name}.part")
    (models / f"{made.name}.part").replace(models / made.name)
    manifest.with_suffix(".part").replace(manifest)


def main() -> None:
    """Export a stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", choices=STAGES, required=True)
    parser.add_argument("--name", required=True, help="of the model, such as dermoscopy-2")
    parser.add_argument("--title", default="Dermoscopy, RGB")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("runs/dermoscopy"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; 1 on a busy machine")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    workshop = Workshop(arguments.data, arguments.out)
    export(workshop, arguments.stage, arguments.name, arguments.title, arguments.models)


if __name__ == "__main__":
    main()
