"""What a DICOM file says of the case that it shows, and what a DICOMDIR lists; no pixel is decoded.

No name, date or place of the patient is read. The patient's and the lesion's identifiers leave as
one digest, from which neither can be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from inference.errors import ImageError
from inference.images.decoded import FAILURES, quiet
from inference.images.dicom import refuse_without_picture
from inference.images.dicom_file import damaged, parse

Made = TypeVar("Made")

_SNOMED: Final = ("SCT", "SRT")
_YEARS: Final = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_SEXES: Final = {"F": "female", "M": "male"}


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a DICOM picture says of its case.

    Attributes:
        lesion: 16 hexadecimal digits, the same for pictures of the same lesion of one patient: by
            Tracking UID or Tracking ID where there is one, else each picture has its own.
        snomed: SNOMED CT concepts of its diagnosis, perhaps none.
        diagnosis: in words, or ``""``. A diagnosis at admission, not one that was confirmed.
        age: years, or None.
        sex: ``"female"``, ``"male"`` or ``""``.
        site: body site in the file's words and small letters, or ``""``.
    """

    lesion: str
    snomed: tuple[str, ...]
    diagnosis: str
    age: float | None
    sex: str
    site: str


def is_dicom(head: bytes) -> bool:
    """Say by a file's first 132 bytes whether it is a DICOM file."""
    return head[128:132] == b"DICM"


def case_facts(data: bytes, name: str) -> CaseFacts:
    """Read the facts of a case from the header of a DICOM picture.

    Args:
        data: the whole file.
        name: what errors call it.

    Raises:
        ImageError: it is damaged, or holds no picture.
    """
    return _read(data, name, _case_facts)


def listed_files(data: bytes, name: str) -> list[tuple[str, ...]]:
    """Return the pictures that a DICOMDIR lists, each as its folders and file name from there.

    Nothing is checked of the names: they may lead anywhere.

    Raises:
        ImageError: it is damaged, or no DICOMDIR.
    """
    return _read(data, name, _listed_files)


def _read(data: bytes, name: str, make: Callable[[Dataset, str], Made]) -> Made:
    try:
        with quiet():
            return make(parse(data), name)
    except ImageError:
        raise
    except FAILURES as error:
        raise damaged(name, error) from error


def _listed_files(dataset: Dataset, name: str) -> list[tuple[str, ...]]:
    records = dataset.get("DirectoryRecordSequence")
    if records is None:
        raise ImageError(name, "it is no DICOMDIR", "Choose the file DICOMDIR of the disc")
    files = (record.get("ReferencedFileID") for record in records
             if record.get("DirectoryRecordType") == "IMAGE")  # fmt: skip
    return [(file,) if isinstance(file, str) else tuple(file) for file in files if file]


def _case_facts(dataset: Dataset, name: str) -> CaseFacts:
    refuse_without_picture(dataset, name, bare=False)
    codes = list(dataset.get("AdmittingDiagnosesCodeSequence") or ())
    words = [_text(code, "CodeMeaning") for code in codes]
    stated = _text(dataset, "AdmittingDiagnosesDescription")
    return CaseFacts(
        lesion=_lesion(dataset),
        snomed=tuple(
            _text(code, "CodeValue") for code in codes
            if _text(code, "CodingSchemeDesignator") in _SNOMED
        ),
        diagnosis=next((word for word in (*words, stated) if word), ""),
        age=_age(_text(dataset, "PatientAge")),
        sex=_SEXES.get(_text(dataset, "PatientSex"), ""),
        site=_site(dataset),
    )  # fmt: skip


def _lesion(dataset: Dataset) -> str:
    patient = _text(dataset, "PatientID")
    tracked = _text(dataset, "TrackingUID") or _text(dataset, "TrackingID")
    named = tracked or _text(dataset, "SOPInstanceUID")
    return hashlib.sha256(f"{patient}\0{named}".encode()).hexdigest()[:16]


def _age(text: str) -> float | None:
    """Return years from an Age String such as ``045Y``; a malformed one counts as absent."""
    number, unit = text[:-1], text[-1:]
    return int(number) * _YEARS[unit] if number.isdecimal() and unit in _YEARS else None


def _site(dataset: Dataset) -> str:
    regions = dataset.get("AnatomicRegionSequence") or ()
    meanings = [_text(region, "CodeMeaning") for region in regions[:1]]
    return (next(iter(meanings), "") or _text(dataset, "BodyPartExamined")).lower()


def _text(dataset: Dataset, keyword: str) -> str:
    value: Any = dataset.get(keyword)
    if isinstance(value, MultiValue):
        value = next(iter(value), None)
    return "" if value is None else str(value).strip()
