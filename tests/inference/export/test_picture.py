"""Pictures leave the program as they are, with nothing about where they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.errors import CaseLensError
from inference.export import write_picture

PIXELS = np.random.default_rng(3).integers(0, 256, (40, 60, 3), np.uint8)


def test_a_picture_is_written_bit_for_bit_and_without_metadata(tmp_path: Path) -> None:
    write_picture(tmp_path / "kept.png", PIXELS)

    with Image.open(tmp_path / "kept.png") as read:
        assert read.format == "PNG"
        assert read.info == {}
        assert np.array_equal(np.asarray(read), PIXELS)


def test_a_picture_that_cannot_be_written_names_file_and_reason(tmp_path: Path) -> None:
    with pytest.raises(CaseLensError) as caught:
        write_picture(tmp_path / "gone" / "kept.png", PIXELS)

    assert "kept.png" in str(caught.value)
    assert "no longer there" in str(caught.value)
