"""Stages of one epoch on a few small pictures: the first pass, its folds and a second pass."""

from __future__ import annotations

from dataclasses import replace

from models.training import dermoscopy
from models.training.dermoscopy import Stage


def tiny_stages(batch: int) -> dict[str, Stage]:
    """Return stages to put in the place of the recipe's."""
    first = replace(dermoscopy.FIRST, epochs=1, side=64, batch=batch)
    guided = replace(dermoscopy.GUIDED, size="lite0", epochs=1, side=64, batch=batch)
    return {
        "first": Stage(first),
        "first-without-0": Stage(first, without_fold=0),
        "first-without-1": Stage(first, without_fold=1),
        "guided": Stage(guided, "first", maps="map", view=3),
    }
