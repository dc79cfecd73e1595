"""The diagnoses and the ways to confirm one: one table of words, names, codes and spellings.

The ISIC/HAM10000 abbreviation is what is stored and sent; the name is what is shown. A word that is
not in the table is stored and shown as its source writes it.
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
            akiec, as in Tschandl et al. 2019 and the SE-CBIR reader study; beyond the seven, scc.
        snomed: SNOMED CT concept of the whole class, or None where no one concept is that.
        icd10: ICD-10 category (WHO) of the whole class, or None where it lies in several.
    """

    abbreviation: str
    name: str
    malignant: bool
    snomed: str | None = None
    icd10: str | None = None


DIAGNOSES: tuple[Diagnosis, ...] = (
    # Joins two: L57.0 and D04.
    Diagnosis("akiec", "Actinic keratosis / intraepithelial carcinoma", True),
    Diagnosis("bcc", "Basal cell carcinoma", True, "254701007", "C44"),
    # Joins seborrheic keratosis, solar lentigo and lichen planus-like keratosis.
    Diagnosis("bkl", "Benign keratosis", False),
    Diagnosis("df", "Dermatofibroma", False, None, "D23"),
    # Archives put the one in situ here too, which ICD-10 has in D03.
    Diagnosis("mel", "Melanoma", True, "372244006", "C43"),
    Diagnosis("nv", "Melanocytic nevus", False, "400096001", "D22"),
    # Joins angiomas, angiokeratomas, pyogenic granulomas and haemorrhages.
    Diagnosis("vasc", "Vascular lesion", False),
)
"""The seven classes of HAM10000, which the shipped models know."""

OTHERS: tuple[Diagnosis, ...] = (
    Diagnosis("scc", "Squamous cell carcinoma", True, "254651007", "C44"),
)
"""Diagnoses of other archives that are none of the seven."""

UNKNOWN = "unknown"
"""What is stored where a source takes a case up without naming its diagnosis."""

_BY_ABBREVIATION = {diagnosis.abbreviation: diagnosis for diagnosis in (*DIAGNOSES, *OTHERS)}

_SPELLINGS: dict[str, tuple[str, ...]] = {
    "akiec": (
        "ak", "ack", "actinic keratosis", "actinic keratoses", "solar or actinic keratosis",
        "solar keratosis", "bowen disease", "bowen's disease", "intraepithelial carcinoma",
        "actinic keratosis / intraepithelial carcinoma", "squamous cell carcinoma in situ",
        "squamous cell carcinoma in situ, bowen's disease",
        "squamous cell carcinoma in situ, bowens disease",
    ),
    "bcc": ("basal cell carcinoma",),
    "bkl": (
        "sk", "sek", "benign keratosis", "benign keratosis-like lesion",
        "benign keratosis-like lesions", "pigmented benign keratosis", "seborrheic keratosis",
        "seborrhoeic keratosis", "solar lentigo", "lichenoid keratosis",
        "lichen planus like keratosis", "lichen planus-like keratosis",
        "lentigo",  # in Derm7pt, whose only other lesion of that kind is "melanosis"
    ),
    "df": ("dermatofibroma",),
    "mel": (
        "melanoma", "malignant melanoma", "melanoma, nos", "melanoma invasive", "melanoma in situ",
        "melanoma metastasis", "lentigo maligna", "lentigo maligna melanoma", "melanoma (in situ)",
        "melanoma (less than 0.76 mm)", "melanoma (0.76 to 1.5 mm)", "melanoma (more than 1.5 mm)",
    ),
    "nv": (
        "nev", "nevus", "nevi", "naevus", "melanocytic nevus", "melanocytic nevi",
        "melanocytic naevus", "blue nevus", "clark nevus", "combined nevus", "congenital nevus",
        "dermal nevus", "recurrent nevus", "reed or spitz nevus", "common nevus", "atypical nevus",
        "nevus spilus",
    ),
    "scc": (
        "squamous cell carcinoma", "squamous cell carcinoma, nos",
        "squamous cell carcinoma, invasive",
    ),
    "vasc": (
        "vascular lesion", "vascular lesions", "angioma", "hemangioma", "haemangioma",
        "angiokeratoma", "pyogenic granuloma",
        "benign soft tissue proliferations - vascular",
    ),
    UNKNOWN: ("unk", "not stated"),
}  # fmt: skip
"""Abbreviation to the ways in which archives spell it, in small letters, beside itself."""

_BY_SPELLING = {word: ours for ours, words in _SPELLINGS.items() for word in (ours, *words)}
_BY_SNOMED = {each.snomed: each.abbreviation for each in _BY_ABBREVIATION.values() if each.snomed}

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
    # The ISIC Archive's words. Its "single contributor clinical assessment" is none of ours.
    "serial imaging showing no change": "follow_up",
    "single image expert consensus": "consensus",
    "confocal microscopy with consensus dermoscopy": "confocal",
}


def diagnosis_word(spelling: str) -> str:
    """Return our abbreviation of a diagnosis, from an archive's spelling of it.

    Capitals, underscores and further blanks do not matter. What is not known comes back as it is,
    without blanks around it.
    """
    return _BY_SPELLING.get(_plain(spelling), spelling.strip())


def is_known_spelling(spelling: str) -> bool:
    """Say whether `diagnosis_word` knows a diagnosis by this spelling."""
    return _plain(spelling) in _BY_SPELLING


def diagnosis_of_snomed(concept: str) -> str | None:
    """Return our abbreviation of a SNOMED CT concept, or None where it is not in the table."""
    return _BY_SNOMED.get(concept)


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


def _plain(spelling: str) -> str:
    return " ".join(spelling.replace("_", " ").casefold().split())
