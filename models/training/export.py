"""From trained weights to the shipped graph: ONNX file, calibration and manifest entry.

python -m models.training.export --weights runs/dermoscopy --name dermoscopy-1
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
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inference.encoder.preprocess import prepare
from inference.encoder.runtime import onnxruntime
from inference.evaluation import metrics
from models.training.data import CLASSES, validation
from models.training.network import EMBEDDING, Encoder
from models.training.train import describe

OPSET = 20

Pixels = npt.NDArray[np.uint8]


class Graph(nn.Module):
    """The encoder as it is shipped: RGB uint8 in; embedding, logits, maps out.

    Normalisation happens here and nowhere else. Grad-CAM is its closed form
    (see `Encoder.class_maps`), so no gradient is taken at run time.
    """

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Describe uint8 (n, side, side, 3)."""
        described = self.encoder(image.permute(0, 3, 1, 2).float())
        maps = self.encoder.class_maps(described)
        return described.embedding, described.logits, described.feature_map, maps


def write_graph(encoder: Encoder, side: int, path: Path) -> None:
    """Export to one self-contained ONNX file with a free batch dimension."""
    example = torch.zeros(2, side, side, 3, dtype=torch.uint8)
    program = torch.onnx.export(
        Graph(encoder).eval(), (example,), dynamo=True, opset_version=OPSET,
        input_names=["image"],
        output_names=["embedding", "logits", "feature_map", "class_maps"],
        dynamic_shapes={"image": {0: torch.export.Dim("n", min=1, max=1024)}},
    )  # fmt: skip
    assert program is not None
    program.save(str(path), external_data=False)


def calibrate(
    logits: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]
) -> tuple[float, list[float]]:
    """Fit temperature and class biases on validation pictures by maximum likelihood.

    Temperature scaling is Guo et al. 2017; the biases turn the balanced logits into
    probabilities at the base rates of these pictures. A weak prior on the biases keeps the
    rarest classes, with fewer than ten pictures, near their share.
    """
    x, y = torch.from_numpy(logits), torch.from_numpy(labels)
    share = torch.bincount(y, minlength=len(CLASSES)).float() + 1
    start = (share / share.sum()).log()
    log_t = torch.zeros((), requires_grad=True)
    bias = start.clone().requires_grad_(True)
    optimiser = torch.optim.LBFGS([log_t, bias], max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = F.cross_entropy(x / log_t.exp() + bias, y) * len(y)
        loss = loss + 0.5 * ((bias - start) ** 2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return float(log_t.detach().exp()), bias.detach().tolist()


def macro_cross_entropy(logits: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]) -> float:
    """Mean over classes of the mean cross-entropy, at the temperature that suits best."""
    x, y = torch.from_numpy(logits), torch.from_numpy(labels)
    weight = 1.0 / torch.bincount(y, minlength=len(CLASSES)).float()
    return min(
        float(F.cross_entropy(x / t, y, weight=weight)) for t in np.linspace(0.5, 4.0, 36).tolist()
    )


def choose_side(
    encoder: Encoder, pixels: list[Pixels], labels: npt.NDArray[np.int64], sides: list[int]
) -> tuple[int, npt.NDArray[np.float32]]:
    """Return the side with the least macro cross-entropy on validation, and its logits.

    A network trained at one side often does better at a larger one (Touvron et al. 2019).
    """
    logits = {side: describe(encoder, pixels, side)[1] for side in sides}
    scores = {side: macro_cross_entropy(logits[side], labels) for side in sides}
    for side in sides:
        accuracy = metrics.balanced_accuracy(logits[side].argmax(1), labels)
        print(
            f"side {side}: validation macro cross-entropy {scores[side]:.4f}, "
            f"balanced accuracy {accuracy:.4f}"
        )
    best = min(sides, key=lambda side: scores[side])
    return best, logits[best]


def check_agreement(encoder: Encoder, path: Path, pixels: npt.NDArray[np.uint8]) -> float:
    """Run the file with onnxruntime and PyTorch side by side; return the greatest difference.

    The difference is over embeddings and, relative to their largest value, logits and maps.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    ours = session.run(None, {"image": pixels})
    with torch.no_grad():
        theirs = [t.numpy() for t in Graph(encoder)(torch.from_numpy(pixels))]
    differences = [
        np.abs(a - b).max() / max(1.0, np.abs(b).max()) for a, b in zip(ours, theirs, strict=True)
    ]
    return float(np.max(differences))


def entry(
    name: str, title: str, path: Path, side: int, calibration: tuple[float, list[float]]
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
        },
        "classes": list(CLASSES),
        "calibration": {"temperature": calibration[0], "bias": calibration[1]},
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
    arguments = parser.parse_args()
    recipe = json.loads((arguments.weights / "recipe.json").read_text())
    encoder = Encoder(recipe["size"], len(CLASSES))
    state = torch.load(arguments.weights / "weights.pt", weights_only=True, map_location="cpu")
    encoder.load_state_dict(state)
    encoder.eval()
    pixels, labels = validation(arguments.data)
    side, logits = choose_side(encoder, pixels, labels, arguments.sides)
    made = arguments.weights / f"{arguments.name}.onnx"
    write_graph(encoder, side, made)
    some = np.stack([prepare(p, side) for p in pixels[:100]])
    difference = check_agreement(encoder, made, some)
    print(f"onnxruntime against PyTorch on 100 pictures: {difference:.1e}")
    if not difference <= 1e-4:
        raise SystemExit("the exported graph is not the network; models/ is as it was")
    calibration = calibrate(logits, labels)
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
