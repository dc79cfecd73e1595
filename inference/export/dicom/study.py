"""What all objects of one export share: patient, study, equipment, and how they are written."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Final

from pydicom.dataset import Dataset

MANUFACTURER: Final = "CaseLens"
SCHEME: Final = "99CASELENS"
"""Coding scheme of words that no standard has (PS3.16 8.2: private ones begin with 99)."""


def new_uid() -> str:
    """Return a UID that nobody else has (PS3.5 B.2)."""
    return f"2.25.{secrets.randbits(128)}"


@dataclass(frozen=True, slots=True)
class Study:
    """Whom and what an export belongs to; nobody unless the caller says so.

    Attributes:
        patient_id: the clinic's, or ``""``.
        patient_name: in DICOM's form ``Family^Given``, or ``""``.
        patient_birth_date: ``YYYYMMDD``, or ``""``.
        patient_sex: ``"F"``, ``"M"``, ``"O"`` or ``""``.
        accession_number: of the examination, or ``""``.
        uid: of the study; a new one by default.
    """

    patient_id: str = ""
    patient_name: str = ""
    patient_birth_date: str = ""
    patient_sex: str = ""
    accession_number: str = ""
    uid: str = field(default_factory=new_uid)

    def belonging(self) -> dict[str, Any]:
        """Return what highdicom's constructors want to know of patient and study."""
        return {
            "study_instance_uid": self.uid,
            "patient_id": self.patient_id or None,
            "patient_name": self.patient_name or None,
            "patient_birth_date": self.patient_birth_date or None,
            "patient_sex": self.patient_sex or None,
            "accession_number": self.accession_number or None,
        }


def own_version() -> str:
    """Return the version of CaseLens."""
    return version("caselens")


def written(dataset: Dataset) -> bytes:
    """Return the bytes of a DICOM file."""
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()
