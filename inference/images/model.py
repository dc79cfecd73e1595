"""What every reader of files produces: pixels in one form, and the facts that came with them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

RgbPixels = npt.NDArray[np.uint8]
"""uint8 (height, width, 3), sRGB, row 0 at the top; C-contiguous and read-only."""


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How the picture was made, as far as the file says. Holds nothing that names a patient.

    Attributes:
        format: ``"JPEG"``, ``"PNG"``, ``"TIFF"``, ``"WEBP"``, ``"BMP"`` or ``"DICOM"``.
        modality: DICOM Modality (0008,0060), such as ``"XC"`` or ``"CT"``; empty for photos.
        sop_class: name of the DICOM SOP class; empty for photos.
        transfer_syntax: name of the DICOM transfer syntax; empty for photos.
        photometric: DICOM Photometric Interpretation as stored, or Pillow's mode for photos.
        device: manufacturer and model, if the file says.
        frames: number of frames in the file; the picture is the first of them.
    """

    format: str
    modality: str = ""
    sop_class: str = ""
    transfer_syntax: str = ""
    photometric: str = ""
    device: str = ""
    frames: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class MedicalImage:
    """A decoded picture, ready for the encoder and for the screen.

    Attributes:
        pixels: uint8 (height, width, 3) sRGB, read-only; upright (EXIF orientation applied).
        content_hash: SHA-256 of the file's bytes, 64 hexadecimal digits.
        name: what to call it on screen: the file's name without its folder.
        spacing_mm: (row, column) distance of pixel centres in millimetres, only when the file
            states it as a physical size; else None.
        acquisition: what the file says of its making.
    """

    pixels: RgbPixels
    content_hash: str
    name: str
    spacing_mm: tuple[float, float] | None = None
    acquisition: Acquisition = field(default_factory=lambda: Acquisition(format=""))

    def __post_init__(self) -> None:
        """Refuse what is not a picture, and freeze the pixels."""
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 3:
            raise ValueError(f"pixels must be uint8 (h, w, 3), not {self.pixels.shape}")
        if self.pixels.size == 0:
            raise ValueError("a picture needs at least one pixel")
        self.pixels.flags.writeable = False

    @property
    def height(self) -> int:
        """Rows of pixels."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns of pixels."""
        return int(self.pixels.shape[1])
