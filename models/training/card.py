"""Writes a model card from the manifest and from what ``caselens evaluate`` measured."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from inference.encoder.manifest import FILE_NAME, read_manifest

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


def write(name: str, models: Path, figures: Path, tables: Path) -> Path:
    """Write the card of a model of the manifest beside it.

    Args:
        name: of the model.
        models: folder of the manifest.
        figures: JSON of the four protocols.
        tables: Markdown of the same run.

    Returns:
        The card.
    """
    manifest = read_manifest(models, name)
    entries = json.loads((models / FILE_NAME).read_text())["models"]
    (architecture,) = (one["architecture"] for one in entries if one["name"] == name)
    measured: dict[str, Any] = json.loads(figures.read_text())
    text = Template(TEMPLATE.read_text()).substitute(
        name=manifest.name, file=manifest.file, side=manifest.side, grid=manifest.side // 32,
        architecture=architecture,
        megabytes=round((models / manifest.file).stat().st_size / 1e6),
        results=results(measured["ham10000"]), shifted=shifted(measured),
        breakdown=tables.read_text().strip(),
    )  # fmt: skip
    file = models / manifest.card
    file.write_text(text)
    return file
