"""The maps say what they claim: shares of the similarity, at the right place in the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from inference.encoder import Encoding, Field
from inference.explain import (
    Heatmap,
    class_heatmap,
    colour,
    contributions,
    gradcam_map,
    gradient,
    gradient_map,
    overlay,
    pair_heatmaps,
    saliency_heatmap,
)

WHOLE = Field(0, 0, 70, 70, 70, 70)


def _encoding(feature_map: npt.NDArray[np.float32], field: Field = WHOLE) -> Encoding:
    mean = feature_map.mean(axis=(1, 2))
    maps = np.zeros((2, *feature_map.shape[1:]), np.float32)
    maps[0, 0, 0], maps[1, -1, -1] = 4.0, 1.0
    return Encoding(
        embedding=(mean / np.linalg.norm(mean)).astype(np.float32),
        logits=np.array([0.0, 1.0], np.float32),
        probabilities=np.array([0.3, 0.7], np.float32),
        feature_map=feature_map,
        class_maps=maps,
        unfamiliarity=0.0,
        familiar=True,
        classes=("mel", "nv"),
        field=field,
        model="0" * 64,
    )


def _random(seed: int) -> Encoding:
    rng = np.random.default_rng(seed)
    return _encoding(rng.normal(0.3, 1, (256, 7, 7)).astype(np.float32))


def test_contributions_sum_to_the_similarity() -> None:
    one, other = _random(1), _random(2)
    cosine = float(one.embedding @ other.embedding)
    assert contributions(one, other).sum() == pytest.approx(cosine, abs=1e-5)
    assert contributions(other, one).sum() == pytest.approx(cosine, abs=1e-5)


def test_contributions_are_the_gradient_times_the_feature_map() -> None:
    """Finite differences of <mean(F), e> / |mean(F)| with the norm held: the CAM of the pair."""
    one, other = _random(3), _random(4)
    norm = np.linalg.norm(one.feature_map.mean(axis=(1, 2)))
    step = 1e-2
    nudged = one.feature_map.copy()
    nudged[:, 2, 5] *= 1 + step
    before = one.feature_map.mean(axis=(1, 2)) @ other.embedding / norm
    after = nudged.mean(axis=(1, 2)) @ other.embedding / norm
    assert contributions(one, other)[2, 5] == pytest.approx((after - before) / step, abs=1e-4)


def test_the_gradient_agrees_with_finite_differences_at_any_position() -> None:
    one, other = _random(3), _random(4)

    def cosine(channel: int, row: int, column: int, step: float) -> float:
        nudged = one.feature_map.astype(np.float64)
        nudged[channel, row, column] += step
        mean = nudged.mean(axis=(1, 2))
        return float(mean @ other.embedding / np.linalg.norm(mean))

    found = gradient(one, other)
    for place in ((0, 0, 0), (17, 2, 5), (17, 6, 6), (255, 3, 3)):
        slope = (cosine(*place, 0.01) - cosine(*place, -0.01)) / 0.02
        assert found[place[0]] == pytest.approx(slope, rel=1e-3)


def test_the_maps_of_the_gradient_by_hand() -> None:
    """Two channels, two positions: m = (1, 0), e_c = (.6, .8), so g = (0, .8) / 2."""
    features = np.zeros((256, 1, 2), np.float32)
    features[0], features[1] = [[1, 1]], [[3, -3]]
    case = np.zeros((256, 1, 1), np.float32)
    case[0], case[1] = 0.6, 0.8
    one, other = _encoding(features), _encoding(case)
    assert gradient(one, other)[:3] == pytest.approx([0, 0.4, 0])
    assert gradient_map(one, other) == pytest.approx(np.array([[1.2, 1.2]]))
    assert gradcam_map(one, other) == pytest.approx(np.array([[1.2, 0]]))
    assert contributions(one, other) == pytest.approx(np.array([[1.5, -0.9]]))


def test_of_a_picture_and_itself_no_gradient_is_left_but_every_contribution() -> None:
    one = _random(9)
    assert np.abs(gradient(one, one)).max() < 1e-7
    assert contributions(one, one).sum() == pytest.approx(1, abs=1e-5)


def test_a_shared_structure_lights_up_where_it_lies_in_each_picture() -> None:
    query = np.zeros((256, 7, 7), np.float32)
    case = np.zeros((256, 7, 7), np.float32)
    query[0, 1, 1] = case[0, 5, 5] = 5.0  # the structure that both have
    query[1, 6, 0] = case[2, 0, 6] = 5.0  # and one that only each has
    ours, theirs = pair_heatmaps(_encoding(query), _encoding(case))
    assert ours.values[1, 1] == pytest.approx(1) and ours.values[6, 0] == 0
    assert theirs.values[5, 5] == pytest.approx(1) and theirs.values[0, 6] == 0


def test_a_pair_shares_one_scale() -> None:
    ours, theirs = pair_heatmaps(_random(5), _random(6))
    peaks = ours.values.max(), theirs.values.max()
    assert max(peaks) == pytest.approx(1) and min(peaks) < 1
    assert min(ours.values.min(), theirs.values.min()) >= 0


def test_a_class_with_little_evidence_stays_faint() -> None:
    encoding = _random(7)
    assert class_heatmap(encoding, 0).values.max() == pytest.approx(1.0)
    assert class_heatmap(encoding, 1).values.max() == pytest.approx(0.25)
    assert np.array_equal(class_heatmap(encoding).values, class_heatmap(encoding, 1).values)


def test_the_map_of_the_first_pass_is_shown_as_the_second_was_given_it() -> None:
    saliency = np.array([[0.0, 0.25], [0.5, 0.75]], np.float32)
    field = Field(top=0, left=10, height=40, width=40, picture_height=40, picture_width=60)
    heatmap = saliency_heatmap(
        replace(_encoding(np.ones((256, 7, 7), np.float32)), saliency=saliency, field=field)
    )
    assert heatmap is not None
    assert np.array_equal(heatmap.values, saliency), "not stretched: a faint map stays faint"
    spread = heatmap.over()
    assert spread[:, :10].max() == spread[:, 50:].max() == 0
    assert spread[39, 49] > spread[39, 10] > spread[0, 49] > spread[0, 10]


def test_a_model_of_one_pass_has_no_such_map() -> None:
    assert saliency_heatmap(_random(8)) is None


def test_a_map_covers_the_field_and_nothing_else() -> None:
    field = Field(top=0, left=50, height=300, width=300, picture_height=300, picture_width=400)
    spread = Heatmap(np.ones((7, 7), np.float32), field).over()
    assert spread.shape == (300, 400)
    assert spread[:, 50:350].min() == pytest.approx(1)
    assert spread[:, :50].max() == spread[:, 350:].max() == 0


def test_a_map_follows_a_picture_shown_at_another_size() -> None:
    field = Field(top=0, left=50, height=300, width=300, picture_height=300, picture_width=400)
    values = np.zeros((7, 7), np.float32)
    values[3, 3] = 1
    spread = Heatmap(values, field).over(75, 100)
    assert spread.shape == (75, 100)
    row, column = np.unravel_index(spread.argmax(), spread.shape)
    assert abs(int(row) - 37) <= 1 and abs(int(column) - 50) <= 1


def test_interpolation_never_leaves_the_range() -> None:
    checker = np.indices((7, 7)).sum(axis=0) % 2
    spread = Heatmap(checker.astype(np.float32), WHOLE).over(210, 210)
    assert spread.min() >= 0 and spread.max() <= 1


@pytest.mark.parametrize("name", ["viridis", "cividis"])
def test_colour_maps_rise_evenly_in_lightness(name: str) -> None:
    """Readers without red-green vision, and prints in grey, see the same order."""
    rgba = colour(np.linspace(0, 1, 256, dtype=np.float32)[None], name)  # type: ignore[arg-type]
    grey = rgba[0, :, :3].astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(grey[::8]) > 0).all()


def test_no_evidence_leaves_the_picture_as_it_is() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (70, 70, 3), dtype=np.uint8)
    faint = Heatmap(np.full((7, 7), 0.1, np.float32), WHOLE)
    assert np.array_equal(overlay(pixels, faint, 1.0), pixels)
    strong = Heatmap(np.ones((7, 7), np.float32), WHOLE)
    assert np.array_equal(overlay(pixels, strong, 0.0), pixels)
    assert (overlay(pixels, strong, 1.0) == colour(np.ones((1, 1), np.float32))[0, 0, :3]).all()
