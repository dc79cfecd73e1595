"""Archives' words become ours where they are known, and stay as they are where not."""

from __future__ import annotations

import pytest

from inference.diagnoses import (
    DIAGNOSES,
    confirmation,
    diagnosis_name,
    diagnosis_of_snomed,
    diagnosis_word,
    is_known_spelling,
    is_malignant,
)


@pytest.mark.parametrize(
    ("spelling", "word"),
    [
        ("mel", "mel"),
        ("MEL", "mel"),
        (" Melanoma, NOS ", "mel"),
        ("melanoma (0.76 to 1.5 mm)", "mel"),
        ("Nevus", "nv"),
        ("reed or spitz nevus", "nv"),
        ("pigmented_benign_keratosis", "bkl"),
        ("Solar lentigo", "bkl"),
        ("AK", "akiec"),
        ("squamous cell carcinoma in situ", "akiec"),
        ("Squamous cell carcinoma,  Invasive", "scc"),
        ("angioma", "vasc"),
        ("UNK", "unknown"),
    ],
)
def test_spellings_of_the_archives_are_known(spelling: str, word: str) -> None:
    assert is_known_spelling(spelling)
    assert diagnosis_word(spelling) == word


def test_every_class_of_isic_2019_and_every_name_of_derm7pt_but_two_is_known() -> None:
    challenge = ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC", "UNK")
    assert all(map(is_known_spelling, challenge))
    derm7pt = {
        "basal cell carcinoma", "blue nevus", "clark nevus", "combined nevus", "congenital nevus",
        "dermal nevus", "dermatofibroma", "lentigo", "melanoma (in situ)",
        "melanoma (less than 0.76 mm)", "melanoma (0.76 to 1.5 mm)", "melanoma (more than 1.5 mm)",
        "melanoma metastasis", "melanosis", "miscellaneous", "recurrent nevus",
        "reed or spitz nevus", "seborrheic keratosis", "vascular lesion", "melanoma",
    }  # fmt: skip
    # The seven classes have no place for these two.
    assert {name for name in derm7pt if not is_known_spelling(name)} == {
        "melanosis", "miscellaneous",
    }  # fmt: skip


def test_unknown_word_is_kept_and_shown_as_it_is() -> None:
    assert diagnosis_word("  Clear cell Acanthoma ") == "Clear cell Acanthoma"
    assert diagnosis_name("Clear cell Acanthoma") == "Clear cell Acanthoma"
    assert not is_known_spelling("Clear cell Acanthoma")
    assert not is_malignant("Clear cell Acanthoma")


def test_squamous_cell_carcinoma_is_malignant_and_none_of_the_seven() -> None:
    assert is_malignant("scc")
    assert diagnosis_name("scc") == "Squamous cell carcinoma"
    assert "scc" not in {each.abbreviation for each in DIAGNOSES}


def test_malignancy_over_ham10000_counts_the_three_classes_of_the_reader_study() -> None:
    counted = {each.abbreviation for each in DIAGNOSES if is_malignant(each.abbreviation)}
    assert counted == {"akiec", "bcc", "mel"}
    assert len(DIAGNOSES) == 7


def test_codes_lead_back_to_the_class_and_joined_classes_have_none() -> None:
    assert diagnosis_of_snomed("372244006") == "mel"
    assert diagnosis_of_snomed("254651007") == "scc"
    assert diagnosis_of_snomed("404684003") is None
    codes = {each.abbreviation: (each.snomed, each.icd10) for each in DIAGNOSES}
    assert codes["bcc"] == ("254701007", "C44")
    assert codes["akiec"] == codes["bkl"] == codes["vasc"] == (None, None)


@pytest.mark.parametrize(
    ("spelling", "word"),
    [
        ("histo", "histopathology"),
        ("Histopathology", "histopathology"),
        ("single image expert consensus", "consensus"),
        ("serial imaging showing no change", "follow_up"),
        ("confocal microscopy with consensus dermoscopy", "confocal"),
        ("single contributor clinical assessment", "unknown"),
        ("", "unknown"),
    ],
)
def test_ways_to_confirm_a_diagnosis_are_known(spelling: str, word: str) -> None:
    assert confirmation(spelling) == word
