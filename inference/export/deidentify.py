"""Pictures without anything that says whose they are.

DICOM by the Basic Application Level Confidentiality Profile (PS3.15 Annex E), as an allow-list; a
photo as its pixels alone. Of either, pixels are decoded and stored anew, so that nothing survives
inside a compressed frame, behind the picture, or in bits that the picture does not use.
"""

from __future__ import annotations

import hmac
import io
import secrets
from collections.abc import Sequence as Listing
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence

from inference.errors import ImageError
from inference.export.allowed import copy_allowed
from inference.images import read
from inference.images.decoded import FAILURES, MAX_FILE_BYTES, quiet, refuse_bomb
from inference.images.dicom import refuse_without_picture
from inference.images.dicom_case import is_dicom
from inference.images.dicom_file import damaged, may_be_bare, parse
from inference.images.dicom_frames import of_frame
from inference.images.dicom_pixels import decode_frame, pixels_of
from inference.images.model import View

_EMPTY: Final = (
    "AccessionNumber",
    "InstanceNumber",
    "Laterality",
    "LossyImageCompression",
    "Manufacturer",
    "PatientBirthDate",
    "PatientID",
    "PatientName",
    "PatientOrientation",
    "PatientSex",
    "ReferringPhysicianName",
    "SeriesNumber",
    "StudyDate",
    "StudyID",
    "StudyTime",
)
"""Attributes that a picture must have and may have empty (type 2)."""

_OWN_CLASSES: Final = (
    uid.DermoscopicPhotographyImageStorage,
    uid.VLPhotographicImageStorage,
    uid.SecondaryCaptureImageStorage,
)
"""Kinds that leave as what they are. Others must say how the patient lay, or how a magnet was set;
one frame of them leaves as Secondary Capture, which need not."""

_DERMOSCOPIC: Final = {
    "ContactMethod": None,
    "DeviceSerialNumber": "unknown",
    "EmitterColorTemperature": None,
    "LightSourcePolarization": None,
    "Manufacturer": "unknown",
    "ManufacturerModelName": "unknown",
    "OpticalMagnificationFactor": None,
    "PositionReferenceIndicator": None,
    "RecognizableVisualFeatures": "YES",  # unless the file says that there are none
    "SoftwareVersions": "unknown",
}
"""What Dermoscopic Photography must have (PS3.3 A.32.12), as far as no more is said."""

_METHODS: Final = {
    "113100": "Basic Application Confidentiality Profile",
    "113101": "Clean Pixel Data Option",
    "113108": "Retain Patient Characteristics Option",
}
"""Codes of PS3.16 CID 7050, scheme DCM."""

_OLDEST: Final = 89
"""Years of age above which people are few enough to be found out."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a picture that is to be blackened, in pixels from its upper left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A file that names nobody.

    Attributes:
        data: all of it.
        name: what to call it; made from a secret, not from the name that it had.
    """

    data: bytes
    name: str


