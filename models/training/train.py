"""One training run: from pictures in memory to an encoder, resumable after every epoch."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inference.encoder.preprocess import prepare
from models.training import losses
from models.training.augment import Strength, artefacts, augment
from models.training.condense import fold, unfold
from models.training.data import CLASSES, Pictures
from models.training.network import EMBEDDING, Described, Encoder


@dataclass(frozen=True)
class Config:
    """Everything that decides a run, beside the pictures.

    ``outline`` weighs the loss of a helper head that must find the lesion's outline in the
    feature map; ``mix`` is the share of batches in which pictures are mixed two by two (Zhang et
    al. 2018), which have no contrast loss, since they belong to two classes. The first epochs
    look at the pictures at the sides ``early_sides``, one for each: smaller ones cost less, and
    what is learned there carries over (Tan & Le 2021, EfficientNetV2). With ``folded``, batch norms
    are folded into the convolutions before training, which halves its time on a CPU; those of a
    start from ImageNet are first brought to the training pictures' statistics. ``held`` is the
    number of first stages that are not trained.
    """

    size: str = "lite2"
    epochs: int = 30
    side: int = 224
    early_sides: tuple[int, ...] = ()
    batch: int = 128
    rate: float = 1.0e-3
    decay: float = 0.02
    balance: float = 0.5
    smoothing: float = 0.05
    contrast: float = 0.3
    balanced_contrast: bool = False
    temperature: float = 0.1
    dropout: float = 0.2
    drop_path: float = 0.2
    average: float = 0.999
    warm: float = 1.5
    seed: int = 1
    bits: tuple[int, ...] = ()
    hashing: float = 0.5
    guided: bool = False
    outline: float = 0.0
    mix: float = 0.0
    folded: bool = False
    held: int = 0
    strength: Strength = field(default_factory=Strength)

    def side_of(self, epoch: int) -> int:
        """Return the side of the pictures in an epoch, counted from 0."""
        return self.early_sides[epoch] if epoch < len(self.early_sides) else self.side


class _Sampler:
    """Draws pictures with a chance of (class share) ** -balance each, an epoch at a time."""

    def __init__(self, labels: npt.NDArray[np.int64], balance: float, device: torch.device) -> None:
        counts = np.bincount(labels, minlength=len(CLASSES)).astype(np.float64)
        share = counts / counts.sum()
        weight = np.power(np.maximum(share, 1e-9), -balance)[labels]
        self._weight = torch.from_numpy(weight / weight.sum())
        sampled = np.bincount(labels, weights=weight / weight.sum(), minlength=len(CLASSES))
        self.prior = torch.tensor(np.maximum(sampled, 1e-9), dtype=torch.float32, device=device)

    def epoch(self, seed: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        n = len(self._weight)
        return torch.multinomial(self._weight, n, replacement=True, generator=generator)


class Trainer:
    """A run on some of the pictures.

    Args:
        config: the run.
        pictures: all pictures.
        indices: those to train on.
        device: ``cpu`` or ``cuda``.
        checkpoint: file to resume from and to write after each epoch.
        start: weights of an earlier run to start from; None for those of ImageNet.
        saliency: for a guided encoder, a map of each of ``pictures``, uint8 (all, rows, columns).
        masks: for a run with ``outline``, the lesions' masks, likewise; blank where unknown.
    """

    def __init__(
        self, config: Config, pictures: Pictures, indices: npt.NDArray[np.int64],
        device: torch.device, *, checkpoint: Path | None = None,
        start: Mapping[str, Tensor] | None = None, saliency: npt.NDArray[np.uint8] | None = None,
        masks: npt.NDArray[np.uint8] | None = None,
    ) -> None:  # fmt: skip
        self.config, self.device, self.checkpoint = config, device, checkpoint
        torch.manual_seed(config.seed)
        labels = pictures.labels[indices]
        self._sampler = _Sampler(labels, config.balance, device)
        self._labels = torch.from_numpy(labels).to(device)
        pixels = torch.from_numpy(pictures.pixels[indices]).permute(0, 3, 1, 2)
        self._pixels = pixels.to(device)
        layers = [maps[indices] for maps in (saliency, masks) if maps is not None]
        self._layers = torch.from_numpy(np.stack(layers, 1)).to(device) if layers else None
        self._over = artefacts(config.seed, device)
        self.model = Encoder(
            config.size, len(CLASSES), bits=config.bits, guided=config.guided,
            dropout=config.dropout, drop_path=config.drop_path, side=config.side,
        )  # fmt: skip
        if start is None:
            self.model.load_imagenet()
        else:
            self.model.start_from(start)
        self.model.to(device, memory_format=torch.channels_last)
        if config.folded:
            if start is None:
                self._settle()
            fold(self.model.eval().backbone)
        if config.held:
            self.model.backbone.hold(config.held)
        self.averaged = copy.deepcopy(self.model).eval()
        self._outline = nn.Conv2d(EMBEDDING, 1, 1).to(device)
        whole = [*self.model.parameters(), *self._outline.parameters()]
        trained = [parameter for parameter in whole if parameter.requires_grad]
        decayed = [p for p in trained if p.ndim > 1]
        free = [p for p in trained if p.ndim <= 1]
        self._optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": config.decay},
                {"params": free, "weight_decay": 0},
            ],
            lr=config.rate,
        )
        self._steps = len(indices) // config.batch
        self._epoch = 0
        if checkpoint and checkpoint.exists():
            self._restore(checkpoint)

    @torch.no_grad()
    def _settle(self, batches: int = 40) -> None:
        """Replace the statistics of the batch norms by those of training pictures."""
        norms = [m for m in self.model.modules() if isinstance(m, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # the mean over all batches
        self.model.train()
        for _ in range(batches):
            some = torch.randint(len(self._labels), (self.config.batch,), device=self.device)
            x, _ = augment(self._pixels[some], self.config.side, self.config.strength, self._over)
            self.model(x.contiguous(memory_format=torch.channels_last))

    def _restore(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self._outline.load_state_dict(state["outline"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._epoch = int(state["epoch"])

    def _save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        torch.save(
            {
                "model": self.model.state_dict(), "averaged": self.averaged.state_dict(),
                "outline": self._outline.state_dict(),
                "optimiser": self._optimiser.state_dict(), "epoch": self._epoch,
            },
            part,
        )  # fmt: skip
        part.replace(path)

    def fit(
        self, log: Callable[[str], None] = print, validate: Callable[[Encoder], str] | None = None
    ) -> Encoder:
        """Train to the end and return the averaged encoder.

        Args:
            log: takes the lines that tell how far it is.
            validate: says how good the averaged encoder is after each epoch.
        """
        while self._epoch < self.config.epochs:
            begun = time.perf_counter()
            loss = self._one_epoch(log)
            self._epoch += 1
            rate = self._steps * self.config.batch / (time.perf_counter() - begun)
            log(f"epoch {self._epoch}/{self.config.epochs} loss {loss:.4f} {rate:.0f} images/s")
            if self.checkpoint:
                self._save(self.checkpoint)
            if validate:
                log(validate(self.averaged))
        if self.config.folded:
            unfold(self.averaged.backbone)
        return self.averaged

    def _one_epoch(self, log: Callable[[str], None]) -> float:
        torch.manual_seed(self.config.seed * 1000 + self._epoch)
        begun = time.perf_counter()
        order = self._sampler.epoch(self.config.seed * 1000 + self._epoch).to(self.device)
        self.model.train()
        total = torch.zeros((), device=self.device)
        for step in range(self._steps):
            self._schedule(self._epoch + step / self._steps)
            batch = order[step * self.config.batch : (step + 1) * self.config.batch]
            loss = self._loss(batch)
            self._optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
            self._optimiser.step()
            self._average(self._epoch * self._steps + step)
            total += loss.detach()
            if self.device.type == "cpu" and step % 25 == 24:
                rate = (step + 1) * self.config.batch / (time.perf_counter() - begun)
                log(f"  step {step + 1}/{self._steps} loss {total / (step + 1):.4f} {rate:.1f}/s")
        return float(total) / self._steps

    def _schedule(self, epoch: float) -> None:
        warm, last = self.config.warm, self.config.epochs
        if epoch < warm:
            factor = (epoch + 0.05) / (warm + 0.05)
        else:
            factor = 0.5 * (1 + math.cos(math.pi * (epoch - warm) / (last - warm)))
        for group in self._optimiser.param_groups:
            group["lr"] = self.config.rate * max(factor, 0.002)

    def _loss(self, batch: Tensor) -> Tensor:
        config, prior = self.config, self._sampler.prior
        layers = None if self._layers is None else self._layers[batch]
        side = config.side_of(self._epoch)
        x, layers = augment(self._pixels[batch], side, config.strength, self._over, layers)
        labels = self._labels[batch]
        target = F.one_hot(labels, len(CLASSES)).float()
        mixed = torch.rand(()).item() < config.mix
        if mixed:
            x, target = mix(x, target)
        x = x.contiguous(memory_format=torch.channels_last)
        guide = layers[:, :1] if layers is not None and config.guided else None
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            described = self.model(x, guide)
        loss = losses.classification(described.logits, target, prior, config.smoothing)
        if mixed:
            return loss
        if config.contrast:
            loss = loss + config.contrast * self._contrast(described.embedding, labels)
        if config.outline and layers is not None:
            found = self._outline(described.feature_map.float())
            loss = loss + config.outline * losses.outline(found, layers[:, -1:])
        for bits, code in described.codes.items():
            logits = self.model.hash_logits(bits, code)
            share = config.hashing / len(described.codes)
            loss = loss + share * losses.hashing(code.float(), logits, labels, prior)
        return loss

    def _contrast(self, embedding: Tensor, labels: Tensor) -> Tensor:
        temperature = self.config.temperature
        if not self.config.balanced_contrast:
            return losses.contrast(embedding, labels, temperature)
        prototypes = F.normalize(self.model.prototypes.float(), dim=1)
        return losses.balanced_contrast(embedding, labels, prototypes, temperature)

    @torch.no_grad()
    def _average(self, step: int) -> None:
        """Exponential moving average of weights and of batch-norm statistics."""
        decay = min(self.config.average, (step + 1) / (step + 10))
        ours = [t for t in self.averaged.state_dict().values() if t.is_floating_point()]
        theirs = [t for t in self.model.state_dict().values() if t.is_floating_point()]
        torch._foreach_lerp_(ours, theirs, 1 - decay)


def mix(x: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Mix every picture of a batch with another one, by one share for all of them.

    Args:
        x: pictures, (n, 3, s, s).
        target: their classes, (n, classes).
    """
    share = float(np.random.default_rng(int(torch.randint(2**31, ()).item())).beta(0.4, 0.4))
    other = torch.randperm(len(x), device=x.device)
    return share * x + (1 - share) * x[other], share * target + (1 - share) * target[other]


