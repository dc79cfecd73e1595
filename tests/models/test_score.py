"""Validation figures, worked out by hand. Runs where PyTorch is installed; skipped elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the recipes need PyTorch; the product does not")

from models.training.score import classification


def test_the_area_sees_an_order_that_the_decision_does_not() -> None:
    """Both pictures of class 1 are called class 0, and one of them is the surest of class 1."""
    odds = np.log(np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.7, 0.3], [0.85, 0.15]]))
    found = classification(odds.astype(np.float32), np.array([0, 0, 1, 0, 1]))
    assert found["bma"] == pytest.approx(0.5)
    # Of six pairs, four are in the right order, for either class against the other.
    assert found["auc"] == pytest.approx(4 / 6)
