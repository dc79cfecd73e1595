"""From trained stages to shipped models: every variant fitted, the best of each kind chosen.

Both kinds are shipped, one pass and two, since the comparison is the point of SE-CBIR; the one
that does better on validation is the manifest's default.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.training.dermoscopy import Workshop
from models.training.descriptions import Descriptions, assemble, is_guided, needed
from models.training.export import enter, entry, fit, write

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
    Variant(("sharp",)),
    Variant(("sharp", "rgb")),
    Variant(("sharp", "rgb", "second")),
    Variant(("guided", "second")),
    Variant(("guided", "rgb", "second", "first")),
    Variant(("sharp", "guided")),
    Variant(("sharp", "guided", "first")),
    Variant(("sharp", "guided", "second")),
    Variant(("sharp", "guided", "second", "first")),
)
"""The network with the finest grid comes first: places are compared in its features."""
TITLES: dict[Kind, str] = {"rgb": "Dermoscopy, RGB", "guided": "Dermoscopy, saliency-guided"}


@dataclass(frozen=True)
class Candidate:
    """A variant that has been fitted and written.

    Attributes:
        variant: which.
        file: its graph.
        entry: its manifest entry, whose name is still the variant's.
        figures: on validation, see `calibration.validation_figures`.
    """

    variant: Variant
    file: Path
    entry: dict[str, Any]
    figures: dict[str, float]

    @property
    def merit(self) -> float:
        """What the choice goes by: the mean of macro P@6, mAP and area under the ROC curve.

        Balanced accuracy and P@1 are not in it: one of eight dermatofibromas sways them by .018.
        """
        return (self.figures["p6"] + self.figures["map"] + self.figures["auc"]) / 3


def prepare(workshop: Workshop, descriptions: Descriptions, variant: Variant) -> Candidate:
    """Fit and write a variant, unless that was done with these very weights.

    Args:
        workshop: where its stages were trained.
        descriptions: what they say.
        variant: which.
    """
    folder = workshop.out / "variants"
    folder.mkdir(parents=True, exist_ok=True)
    made_by = workshop.fingerprint(needed(variant.stages))
    file, record = (folder / f"{variant.name}-{made_by}.{ending}" for ending in ("onnx", "json"))
    if not record.exists():
        passes = assemble(workshop, variant.stages)
        fitted = fit(passes, lambda split: descriptions.of(variant.stages, split, passes.side))
        write(fitted, file, workshop.data)
        title = TITLES[variant.kind]
        found = {
            "entry": entry(variant.name, title, file, fitted), "figures": fitted.figures,
        }  # fmt: skip
        part = record.with_suffix(".part")
        part.write_text(json.dumps(found, indent=2) + "\n")
        part.replace(record)
    found = json.loads(record.read_text())
    return Candidate(variant, file, found["entry"], found["figures"])


def table(candidates: Iterable[Candidate]) -> str:
    """Return the validation figures of candidates as a table in Markdown."""
    rows = list(candidates)
    names = list(rows[0].figures)
    lines = [
        "| variant | side | " + " | ".join(names) + " | merit |",
        "|---" * (len(names) + 3) + "|",
    ]
    for one in rows:
        numbers = " | ".join(f"{one.figures[name]:.3f}" for name in names)
        side = one.entry["input"]["side"]
        lines.append(f"| `{one.variant.name}` | {side} | {numbers} | {one.merit:.4f} |")
    return "\n".join(lines)


def ship(candidates: Iterable[Candidate], name: str, models: Path) -> list[str]:
    """Enter the best candidate of each kind into the manifest.

    Args:
        candidates: fitted variants, of both kinds or one.
        name: of the models, such as ``"dermoscopy-3"``; each kind's is added to it.
        models: the folder.

    Returns:
        The names of the models entered, the default one first.
    """
    best: dict[Kind, Candidate] = {}
    for one in sorted(candidates, key=lambda candidate: candidate.merit):
        best[one.variant.kind] = one
    chosen = sorted(best.values(), key=lambda candidate: -candidate.merit)
    names = []
    for place, one in enumerate(chosen):
        full = f"{name}-{one.variant.kind}"
        renamed = {**one.entry, "name": full, "file": f"{full}.onnx", "card": f"{full}.md"}
        enter(models, one.file, renamed, default=place == 0)
        names.append(full)
    return names
