"""What an encoder says of one picture."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
CodeArray = npt.NDArray[np.uint8]
Description = tuple[FloatArray, dict[str, FloatArray], dict[int, CodeArray]]
"""What a library keeps of n pictures: embeddings, maps by name, hash codes by length."""


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


FEATURE_MAP = "feature_map"
"""Name under which a library keeps the map that the embedding is the mean of."""

LOCAL_MAP = "local_map"
"""Name under which it keeps the map whose places are compared, where a model has one."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What maps of likeness need of one picture; the library keeps it for each of its own.

    Maps that a library kept were rounded to half precision.

    Attributes:
        feature_map: float32 (channels, rows, columns): the last spatial features.
        embedding: float32 (channels,), L2-normalised: the mean of ``feature_map``, normalised.
        field: where in the picture the maps lie.
        local_map: float32 (channels, rows, columns): features of an earlier layer, to be compared
            place by place; ``feature_map`` itself of a model that has none.
    """

    feature_map: FloatArray
    embedding: FloatArray
    field: Field
    local_map: FloatArray

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of ``feature_map``."""
        return _grid(self.feature_map)

    @property
    def local_grid(self) -> tuple[int, int]:
        """Rows and columns of ``local_map``."""
        return _grid(self.local_map)


def in_row(maps: FloatArray) -> FloatArray:
    """Put a map's positions in a row: (..., rows, columns) to (..., positions), not a copy."""
    return maps.reshape(*maps.shape[:-2], -1)


def _grid(maps: FloatArray) -> tuple[int, int]:
    rows, columns = maps.shape[-2:]
    return rows, columns


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
        codes: length in bits to that hash code, packed: uint8 (length / 8,), first bit highest.
            Two pictures are the nearer the fewer bits differ (Hamming distance). Empty for a
            model without codes.
        saliency: float32 (rows, columns) in [0, 1]: what the first of two passes found
            important, and the second was given as fourth channel; None for a model of one pass.
        local_map: float32 (channels, rows, columns): features of an earlier layer, to be compared
            place by place; None for a model that gives none.
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
    codes: dict[int, CodeArray] = dataclasses.field(default_factory=dict)
    saliency: FloatArray | None = None
    local_map: FloatArray | None = None

    @property
    def features(self) -> Features:
        """What maps of likeness need of it; the arrays are its own, not copies."""
        local = self.feature_map if self.local_map is None else self.local_map
        return Features(self.feature_map, self.embedding, self.field, local)

    @property
    def likeliest(self) -> int:
        """Index of the most probable class."""
        return int(np.argmax(self.probabilities))


@dataclass(frozen=True, slots=True, eq=False)
class Brief:
    """What retrieval and classification need of n pictures: no maps.

    Attributes:
        embedding: float32 (n, 256), each row L2-normalised.
        logits: float32 (n, classes).
        codes: length in bits to packed hash codes, uint8 (n, length / 8); see `Encoding.codes`.
    """

    embedding: FloatArray
    logits: FloatArray
    codes: dict[int, CodeArray]
