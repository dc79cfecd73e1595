"""Files of other projects: each gives a picture or our error, soon, and nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pydicom.data
import pytest

from inference.errors import ImageError
from inference.images import read

PYDICOM = Path(pydicom.data.__file__).parent


def pictures_among(folder: Path) -> tuple[set[str], set[str]]:
    """Read every file; return the names of those that gave a picture, and of the others."""
    good, bad = set(), set()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        start = time.perf_counter()
        try:
            image = read(path)
        except ImageError as error:
            assert error.subject == path.name
            assert error.reason
            assert error.advice
            bad.add(path.name)
        else:
            assert image.pixels.size
            good.add(path.name)
        assert time.perf_counter() - start < 5, path
    return good, bad


def test_every_file_of_pydicom_gives_a_picture_or_our_error() -> None:
    good, bad = pictures_among(PYDICOM)
    # One for each kind of compression and colour; and what is no picture.
    assert good >= {
        "CT_small.dcm",
        "MR_small_RLE.dcm",
        "image_dfl.dcm",
        "JPGExtended.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "JPEGLSNearLossless_16.dcm",
        "examples_jpeg2k.dcm",
        "examples_palette.dcm",
        "examples_ybr_color.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
        "ExplVR_BigEnd.dcm",
    }
    assert bad >= {"DICOMDIR", "rtplan.dcm", "test-SR.dcm", "liver_1frame.dcm", "MR_truncated.dcm"}


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_dcmtk_+eb+cr.dcm",
        "SC_rgb_dcmtk_+eb+cy+np.dcm",
        "SC_rgb_gdcm_KY.dcm",
        "SC_rgb_jls_lossy_line.dcm",
        "SC_rgb_jls_lossy_sample.dcm",
        "SC_rgb_jpeg_dcmtk.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "SC_rgb_jpeg_lossy_gdcm.dcm",
        "SC_rgb_rle.dcm",
        "SC_rgb_rle_16bit.dcm",
        "SC_rgb_rle_32bit.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
    ],
)
def test_colour_bars_have_their_colours(name: str) -> None:
    # The same ten bars, in one encoding each; their values are in pydicom's own tests.
    bars = (
        [255, 0, 0], [255, 128, 128], [0, 255, 0], [128, 255, 128], [0, 0, 255],
        [128, 128, 255], [0, 0, 0], [64, 64, 64], [192, 192, 192], [255, 255, 255],
    )  # fmt: skip
    pixels = read(PYDICOM / "test_files" / name).pixels
    for i, bar in enumerate(bars):
        # JPEG, and YCbCr of 8 bits made from it, move a value by up to 5.
        assert abs(pixels[5 + 10 * i, 50].astype(int) - bar).max() <= 5, (name, i)


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_RLE.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
    ],
)
def test_the_same_picture_is_the_same_however_it_is_stored(name: str) -> None:
    # pydicom made these from MR_small.dcm, which is uncompressed, without any loss.
    files = PYDICOM / "test_files"
    assert np.array_equal(read(files / name).pixels, read(files / "MR_small.dcm").pixels)


@pytest.mark.parametrize("name", ["SC_rgb_jpeg.dcm", "SC_jpeg_no_color_transform.dcm"])
def test_unmarked_rgb_in_jpeg_is_not_taken_for_ycbcr(name: str) -> None:
    # A tile of empty glass: near white. Taken for YCbCr it turns magenta.
    assert read(PYDICOM / "test_files" / name).pixels.mean(axis=(0, 1)).min() > 230


@pytest.mark.parametrize("folder", ["dicom", "malformed"])
def test_every_real_file_gives_a_picture_or_our_error(real_data: Path, folder: str) -> None:
    good, bad = pictures_among(real_data / folder)
    assert len(good) >= {"dicom": 40, "malformed": 180}[folder]
    assert bad
