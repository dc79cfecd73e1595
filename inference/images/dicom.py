"""DICOM to pixels and facts: what is a picture, how large a pixel is, and the errors to say."""

from __future__ import annotations

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import UID

from inference.errors import ImageError
from inference.images import dicom_pixels
from inference.images.codestreams import syntax_name
from inference.images.decoded import (
    FAILURES,
    Decoded,
    quiet,
    refuse_bomb,
    refuse_frame,
)
from inference.images.dicom_file import TooLargeError, damaged, may_be_bare, parse
from inference.images.dicom_frames import of_frame
from inference.images.dicom_grey import ways_to_show
from inference.images.dicom_spacing import Spacing, spacing_of
from inference.images.model import FIRST, Acquisition, View

__all__ = ["decode", "may_be_bare", "refuse_without_picture"]

_OPEN_ITS_PICTURE: Final = "Open the picture that it belongs to"

_MAX_TEXT: Final = 200
_MAX_WAYS: Final = 50

_NO_PICTURES: Final = {
    "1.2.840.10008.5.1.4.1.1.66.4": ("a segmentation, which marks regions", _OPEN_ITS_PICTURE),
    "1.2.840.10008.5.1.4.1.1.66.5": ("a surface segmentation", _OPEN_ITS_PICTURE),
    "1.2.840.10008.5.1.4.1.1.66.7": ("a label map, which marks regions", _OPEN_ITS_PICTURE),
    "1.2.840.10008.5.1.4.1.1.481.2": ("a radiotherapy dose grid", _OPEN_ITS_PICTURE),
    "1.2.840.10008.1.3.10": (
        "a DICOMDIR, the table of contents of a disc",
        "Open one of the pictures beside it",
    ),
}
"""SOP class to what it is and what to do, for classes whose pixel data, if any, is no picture.

A segmentation's pixels are region numbers. Shown, they look like a picture of nothing, and the
search would find cases that resemble a mask.
"""


def decode(data: bytes, name: str, view: View = FIRST) -> Decoded:
    """Decode one frame of a DICOM file or of a data set without preamble.

    Args:
        data: the whole file.
        name: what errors call it.
        view: which frame, and by which window.

    Raises:
        ImageError: it is damaged or too large, holds no picture, or is compressed in a way that
            CaseLens does not read.
    """
    try:
        with quiet():
            dataset = parse(data)
            refuse_without_picture(dataset, name, bare=data[128:132] != b"DICM")
            _refuse_bad_size(dataset, len(data), name)
            _refuse_unknown_syntax(dataset, name)
            refuse_frame(view.frame, _frames(dataset), name)
            shown = of_frame(dataset, view.frame)
            spacing = spacing_of(shown)
            pixels = dicom_pixels.pixels_of(shown, view)
            return Decoded(pixels, _acquisition(shown, view.frame, spacing), spacing.mm)
    except (ImageError, MemoryError):
        raise
    except dicom_pixels.UnreadColourError as error:
        raise ImageError(
            name,
            f'its colours are stored as "{error}", which CaseLens does not read',
            "Export it again as RGB or JPEG",
        ) from error
    except TooLargeError as error:
        raise ImageError(
            name, f"the DICOM file is too large: {error}", "Export it without compression"
        ) from error
    except FAILURES as error:
        raise damaged(name, error) from error


def refuse_without_picture(dataset: Dataset, name: str, *, bare: bool) -> None:
    """Raise `ImageError` for a data set that holds no picture, saying what it is instead."""
    sop_class = _sop_class(dataset)
    if sop_class in _NO_PICTURES:
        what, advice = _NO_PICTURES[sop_class]
        raise ImageError(name, f"this DICOM file is {what}, not a picture", advice)
    if any(k in dataset for k in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        return
    if bare and not sop_class:
        raise ImageError(
            name,
            "this is not a picture of a kind that CaseLens reads",
            "Choose a JPEG, PNG, TIFF, WebP, BMP or DICOM picture",
        )
    if sop_class.name.endswith("Image Storage"):
        raise ImageError(
            name,
            f'this DICOM file is a "{sop_class.name}" whose pixels were left out',
            "Export it again with its pixels",
        )
    what = f' of the kind "{sop_class.name}"' if sop_class.name != sop_class else ""
    raise ImageError(name, f"this DICOM file{what} holds no picture", _OPEN_ITS_PICTURE)


def _refuse_bad_size(dataset: Dataset, size: int, name: str) -> None:
    if dataset.get("Rows") is None or dataset.get("Columns") is None:
        raise ImageError(
            name,
            "this DICOM file does not say how many rows and columns its picture has",
            "Export it again from where it came",
        )
    refuse_bomb(int(dataset.Rows) * int(dataset.Columns), size, name)


def _refuse_unknown_syntax(dataset: Dataset, name: str) -> None:
    syntax = dataset.file_meta.TransferSyntaxUID
    if not dicom_pixels.is_readable(syntax):
        compression = syntax_name(syntax)
        raise ImageError(
            name,
            f'this DICOM file is compressed as "{compression}", which CaseLens does not read',
            "Export it uncompressed or as JPEG",
        )


def _sop_class(dataset: Dataset) -> UID:
    meta = getattr(dataset, "file_meta", Dataset())
    return UID(dataset.get("SOPClassUID") or meta.get("MediaStorageSOPClassUID") or "")


def _acquisition(dataset: Dataset, frame: int, spacing: Spacing) -> Acquisition:
    maker, model = _text(dataset, "Manufacturer"), _text(dataset, "ManufacturerModelName")
    return Acquisition(
        format="DICOM",
        modality=_text(dataset, "Modality"),
        sop_class=_sop_class(dataset).name,
        transfer_syntax=syntax_name(dataset.file_meta.TransferSyntaxUID),
        photometric=_text(dataset, "PhotometricInterpretation"),
        device=" ".join(word for word in (maker, model) if word),
        frames=_frames(dataset),
        frame=frame,
        windows=tuple(way[:_MAX_TEXT] for way in ways_to_show(dataset)[:_MAX_WAYS]),
        spacing=spacing.meaning,
    )


def _frames(dataset: Dataset) -> int:
    return max(1, int(dataset.get("NumberOfFrames") or 1))


def _text(dataset: Dataset, keyword: str) -> str:
    """Return an attribute for the screen; damaged files have held 64 KB where 64 letters may be."""
    return str(dataset.get(keyword) or "").strip()[:_MAX_TEXT]
