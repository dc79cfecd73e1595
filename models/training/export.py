"""From trained weights to a graph: choices on validation, ONNX file, manifest entry."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.training.calibration import (
    Facts,
    calibrate,
    choose_codes,
    choose_whitening,
    coded,
    plausibility_limit,
    unfamiliarity_limit,
    validation_figures,
)
from models.training.data import CLASSES, originals
from models.training.descriptions import Split
from models.training.familiarity import Unfamiliarity
from models.training.graph import Graph, check_agreement, write_graph
from models.training.network import CELL, EMBEDDING
from models.training.passes import Passes

FITTED = 1500
"""Training pictures of each source, at most, to which unfamiliarity is fitted."""

AGREEMENT = 1e-4


@dataclass
class Fitted:
    """A variant with all that is chosen and fitted after training, and how good that is.

    ``figures`` are those of `validation_figures`; ``calibration`` goes into the manifest.
    """

    graph: Graph
    calibration: dict[str, Any]
    figures: dict[str, float]


def fit(passes: Passes, describe: Callable[[Split], Facts]) -> Fitted:
    """Fit whitening, unfamiliarity and calibration; no test picture is read.

    Args:
        passes: trained networks.
        describe: returns what they say of a split's pictures.
    """
    validating, training = describe("val"), describe("train")
    queries, gallery = validating.of("ham10000"), training.of("ham10000")
    whitening = choose_whitening(queries, gallery, EMBEDDING)
    sample = training.at_most(FITTED)
    score = Unfamiliarity(sample.early, sample.embedding, sample.pictures.sources)
    temperature, bias = calibrate(queries.logits.numpy(), queries.pictures.labels)
    calibration = {
        "temperature": temperature,
        "bias": bias,
        "unfamiliarity_limit": unfamiliarity_limit(score, validating),
        "plausibility_limit": plausibility_limit(whitening, queries, gallery),
    }
    codes = choose_codes(queries, gallery, whitening)
    if codes is not None:
        queries, gallery = (coded(facts, whitening, codes) for facts in (queries, gallery))
    figures = validation_figures(queries, gallery, whitening.embed)
    return Fitted(Graph(passes, whitening, score, codes), calibration, figures)


def write(fitted: Fitted, file: Path, data: Path) -> None:
    """Write the graph as ONNX, if onnxruntime runs it as PyTorch does.

    Args:
        fitted: what to write.
        file: to write to.
        data: folder of the data sets; 100 validation pictures are compared.

    Raises:
        RuntimeError: they differ by more than `AGREEMENT`; the file is no longer there.
    """
    write_graph(fitted.graph, fitted.graph.passes.side, file)
    some = next(originals(data, "val").batches(fitted.graph.passes.side, 100))
    difference = check_agreement(fitted.graph, file, some)
    print(f"onnxruntime against PyTorch on {len(some)} pictures: {difference:.1e}", flush=True)
    if not difference <= AGREEMENT:
        file.unlink()
        raise RuntimeError(f"{file}: the exported graph is not the network")


def entry(name: str, title: str, made: Path, fitted: Fitted) -> dict[str, Any]:
    """Return the manifest entry of a written graph."""
    passes, bits = fitted.graph.passes, fitted.graph.bits
    grid, local = passes.side // CELL, passes.joined[0]
    outputs: dict[str, list[Any]] = {
        "embedding": ["n", EMBEDDING],
        "logits": ["n", len(CLASSES)],
        "feature_map": ["n", EMBEDDING, grid, grid],
        "class_maps": ["n", len(CLASSES), grid, grid],
        "unfamiliarity": ["n"],
        "local_map": ["n", local.backbone.local_channels, *[local.side // CELL] * 2],
    }
    if bits:
        outputs["code"] = ["n", sum(bits) // 8]
    if passes.first is not None:
        outputs["saliency"] = ["n", *[passes.first.side // CELL] * 2]
    return {
        "name": name,
        "title": title,
        "file": f"{name}.onnx",
        "architecture": passes.architecture,
        "sha256": hashlib.sha256(made.read_bytes()).hexdigest(),
        "input": {
            "name": "image", "side": passes.side, "colour": "RGB uint8, n x side x side x 3",
            "field": "central square, area resampling when shrinking, bilinear when enlarging",
        },
        "outputs": outputs,
        "bits": list(bits),
        "classes": list(CLASSES),
        "calibration": fitted.calibration,
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
    content = {**old, "format": 1, "default": chosen, "models": [*others, entry]}
    manifest.with_suffix(".part").write_text(json.dumps(content, indent=2) + "\n")
    part = models / f"{entry['file']}.part"
    shutil.copy(made, part)
    part.replace(models / entry["file"])
    manifest.with_suffix(".part").replace(manifest)
