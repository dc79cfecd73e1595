"""The phantom generator: the same seed gives the same picture, and each class shows its signs."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from resources.phantoms import Phantom, draw
from resources.phantoms.lesions import CLASSES
from resources.phantoms.noise import band, cells
from resources.phantoms.recipe import ATTRIBUTE_VALUES, seven_points
from resources.phantoms.skin import TONES

PATTERNS = [(name, pattern) for name, kind in CLASSES.items() for pattern in kind.recipes]


@cache
def phantom(diagnosis: str, pattern: str) -> Phantom:
    """One phantom of each pattern, drawn once for the whole run."""
    return draw(diagnosis, 11, pattern=pattern, tone="II")


def test_the_seven_diagnoses_have_recipes() -> None:
    assert set(CLASSES) == {"akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"}


def test_the_same_seed_gives_the_same_pixels_and_truth() -> None:
    first, second = draw("mel", 5), draw("mel", 5)
    assert np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(first.mask, second.mask)
    assert first.structures.keys() == second.structures.keys()
    assert (first.pattern, first.tone) == (second.pattern, second.tone)


def test_another_seed_gives_another_picture_of_the_same_pattern() -> None:
    one, other = (draw("nv", seed, pattern="globular", tone="III") for seed in (1, 2))
    overlap = (one.mask & other.mask).sum() / (one.mask | other.mask).sum()
    assert overlap < 0.97
    assert np.abs(one.pixels.astype(int) - other.pixels).mean() > 4


@pytest.mark.parametrize(("diagnosis", "pattern"), PATTERNS)
def test_each_pattern_plants_a_defining_structure_in_its_lesion(
    diagnosis: str, pattern: str
) -> None:
    drawn = phantom(diagnosis, pattern)
    defining = CLASSES[diagnosis].defining & drawn.structures.keys()
    assert defining
    near = cv2.dilate(drawn.mask.astype(np.uint8), np.ones((51, 51), np.uint8)) > 0
    for name in defining:
        where = drawn.structures[name]
        assert where.sum() >= 40, name
        assert (where & near).sum() >= 0.95 * where.sum(), name


@pytest.mark.parametrize(("diagnosis", "pattern"), PATTERNS)
def test_the_lesion_lies_in_the_central_square_that_the_encoder_sees(
    diagnosis: str, pattern: str
) -> None:
    drawn = phantom(diagnosis, pattern)
    assert drawn.pixels.shape == (450, 600, 3)
    assert drawn.pixels.dtype == np.uint8
    assert 0.01 < drawn.mask[:, 75:525].mean() < 0.8
    assert not drawn.mask[:, :75].any()
    assert not drawn.mask[:, 525:].any()


@pytest.mark.parametrize(("diagnosis", "pattern"), PATTERNS)
def test_attributes_use_the_checklists_words_and_agree_with_what_was_planted(
    diagnosis: str, pattern: str
) -> None:
    drawn = phantom(diagnosis, pattern)
    planted, said = drawn.structures, drawn.attributes
    assert said.keys() == ATTRIBUTE_VALUES.keys()
    assert all(value in ATTRIBUTE_VALUES[name] for name, value in said.items())
    for criterion, structures in {
        "pigment_network": {"pigment_network"},
        "streaks": {"streaks"},
        "blue_whitish_veil": {"blue_white_veil"},
        "regression_structures": {"regression"},
        "dots_and_globules": {"dots", "globules", "peppering"},
    }.items():
        assert (said[criterion] != "absent") == bool(structures & planted.keys()), criterion
    assert (said["vascular_structures"] == "arborizing") == ("arborizing_vessels" in planted)


def _colour(drawn: Phantom, where: np.ndarray) -> np.ndarray:
    """Mean colour of the pixels of a region."""
    return np.asarray(drawn.pixels[where].mean(axis=0))


def test_the_veil_is_bluer_than_the_rest_of_the_melanoma() -> None:
    drawn = phantom("mel", "veil")
    veil = drawn.structures["blue_white_veil"]
    inside, beside = _colour(drawn, veil), _colour(drawn, drawn.mask & ~veil)
    assert inside[2] / inside[0] > 1.25 * beside[2] / beside[0]


def test_vessels_are_redder_than_the_nodule_they_cross() -> None:
    drawn = phantom("bcc", "nodular")
    vessel = drawn.structures["arborizing_vessels"]
    line, ground = _colour(drawn, vessel), _colour(drawn, drawn.mask & ~vessel)
    assert line[1] / line[0] < 0.9 * ground[1] / ground[0]


def test_the_white_patch_is_brighter_than_the_ring_around_it() -> None:
    drawn = phantom("df", "classic")
    patch = drawn.structures["white_patch"]
    assert _colour(drawn, patch).mean() > 1.1 * _colour(drawn, drawn.mask & ~patch).mean()


def test_cysts_are_brighter_and_openings_darker_than_the_keratosis() -> None:
    drawn = phantom("bkl", "cystic")
    cysts = drawn.structures["milia_like_cysts"]
    openings = drawn.structures["comedo_like_openings"]
    rest = _colour(drawn, drawn.mask & ~cysts & ~openings).mean()
    assert _colour(drawn, cysts).mean() > 1.1 * rest
    assert _colour(drawn, openings & ~cysts).mean() < 0.8 * rest


def test_skin_darkens_from_tone_one_to_six() -> None:
    brightness = []
    for tone in TONES:
        drawn = draw("vasc", 3, pattern="cherry", tone=tone)
        around = cv2.dilate(drawn.mask.astype(np.uint8), np.ones((61, 61), np.uint8)) == 0
        brightness.append(float(np.median(drawn.pixels[around])))
    assert brightness == sorted(brightness, reverse=True)
    assert brightness[0] > 1.5 * brightness[-1]


def test_band_limited_noise_keeps_to_its_wavelength() -> None:
    field = band(np.random.default_rng(0), (256, 256), 16.0, 0.15)
    power = np.abs(np.fft.rfft2(field)) ** 2
    radius = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256)[None])
    near = (radius > 0.5 / 16) & (radius < 1.5 / 16)
    assert power[near].sum() > 0.95 * power.sum()


def test_cells_are_labelled_by_their_nearest_seed() -> None:
    pattern = cells(np.random.default_rng(0), (80, 90), 14.0, jitter=0.5, angle=0.6)
    rows, columns = np.mgrid[:80, :90]
    seeds = pattern.centres[pattern.label]
    distance = np.hypot(seeds[..., 0] - rows, seeds[..., 1] - columns)
    assert np.allclose(distance, pattern.nearest, atol=1e-3)
    assert (pattern.second >= pattern.nearest).all()


def test_an_unknown_diagnosis_or_word_is_refused() -> None:
    with pytest.raises(KeyError):
        draw("wart", 1)
    with pytest.raises(ValueError, match="no streaks 'many'"):
        seven_points(streaks="many")
