"""From trained weights to the shipped graph: choices on validation, ONNX file, manifest entry.

python -m models.training.export --variant guided --name dermoscopy-2
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from models.training.calibration import (
    calibrate,
    choose_side,
    choose_whitening,
    look,
    plausibility_limit,
    unfamiliarity_limit,
    validation_figures,
)
from models.training.data import CLASSES, originals
from models.training.dermoscopy import Workshop
from models.training.familiarity import Unfamiliarity
from models.training.graph import Graph, check_agreement, write_graph
from models.training.network import EMBEDDING
from models.training.passes import Passes

FITTED = 1500
"""Training pictures of each source, at most, to which unfamiliarity is fitted."""

AGREEMENT = 1e-4
SIDES = (160, 192, 224)


@dataclass(frozen=True)
class Variant:
    """One way to make a product's encoder out of the stages.

    Attributes:
        stage: whose network describes.
        joined: whether the first network's description counts as well.
        title: shown to the reader.
    """

    stage: str
    joined: bool
    title: str

    def passes(self, workshop: Workshop) -> Passes:
        """Return the trained networks, as the product runs them."""
        encoder = workshop.encoder(self.stage)
        first = workshop.encoder("first") if encoder.guided or self.joined else None
        return Passes(encoder, first, joined=self.joined)


VARIANTS = {
    "rgb": Variant("rgb", joined=False, title="Dermoscopy, RGB"),
    "rgb+first": Variant("rgb", joined=True, title="Dermoscopy, RGB, two networks"),
    "guided": Variant("guided", joined=False, title="Dermoscopy, saliency-guided"),
    "guided+first": Variant("guided", joined=True, title="Dermoscopy, saliency-guided"),
}


@dataclass
class Fitted:
    """A variant with all that is chosen and fitted after training, and how good that is.

    ``figures`` are those of `score.retrieval` on validation, and ``bma``, the classifier's
    balanced accuracy; ``calibration`` goes into the manifest.
    """

    graph: Graph
    side: int
    calibration: dict[str, Any]
    figures: dict[str, float]

    @property
    def merit(self) -> float:
        """What the choice between variants goes by: mean of macro P@6, mAP and accuracy."""
        return (self.figures["p6"] + self.figures["map"] + self.figures["bma"]) / 3


def fit(passes: Passes, data: Path, sides: Sequence[int] = SIDES) -> Fitted:
    """Choose a side, fit whitening, unfamiliarity and calibration; no test picture is read.

    Args:
        passes: trained networks.
        data: folder of the data sets.
        sides: to choose from.
    """
    validation = originals(data, "val")
    side = choose_side(passes, validation.of("ham10000"), sides)
    validating, training = (
        look(passes, some, side) for some in (validation, originals(data, "train"))
    )
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
    figures = validation_figures(whitening, queries, gallery)
    return Fitted(Graph(passes, whitening, score), side, calibration, figures)


def write(fitted: Fitted, file: Path, data: Path) -> None:
    """Write the graph as ONNX, if onnxruntime runs it as PyTorch does.

    Args:
        fitted: what to write.
        file: to write to.
        data: folder of the data sets; 100 validation pictures are compared.

    Raises:
        RuntimeError: they differ by more than `AGREEMENT`; the file is no longer there.
    """
    write_graph(fitted.graph, fitted.side, file)
    some = next(originals(data, "val").batches(fitted.side, 100))
    difference = check_agreement(fitted.graph, file, some)
    print(f"onnxruntime against PyTorch on {len(some)} pictures: {difference:.1e}", flush=True)
    if not difference <= AGREEMENT:
        file.unlink()
        raise RuntimeError(f"{file}: the exported graph is not the network")


def entry(name: str, title: str, file: Path, fitted: Fitted) -> dict[str, Any]:
    """Return the manifest entry of a written graph."""
    side, graph = fitted.side, fitted.graph
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
    if graph.passes.encoder.guided:
        outputs["saliency"] = ["n", grid, grid]
    return {
        "name": name,
        "title": title,
        "file": file.name,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "input": {
            "name": "image", "side": side, "colour": "RGB uint8, n x side x side x 3",
            "field": "central square, area resampling when shrinking, bilinear when enlarging",
        },
        "outputs": outputs,
        "bits": list(graph.bits),
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
    content = {"format": 1, "default": chosen, "models": [*others, entry]}
    manifest.with_suffix(".part").write_text(json.dumps(content, indent=2) + "\n")
    shutil.copy(made, models / f"{made.name}.part")
    (models / f"{made.name}.part").replace(models / made.name)
    manifest.with_suffix(".part").replace(manifest)


def main() -> None:
    """Fit a variant, write its graph and enter it into the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variant", choices=VARIANTS, required=True)
    parser.add_argument("--name", required=True, help="of the model, such as dermoscopy-2")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("runs/dermoscopy"))
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; 1 on a busy machine")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    variant = VARIANTS[arguments.variant]
    workshop = Workshop(arguments.data, arguments.out)
    fitted = fit(variant.passes(workshop), arguments.data)
    print(json.dumps(fitted.figures))
    file = arguments.out / f"{arguments.name}.onnx"
    write(fitted, file, arguments.data)
    enter(arguments.models, file, entry(arguments.name, variant.title, file, fitted), default=True)


if __name__ == "__main__":
    main()
