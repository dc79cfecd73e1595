"""The recipe of the dermoscopy encoder: from the data folder to trained weights.

    python -m models.training.dermoscopy --data ../shared/data --out runs/dermoscopy

Runs every stage that has not been finished, in order; ``--stages`` runs some of them. Stops and
starts at will: every epoch ends with a checkpoint, and the same command goes on from there.
`models.training` makes the shipped models out of the stages.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inference.evaluation import metrics
from models.training import saliency
from models.training.augment import Strength
from models.training.data import CLASSES, FOLDS, Pictures, fold_of, load, pack
from models.training.network import Encoder
from models.training.saliency import Kind, Maps
from models.training.score import figures
from models.training.train import Config, Trainer, describe

BITS = (16, 32, 64, 128)

FIRST = Config(
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
LARGE = replace(FIRST, size="lite2", epochs=16, drop_path=0.15, average=0.998)
SECOND = replace(
    LARGE, rate=6.0e-4, decay=0.05, dropout=0.3, drop_path=0.2, mix=0.5, outline=0.5,
    balanced_contrast=True, seed=2,
    strength=Strength(scale=0.3, light=0.25, colour=0.12, blur=0.2, ruler=0.1),
)  # fmt: skip
SHARP = replace(LARGE, epochs=11, side=224, early_sides=(128,) * 5 + (160,) * 4, seed=5)
KEEN = replace(
    LARGE, epochs=7, side=224, early_sides=(160,) * 4, rate=2.5e-4, warm=0.5, seed=6, folded=True,
    held=3,
)  # fmt: skip
FINE = replace(LARGE, epochs=2, rate=1.5e-4, warm=0.25, seed=3, bits=BITS, hashing=0.1)
GUIDED = replace(FINE, guided=True)


@dataclass(frozen=True)
class Stage:
    """One training run.

    Attributes:
        config: how it is trained.
        start: stage whose weights it starts from; None for those of ImageNet.
        without_fold: part of the training lesions that it never sees; None to see all.
        maps: what a guided encoder is given as saliency map.
        view: in which the product shows it the picture, see `turning`.
    """

    config: Config
    start: str | None = None
    without_fold: int | None = None
    maps: Kind | None = None
    view: int = 0


HALVES = tuple(f"first-without-{fold}" for fold in range(FOLDS))
"""Networks that have each not seen one part of the training lesions: they make the maps that second
passes are trained with."""

STAGES = {
    "first": Stage(FIRST),
    **{name: Stage(FIRST, without_fold=fold) for fold, name in enumerate(HALVES)},
    "large": Stage(LARGE),
    "second": Stage(SECOND, view=6),
    "sharp": Stage(SHARP),
    "keen": Stage(KEEN, "sharp"),
    "polished": Stage(replace(SECOND, epochs=4, rate=3.0e-4, warm=0.5, seed=4), "large"),
    "rgb": Stage(FINE, "large", view=3),
    "guided": Stage(GUIDED, "large", maps="map", view=3),
    "blank": Stage(GUIDED, "large", maps="blank", view=3),
    "shuffled": Stage(GUIDED, "large", maps="shuffled", view=3),
    "mask": Stage(GUIDED, "large", maps="mask", view=3),
}
"""``second`` is a network to be joined with others; so is ``sharp``, which looks at the pictures as
sharply as most of them are. ``polished`` is a trial of its recipe on another
start. ``rgb`` and ``guided`` are the two variants of SE-CBIR after equally many epochs; ``blank``,
``shuffled`` and ``mask`` are the controls that its paper lacks."""


def leading_to(names: Iterable[str], finished: Collection[str] = ()) -> list[str]:
    """Return stages and all that must be trained before them, in the order of training.

    Args:
        names: of the stages.
        finished: stages that are trained already, for which nothing else need be.
    """
    wanted = set(names)
    for name in reversed(STAGES):
        if name in wanted and name not in finished:
            stage = STAGES[name]
            if stage.start:
                wanted.add(stage.start)
            if stage.maps in ("map", "shuffled"):
                wanted |= {"first", *HALVES}
    return [name for name in STAGES if name in wanted]


def untrained(name: str) -> Encoder:
    """Return a network of a stage's architecture, with random weights."""
    config = STAGES[name].config
    return Encoder(
        config.size, len(CLASSES), bits=config.bits, guided=config.guided, side=config.side,
        view=STAGES[name].view,
    )  # fmt: skip


