"""Which attributes of a DICOM picture may leave, and how each is made sure of.

An allow-list: what is not named here stays behind, private attributes and those of a later edition
of the standard among them. What may leave is not copied but made anew from what it means, so that
a number is a number and a word one of the standard's; no free text passes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any, Final

from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.valuerep import format_number_as_ds

NUMBERS: Final = (
    "BitsAllocated", "BitsStored", "Columns", "HighBit", "ImagerPixelSpacing", "InstanceNumber",
    "LossyImageCompressionRatio", "NominalScannedPixelSpacing", "NumberOfFrames",
    "PixelAspectRatio", "PixelPaddingValue", "PixelRepresentation", "PixelSpacing",
    "PlanarConfiguration", "RescaleIntercept", "RescaleSlope", "Rows", "SamplesPerPixel",
    "WindowCenter", "WindowWidth",
)  # fmt: skip
"""Attributes that are numbers."""

_LOSSY_METHODS = "ISO_10918_1 ISO_14495_1 ISO_15444_1 ISO_15444_15 ISO_18181_1"
_IMAGE_TYPES = "ORIGINAL DERIVED PRIMARY SECONDARY MIXED COLOR VOLUME LABEL THUMBNAIL OVERVIEW"

WORDS: Final = {
    keyword: frozenset(words.split())
    for keyword, words in {
        "BurnedInAnnotation": "YES NO",
        "ConversionType": "DV DI DF WSD SD SI DRW SYN",
        "ImageLaterality": "L R B U",
        "ImageType": _IMAGE_TYPES,
        "Laterality": "L R",
        "LossyImageCompression": "00 01",
        "LossyImageCompressionMethod": _LOSSY_METHODS,
        "Modality": "CR CT DMS DX ES GM IO MG MR NM OP OPT OT PT PX RF RG SM US XA XC",
        "PhotometricInterpretation": "MONOCHROME1 MONOCHROME2 RGB",
        "PixelSpacingCalibrationType": "FIDUCIAL GEOMETRY",
        "PresentationLUTShape": "IDENTITY INVERSE",
        "RecognizableVisualFeatures": "YES NO",
        "RescaleType": "US HU OD",
        "VOILUTFunction": "LINEAR LINEAR_EXACT SIGMOID",
    }.items()
}
"""Attribute to the words that it may have; one with another word stays behind."""

_TABLE: Final = ("LUTDescriptor", "LUTData")

ITEMS: Final = {
    "FrameVOILUTSequence": ("WindowCenter", "WindowWidth", "VOILUTFunction"),
    "ModalityLUTSequence": _TABLE,
    "PixelMeasuresSequence": ("PixelSpacing",),
    "PixelValueTransformationSequence": ("RescaleIntercept", "RescaleSlope", "RescaleType"),
    "VOILUTSequence": _TABLE,
}
"""Sequence to the attributes of its items, all of them among those above or tables."""

GROUPS: Final = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
"""Sequences of items that hold sequences of `ITEMS`."""


def copy_allowed(source: Dataset, target: Dataset) -> None:
    """Make all attributes of the lists above anew in ``target``, as far as ``source`` has them."""
    for keyword in (*NUMBERS, *WORDS):
        _put(source, target, keyword)
    for sequence, keywords in ITEMS.items():
        _put_items(source, target, sequence, partial(_item, keywords=keywords))
    if int(source.get("NumberOfFrames") or 1) > 1:
        for sequence in GROUPS:
            _put_items(source, target, sequence, _group)
    _put_items(source, target, "AnatomicRegionSequence", _region)


def _put_items(
    source: Dataset, target: Dataset, sequence: str, make: Callable[[Dataset], Dataset]
) -> None:
    """Make the items of a sequence anew; none is left out unless all of them came out empty."""
    made = [make(item) for item in _items(source, sequence)]
    if any(len(item) for item in made):
        setattr(target, sequence, Sequence(made))


def _items(source: Dataset, sequence: str) -> Iterable[Dataset]:
    value = source.get(sequence)
    return value if isinstance(value, Sequence) else ()


def _group(source: Dataset) -> Dataset:
    target = Dataset()
    for sequence, keywords in ITEMS.items():
        _put_items(source, target, sequence, partial(_item, keywords=keywords))
    return target


def _item(source: Dataset, keywords: tuple[str, ...]) -> Dataset:
    target = Dataset()
    if keywords == _TABLE:
        _put_table(source, target)
        return target
    for keyword in keywords:
        _put(source, target, keyword)
    return target


def _put(source: Dataset, target: Dataset, keyword: str) -> None:
    made = _words(source, keyword) if keyword in WORDS else _numbers(source, keyword)
    if made:
        setattr(target, keyword, made if len(made) > 1 else made[0])


def _words(source: Dataset, keyword: str) -> list[str]:
    """Return an attribute's values if each is one that it may have."""
    values = [str(value).strip() for value in _values(source, keyword)]
    return values if all(value in WORDS[keyword] for value in values) else []


def _numbers(source: Dataset, keyword: str) -> list[Any]:
    """Return an attribute's values if each is a finite number, written as numbers are."""
    vr = dictionary_VR(keyword)
    try:
        numbers = [float(value) for value in _values(source, keyword)]
    except (TypeError, ValueError):
        return []
    if not all(math.isfinite(number) for number in numbers):
        return []
    return [format_number_as_ds(number) if vr == "DS" else int(number) for number in numbers]


def _values(source: Dataset, keyword: str) -> list[Any]:
    value = source.get(keyword)
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, MultiValue | list | tuple) else [value]


def _put_table(source: Dataset, target: Dataset) -> None:
    """Make a look-up table anew: three numbers, and as many entries as they say."""
    described = _values(source, "LUTDescriptor")
    if len(described) != 3 or not all(isinstance(value, int) for value in described):
        return
    count = described[0] or 65536  # PS3.3 C.11.1.1.1: 0 stands for 2 to the power of 16
    entries = _entries(source.get("LUTData"), count)
    signed = described[1] < 0
    if len(entries) < count or (signed and count > 32767):
        return
    vr = "SS" if signed else "US"
    target.LUTDescriptor = described
    target["LUTDescriptor"].VR = vr
    target.LUTData = b"".join(entry.to_bytes(2, "little") for entry in entries[:count])
    target["LUTData"].VR = "OW"


def _entries(value: Any, count: int) -> list[int]:  # noqa: ANN401 - as pydicom read it
    if isinstance(value, bytes):
        if len(value) in (count, count + 1):  # one byte for each
            return list(value)
        return [int.from_bytes(value[i : i + 2], "little") for i in range(0, len(value) - 1, 2)]
    if isinstance(value, MultiValue | list | tuple) and all(isinstance(v, int) for v in value):
        return [v % 65536 for v in value]
    return []


def _region(source: Dataset) -> Dataset:
    """Keep an anatomic region by its SNOMED CT concept; its name is taken from our dictionary."""
    target = Dataset()
    value = str(source.get("CodeValue") or "").strip()
    if str(source.get("CodingSchemeDesignator") or "").strip() != "SCT":
        return target
    meaning = _concepts().get(value)
    if meaning is not None:
        target.CodeValue, target.CodingSchemeDesignator = value, "SCT"
        target.CodeMeaning = meaning
    return target


@cache
def _concepts() -> dict[str, str]:
    """Return the shortest name of each SNOMED CT concept that DICOM uses, by its number."""
    known = sorted(
        (getattr(codes.SCT, name) for name in codes.SCT.dir()), key=_length, reverse=True
    )
    return {code.value: code.meaning for code in known}


def _length(code: Code) -> int:
    return len(code.meaning)
