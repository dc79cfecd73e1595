"""Shuffled weights: an encoder that runs as before and knows nothing any more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.encoder import Encoder
from inference.encoder.manifest import read_manifest
from inference.evaluation.scrambled import centre, recentred, scramble, scrambled_encoder
from inference.images import read
from inference.locations import shipped

SINGLE, HALF, INT64 = 1, 10, 7


def _field(number: int, content: bytes) -> bytes:
    """Return one length-delimited protobuf field."""
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def _model(*tensors: tuple[int, bytes]) -> bytes:
    """Serialise a model of nothing but initializers, given as type and raw data."""
    written = [_field(5, bytes([2 << 3, code]) + _field(9, raw)) for code, raw in tensors]
    return bytes([1 << 3, 10]) + _field(7, b"".join(written))


def test_numbers_change_places_within_their_tensor_and_nowhere_else() -> None:
    wide, half = np.arange(12, dtype=np.float32), np.arange(9, dtype=np.float16)
    shape = np.array([3, 1, 2], np.int64)
    model = _model((SINGLE, wide.tobytes()), (HALF, half.tobytes()), (INT64, shape.tobytes()))
    found = scramble(model, 0)
    at = [model.index(tensor.tobytes()) for tensor in (wide, half, shape)]
    first = np.frombuffer(found, np.float32, 12, at[0])
    second = np.frombuffer(found, np.float16, 9, at[1])
    for before, after in ((wide, first), (half, second)):
        assert not np.array_equal(before, after)
        assert np.array_equal(before, np.sort(after))
    whole = bytearray(found)
    whole[at[0] : at[0] + 48], whole[at[1] : at[1] + 18] = wide.tobytes(), half.tobytes()
    assert bytes(whole) == model, "only the two tensors of weights were touched"


def test_a_seed_gives_one_shuffling() -> None:
    model = _model((SINGLE, np.arange(20, dtype=np.float32).tobytes()))
    assert scramble(model, 1) == scramble(model, 1) != scramble(model, 2)


def test_the_shipped_encoder_still_runs_and_no_longer_tells_pictures_apart() -> None:
    manifest = read_manifest(shipped("models"))
    sound, scrambled = Encoder.load(), scrambled_encoder(None, manifest, 0)
    rng = np.random.default_rng(0)
    side = manifest.side
    pictures = rng.integers(0, 256, (2, side, side, 3), dtype=np.uint8)
    pictures[1] = (200, 150, 130)
    before, after = sound.embed(pictures), scrambled.embed(pictures)
    assert np.linalg.norm(after, axis=1) == pytest.approx(1, abs=1e-4)
    assert np.abs((before * after).sum(axis=1)).max() < 0.5
    assert after[0] @ after[1] > before[0] @ before[1]


def test_recentred_encodings_are_about_what_sets_pictures_apart() -> None:
    """By hand: m = (3, 4) has length 5, so e = (.6, .8); the centre (.6, 0) leaves (0, .8)."""
    encoder = Encoder.load()
    demo = shipped("resources") / "demo" / "queries"
    paths = sorted(demo.glob("*.jpg"))[:3]
    encodings = encoder.encode_many([read(path) for path in paths])
    middle = centre(encoder, paths)
    assert middle == pytest.approx(np.mean([one.embedding for one in encodings], 0), abs=1e-4)
    moved = [recentred(one, middle) for one in encodings]
    assert np.linalg.norm(np.sum([m.feature_map.mean(axis=(1, 2)) for m in moved], 0)) < 1e-3
    features = np.array([[[3.0, 3.0]], [[0.0, 8.0]]], np.float32)
    found = recentred(replace(encodings[0], feature_map=features), np.array([0.6, 0], np.float32))
    assert found.embedding == pytest.approx([0, 1])
    assert found.feature_map == pytest.approx(np.array([[[0, 0]], [[0, 1.6]]]), abs=1e-6)
