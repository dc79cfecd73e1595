"""Saliency maps for the second pass, and the controls that SE-CBIR was published without.

The map of a picture is the class map of its likeliest class by the first network, divided by its
greatest value. Training pictures get theirs from a network that never saw their lesion (out of
fold), since the product's pictures are new to the first network as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from inference.encoder.preprocess import prepare
from models.training.data import Record
from models.training.network import Encoder

Kind = Literal["map", "blank", "shuffled", "mask"]
"""``map`` is the method; the others are controls."""

SIDE = 28
"""Rows and columns at which maps are kept; the first network's own grid is coarser."""

Maps = npt.NDArray[np.uint8]


def likeliest_map(terms: Tensor, logits: Tensor) -> Tensor:
    """Return the map of the likeliest class, (n, 1, h, w) in [0, 1]; 1 at its peak.

    Args:
        terms: `Encoder.class_terms`, (n, classes, h, w).
        logits: (n, classes).
    """
    chosen = logits.argmax(1)[:, None, None, None].expand(-1, 1, *terms.shape[2:])
    one = F.relu(terms.gather(1, chosen))
    return one / one.amax((2, 3), keepdim=True).clamp_min(1e-6)


def enlarged(maps: Tensor, side: int) -> Tensor:
    """Bring maps (n, 1, h, w) to a picture's side, by way of the grid that they are kept at."""
    kept = F.interpolate(maps, (SIDE, SIDE), mode="bilinear", align_corners=False)
    return F.interpolate(kept, (side, side), mode="bilinear", align_corners=False)


@torch.no_grad()
def maps_of(encoder: Encoder, pixels: Sequence[npt.NDArray[np.uint8]], side: int) -> Maps:
    """Describe pictures with the first network: uint8 (n, `SIDE`, `SIDE`)."""
    encoder.eval()
    parts = []
    for begin in range(0, len(pixels), 64):
        prepared = np.stack([prepare(p, side) for p in pixels[begin : begin + 64]])
        x = torch.from_numpy(prepared).permute(0, 3, 1, 2).float()
        described = encoder(x.contiguous(memory_format=torch.channels_last))
        seen = likeliest_map(encoder.class_terms(described), described.logits)
        spread = F.interpolate(seen, (SIDE, SIDE), mode="bilinear", align_corners=False)
        parts.append((255 * spread[:, 0]).round().to(torch.uint8).numpy())
    return np.concatenate(parts)


def masks_of(records: Sequence[Record], data: Path) -> Maps:
    """Read lesion masks, uint8 (n, `SIDE`, `SIDE`); blank for the sources that have none."""
    out = np.zeros((len(records), SIDE, SIDE), np.uint8)
    for i, record in enumerate(records):
        path = data / record.source / "masks" / f"{record.name}.png"
        if path.exists():
            with Image.open(path) as mask:
                out[i] = np.asarray(mask.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX))
    return out


def shuffled(maps: Maps, seed: int) -> Maps:
    """Give every picture the map of another one."""
    return maps[np.random.default_rng(seed).permutation(len(maps))]
