"""Tiny likenesses of the three training archives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SPLITS = ("train", "train", "val", "test")


def write_archives(folder: Path, count: int = 4) -> Path:
    """Write ``count`` pictures of noise for each archive, half of them for training.

    They are four nevi, four melanomas, and so on. HAM10000's come with masks that mark
    the upper left.
    """
    rng = np.random.default_rng(0)
    for source, column in (("ham10000", "dx"), ("isic2017", "label"), ("derm7pt", "label")):
        (folder / source / "images").mkdir(parents=True)
        rows = [f"image_id,lesion_id,{column},split"]
        for i in range(count):
            size = (200, 150) if source == "ham10000" else (384, 384)
            pixels = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / source / "images" / f"{source}{i}.jpg")
            rows.append(f"{source}{i},L{i},{['nv', 'mel'][i // 4 % 2]},{SPLITS[i % 4]}")
        (folder / source / "labels.csv").write_text("\n".join(rows) + "\n")
    (folder / "ham10000" / "masks").mkdir()
    mask = np.zeros((224, 224), np.uint8)
    mask[:112, :112] = 255
    for i in range(count):
        Image.fromarray(mask).save(folder / "ham10000" / "masks" / f"ham10000{i}.png")
    return folder
