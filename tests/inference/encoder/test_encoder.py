"""What an encoder promises of one picture, and of a batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.encoder import Encoder, Encoding
from inference.encoder.model import in_row
from inference.encoder.preprocess import central_square, prepare
from inference.errors import ModelError
from inference.images import MedicalImage, read
from inference.locations import shipped


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(threads=1)


def _picture(seed: int, height: int = 300, width: int = 400) -> MedicalImage:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 20, width // 20, 3), dtype=np.uint8)
    pixels = np.repeat(np.repeat(coarse, 20, axis=0), 20, axis=1)
    return MedicalImage(pixels, content_hash=f"{seed:064x}", name=f"{seed}.png")


@pytest.fixture(scope="module")
def encoding(encoder: Encoder) -> Encoding:
    return encoder.encode(_picture(1))


def test_shapes_and_ranges_are_those_of_the_contract(encoding: Encoding) -> None:
    assert encoding.embedding.shape == (256,)
    assert np.linalg.norm(encoding.embedding) == pytest.approx(1, abs=1e-5)
    assert encoding.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert encoding.feature_map.shape[0] == 256
    assert encoding.class_maps.shape == (7, *encoding.feature_map.shape[1:])
    assert encoding.class_maps.min() >= 0
    assert encoding.field.width == encoding.field.height == 300
    assert encoding.field.left == 50


def test_the_embedding_is_the_normalised_mean_of_the_feature_map(encoding: Encoding) -> None:
    mean = encoding.feature_map.mean(axis=(1, 2))
    assert encoding.embedding == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_features_are_the_encodings_own_arrays(encoding: Encoding) -> None:
    features = encoding.features
    assert features.feature_map is encoding.feature_map
    assert features.embedding is encoding.embedding and features.field is encoding.field
    assert features.local_map is encoding.local_map
    assert features.grid == features.local_grid == encoding.feature_map.shape[1:]
    assert np.shares_memory(in_row(features.feature_map), encoding.feature_map)
    assert in_row(features.feature_map).shape == (256, encoding.feature_map[0].size)
    plain = replace(encoding, local_map=None).features
    assert plain.local_map is encoding.feature_map, "a model without local maps"


def test_maps_and_codes_come_with_the_embeddings_that_they_belong_to(encoder: Encoder) -> None:
    prepared = np.stack([encoder.prepare(_picture(seed)) for seed in range(3)])
    vectors, maps, codes = encoder.describe(prepared)
    assert np.array_equal(vectors, encoder.embed(prepared))
    assert tuple(maps) == encoder.manifest.maps and maps["feature_map"].shape[:2] == (3, 256)
    means = maps["feature_map"].mean(axis=(2, 3))
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    assert vectors == pytest.approx(means, abs=1e-5)
    assert tuple(codes) == encoder.manifest.bits
    for bits, expected in encoder.brief(prepared).codes.items():
        assert codes[bits].shape == (3, bits // 8) and np.array_equal(codes[bits], expected)


def test_a_batch_gives_what_single_pictures_give(encoder: Encoder) -> None:
    pictures = [_picture(seed) for seed in range(20)]
    together = encoder.encode_many(pictures)
    for picture, encoding in zip(pictures, together, strict=True):
        assert encoding.embedding @ encoder.encode(picture).embedding > 1 - 1e-5
    prepared = np.stack([encoder.prepare(picture) for picture in pictures])
    assert encoder.embed(prepared) == pytest.approx(
        np.stack([encoding.embedding for encoding in together]), abs=1e-4
    )


def test_a_wrong_shape_is_a_model_error(encoder: Encoder) -> None:
    with pytest.raises(ModelError, match="the model failed"):
        encoder.embed(np.zeros((1, 8, 8, 3), np.uint8))


@pytest.mark.parametrize(("height", "width"), [(450, 600), (600, 450), (224, 224), (1, 9)])
def test_the_central_square_is_centred_and_inside(height: int, width: int) -> None:
    field = central_square(height, width)
    assert field.height == field.width == min(height, width)
    assert field.top >= 0 and field.top + field.height <= height
    assert field.left >= 0 and field.left + field.width <= width
    assert abs(2 * field.top + field.height - height) <= 1
    assert abs(2 * field.left + field.width - width) <= 1


def test_preparing_keeps_a_square_of_the_right_size_as_it_is() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert np.array_equal(prepare(pixels, 64), pixels)


def test_shrinking_averages_areas() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[::2] = 200  # rows alternate 200 and 0: every 2 x 2 area has the mean 100
    assert np.array_equal(prepare(pixels, 2), np.full((2, 2, 3), 100, np.uint8))


def test_noise_is_unfamiliar_and_dermoscopy_is_not(encoder: Encoder) -> None:
    queries = shipped("resources") / "demo" / "queries"
    phantoms = encoder.encode_many([read(path) for path in sorted(queries.glob("*.jpg"))])
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    strange = encoder.encode(MedicalImage(noise, content_hash="0" * 64, name="noise.png"))
    assert not strange.familiar
    assert strange.unfamiliarity > max(phantom.unfamiliarity for phantom in phantoms)
    assert strange.familiar == (strange.unfamiliarity <= encoder.manifest.unfamiliarity_limit)
