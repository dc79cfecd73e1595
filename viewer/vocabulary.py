"""The engine's words in the reader's language: diagnoses, confirmations, cautions, sites, stages.

The engine speaks English. Its tables are repeated here where the translation tools can read them;
tests hold the two alike. A word that is in no table, such as an archive's own, is shown as it is.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

translate = QCoreApplication.translate


def QT_TRANSLATE_NOOP(_context: str, words: str) -> str:  # noqa: N802 - what the tools look for
    """Mark words for translation; Qt's own is not typed."""
    return words


DIAGNOSES: dict[str, str] = {
    "akiec": QT_TRANSLATE_NOOP("Diagnoses", "Actinic keratosis / intraepithelial carcinoma"),
    "bcc": QT_TRANSLATE_NOOP("Diagnoses", "Basal cell carcinoma"),
    "bkl": QT_TRANSLATE_NOOP("Diagnoses", "Benign keratosis"),
    "df": QT_TRANSLATE_NOOP("Diagnoses", "Dermatofibroma"),
    "mel": QT_TRANSLATE_NOOP("Diagnoses", "Melanoma"),
    "nv": QT_TRANSLATE_NOOP("Diagnoses", "Melanocytic nevus"),
    "vasc": QT_TRANSLATE_NOOP("Diagnoses", "Vascular lesion"),
    "scc": QT_TRANSLATE_NOOP("Diagnoses", "Squamous cell carcinoma"),
}

CONFIRMATIONS: dict[str, str] = {
    "histopathology": QT_TRANSLATE_NOOP("Confirmations", "Histopathology"),
    "follow_up": QT_TRANSLATE_NOOP("Confirmations", "Follow-up"),
    "consensus": QT_TRANSLATE_NOOP("Confirmations", "Expert consensus"),
    "confocal": QT_TRANSLATE_NOOP("Confirmations", "Confocal microscopy"),
    "drawn": QT_TRANSLATE_NOOP("Confirmations", "Computer-drawn phantom"),
    "unknown": QT_TRANSLATE_NOOP("Confirmations", "Not stated"),
}

FLAGS: dict[str, str] = {
    "not_dermoscopy": QT_TRANSLATE_NOOP(
        "Flags", "This does not look like dermoscopy; matches and estimate mean little here"
    ),
    "unlike_library": QT_TRANSLATE_NOOP(
        "Flags", "Few cases here come near this picture; the library may lack its diagnosis"
    ),
    "cropped": QT_TRANSLATE_NOOP("Flags", "Only the central square of this picture was looked at"),
    "low_resolution": QT_TRANSLATE_NOOP(
        "Flags", "This picture is smaller than those the encoder was trained on"
    ),
    "no_colour": QT_TRANSLATE_NOOP(
        "Flags", "This picture has no colour; the encoder knows dermoscopy in colour"
    ),
    "blurred": QT_TRANSLATE_NOOP(
        "Flags", "This picture looks blurred; take it again with the glass on the skin and in focus"
    ),
    "too_dark": QT_TRANSLATE_NOOP(
        "Flags", "This picture is too dark; take it again with more light"
    ),
    "too_bright": QT_TRANSLATE_NOOP(
        "Flags", "Bright parts of this picture are burnt out; take it again with less light"
    ),
    "hair": QT_TRANSLATE_NOOP(
        "Flags", "Much hair covers this picture; part, wet or clip it and take the picture again"
    ),
    "small_lesion": QT_TRANSLATE_NOOP(
        "Flags", "The lesion is small in this picture; move closer, or cut the picture to it"
    ),
    "in_library": QT_TRANSLATE_NOOP(
        "Flags", "This very picture is in the library, and is its own nearest match"
    ),
}

SITES: tuple[str, ...] = (
    QT_TRANSLATE_NOOP("Sites", "abdomen"),
    QT_TRANSLATE_NOOP("Sites", "acral"),
    QT_TRANSLATE_NOOP("Sites", "anterior torso"),
    QT_TRANSLATE_NOOP("Sites", "back"),
    QT_TRANSLATE_NOOP("Sites", "chest"),
    QT_TRANSLATE_NOOP("Sites", "ear"),
    QT_TRANSLATE_NOOP("Sites", "face"),
    QT_TRANSLATE_NOOP("Sites", "foot"),
    QT_TRANSLATE_NOOP("Sites", "genital"),
    QT_TRANSLATE_NOOP("Sites", "hand"),
    QT_TRANSLATE_NOOP("Sites", "head/neck"),
    QT_TRANSLATE_NOOP("Sites", "lateral torso"),
    QT_TRANSLATE_NOOP("Sites", "lower extremity"),
    QT_TRANSLATE_NOOP("Sites", "neck"),
    QT_TRANSLATE_NOOP("Sites", "oral/genital"),
    QT_TRANSLATE_NOOP("Sites", "palms/soles"),
    QT_TRANSLATE_NOOP("Sites", "posterior torso"),
    QT_TRANSLATE_NOOP("Sites", "scalp"),
    QT_TRANSLATE_NOOP("Sites", "torso"),
    QT_TRANSLATE_NOOP("Sites", "trunk"),
    QT_TRANSLATE_NOOP("Sites", "unknown"),
    QT_TRANSLATE_NOOP("Sites", "upper extremity"),
)
"""Body sites as HAM10000 and the ISIC Archive write them."""

STAGES: dict[str, str] = {
    "read": QT_TRANSLATE_NOOP("Stages", "read"),
    "encode": QT_TRANSLATE_NOOP("Stages", "encode"),
    "search": QT_TRANSLATE_NOOP("Stages", "search"),
}


def diagnosis_words(abbreviation: str) -> str:
    """Return the name of a diagnosis."""
    return translate("Diagnoses", DIAGNOSES.get(abbreviation, abbreviation))


def confirmation_of(word: str) -> str:
    """Return how a diagnosis was established, from the stored word."""
    return translate("Confirmations", CONFIRMATIONS.get(word, word))


def flag_words(flag: str) -> str:
    """Return what a word of caution says, without the full stop."""
    return translate("Flags", FLAGS.get(flag, flag))


def site_words(site: str) -> str:
    """Return the name of a body site."""
    return translate("Sites", site) if site else ""


def stage_words(stage: str) -> str:
    """Return the name of a stage of work."""
    return translate("Stages", STAGES.get(stage, stage))
