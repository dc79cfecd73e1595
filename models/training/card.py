"""Writes a model card from the manifest and from what ``caselens evaluate`` measured.

python -m models.training.card --name dermoscopy-2 --figures figures.json --tables tables.md
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from inference.encoder.manifest import read_manifest

TEMPLATE = Path(__file__).with_name("card.template.md")
PUBLISHED = {
    "macro_p_at_1": ".779",
    "macro_p_at_6": ".795",
    "macro_p_at_1_clean": ".782",
    "macro_p_at_6_clean": ".788",
    "bma_vote6": ".782 (clean)",
    "malignancy_auc_vote9": ".944 (clean)",
}
"""SE-CBIR's figures with same-lesion hits removed (Gassner et al. 2023, from its result lists)."""

_SHIFTED = ("isic2017", "derm7pt", "pad_ufes20")
Figures = Mapping[str, Mapping[str, float]]


def results(figures: Figures) -> str:
    """Return the rows of the main table."""
    return "\n".join(
        f"| `{name}` | {_short(f['value'])} | {_short(f['low'])} to {_short(f['high'])} "
        f"| {PUBLISHED.get(name, '')} |"
        for name, f in figures.items()
    )


def shifted(protocols: Mapping[str, Figures]) -> str:
    """Return a table of the other archives: value and ratio of every figure."""
    names = [name for name in protocols[_SHIFTED[0]] if not name.endswith("_ratio")]
    head = "| figure | " + " | ".join(
        f"{p} (n {protocols[p][names[0]]['n']:.0f})" for p in _SHIFTED
    )
    lines = [f"{head} |", "|---" * (len(_SHIFTED) + 1) + "|"]
    for name in names:
        cells = [
            f"{_short(protocols[p][name]['value'])} "
            f"(ratio {_short(protocols[p][name + '_ratio']['value'])})"
            for p in _SHIFTED
        ]
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    by_skin = {k: v for k, v in protocols["pad_ufes20"].items() if "fitzpatrick" in k}
    if by_skin:
        lines += ["", "PAD-UFES-20 by Fitzpatrick skin type:", ""]
        lines += ["| figure | value | 95 % interval | n |", "|---|---|---|---|"]
        lines += [
            f"| `{name}` | {_short(f['value'])} | {_short(f['low'])} to {_short(f['high'])} "
            f"| {f['n']:.0f} |"
            for name, f in by_skin.items()
            if not name.endswith("_ratio")
        ]
    return "\n".join(lines)


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def main() -> None:
    """Write the card beside the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", required=True)
    parser.add_argument("--size", default="Lite2")
    parser.add_argument("--figures", type=Path, required=True, help="JSON of all four protocols")
    parser.add_argument("--tables", type=Path, required=True, help="Markdown of the same run")
    parser.add_argument("--models", type=Path, default=Path("models"))
    arguments = parser.parse_args()
    manifest = read_manifest(arguments.models, arguments.name)
    measured: dict[str, Any] = json.loads(arguments.figures.read_text())
    text = Template(TEMPLATE.read_text()).substitute(
        name=manifest.name, file=manifest.file, size=arguments.size, side=manifest.side,
        grid=manifest.side // 32,
        megabytes=round((arguments.models / manifest.file).stat().st_size / 1e6),
        results=results(measured["ham10000"]), shifted=shifted(measured),
        breakdown=arguments.tables.read_text().strip(),
    )  # fmt: skip
    (arguments.models / manifest.card).write_text(text)


if __name__ == "__main__":
    main()
