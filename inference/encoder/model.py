"""What an encoder says of one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Field:
    """The part of a picture that an encoder saw, in whole pixels of that picture.

    Attributes:
        top: first row.
        left: first column.
        height: rows.
        width: columns.
        picture_height: rows of the whole picture.
        picture_width: columns of the whole picture.
    """

    top: int
    left: int
    height: int
    width: int
    picture_height: int
    picture_width: int


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """One picture as the encoder describes it.

    Attributes:
        embedding: float32 (256,), L2-normalised: the mean of ``feature_map``, normalised.
        logits: float32 (classes,): scores of a world in which all classes are equally common;
            their maximum is the decision that balanced accuracy counts.
        probabilities: float32 (classes,), sums to 1: calibrated, at the base rates of the
            pictures that calibration used.
        feature_map: float32 (256, rows, columns): the last spatial features. The embedding is
            their normalised mean, so any similarity is a sum over their positions.
        class_maps: float32 (classes, rows, columns), >= 0: Grad-CAM of each class with the
            embedding's length held constant, unscaled; see `models/training/network.py`.
        unfamiliarity: how unlike its training pictures the encoder finds this one; about 0 for
            those, more for stranger ones, and not calibrated.
        familiar: True when that is within the limit of the model's manifest.
        classes: the abbreviations that index ``probabilities`` and ``class_maps``.
        field: where in the picture the maps lie.
        model: SHA-256 of the encoder's file, 64 hexadecimal digits.
    """

    embedding: FloatArray
    logits: FloatArray
    probabilities: FloatArray
    feature_map: FloatArray
    class_maps: FloatArray
    unfamiliarity: float
    familiar: bool
    classes: tuple[str, ...]
    field: Field
    model: str

    @property
    def likeliest(self) -> int:
        """Index of the most probable class."""
        return int(np.argmax(self.probabilities))
