"""Photos: the pixels are known, since each test draws them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from inference.errors import ImageError
from inference.images import View, read


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "WEBP"])
def test_a_lossless_format_gives_the_very_pixels(kind: str, skin: npt.NDArray[np.uint8]) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    image = read(saved(Image.fromarray(skin), kind, **options))
    assert np.array_equal(image.pixels, skin)
    assert image.acquisition.format == kind
    assert image.spacing_mm is None


def test_a_jpeg_gives_what_pillow_decodes(skin: npt.NDArray[np.uint8]) -> None:
    data = saved(Image.fromarray(skin), "JPEG", quality=85)
    image = read(data)
    with Image.open(BytesIO(data)) as reference:
        assert np.array_equal(image.pixels, np.asarray(reference))
    assert image.acquisition.format == "JPEG"


def test_the_pixels_are_contiguous_and_frozen(skin: npt.NDArray[np.uint8]) -> None:
    pixels = read(saved(Image.fromarray(skin), "PNG", exif=_oriented(6))).pixels
    assert pixels.flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0, 0] = 1


def _oriented(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


# Exif 2.32, 4.6.4 A: where row 0 and column 0 of the stored picture lie when it is upright.
UPRIGHT: dict[int, Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.uint8]]] = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: np.rot90(p, 2).transpose(1, 0, 2),
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_the_picture_is_turned_upright(
    kind: str, orientation: int, skin: npt.NDArray[np.uint8]
) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(Image.fromarray(skin), kind, exif=_oriented(orientation), **options)
    assert np.array_equal(read(data).pixels, UPRIGHT[orientation](skin))


def swapped_profile() -> bytes:
    """Return sRGB's profile with the red and blue primaries exchanged, under another name."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace(b"rXYZ", b"?XYZ", 1).replace(b"bXYZ", b"rXYZ", 1)
    return profile.replace(b"?XYZ", b"bXYZ", 1).replace("sRGB".encode("utf-16-be"), b"\0S\0W\0A\0P")


def test_a_colour_profile_is_converted_to_srgb(skin: npt.NDArray[np.uint8]) -> None:
    # With red and blue primaries exchanged, each colour has its red and blue exchanged.
    data = saved(Image.fromarray(skin), "PNG", icc_profile=swapped_profile())
    pixels = read(data).pixels
    assert np.abs(pixels.astype(int) - skin[..., ::-1]).max() <= 1


def test_a_profile_for_another_kind_of_picture_is_passed_over() -> None:
    data = saved(Image.new("L", (2, 2), 77), "PNG", icc_profile=swapped_profile())
    assert (read(data).pixels == 77).all()


def test_an_srgb_profile_changes_no_pixel(skin: npt.NDArray[np.uint8]) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(Image.fromarray(skin), "PNG", icc_profile=profile)
    assert np.array_equal(read(data).pixels, skin)


def test_a_broken_profile_does_not_cost_the_picture(skin: npt.NDArray[np.uint8]) -> None:
    data = saved(Image.fromarray(skin), "PNG", icc_profile=b"no profile at all")
    assert np.array_equal(read(data).pixels, skin)


def test_cmyk_becomes_rgb() -> None:
    # No ink is white, full black ink is black, and full yellow ink leaves red and green.
    inks = np.array([[[0, 0, 0, 0], [0, 0, 0, 255], [0, 0, 255, 0]]], dtype=np.uint8)
    pixels = read(saved(Image.fromarray(inks, "CMYK"), "TIFF")).pixels
    assert pixels.tolist() == [[[255, 255, 255], [0, 0, 0], [255, 255, 0]]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_of_16_bits_is_shown_by_its_full_range(kind: str) -> None:
    levels = np.array([[0, 257, 32768, 65535]], dtype=np.uint16)  # 257 * n shows as n
    pixels = read(saved(Image.fromarray(levels), kind)).pixels
    assert pixels[..., 0].tolist() == [[0, 1, 128, 255]]
    assert (pixels == pixels[..., :1]).all()


def test_floating_grey_is_shown_between_its_extremes() -> None:
    levels = np.array([[-1.0, 0.0, 1.0, np.nan]], dtype=np.float32)
    pixels = read(saved(Image.fromarray(levels), "TIFF")).pixels
    assert pixels[..., 0].tolist() == [[0, 128, 255, 0]]


def test_a_palette_is_looked_up() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 0), 1)
    assert read(saved(image, "PNG")).pixels.tolist() == [[[10, 20, 30], [200, 100, 50]]]


def test_transparent_pixels_show_a_neutral_ground() -> None:
    values = np.array([[[255, 0, 0, 255], [255, 0, 0, 0]]], dtype=np.uint8)
    assert read(saved(Image.fromarray(values), "PNG")).pixels.tolist() == [
        [[255, 0, 0], [128, 128, 128]]
    ]


def test_a_transparent_palette_entry_shows_a_neutral_ground() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 0), 1)
    data = saved(image, "PNG", transparency=bytes([255, 0]))
    assert read(data).pixels.tolist() == [[[10, 20, 30], [128, 128, 128]]]


def test_black_and_white_of_one_bit_is_read() -> None:
    image = Image.fromarray(np.array([[True, False]]))
    assert read(saved(image, "TIFF")).pixels[..., 0].tolist() == [[255, 0]]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_any_of_many_frames_is_read_the_first_unasked(
    kind: str, skin: npt.NDArray[np.uint8]
) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    other = Image.fromarray(255 - skin)
    data = saved(
        Image.fromarray(skin), kind, save_all=True, append_images=[other, other], **options
    )
    image = read(data)
    assert np.array_equal(image.pixels, skin)
    assert image.acquisition.frames >= 2
    second = read(data, view=View(frame=1))
    assert np.array_equal(second.pixels, 255 - skin)
    assert second.acquisition.frame == 1
    with pytest.raises(ImageError, match="no frame 9"):
        read(data, view=View(frame=8))


def test_the_camera_is_named(skin: npt.NDArray[np.uint8]) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Scope 3\0"
    data = saved(Image.fromarray(skin), "JPEG", exif=exif)
    assert read(data).acquisition.device == "Maker Scope 3"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_an_error_and_no_half_picture(kind: str, kept: float) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), kind)
    with pytest.raises(ImageError, match="damaged or incomplete") as caught:
        read(data[: int(len(data) * kept)], name="half.img")
    assert caught.value.subject == "half.img"
    assert caught.value.advice


def test_the_decoder_is_chosen_by_content_alone() -> None:
    # A GIF renamed to .jpg must not reach Pillow's GIF reader.
    data = saved(Image.new("P", (2, 2)), "GIF")
    with pytest.raises(ImageError, match="GIF"):
        read(data, name="photo.jpg")