def finish(model: Encoder, folder: Path) -> None:
    """Write a stage's weights into its folder, by which it is finished."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(model.state_dict(), folder / "weights.part")
    (folder / "weights.part").replace(folder / "weights.pt")


class Workshop:
    """The packed pictures and the stages' folders.

    Args:
        data: folder of the data sets.
        out: folder of all stages.
    """

    def __init__(self, data: Path, out: Path) -> None:
        self.data, self.out = data, out
        if not (out / "pack").exists():
            pack(data, out / "pack")
        self.pictures: Pictures = load(out / "pack")
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    @property
    def finished(self) -> list[str]:
        """Stages that are trained to their end."""
        return [name for name in STAGES if (self.out / name / "weights.pt").exists()]

    def run(self, name: str) -> None:
        """Train a stage to its end, unless that was done, and write weights and figures."""
        stage, folder = STAGES[name], self.out / name
        if name in self.finished:
            return
        folder.mkdir(parents=True, exist_ok=True)
        maps = self.maps(stage.maps) if stage.maps else None
        trainer = Trainer(
            stage.config, self.pictures, self._indices(stage), self.device,
            checkpoint=folder / "checkpoint.pt",
            start=None if stage.start is None else self._weights(stage.start), saliency=maps,
            masks=self.maps("mask") if stage.config.outline else None,
        )  # fmt: skip
        validation = self.pictures.where("val", source="ham10000")

        def validate(model: Encoder) -> str:
            some = None if maps is None else maps[validation]
            pixels = [self.pictures.pixels[i] for i in validation]
            logits = describe(model, pixels, stage.config.side, some).logits
            labels = self.pictures.labels[validation]
            accuracy = metrics.balanced_accuracy(logits.argmax(1), labels)
            return f"validation: balanced accuracy {accuracy:.4f}"

        def log(line: str) -> None:
            print(f"{name}: {line}", flush=True)

        model = trainer.fit(log, validate)
        (folder / "recipe.json").write_text(json.dumps(asdict(stage.config), indent=2) + "\n")
        finish(model, folder)

    def score(self, name: str) -> dict[str, float]:
        """Return a finished stage's validation figures, as `score.figures` names them.

        Every map is that of the full first network here, for queries and gallery alike, as it
        will be in the product.
        """
        stage, file = STAGES[name], self.out / name / "validation.json"
        if not file.exists():
            maps = self.maps(stage.maps, in_product=True) if stage.maps else None
            outputs = describe(
                self.encoder(name), list(self.pictures.pixels), stage.config.side, maps
            )
            file.write_text(json.dumps(figures(self.pictures, outputs), indent=2) + "\n")
        found: dict[str, float] = json.loads(file.read_text())
        return found

    def encoder(self, name: str) -> Encoder:
        """Return a finished stage's network."""
        encoder = untrained(name)
        encoder.load_state_dict(self._weights(name))
        return encoder.eval().to(memory_format=torch.channels_last)

    def maps(self, kind: Kind, *, in_product: bool = False) -> Maps:
        """Return a map of every picture.

        Args:
            kind: of map.
            in_product: all from the full first network, instead of training pictures' out of fold.
        """
        if kind == "mask":
            return saliency.masks_of(self.pictures.records, self.data)
        if kind == "blank":
            return np.zeros((len(self.pictures.records), saliency.SIDE, saliency.SIDE), np.uint8)
        maps = self._kept_maps("first")
        if not in_product:
            training = set(self.pictures.where("train").tolist())
            for fold, name in enumerate(HALVES):
                unseen = self._kept_maps(name)
                for i, record in enumerate(self.pictures.records):
                    if i in training and fold_of(record.group) == fold:
                        maps[i] = unseen[i]
        return saliency.shuffled(maps, seed=1) if kind == "shuffled" else maps

    def _kept_maps(self, name: str) -> Maps:
        """Return a network's maps of all pictures, at the side that the second pass looks at."""
        file = self.out / name / f"maps-{GUIDED.side}.npy"
        if not file.exists():
            pixels = list(self.pictures.pixels)
            made = saliency.maps_of(self.encoder(name), pixels, GUIDED.side)
            with file.with_suffix(".part").open("wb") as part:
                np.save(part, made)
            file.with_suffix(".part").replace(file)
        kept: Maps = np.load(file)
        return kept

    def fingerprint(self, stages: Iterable[str]) -> str:
        """Return what changes when any of these finished stages is trained anew."""
        digest = hashlib.sha256()
        for name in stages:
            weights = (self.out / name / "weights.pt").read_bytes()
            digest.update(hashlib.sha256(weights).digest())
        return digest.hexdigest()[:16]

    def _weights(self, name: str) -> dict[str, Tensor]:
        weights: dict[str, Tensor] = torch.load(
            self.out / name / "weights.pt", map_location="cpu", weights_only=True
        )
        return weights

    def _indices(self, stage: Stage) -> npt.NDArray[np.int64]:
        indices = self.pictures.where("train")
        if stage.without_fold is None:
            return indices
        groups = (self.pictures.records[i].group for i in indices)
        return indices[[fold_of(group) != stage.without_fold for group in groups]]


def main() -> None:
    """Pack the data if needed, and run the stages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("runs/dermoscopy"))
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; 1 on a busy machine")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    workshop = Workshop(arguments.data, arguments.out)
    for name in arguments.stages:
        workshop.run(name)
        if STAGES[name].without_fold is None:
            told = ", ".join(f"{key} {value:.3f}" for key, value in workshop.score(name).items())
            print(f"{name}: {told}", flush=True)


if __name__ == "__main__":
    main()
