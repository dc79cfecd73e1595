"""An archive's words for age, sex, site, licence and provenance in ours."""

from __future__ import annotations

from inference.library.layouts.model import RowError

_NOT_KNOWN = ("", "unknown", "nan", "none", "n/a", "na", "null")

_SEXES = {"m": "male", "male": "male", "f": "female", "female": "female"}

_SITES = {
    # Derm7pt's
    "head neck": "head/neck",
    "upper limbs": "upper extremity",
    "lower limbs": "lower extremity",
    "genital areas": "genital",
}
"""Other archives' spellings of the ISIC and HAM10000 words, which stay as they are."""

_LICENCES = {"cc-0": "CC0 1.0", "cc-by": "CC BY 4.0", "cc-by-nc": "CC BY-NC 4.0"}
"""The ISIC Archive's names of the licences."""

_COLLECTIONS = {
    "HAM_": ("HAM10000", "CC BY-NC 4.0"),
    "BCN_": ("BCN20000", "CC BY-NC 4.0"),
}
"""Archives that can be told by how they name lesions: prefix to source and licence."""

_OLDEST = 150


def known(text: str) -> str:
    """Return the text, or "" where the archive says in words that it does not know."""
    word = text.strip()
    return "" if word.lower() in _NOT_KNOWN else word


def age(text: str) -> float | None:
    """Return years, or None where they are not known or impossible. ``"85+"`` counts as 85.

    Raises:
        RowError: it is not a number.
    """
    if not known(text):
        return None
    try:
        years = float(text.strip().removesuffix("+"))
    except ValueError as error:
        raise RowError(
            f"the age {text!r} is not a number", "Correct it or leave it empty"
        ) from error
    return years if 0 <= years <= _OLDEST else None


def sex(text: str) -> str:
    """Return ``"female"``, ``"male"`` or ``""``."""
    return _SEXES.get(text.strip().lower(), "")


def site(text: str) -> str:
    """Return the body site in small letters, or ``""``."""
    word = known(text).lower()
    return _SITES.get(word, word)


def licence(text: str) -> str:
    """Return the licence by its full name, as far as it is known, or ``""``."""
    word = known(text)
    return _LICENCES.get(word.lower(), word)


def provenance(lesion: str, source: str, terms: str) -> tuple[str, str]:
    """Return (source, licence): as stated, else of the archive that names lesions so, else ""."""
    for prefix, (archive, its_terms) in _COLLECTIONS.items():
        if lesion.startswith(prefix):
            return source or archive, terms or its_terms
    return source, terms


def picture_lesion(image: str, patient: str = "") -> str:
    """Name the lesion of a picture whose archive names none: by the picture, and by its patient."""
    return f"{patient}/{image}" if patient else image
