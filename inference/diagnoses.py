"""The seven diagnoses of HAM10000 and the ways to confirm one: one table of words and names.

The ISIC/HAM10000 abbreviation is what is stored and sent; the name is what is shown.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis class.

    Attributes:
        abbreviation: the ISIC/HAM10000 abbreviation, such as ``"mel"``.
        name: English name as a colleague would write it.
        malignant: counted as malignant or pre-malignant in the malignancy score: mel, bcc and
            akiec, as in Tschandl et al. 2019 and the SE-CBIR reader study.
    """

    abbreviation: str
    name: str
    malignant: bool


DIAGNOSES: tuple[Diagnosis, ...] = (
    Diagnosis("akiec", "Actinic keratosis / intraepithelial carcinoma", True),
    Diagnosis("bcc", "Basal cell carcinoma", True),
    Diagnosis("bkl", "Benign keratosis", False),
    Diagnosis("df", "Dermatofibroma", False),
    Diagnosis("mel", "Melanoma", True),
    Diagnosis("nv", "Melanocytic nevus", False),
    Diagnosis("vasc", "Vascular lesion", False),
)

_BY_ABBREVIATION = {diagnosis.abbreviation: diagnosis for diagnosis in DIAGNOSES}

CONFIRMATIONS: dict[str, str] = {
    "histopathology": "Histopathology",
    "follow_up": "Follow-up",
    "consensus": "Expert consensus",
    "confocal": "Confocal microscopy",
    "drawn": "Computer-drawn phantom",
    "unknown": "Not stated",
}
"""How a diagnosis was established: stored word to shown words."""

_CONFIRMATION_SPELLINGS = {
    "histo": "histopathology",
    "histopathology": "histopathology",
    "follow_up": "follow_up",
    "followup": "follow_up",
    "consensus": "consensus",
    "confocal": "confocal",
    "drawn": "drawn",
}


def diagnosis_name(abbreviation: str) -> str:
    """Return the name to show; an abbreviation that is not in the table is shown as it is."""
    known = _BY_ABBREVIATION.get(abbreviation)
    return known.name if known else abbreviation


def is_malignant(abbreviation: str) -> bool:
    """Say whether the class counts as malignant; an unknown one does not."""
    known = _BY_ABBREVIATION.get(abbreviation)
    return known is not None and known.malignant


def confirmation(spelling: str) -> str:
    """Return our word for how a diagnosis was confirmed, from an archive's spelling of it."""
    return _CONFIRMATION_SPELLINGS.get(spelling.strip().lower(), "unknown")
