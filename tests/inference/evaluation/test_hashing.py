"""Retrieval by codes: Hamming distances, and the ratio to retrieval by embeddings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.evaluation.hashing import signs, statistics
from inference.evaluation.pictures import Described, Pictures


def _described(labels: list[int], embedding: list[list[float]], code: list[int]) -> Described:
    n = len(labels)
    pictures = Pictures([Path()] * n, [f"L{i}" for i in range(n)], np.array(labels), [{}] * n)
    nothing = np.zeros((n, 2), np.float32)
    packed: npt.NDArray[np.uint8] = np.array(code, np.uint8)[:, None]
    return Described(pictures, np.array(embedding, np.float32), nothing, nothing, {8: packed})


def test_products_of_signs_count_the_bits_that_differ() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 256, (5, 16), dtype=np.uint8)
    products = signs(codes) @ signs(codes).T
    for i in range(5):
        for j in range(5):
            differ = sum(int(a ^ b).bit_count() for a, b in zip(codes[i], codes[j], strict=True))
            assert products[i, j] == 128 - 2 * differ


def test_codes_that_rank_worse_have_a_ratio_below_one() -> None:
    """By embedding both relevant cases lead; by code a stranger comes between them."""
    queries = _described([0], [[1, 0]], [0b0000])
    gallery = _described([0, 0, 1], [[1, 0], [0.8, 0.6], [0, 1]], [0b0000, 0b0011, 0b0001])
    draw = np.array([0])
    found = {name: statistic(draw) for name, statistic in statistics(queries, gallery).items()}
    assert found == {
        "map_hash8": pytest.approx((1 + 2 / 3) / 2),
        "map_hash8_relative": pytest.approx((1 + 2 / 3) / 2),
    }


def test_a_model_without_codes_has_no_such_figures() -> None:
    plain = _described([0], [[1, 0]], [0])
    plain.codes.clear()
    assert statistics(plain, plain) == {}
