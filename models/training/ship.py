"""From trained stages to shipped models: every variant fitted, the best of each kind chosen.

Both kinds are shipped, one pass and two, since the comparison is the point of SE-CBIR; the one
that does better on validation is the manifest's default.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.training.dermoscopy import Workshop
from models.training.descriptions import Descriptions, assemble, is_guided, needed
from models.training.export import Fitted, enter, entry, fit, write

Kind = Literal["rgb", "guided"]


@dataclass(frozen=True)
class Variant:
    """One way to make a product's encoder out of the stages.

    Attributes:
        stages: whose networks describe; ``first`` is also the one that guides.
    """

    stages: tuple[str, ...]

    @property
    def name(self) -> str:
        """Of its files, such as ``"guided+first"``."""
        return "+".join(self.stages)

    @property
    def kind(self) -> Kind:
        """Whether a first pass guides any of them."""
        return "guided" if is_guided(self.stages) else "rgb"


VARIANTS = (
    Variant(("rgb", "second")),
    Variant(("sharp", "rgb")),
    Variant(("sharp", "rgb", "second")),
    Variant(("keen", "rgb", "second")),
    Variant(("sharp", "guided", "second")),
    Variant(("sharp", "guided", "second", "first")),
    Variant(("keen", "guided", "second")),
    Variant(("keen", "guided", "second", "first")),
)
"""The network with the finest grid comes first: places are compared in its features."""
TITLES: dict[Kind, str] = {"rgb": "Dermoscopy, RGB", "guided": "Dermoscopy, saliency-guided"}


@dataclass(frozen=True)
class Candidate:
    """A variant and how good it is.

    Attributes:
        variant: which.
        figures: on validation, see `calibration.validation_figures`.
    """

    variant: Variant
    figures: dict[str, float]

    @property
    def merit(self) -> float:
        """What the choice goes by: the mean of macro P@6, mAP and area under the ROC curve.

        Balanced accuracy and P@1 are not in it: one of eight dermatofibromas sways them by .018.
        """
        return (self.figures["p6"] + self.figures["map"] + self.figures["auc"]) / 3


def fitted(workshop: Workshop, descriptions: Descriptions, variant: Variant) -> Fitted:
    """Join a variant's networks, and fit all that comes after them."""
    passes = assemble(workshop, variant.stages)
    return fit(passes, lambda split: descriptions.of(variant.stages, split, passes.side))


def weigh(workshop: Workshop, descriptions: Descriptions, variant: Variant) -> Candidate:
    """Measure a variant on validation, unless that was done with these very weights.

    Args:
        workshop: where its stages were trained.
        descriptions: what they say.
        variant: which.
    """
    folder = _folder(workshop)
    made_by = workshop.fingerprint(needed(variant.stages))
    record = folder / f"{variant.name}-{made_by}.json"
    if not record.exists():
        figures = fitted(workshop, descriptions, variant).figures
        part = record.with_suffix(".part")
        part.write_text(json.dumps(figures, indent=2) + "\n")
        part.replace(record)
    return Candidate(variant, json.loads(record.read_text()))


def table(candidates: Iterable[Candidate]) -> str:
    """Return the validation figures of candidates as a table in Markdown."""
    rows = list(candidates)
    names = list(rows[0].figures)
    lines = [
        "| variant | " + " | ".join(names) + " | merit |",
        "|---" * (len(names) + 2) + "|",
    ]
    for one in rows:
        numbers = " | ".join(f"{one.figures[name]:.3f}" for name in names)
        lines.append(f"| `{one.variant.name}` | {numbers} | {one.merit:.4f} |")
    return "\n".join(lines)


def best_of_each_kind(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the best candidate of each kind that there is, the better one first."""
    best: dict[Kind, Candidate] = {}
    for one in sorted(candidates, key=lambda candidate: candidate.merit):
        best[one.variant.kind] = one
    return sorted(best.values(), key=lambda candidate: -candidate.merit)


def ship(
    workshop: Workshop, descriptions: Descriptions, chosen: Sequence[Variant], name: str,
    models: Path,
) -> list[str]:  # fmt: skip
    """Write variants as graphs, and enter them into the manifest.

    Args:
        workshop: where their stages were trained.
        descriptions: what they say.
        chosen: one of each kind, or of one alone; the first is the default.
        name: of the models, such as ``"dermoscopy-4"``; each kind's is added to it.
        models: the folder.

    Returns:
        The names of the models entered.
    """
    names = []
    for place, variant in enumerate(chosen):
        full = f"{name}-{variant.kind}"
        file = _folder(workshop) / f"{variant.name}.onnx"
        ready = fitted(workshop, descriptions, variant)
        write(ready, file, workshop.data)
        enter(models, file, entry(full, TITLES[variant.kind], file, ready), default=place == 0)
        names.append(full)
    return names


def _folder(workshop: Workshop) -> Path:
    folder = workshop.out / "variants"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
