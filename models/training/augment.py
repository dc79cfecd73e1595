"""Augmentation of whole batches on the device, the same code on CPU and GPU.

A dermatoscope has no up, is held at any distance and lit by any lamp: so rotations, flips,
scales and colour casts. Archives differ in sharpness: so pictures are sometimes shrunk and
enlarged again. Hairs, rulers and missing corners must not decide: so they are added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Strength:
    """How far augmentation goes; 0 turns a part off."""

    scale: float = 0.25
    shift: float = 0.10
    shear: float = 0.10
    light: float = 0.20
    colour: float = 0.10
    blur: float = 0.25
    hair: float = 0.10
    ruler: float = 0.0
    erase: float = 0.25


def _uniform(n: int, low: float, high: float, device: torch.device) -> Tensor:
    return torch.rand(n, device=device) * (high - low) + low


def hairs(count: int, side: int, seed: int) -> Tensor:
    """Draw hair patterns: float (count, 1, side, side) in [0, 1], 1 where a hair covers."""
    rng = np.random.default_rng(seed)
    out = np.zeros((count, side, side), np.uint8)
    for canvas in out:
        for _ in range(int(rng.integers(2, 14))):
            start, end = rng.uniform(-0.2, 1.2, 2) * side, rng.uniform(-0.2, 1.2, 2) * side
            bend = (start + end) / 2 + rng.normal(0, 0.15 * side, 2)
            t = np.linspace(0, 1, 24)[:, None]
            curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
            points = np.round(curve * 16).astype(np.int32)
            thick = int(rng.integers(1, 3))
            cv2.polylines(canvas, [points], False, 255, thick, cv2.LINE_AA, 4)
    return torch.from_numpy(out[:, None].astype(np.float32) / 255)


def rulers(count: int, side: int, seed: int) -> Tensor:
    """Draw rulers: float (count, 1, side, side) in [0, 1], 1 where a mark is.

    A straight row of marks at even distances, every fifth of them twice as long.
    """
    rng = np.random.default_rng(seed)
    out = np.zeros((count, side, side), np.uint8)
    for canvas in out:
        along = rng.uniform(0, 2 * math.pi)
        direction = np.array([math.cos(along), math.sin(along)])
        across = np.array([-direction[1], direction[0]])
        middle = side / 2 + across * rng.uniform(0.2, 0.45) * side
        gap, length = rng.uniform(0.03, 0.08) * side, rng.uniform(0.03, 0.06) * side
        thick = int(rng.integers(1, 3))
        for i in range(-40, 41):
            start = middle + i * gap * direction
            end = start + (2 if i % 5 == 0 else 1) * length * across
            ends = np.round(np.stack([start, end]) * 16).astype(np.int32)
            cv2.polylines(canvas, [ends], False, 255, thick, cv2.LINE_AA, 4)
    return torch.from_numpy(out[:, None].astype(np.float32) / 255)


def _geometry(n: int, strength: Strength, device: torch.device) -> Tensor:
    """Random affine matrices, (n, 2, 3), output to input coordinates."""
    angle = _uniform(n, 0, 2 * math.pi, device)
    flip = torch.where(torch.rand(n, device=device) < 0.5, -1.0, 1.0)
    zoom = torch.exp(_uniform(n, -strength.scale, strength.scale, device))
    aspect = torch.exp(_uniform(n, -strength.scale / 4, strength.scale / 4, device))
    shear = _uniform(n, -strength.shear, strength.shear, device)
    cos, sin = torch.cos(angle), torch.sin(angle)
    theta = torch.zeros(n, 2, 3, device=device)
    theta[:, 0, 0] = cos * zoom * aspect * flip
    theta[:, 0, 1] = (shear * cos - sin) * zoom
    theta[:, 1, 0] = sin * zoom * aspect * flip
    theta[:, 1, 1] = (shear * sin + cos) * zoom
    theta[:, 0, 2] = _uniform(n, -strength.shift, strength.shift, device)
    theta[:, 1, 2] = _uniform(n, -strength.shift, strength.shift, device)
    return theta


def _light(x: Tensor, strength: Strength) -> Tensor:
    """Random brightness, contrast, saturation and colour cast of (n, 3, s, s) in [0, 255]."""
    n, device = x.shape[0], x.device
    shape = (n, 1, 1, 1)
    gain = torch.exp(_uniform(n * 3, -strength.colour, strength.colour, device)).view(n, 3, 1, 1)
    bright = torch.exp(_uniform(n, -strength.light, strength.light, device)).view(shape)
    contrast = torch.exp(_uniform(n, -strength.light, strength.light, device)).view(shape)
    saturation = torch.exp(_uniform(n, -strength.light, strength.light, device)).view(shape)
    x = x * gain * bright
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * saturation
    mean = grey.mean((2, 3), keepdim=True)
    return mean + (x - mean) * contrast


def _soften(x: Tensor, share: float) -> Tensor:
    """Shrink and enlarge again the first share of the batch, which is in random order."""
    count = int(len(x) * share)
    if not count:
        return x
    small = int(x.shape[2] * (0.35 + 0.6 * torch.rand(()).item()))
    blurred = F.interpolate(x[:count], (small, small), mode="bilinear", antialias=True)
    blurred = F.interpolate(blurred, x.shape[2:], mode="bilinear", align_corners=False)
    return torch.cat([blurred, x[count:]])


def _erase(x: Tensor, share: float) -> Tensor:
    """Cover a random rectangle in a share of the batch with the picture's mean colour."""
    n, _, height, width = x.shape
    device = x.device
    rows = torch.arange(height, device=device)[None, :, None] / height
    columns = torch.arange(width, device=device)[None, None, :] / width
    top, left = (_uniform(n, -0.1, 0.9, device)[:, None, None] for _ in range(2))
    tall, wide = (_uniform(n, 0.1, 0.4, device)[:, None, None] for _ in range(2))
    inside = (rows >= top) & (rows < top + tall) & (columns >= left) & (columns < left + wide)
    inside &= (torch.rand(n, device=device) < share)[:, None, None]
    return torch.where(inside[:, None], x.mean((2, 3), keepdim=True), x)


