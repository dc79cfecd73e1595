"""A picture that was made here, such as one with its map, as Secondary Capture."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from highdicom.sc import SCImage
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from inference.export.dicom.study import MANUFACTURER, Study, new_uid, own_version


def secondary_capture(
    pixels: npt.NDArray[np.uint8], study: Study, *, source: Dataset, description: str
) -> SCImage:
    """Return pixels as a Secondary Capture Image.

    Args:
        pixels: uint8 (height, width, 3) sRGB.
        study: whom and what it belongs to, as ``source`` does.
        source: the object that they were made from.
        description: what they show, at most 1,024 characters.
    """
    image = SCImage(
        pixel_array=pixels, photometric_interpretation="RGB", bits_allocated=8,
        coordinate_system="PATIENT", patient_orientation=("L", "F"),
        series_instance_uid=new_uid(), series_number=2, sop_instance_uid=new_uid(),
        instance_number=1, manufacturer=MANUFACTURER, **study.belonging(),
    )  # fmt: skip
    # Demanded above, but nobody knows how the camera was held.
    image["PatientOrientation"].value = None
    image["Laterality"] = DataElement("Laterality", "CS", None)
    image.ImageType = ["DERIVED", "SECONDARY"]
    image.DerivationDescription = description
    image.SeriesDescription = "Heatmap over the picture"
    image.ManufacturerModelName, image.SoftwareVersions = MANUFACTURER, own_version()
    image.BurnedInAnnotation = "NO"
    reference = Dataset()
    reference.ReferencedSOPClassUID = source.SOPClassUID
    reference.ReferencedSOPInstanceUID = source.SOPInstanceUID
    image.SourceImageSequence = Sequence([reference])
    return image
