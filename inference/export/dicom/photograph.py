"""A photo as a DICOM picture: VL Photographic or Dermoscopic Photography."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from highdicom.base import SOPClass
from PIL import Image
from pydicom import uid
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from inference.export.dicom.jpeg_stream import picture_alone
from inference.export.dicom.study import MANUFACTURER, Study, new_uid, own_version
from inference.images import MedicalImage
from inference.images.decoded import quiet

_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = 1


class Photograph(SOPClass):
    """A picture in visible light, of either SOP class; made by `photograph`."""


def photograph(
    source: bytes, image: MedicalImage, study: Study, *, dermoscopic: bool
) -> Photograph:
    """Return a photo as a DICOM object, without whatever else its file says.

    The samples of a JPEG stay compressed as they are, bit for bit, where DICOM allows that
    (PS3.5 A.4.1) and the picture is upright and in sRGB; any other photo is stored uncompressed.

    Args:
        source: the photo's file.
        image: what was read from it.
        study: whom and what it belongs to.
        dermoscopic: taken through a dermatoscope, which no photo says of itself.
    """
    sop_class = (
        uid.DermoscopicPhotographyImageStorage if dermoscopic else uid.VLPhotographicImageStorage
    )
    stream = picture_alone(source) if _is_plain_jpeg(source) else None
    syntax = uid.JPEGBaseline8Bit if stream else uid.ExplicitVRLittleEndian
    picture = Photograph(
        **study.belonging(),
        series_instance_uid=new_uid(), series_number=1, sop_instance_uid=new_uid(),
        sop_class_uid=sop_class, instance_number=1, modality="DMS" if dermoscopic else "XC",
        manufacturer=MANUFACTURER, manufacturer_model_name=MANUFACTURER,
        software_versions=own_version(), device_serial_number="none", transfer_syntax_uid=syntax,
    )  # fmt: skip
    picture.ImageType = ["ORIGINAL", "PRIMARY"]
    picture.PatientOrientation = picture.Laterality = None
    picture.AcquisitionContextSequence = Sequence()
    _put_pixels(picture, image, stream.photometric if stream else "RGB")
    lossy = image.acquisition.format in ("JPEG", "WEBP")
    picture.LossyImageCompression = "01" if lossy else "00"
    if stream:
        picture.PixelData = encapsulate([stream.data])
        picture["PixelData"].is_undefined_length = True
        picture.LossyImageCompressionMethod = "ISO_10918_1"
        picture.LossyImageCompressionRatio = f"{image.pixels.size / len(stream.data):.2f}"
    if dermoscopic:
        _put_dermoscopic(picture)
    return picture


def _is_plain_jpeg(source: bytes) -> bool:
    """Say whether a file is a JPEG that is stored upright and in sRGB."""
    if source[:3] != b"\xff\xd8\xff":
        return False
    with quiet(), Image.open(io.BytesIO(source), formats=("JPEG",)) as picture:
        upright = picture.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT
        return upright and not picture.info.get("icc_profile")


def _put_pixels(picture: Photograph, image: MedicalImage, photometric: str) -> None:
    colour = photometric != "MONOCHROME2"
    picture.PhotometricInterpretation = photometric
    picture.SamplesPerPixel = 3 if colour else 1
    if colour:
        picture.PlanarConfiguration = 0
    picture.Rows, picture.Columns = image.height, image.width
    picture.BitsAllocated = picture.BitsStored = 8
    picture.HighBit, picture.PixelRepresentation = 7, 0
    pixels = np.ascontiguousarray(image.pixels).tobytes()
    picture.PixelData = pixels + bytes(len(pixels) % 2)
    picture["PixelData"].VR = "OB"


def _put_dermoscopic(picture: Photograph) -> None:
    """State what the Dermoscopic Image module asks for and a photo does not say (type 2)."""
    picture.FrameOfReferenceUID, picture.PositionReferenceIndicator = new_uid(), None
    picture.LightSourcePolarization = None
    picture.EmitterColorTemperature = None
    picture.ContactMethod = None
    picture.OpticalMagnificationFactor = None
    picture.RecognizableVisualFeatures = "NO"  # of a face (PS3.3 C.8.12.14)