class Pseudonyms:
    """New identifiers in the place of old ones: the same for the same, for as long as it is kept.

    Args:
        key: a secret of at least 16 bytes, by which the old identifiers could be tried one by
            one; None for one that is forgotten with this object.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)

    def uid(self, original: str) -> str:
        """Return a UID for another (PS3.5 B.2: ``2.25.`` and a number of 128 bits)."""
        return f"2.25.{int.from_bytes(self._digest(original.encode())[:16])}"

    def name(self, data: bytes) -> str:
        """Return 12 hexadecimal digits for the bytes of a file."""
        return self._digest(data).hex()[:12]

    def _digest(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, "sha256")


def deidentify(
    data: bytes,
    name: str,
    pseudonyms: Pseudonyms,
    *,
    boxes: Listing[Box] = (),
    keep_characteristics: bool = False,
) -> Deidentified:
    """Return a picture file without anything that says whose it is.

    It is decoded in this process: read a file from outside by `IsolatedReader` first.

    Args:
        data: a DICOM file or a photo.
        name: what errors call it.
        pseudonyms: keep one for files whose studies and series are to stay together.
        boxes: parts of every frame to blacken, such as burnt-in names. Nothing looks for them.
        keep_characteristics: keep age (90 and more as 90) and sex, of DICOM.

    Returns:
        An uncompressed DICOM file with all frames and its grey levels as they were, colour in
        sRGB; or a PNG of the first frame, upright and in sRGB. A single frame of a kind that is
        no photo leaves as Secondary Capture; several keep their kind, but not what it requires
        of where the patient lay and how the device was set.

    Raises:
        ImageError: it is no picture that can be read; or its header says that text is burnt into
            it, and there are no boxes.
    """
    stem = f"picture-{pseudonyms.name(data)}"
    if not is_dicom(data[:132]) and not may_be_bare(data):
        pixels = read(data, name=name).pixels.copy()
        _blacken(pixels, boxes, black=0)
        return Deidentified(_png(pixels), f"{stem}.png")
    try:
        with quiet():
            source: Dataset = parse(data)
            refuse_without_picture(source, name, bare=not is_dicom(data[:132]))
            _refuse_burnt_in(source, name, boxes)
            rows, columns = int(source.get("Rows") or 0), int(source.get("Columns") or 0)
            refuse_bomb(rows * columns, len(data), name)
            if not _has_frames(source):
                source = of_frame(source, 0)
            target = _header(source, pseudonyms, keep_characteristics=keep_characteristics)
            _put_pixels(source, target, name, boxes)
            _record_method(target, boxes, keep_characteristics=keep_characteristics)
            return Deidentified(_written(target), f"{stem}.dcm")
    except ImageError:
        raise
    except FAILURES as error:
        raise damaged(name, error) from error


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, format="PNG")
    return encoded.getvalue()


def _refuse_burnt_in(source: Dataset, name: str, boxes: Listing[Box]) -> None:
    if str(source.get("BurnedInAnnotation") or "").strip() == "YES" and not boxes:
        raise ImageError(
            name,
            "its header says that text is burnt into the picture",
            "Name the boxes that are to be blackened",
        )


def _header(source: Dataset, pseudonyms: Pseudonyms, *, keep_characteristics: bool) -> Dataset:
    """Return a data set of what may leave, without pixels."""
    target = Dataset()
    for keyword in _EMPTY:
        setattr(target, keyword, None)
    target.AcquisitionContextSequence = Sequence()
    target.ImageType = ["DERIVED", "PRIMARY"]
    target.SOPClassUID = _class_of(source)
    if target.SOPClassUID == uid.SecondaryCaptureImageStorage:
        target.ConversionType = "WSD"
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        original = str(source.get(keyword) or secrets.token_hex(16))
        setattr(target, keyword, pseudonyms.uid(original))
    if target.SOPClassUID == uid.DermoscopicPhotographyImageStorage:
        target.FrameOfReferenceUID = pseudonyms.uid(
            str(source.get("FrameOfReferenceUID") or secrets.token_hex(16))
        )
        for keyword, value in _DERMOSCOPIC.items():
            setattr(target, keyword, value)
    copy_allowed(source, target)
    if "RescaleSlope" in target and "RescaleType" not in target:
        target.RescaleType = "US"  # PS3.3 C.11.1.1.2: of unspecified units
    if keep_characteristics:
        _put_characteristics(source, target)
    return target


def _has_frames(source: Dataset) -> bool:
    return int(source.get("NumberOfFrames") or 1) > 1


def _class_of(source: Dataset) -> uid.UID:
    """Return the SOP class under which a picture leaves; never one that the standard lacks."""
    stated = uid.UID(str(source.get("SOPClassUID") or ""))
    known = not stated.is_private and stated.name != stated
    if stated in _OWN_CLASSES or (known and _has_frames(source)):
        return stated
    return uid.SecondaryCaptureImageStorage


def _put_characteristics(source: Dataset, target: Dataset) -> None:
    sex = str(source.get("PatientSex") or "").strip()
    if sex in ("F", "M", "O"):
        target.PatientSex = sex
    age = str(source.get("PatientAge") or "").strip()
    if len(age) == 4 and age[:3].isdecimal() and age[3] in "DWMY":
        old = age[3] == "Y" and int(age[:3]) > _OLDEST
        target.PatientAge = f"{_OLDEST + 1:03}Y" if old else age


def _put_pixels(source: Dataset, target: Dataset, name: str, boxes: Listing[Box]) -> None:
    """Decode every frame and store it anew, without compression."""
    frames = max(1, int(source.get("NumberOfFrames") or 1))
    decoded, size, photometric, bits = [], 0, "", 0
    for index in range(frames):
        samples, photometric, bits = _samples(source, index)
        size += samples.nbytes
        if size > MAX_FILE_BYTES:
            raise ImageError(
                name,
                f"without compression it is larger than {MAX_FILE_BYTES // 2**20} MB",
                "Export a part of its frames",
            )
        samples = np.array(samples)
        _blacken(samples, boxes, black=_black(photometric, bits))
        decoded.append(samples)
    _describe_samples(target, decoded[0], photometric, bits)
    if frames > 1:
        target.NumberOfFrames = frames
    elif "NumberOfFrames" in target:
        del target.NumberOfFrames
    little = decoded[0].dtype.newbyteorder("<")
    pixels = b"".join(samples.astype(little).tobytes() for samples in decoded)
    target.PixelData = pixels + bytes(len(pixels) % 2)
    target["PixelData"].VR = "OW" if target.BitsAllocated > 8 else "OB"
    if boxes:
        target.BurnedInAnnotation = "NO"


def _samples(source: Dataset, frame: int) -> tuple[npt.NDArray[Any], str, int]:
    """Return grey as it is stored, colour of 8 bits as sRGB; which it is, and bits of a sample."""
    samples, photometric = decode_frame(source, frame)
    deep_colour = photometric == "RGB" and samples.dtype != np.uint8
    if photometric in ("MONOCHROME1", "MONOCHROME2") or deep_colour:
        bits = min(int(source.BitsStored), samples.dtype.itemsize * 8)
        return _without_unused_bits(samples, bits), photometric, bits
    return pixels_of(source, View(frame)), "RGB", 8


def _describe_samples(
    target: Dataset, samples: npt.NDArray[Any], photometric: str, bits: int
) -> None:
    target.PhotometricInterpretation = photometric
    target.Rows, target.Columns = samples.shape[:2]
    target.SamplesPerPixel = 3 if samples.ndim == 3 else 1
    target.BitsAllocated = samples.dtype.itemsize * 8
    target.BitsStored = bits
    target.HighBit = target.BitsStored - 1
    target.PixelRepresentation = int(samples.dtype.kind == "i")
    if samples.ndim == 3:
        target.PlanarConfiguration = 0
    elif "PlanarConfiguration" in target:
        del target.PlanarConfiguration


def _without_unused_bits(samples: npt.NDArray[Any], bits: int) -> npt.NDArray[Any]:
    """Clear what lies above the stored bits: retired overlays, or anything at all."""
    spare = samples.dtype.itemsize * 8 - bits
    if spare <= 0 or samples.dtype.kind not in "ui":
        return samples
    return (samples << spare) >> spare


def _black(photometric: str, bits: int) -> int:
    return 2**bits - 1 if photometric == "MONOCHROME1" else 0


def _blacken(samples: npt.NDArray[Any], boxes: Listing[Box], *, black: int) -> None:
    for box in boxes:
        top, left = max(box.top, 0), max(box.left, 0)
        samples[top : max(box.top + box.height, 0), left : max(box.left + box.width, 0)] = black


def _record_method(target: Dataset, boxes: Listing[Box], *, keep_characteristics: bool) -> None:
    """Say in the standard's attributes what was done (PS3.15 E.1.1, PS3.3 C.7.1.1)."""
    used = ["113100"] + ["113101"] * bool(boxes) + ["113108"] * keep_characteristics
    target.PatientIdentityRemoved = "YES"
    target.LongitudinalTemporalInformationModified = "REMOVED"
    target.DeidentificationMethod = [
        f"CaseLens {version('caselens')}",
        "Allow-list of PS3.15 Annex E basic profile",
        "Pixels decoded and stored anew",
    ]
    items = []
    for value in used:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator = value, "DCM"
        item.CodeMeaning = _METHODS[value]
        items.append(item)
    target.DeidentificationMethodCodeSequence = Sequence(items)


def _written(target: Dataset) -> bytes:
    target.file_meta = FileMetaDataset()
    target.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    target.file_meta.ImplementationVersionName = "CASELENS"
    file = io.BytesIO()
    target.save_as(file, enforce_file_format=True)
    return file.getvalue()