@dataclass(frozen=True, eq=False)
class Outputs:
    """What an encoder says of n pictures.

    Attributes:
        embedding: (n, 256).
        logits: (n, classes).
        codes: length to relaxed codes (n, length).
    """

    embedding: npt.NDArray[np.float32]
    logits: npt.NDArray[np.float32]
    codes: dict[int, npt.NDArray[np.float32]]


@torch.no_grad()
def describe(
    model: nn.Module, pixels: Sequence[npt.NDArray[np.uint8]], side: int,
    saliency: npt.NDArray[np.uint8] | None = None,
) -> Outputs:  # fmt: skip
    """Encode pictures of any size on the CPU, prepared as the product does it.

    Args:
        model: an `Encoder`, or anything else that describes float RGB (n, 3, s, s) in [0, 255].
        pixels: n pictures, uint8 (h, w, 3).
        side: at which they are encoded.
        saliency: their maps, uint8 (n, rows, columns), for a guided encoder.
    """
    model.eval()
    parts: list[Described] = []
    for begin in range(0, len(pixels), 64):
        prepared = np.stack([prepare(p, side) for p in pixels[begin : begin + 64]])
        x = torch.from_numpy(prepared).permute(0, 3, 1, 2).float()
        inputs = [x.contiguous(memory_format=torch.channels_last)]
        if saliency is not None:
            maps = torch.from_numpy(saliency[begin : begin + 64])[:, None].float() / 255
            inputs.append(F.interpolate(maps, (side, side), mode="bilinear", align_corners=False))
        parts.append(model(*inputs))
    return Outputs(
        torch.cat([part.embedding for part in parts]).numpy(),
        torch.cat([part.logits for part in parts]).numpy(),
        {bits: torch.cat([p.codes[bits] for p in parts]).numpy() for bits in parts[0].codes},
    )
