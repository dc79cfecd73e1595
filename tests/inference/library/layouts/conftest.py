"""Small archives in their original layouts; the pictures are drawn noise."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.library.layouts import Opened, opened

Read = Callable[..., Opened]


def draw(path: Path, seed: int = 0) -> Path:
    """Write a picture of 16 x 12 pixels, another one for each seed; make its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def write(path: Path, *lines: str) -> Path:
    """Write a text file of these lines; make its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    """``read(source, layout="", columns={})``: what it was taken for and what it holds."""
    with contextlib.ExitStack() as stack:
        yield lambda source, **options: stack.enter_context(
            opened(source, scratch=tmp_path / "library", **options)
        )


def write_ham10000(folder: Path, *, table: str = "HAM10000_metadata.csv") -> Path:
    """Write four pictures of three lesions as they are downloaded; returns ``folder``."""
    write(
        folder / table,
        "lesion_id,image_id,dx,dx_type,age,sex,localization",
        "HAM_0000118,ISIC_0027419,bkl,histo,80.0,male,scalp",
        "HAM_0000118,ISIC_0025030,bkl,histo,80.0,male,scalp",
        "HAM_0002730,ISIC_0026769,nv,follow_up,,unknown,unknown",
        "HAM_0001466,ISIC_0031633,mel,confocal,75.0,female,ear",
    )
    for seed, (part, name) in enumerate(
        ((1, "ISIC_0027419"), (1, "ISIC_0025030"), (1, "ISIC_0026769"), (2, "ISIC_0031633"))
    ):
        draw(folder / f"HAM10000_images_part_{part}" / f"{name}.jpg", seed)
    return folder
