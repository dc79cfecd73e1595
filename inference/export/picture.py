"""Pictures for keeping, without any metadata."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from inference.explain import Heatmap, overlay
from inference.files import write_whole


def write_picture(path: Path, pixels: npt.NDArray[np.uint8]) -> None:
    """Write pixels as PNG, without any metadata.

    Args:
        path: where; an existing file is replaced.
        pixels: uint8 (h, w, 3) RGB.

    Raises:
        CaseLensError: the file cannot be written.
    """
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, format="PNG")
    write_whole(path, encoded.getvalue(), durable=True)


def write_overlay(
    path: Path, pixels: npt.NDArray[np.uint8], heatmap: Heatmap, *, opacity: float = 0.6
) -> None:
    """Write a picture with a heatmap over it, see `write_picture`.

    Args:
        path: where; an existing file is replaced.
        pixels: uint8 (h, w, 3) RGB.
        heatmap: of that picture.
        opacity: of the map where evidence is greatest, 0 to 1.

    Raises:
        CaseLensError: the file cannot be written.
    """
    write_picture(path, overlay(pixels, heatmap, opacity))