@dataclass(frozen=True)
class Artefacts:
    """Patterns from `hairs` and from `rulers`, to be laid over pictures."""

    hair: Tensor
    ruler: Tensor


def artefacts(seed: int, device: torch.device) -> Artefacts:
    """Draw the patterns of a run."""
    return Artefacts(hairs(96, 224, seed).to(device), rulers(32, 224, seed).to(device))


def augment(
    pixels: Tensor, side: int, strength: Strength, over: Artefacts, saliency: Tensor | None = None
) -> tuple[Tensor, Tensor | None]:
    """Augment a batch.

    Args:
        pixels: uint8 (n, 3, h, w).
        side: side of the result.
        strength: how far to go.
        over: what may be laid over them.
        saliency: maps of the pictures, uint8 (n, k, rows, columns), which move with them.

    Returns:
        float32 (n, 3, side, side) in [0, 255], and the maps, float32 (n, k, side, side) in [0, 1].
    """
    n, device = pixels.shape[0], pixels.device
    theta = _geometry(n, strength, device)
    grid = F.affine_grid(theta, [n, 3, side, side], align_corners=False)
    x = F.grid_sample(pixels.float(), grid, padding_mode="reflection", align_corners=False)
    if saliency is not None:
        saliency = F.grid_sample(
            saliency.float() / 255, grid, padding_mode="reflection", align_corners=False
        )
    x = _light(x, strength)
    x = _soften(x, strength.blur)
    if strength.hair:
        x = _cover(x, strength.hair, over.hair)
    if strength.ruler:
        x = _cover(x, strength.ruler, over.ruler)
    x = _erase(x, strength.erase)
    return x.clamp(0, 255), saliency


def _cover(x: Tensor, share: float, patterns: Tensor) -> Tensor:
    """Lay a pattern over a share of the batch, in a random dark tint."""
    n, device = x.shape[0], x.device
    cover = patterns[torch.randint(len(patterns), (n,), device=device)]
    cover = F.interpolate(cover, x.shape[2:], mode="bilinear", align_corners=False)
    on = (torch.rand(n, 1, 1, 1, device=device) < share).float()
    tint = _uniform(n * 3, 5, 70, device).view(n, 3, 1, 1)
    return x + (tint - x) * cover * on * 0.85
