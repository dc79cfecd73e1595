"""Measurements of quality move with what they measure, and with nothing else.

The pictures are the demonstration set's phantoms, spoilt as the protocol spoils photographs. Their
limits were chosen on photographs, so no number of a phantom was tuned.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from inference.cautions import FLAGS, cautions, quality_cautions
from inference.encoder.preprocess import PixelArray, prepare
from inference.evaluation import degradations
from inference.images import MedicalImage, read
from inference.quality import Quality, measure

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
NAMES = ("PHANTOM_nv_01", "PHANTOM_mel_04", "PHANTOM_bkl_08", "PHANTOM_akiec_05", "PHANTOM_nv_12")
QUALITY_FLAGS = {"blurred", "too_dark", "too_bright", "hair", "small_lesion"}


def _phantom(name: str) -> PixelArray:
    return prepare(read(DEMO / "images" / f"{name}.jpg").pixels, 450)


def _mask(name: str) -> degradations.Mask:
    return prepare(read(DEMO / "masks" / f"{name}.png").pixels, 450)[..., 0] > 127


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_the_demonstration_set_is_flagged_for_nothing() -> None:
    """No phantom has more than fifteen hairs, is blurred, or shows a lesion of under 3 %.

    Phantoms of all six skin types are among them: dark skin is no dark picture.
    """
    files = sorted((DEMO / "images").glob("*.jpg")) + sorted((DEMO / "queries").glob("*.jpg"))
    assert len(files) == 91
    flagged = {file.stem: quality_cautions(measure(read(file).pixels)) for file in files}
    assert {stem: flags for stem, flags in flagged.items() if flags} == {}


def test_blur_lowers_sharpness_and_is_flagged(name: str, rng: np.random.Generator) -> None:
    sound = _phantom(name)
    found = [measure(degradations.blur(sound, rng, sigma)) for sigma in (0.005, 0.01, 0.02)]
    values = [measure(sound).sharpness, *(quality.sharpness for quality in found)]
    assert values == sorted(values, reverse=True)
    assert quality_cautions(found[-1])[0] == "blurred"


def test_a_blurred_picture_is_not_made_sharp_by_noise_or_enlargement(name: str) -> None:
    soft = cv2.GaussianBlur(_phantom(name), (0, 0), 9)
    noisy = np.random.default_rng(1).normal(soft, 6)
    grainy = np.asarray(np.clip(noisy, 0, 255), np.uint8)
    large = np.asarray(cv2.resize(grainy, (1350, 1350), interpolation=cv2.INTER_CUBIC), np.uint8)
    assert "blurred" in quality_cautions(measure(grainy))
    assert "blurred" in quality_cautions(measure(large))


@pytest.mark.parametrize(("factor", "flag"), [(0.25, "too_dark"), (8.0, "too_bright")])
def test_light_is_flagged_and_little_else_changes(name: str, factor: float, flag: str) -> None:
    """Eight times: dark skin is far from white at three times its light."""
    sound, relit = measure(_phantom(name)), measure(degradations.relight(_phantom(name), factor))
    assert quality_cautions(relit)[0] == flag
    if flag == "too_dark":
        assert quality_cautions(relit) == (flag,)
        assert relit.highlight < sound.highlight
        assert relit.lesion == pytest.approx(sound.lesion, abs=0.1)
        assert relit.sharpness == pytest.approx(sound.sharpness, rel=0.15)
    else:
        assert relit.burnt > sound.burnt


def test_drawn_hair_is_measured_and_flagged(name: str, rng: np.random.Generator) -> None:
    sound = _phantom(name)
    some, much = (measure(degradations.draw_hair(sound, rng, share)) for share in (0.03, 0.12))
    assert measure(sound).hair < some.hair < much.hair
    assert "hair" in quality_cautions(much)


def test_light_hair_counts_like_dark_hair() -> None:
    skin = np.full((256, 256, 3), (200, 150, 130), np.uint8)
    light, dark = skin.copy(), skin.copy()
    for y in range(20, 250, 24):
        cv2.line(light, (0, y), (255, y - 15), (250, 235, 220), 3)
        cv2.line(dark, (0, y), (255, y - 15), (70, 45, 30), 3)
    assert measure(skin).hair == 0
    assert measure(light).hair == pytest.approx(measure(dark).hair, rel=0.3)
    assert measure(light).hair > 0.1


def test_red_vessels_and_dots_are_no_hair() -> None:
    picture = np.full((256, 256, 3), (225, 150, 140), np.uint8)
    for y in range(20, 250, 24):
        cv2.line(picture, (0, y), (255, y - 15), (220, 60, 70), 3)
    for x in range(12, 250, 24):
        for y in range(8, 250, 24):
            cv2.circle(picture, (x, y), 4, (90, 50, 40), -1)
    assert measure(picture).hair < 0.005


def test_the_lesions_share_is_that_of_its_mask(name: str) -> None:
    assert measure(_phantom(name)).lesion == pytest.approx(_mask(name).mean(), abs=0.08)


def test_a_lesion_seen_from_afar_is_flagged(name: str, rng: np.random.Generator) -> None:
    far = degradations.shrink_lesion(_phantom(name), _mask(name), rng)
    assert "small_lesion" in quality_cautions(measure(far))
    assert "small_lesion" not in quality_cautions(measure(_phantom(name)))


def test_a_small_lesion_is_found_in_uneven_light() -> None:
    """Corners at half the light would be split off as the lesion if the slope stayed in."""
    down, across = np.indices((300, 300)) / 150 - 1
    light = 1 - 0.25 * (down**2 + across**2)
    blot = np.hypot(down, across) < 0.15
    picture = np.where(blot[..., None], (120, 70, 50), (215, 170, 155)) * light[..., None]
    found = measure(np.asarray(picture, np.uint8)).lesion
    assert blot.mean() == pytest.approx(0.0177, abs=0.001)
    assert 0.01 < found < 0.03


def test_a_pale_lesion_on_dark_skin_is_the_lesion() -> None:
    picture = np.full((200, 200, 3), (130, 85, 60), np.uint8)
    cv2.circle(picture, (100, 100), 50, (215, 190, 185), -1)
    assert measure(picture).lesion == pytest.approx(np.pi * 50**2 / 200**2, abs=0.04)


def test_black_corners_are_no_part_of_the_picture(name: str) -> None:
    """The circle of a dermatoscope around a lesion changes neither light nor hair nor lesion."""
    sound = _phantom(name)
    down, across = np.indices((450, 450)) / 225 - 1
    round_view = np.where((np.hypot(down, across) < 1.05)[..., None], sound, 4).astype(np.uint8)
    before, after = measure(sound), measure(round_view)
    assert quality_cautions(after) == ()
    assert after.highlight == pytest.approx(before.highlight, abs=6)
    assert after.hair == pytest.approx(before.hair, abs=0.01)
    assert after.lesion == pytest.approx(before.lesion, abs=0.06)


def _assert_close(found: Quality, expected: Quality) -> None:
    assert found.sharpness == pytest.approx(expected.sharpness, rel=0.12)
    assert found.highlight == pytest.approx(expected.highlight, abs=3)
    assert found.hair == pytest.approx(expected.hair, abs=0.012)
    assert found.lesion == pytest.approx(expected.lesion, abs=0.03)


@pytest.mark.parametrize("side", [150, 900])
def test_resolution_does_not_matter(name: str, side: int, rng: np.random.Generator) -> None:
    """Sound and spoilt pictures keep their flags at a third and at twice the resolution."""
    sound = _phantom(name)
    for picture in (sound, degradations.blur(sound, rng, 0.02), degradations.draw_hair(sound, rng)):
        other = prepare(picture, side)
        assert quality_cautions(measure(other)) == quality_cautions(measure(picture))
    _assert_close(measure(prepare(sound, side)), measure(sound))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_rotation_does_not_matter(name: str, turns: int) -> None:
    sound = _phantom(name)
    _assert_close(measure(np.ascontiguousarray(np.rot90(sound, turns))), measure(sound))


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (3, 2), (50, 40), (300, 20)])
@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_odd_and_empty_pictures_are_measured_without_a_fault(
    shape: tuple[int, int], level: int
) -> None:
    found = measure(np.full((*shape, 3), level, np.uint8))
    assert found.hair == found.lesion == 0
    assert found.sharpness == pytest.approx(0, abs=1e-3)
    assert found.highlight == level and found.burnt == (level == 255)


def test_cautions_give_the_flags_in_words() -> None:
    sound = {"familiar": True, "like_library": True}
    black = MedicalImage(np.zeros((300, 300, 3), np.uint8), content_hash="0" * 64, name="x.png")
    white = MedicalImage(np.full((300, 300, 3), 255, np.uint8), content_hash="0" * 64, name="x.png")
    assert cautions(black, (), **sound) == ("no_colour", "blurred", "too_dark", "small_lesion")
    assert cautions(white, (), **sound) == ("no_colour", "blurred", "too_bright", "small_lesion")
    strange = cautions(black, (), familiar=False, like_library=True)
    assert strange == ("not_dermoscopy", "no_colour"), "there is no lesion to see well or badly"
    assert set(FLAGS) >= QUALITY_FLAGS


def test_a_spoilt_file_is_flagged_after_jpeg(tmp_path: Path, rng: np.random.Generator) -> None:
    file = tmp_path / "soft.jpg"
    Image.fromarray(degradations.blur(_phantom(NAMES[0]), rng)).save(file, quality=70)
    assert cautions(read(file), (), familiar=True, like_library=True) == ("blurred",)
