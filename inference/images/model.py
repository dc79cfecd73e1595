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
        frames: number of frames in the file.
        frame: which of them the picture is, counted from 0.
        windows: names of the file's ways to show its grey levels, tables before windows; empty
            for colour and where there is none.
        spacing: where `MedicalImage.spacing_mm` comes from, or why what the file states are no
            millimetres of the body; empty where it states nothing.
    """

    format: str
    modality: str = ""
    sop_class: str = ""
    transfer_syntax: str = ""
    photometric: str = ""
    device: str = ""
    frames: int = 1
    frame: int = 0
    windows: tuple[str, ...] = ()
    spacing: str = ""

    @property
    def kind(self) -> str:
        """``"dermoscopy"``, ``"photograph"``, ``"secondary capture"``, or ``""`` for any other.

        By the SOP class alone: a photo does not say whether it was taken through a dermatoscope.
        """
        return _KINDS.get(self.sop_class, "")


_KINDS = {
    "Dermoscopic Photography Image Storage": "dermoscopy",
    "VL Photographic Image Storage": "photograph",
    "Secondary Capture Image Storage": "secondary capture",
    "Multi-frame Grayscale Byte Secondary Capture Image Storage": "secondary capture",
    "Multi-frame Grayscale Word Secondary Capture Image Storage": "secondary capture",
    "Multi-frame Single Bit Secondary Capture Image Storage": "secondary capture",
    "Multi-frame True Color Secondary Capture Image Storage": "secondary capture",
}
"""Name of a SOP class (PS3.6, table A-1) to `Acquisition.kind`."""


@dataclass(frozen=True, slots=True)
class View:
    """Which of the pictures in a file is wanted.

    Attributes:
        frame: counted from 0.
        window: which of `Acquisition.windows` shows a grey picture, counted from 0; one that the
            file does not have is passed over.
    """

    frame: int = 0
    window: int = 0


FIRST = View()
"""The first frame, by the file's first window."""


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
