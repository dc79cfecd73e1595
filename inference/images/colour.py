"""Colour profiles to sRGB."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageCms

_MODES_WITH_PROFILES = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK", "LAB": "Lab "}
"""Pillow mode to the ICC colour space that a profile for it must have (ICC.1:2022, 7.2.8)."""


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return ``image`` (mode L, RGB, CMYK or LAB) as RGB in sRGB, by its ICC profile.

    The rendering intent is relative colorimetric with black point compensation, which leaves
    colours that sRGB can show as they are. Without a profile, RGB is taken for sRGB, as the web
    does. A profile that is damaged or made for another kind of picture is passed over: a slightly
    wrong colour serves better than no picture. A profile that already is sRGB changes nothing,
    bit for bit.
    """
    if not profile or image.mode not in _MODES_WITH_PROFILES:
        return image if image.mode == "RGB" else image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        fits = source.profile.xcolor_space == _MODES_WITH_PROFILES[image.mode]
        if fits and not _is_srgb(source):
            converted = ImageCms.profileToProfile(
                image,
                source,
                _srgb(),
                renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
                outputMode="RGB",
                flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
            )
            if converted is not None:
                return converted
    except (ImageCms.PyCMSError, OSError, ValueError):
        pass
    return image if image.mode == "RGB" else image.convert("RGB")


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Say whether the profile's description names sRGB: ``sRGB IEC61966-2.1`` and its kin."""
    description = profile.profile.profile_description or ""
    return description.startswith("sRGB")
