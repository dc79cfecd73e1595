"""Pictures for keeping: written beside and moved into place, so that none is ever half there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from inference.errors import CaseLensError
from inference.explain import Heatmap, overlay


def write_overlay(
    path: Path, pixels: npt.NDArray[np.uint8], heatmap: Heatmap, *, opacity: float = 0.6
) -> None:
    """Write a picture with a heatmap over it as PNG, without any metadata.

    Args:
        path: where; an existing file is replaced.
        pixels: uint8 (h, w, 3) RGB.
        heatmap: of that picture.
        opacity: of the map where evidence is greatest, 0 to 1.

    Raises:
        CaseLensError: the file cannot be written.
    """
    picture = Image.fromarray(overlay(pixels, heatmap, opacity))
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=".caselens-", suffix=".png", delete=False
        ) as file:
            temporary = Path(file.name)
            picture.save(file, format="PNG")
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise CaseLensError(
            path,
            f"the picture cannot be written ({error.strerror or error})",
            "Choose a folder that exists, can be written to, and has room",
        ) from error
