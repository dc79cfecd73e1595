"""The recipe of the dermoscopy encoder: from the data folder to trained weights.

    python -m models.training.dermoscopy --data ../shared/data --out runs/dermoscopy

Stops and starts at will: every epoch ends with a checkpoint, and the same command goes on from
there. `models.training.export` turns the result into the ONNX file, its manifest entry and card.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import torch

from inference.evaluation import metrics
from models.training.augment import Strength
from models.training.data import FOLDS, fold_of, load, pack
from models.training.network import Encoder
from models.training.train import Config, Trainer, describe

_SMALL = Config(
    size="lite0",
    epochs=10,
    side=160,
    batch=64,
    rate=1.0e-3,
    balance=0.7,
    contrast=0.3,
    drop_path=0.1,
    average=0.995,
    strength=Strength(blur=0.15, erase=0.1),
)

RECIPES = {
    "small": _SMALL,
    "large": replace(_SMALL, size="lite2", epochs=16, drop_path=0.15, average=0.998),
}
"""Both fit two CPU cores: about 100,000 pictures of 160 px in one to two hours for the small one,
160,000 through a network of half again its cost for the large one."""


def main() -> None:
    """Pack the data if needed, train or go on training, and write the averaged weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", choices=RECIPES, default="small")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("runs/dermoscopy"))
    parser.add_argument(
        "--without-fold", type=int, choices=range(FOLDS),
        help="leave this part of the training lesions out, to describe it by a network that never "
        "saw it",
    )  # fmt: skip
    parser.add_argument("--pack", type=Path, help="packed pictures of an earlier run")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; 1 on a busy machine")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    packed = arguments.pack or arguments.out / "pack"
    if not packed.exists():
        pack(arguments.data, packed)
    pictures = load(packed, threads=arguments.threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    recipe = RECIPES[arguments.recipe]
    indices = pictures.where("train")
    if arguments.without_fold is not None:
        groups = (pictures.records[i].group for i in indices)
        indices = indices[[fold_of(group) != arguments.without_fold for group in groups]]
    trainer = Trainer(
        recipe, pictures, indices, device,
        checkpoint=arguments.out / "checkpoint.pt",
    )  # fmt: skip
    validation = pictures.where("val", source="ham10000")

    def validate(model: Encoder) -> str:
        logits = describe(model, [pictures.pixels[i] for i in validation], recipe.side)[1]
        labels = pictures.labels[validation]
        accuracy = metrics.balanced_accuracy(logits.argmax(1), labels)
        return f"validation: balanced accuracy {accuracy:.4f}"

    model = trainer.fit(lambda line: print(line, flush=True), validate)
    (arguments.out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")
    torch.save(model.state_dict(), arguments.out / "weights.part")
    (arguments.out / "weights.part").replace(arguments.out / "weights.pt")


if __name__ == "__main__":
    main()
