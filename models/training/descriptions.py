"""What finished stages say of validation and training pictures: made once, kept, and joined.

Joined networks say side by side what each says alone, so every variant of the product can be
weighed without showing it a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from models.training import dermoscopy
from models.training.calibration import Facts, join, look
from models.training.condense import condensed
from models.training.data import originals
from models.training.dermoscopy import Workshop
from models.training.passes import Passes
from models.training.sight import Sight

Split = Literal["val", "train"]


def is_guided(stages: Sequence[str]) -> bool:
    """Say whether any of these stages was trained with maps, and needs a first pass."""
    return any(dermoscopy.STAGES[stage].maps for stage in stages)


def needed(stages: Sequence[str]) -> list[str]:
    """Return all stages whose networks run when these are joined."""
    return list(dict.fromkeys([*stages, "first"] if is_guided(stages) else stages))


def assemble(workshop: Workshop, stages: Sequence[str]) -> Passes:
    """Join finished stages' networks, condensed, as the product runs them.

    Args:
        workshop: where they were trained.
        stages: whose networks describe; those trained with maps are guided by ``first``.
    """
    networks = {stage: condensed(workshop.encoder(stage)) for stage in needed(stages)}
    first = networks["first"] if is_guided(stages) else None
    return Passes([networks[stage] for stage in stages], first)


class Descriptions:
    """Describes pictures with stages' networks, and keeps what they say beside the stages.

    A stage that is trained anew is described anew.

    Args:
        workshop: where the stages were trained.
    """

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._folder = workshop.out / "described"
        self._pictures = {split: originals(workshop.data, split) for split in ("val", "train")}

    def of(self, stages: Sequence[str], split: Split, side: int) -> Facts:
        """Return what joined stages say of a split's pictures at one side."""
        return join([self._alone(stage, split, side) for stage in stages])

    def _alone(self, stage: str, split: Split, side: int) -> Facts:
        made_by = self._workshop.fingerprint(needed([stage]))
        view = dermoscopy.STAGES[stage].view
        file = self._folder / f"{stage}-{made_by}-{split}-{side}-{view}.npz"
        if not file.exists():
            self._keep(
                look(Sight(assemble(self._workshop, [stage]), side), self._pictures[split]), file
            )
        with np.load(file) as kept:
            found = {name: torch.from_numpy(kept[name]) for name in kept.files}
        codes = {int(n.removeprefix("code")): v for n, v in found.items() if n.startswith("code")}
        return Facts(
            self._pictures[split], found["embedding"], found["logits"], found["early"], codes
        )

    def _keep(self, facts: Facts, file: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        codes = {f"code{bits}": code.numpy() for bits, code in facts.codes.items()}
        part = file.with_suffix(".part")
        with part.open("wb") as opened:
            np.savez(
                opened, embedding=facts.embedding.numpy(), logits=facts.logits.numpy(),
                early=facts.early.numpy(), **codes,
            )  # fmt: skip
        part.replace(file)
