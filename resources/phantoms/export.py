"""Write a demonstration set: pictures, masks, structures and labels in the style of HAM10000."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from resources.phantoms.lesions import CLASSES
from resources.phantoms.phantom import Phantom, draw
from resources.phantoms.recipe import ATTRIBUTE_VALUES
from resources.phantoms.skin import TONES, Tone

JPEG_QUALITY = 90
COLUMNS = (
    "image_id", "lesion_id", "dx", "dx_type", "age", "sex", "localization", "fitzpatrick",
    *ATTRIBUTE_VALUES, "pattern", "seed", "source", "licence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """One phantom to draw.

    Attributes:
        image: its name without suffix, such as ``"PHANTOM_mel_03"``.
        lesion: the lesion's name, such as ``"PHANTOM_039"``.
        diagnosis: abbreviation.
        pattern: recipe.
        tone: Fitzpatrick type.
        seed: for `draw`.
        age: of the patient who does not exist, in years, a multiple of 5.
        sex: ``"female"`` or ``"male"``.
        site: in the words of HAM10000.
    """

    image: str
    lesion: str
    diagnosis: str
    pattern: str
    tone: Tone
    seed: int
    age: int
    sex: str
    site: str

    def draw(self) -> Phantom:
        """Draw it."""
        return draw(self.diagnosis, self.seed, pattern=self.pattern, tone=self.tone)


def plan(seed: int, per_class: int) -> tuple[list[Order], list[Order]]:
    """Say what a set holds: library orders, ``per_class`` for each class, and one query for each.

    Patterns and tones go round in turn within a class, so that each class holds all of them as
    soon as ``per_class`` allows.
    """
    library: list[Order] = []
    queries: list[Order] = []
    for place, (diagnosis, kind) in enumerate(CLASSES.items()):
        rng = np.random.default_rng([seed, place])
        patterns = list(kind.recipes)
        tones = [TONES[step % len(TONES)] for step in rng.permutation(per_class)]
        for index in range(per_class + 1):
            query = index == per_class
            number = place * per_class + index
            order = Order(
                image=f"QUERY_{diagnosis}" if query else f"PHANTOM_{diagnosis}_{index + 1:02d}",
                lesion=f"PHANTOM_Q{place + 1:02d}" if query else f"PHANTOM_{number + 1:03d}",
                diagnosis=diagnosis,
                pattern=patterns[0 if query else index % len(patterns)],
                tone=TONES[(1 - place) % len(TONES)] if query else tones[index],
                seed=seed * 1000 + index + (500 if query else 0),
                age=5 * int(rng.integers(kind.ages[0] // 5, kind.ages[1] // 5 + 1)),
                sex=("female", "male")[int(rng.integers(2))],
                site=kind.sites[int(rng.integers(len(kind.sites)))],
            )
            (queries if query else library).append(order)
    return library, queries


def _row(order: Order, phantom: Phantom) -> dict[str, str]:
    """The labels of one phantom."""
    return {
        "image_id": order.image,
        "lesion_id": order.lesion,
        "dx": order.diagnosis,
        "dx_type": "drawn",
        "age": f"{order.age}.0",
        "sex": order.sex,
        "localization": order.site,
        "fitzpatrick": order.tone,
        **phantom.attributes,
        "pattern": order.pattern,
        "seed": str(order.seed),
        "source": "CaseLens phantoms",
        "licence": "CC0-1.0",
    }


def _write_phantom(folder: Path, masks: Path, order: Order, phantom: Phantom) -> None:
    """Write the picture, its lesion mask and its structures."""
    Image.fromarray(phantom.pixels).save(
        folder / f"{order.image}.jpg", quality=JPEG_QUALITY, subsampling="4:2:0", optimize=True
    )
    mask = Image.fromarray(phantom.mask.astype(np.uint8) * 255)
    mask.save(masks / "masks" / f"{order.image}.png", optimize=True)
    np.savez_compressed(
        masks / "structures" / f"{order.image}.npz",
        allow_pickle=False,
        **phantom.structures,
    )


def _write_table(path: Path, rows: list[dict[str, str]]) -> None:
    """Write a table at once, so that a half-written one is never there."""
    beside = path.with_suffix(".part")
    with beside.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    beside.replace(path)


def write_set(destination: Path, seed: int, per_class: int) -> Iterator[str]:
    """Write a set into ``destination``; yields the name of each picture when it is written.

    The layout: ``images/*.jpg``, ``labels.csv``, ``queries/*.jpg``, ``queries.csv``, and for both
    ``masks/*.png`` (0 or 255) and ``structures/*.npz`` (name to bool array).
    """
    for name in ("images", "queries", "masks", "structures"):
        (destination / name).mkdir(parents=True, exist_ok=True)
    for folder, table, orders in zip(
        ("images", "queries"), ("labels.csv", "queries.csv"), plan(seed, per_class), strict=True
    ):
        rows = []
        for order in orders:
            phantom = order.draw()
            _write_phantom(destination / folder, destination, order, phantom)
            rows.append(_row(order, phantom))
            yield order.image
        _write_table(destination / table, rows)
