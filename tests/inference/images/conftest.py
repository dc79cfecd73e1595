"""Builds small DICOM files of every kind."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate

MakeDicom = Callable[..., bytes]


def _make_dicom(
    samples: npt.NDArray[Any],
    *,
    photometric: str,
    syntax: uid.UID = uid.ExplicitVRLittleEndian,
    frames: list[bytes] | None = None,
    **attributes: Any,  # noqa: ANN401 - whatever the attribute holds
) -> bytes:
    """Write a Dermoscopic Photography file.

    Args:
        samples: (rows, columns) or (rows, columns, 3): the shape, type and, unless ``frames`` or
            ``PixelData`` is given, the stored bytes.
        photometric: Photometric Interpretation.
        syntax: transfer syntax.
        frames: compressed frames, to be encapsulated.
        attributes: further attributes by keyword, which override; None leaves one out.
    """
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID = attributes.pop("SOPClassUID", uid.DermoscopicPhotographyImageStorage)
    dataset.SOPInstanceUID = "1.2.3.4"
    dataset.Modality = "DMS"
    dataset.PhotometricInterpretation = photometric
    dataset.Rows, dataset.Columns = samples.shape[:2]
    dataset.SamplesPerPixel = 3 if samples.ndim == 3 else 1
    if samples.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = samples.dtype.itemsize * 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(samples.dtype.kind == "i")
    if frames is not None:
        dataset.PixelData = encapsulate(frames)
    else:
        big = syntax == uid.ExplicitVRBigEndian
        data = samples.astype(samples.dtype.newbyteorder(">" if big else "<")).tobytes()
        dataset.PixelData = data + bytes(len(data) % 2)
    for keyword, value in attributes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    if "PixelData" in dataset:
        wide = dataset.BitsAllocated > 8 and frames is None
        dataset["PixelData"].VR = "OW" if wide else "OB"
        dataset["PixelData"].is_undefined_length = frames is not None
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


@pytest.fixture
def make_dicom() -> MakeDicom:
    """Return the function that writes a DICOM file; see `_make_dicom`."""
    return _make_dicom


@pytest.fixture
def skin() -> npt.NDArray[np.uint8]:
    """Return uint8 (48, 64, 3): a smooth picture with skin-like colours and a dark blue patch."""
    y, x = np.mgrid[0:48, 0:64]
    picture = np.stack([190 + x // 2, 120 + y, 90 + (x + y) // 3], axis=-1)
    picture[16:32, 24:40] = (40, 30, 110)
    return picture.astype(np.uint8)
