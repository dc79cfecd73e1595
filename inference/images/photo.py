"""JPEG, PNG, TIFF, WebP and BMP to upright sRGB pixels, through Pillow."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from inference.errors import ImageError
from inference.images.colour import to_srgb
from inference.images.decoded import (
    FAILURES,
    Decoded,
    in_plain_words,
    quiet,
    refuse_bomb,
    refuse_frame,
    too_many_pixels,
)
from inference.images.model import Acquisition, RgbPixels

FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")

NEUTRAL_GROUND: Final = (128, 128, 128)
"""What shows through transparent pixels: a mid grey, which favours neither skin nor lesion."""

_ORIENTATION, _MAKE, _MODEL, _WHITE_IS_ZERO = 0x0112, 0x010F, 0x0110, 0
_PHOTOMETRIC_INTERPRETATION = 262

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF Orientation to the operation that undoes it (Exif 2.32, 4.6.4 A)."""


def decode(data: bytes, name: str, kind: str, frame: int = 0) -> Decoded:
    """Decode one frame of a photo.

    Args:
        data: the whole file.
        name: what errors call it.
        kind: one of `FORMATS`, as its first bytes say; no other reader is tried.
        frame: of an animation, or page of a TIFF; counted from 0.

    Raises:
        ImageError: the file is damaged, truncated, or has more than `MAX_PIXELS` pixels.
        MemoryError: as it says.
    """
    try:
        with quiet():
            image = Image.open(BytesIO(data), formats=(kind,))
            # First of all: asking a PNG for its EXIF already decodes it.
            refuse_bomb(image.width * image.height, len(data), name)
            exif, frames = image.getexif(), int(getattr(image, "n_frames", 1))
            refuse_frame(frame, frames, name)
            if frames > 1:
                image.seek(frame)
                refuse_bomb(image.width * image.height, len(data), name)  # pages differ in size
        facts = Acquisition(
            format=kind, photometric=image.mode, device=_device(exif), frames=frames, frame=frame
        )
        image.load()
        # Read again: Pillow turns a TIFF upright while loading it, and then drops the tag.
        upright = _UPRIGHT.get(image.getexif().get(_ORIENTATION, 1))
        rgb = _rgb(image)
        return Decoded(np.asarray(rgb if upright is None else rgb.transpose(upright)), facts)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels(name) from error
    except (ImageError, MemoryError):
        raise
    except FAILURES as error:
        raise ImageError(
            name,
            f"the {kind} file is damaged or incomplete ({in_plain_words(error)})",
            "Copy or export it again from where it came",
        ) from error


def _device(exif: Image.Exif) -> str:
    words = (exif.get(_MAKE), exif.get(_MODEL))
    return " ".join(word.strip("\0 ")[:100] for word in words if isinstance(word, str)).strip()


def _rgb(image: Image.Image) -> Image.Image:
    """Return a loaded picture of any Pillow mode as sRGB."""
    profile = image.info.get("icc_profile")
    mode = image.mode
    if mode == "F" or mode.startswith("I"):
        return _grey_of_many_levels(image)
    if mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif mode == "1":
        image = image.convert("L")
    elif image.has_transparency_data and mode != "CMYK":
        image = image.convert("RGBA")
    if image.mode == "RGBA":
        return _over_neutral_ground(image, profile)
    return to_srgb(image, profile)


def _over_neutral_ground(image: Image.Image, profile: bytes | None) -> Image.Image:
    ground = Image.new("RGB", image.size, NEUTRAL_GROUND)
    ground.paste(to_srgb(image.convert("RGB"), profile), mask=image.getchannel("A"))
    return ground


def _grey_of_many_levels(image: Image.Image) -> Image.Image:
    """Show 16-bit grey by its full range, and 32-bit or floating grey by its own extremes."""
    values: npt.NDArray[np.float32] = np.asarray(image).astype(np.float32)
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
        tags = getattr(image, "tag_v2", {})
        if tags.get(_PHOTOMETRIC_INTERPRETATION) == _WHITE_IS_ZERO:
            low, high = high, low
    else:
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    scaled = (values - low) * (255.0 / (high - low if high != low else 1.0))
    grey: RgbPixels = np.rint(np.clip(scaled, 0, 255)).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")
