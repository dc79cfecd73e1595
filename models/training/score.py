"""Validation figures of a trained encoder: what choices are made by.

Queries are HAM10000's validation split, the gallery is its training split, one hit per lesion; no
test picture is looked at.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.diagnoses import is_malignant
from inference.evaluation import metrics
from inference.evaluation.ranking import rank_lesions
from models.training.data import CLASSES, Pictures
from models.training.train import Outputs

_MALIGNANT = np.array([is_malignant(word) for word in CLASSES])


def figures(pictures: Pictures, outputs: Outputs) -> dict[str, float]:
    """Score an encoder; ``outputs`` are those of all pictures, in their order."""
    queries = pictures.where("val", source="ham10000")
    gallery = pictures.where("train", source="ham10000")
    labels = pictures.labels[queries]
    lesions = [pictures.records[i].group for i in gallery]

    def ranked(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        order = rank_lesions(vectors[queries], vectors[gallery], lesions)
        return np.asarray(pictures.labels[gallery][order])

    neighbours = ranked(outputs.embedding)
    relevant = neighbours == labels[:, None]
    share = _MALIGNANT[neighbours[:, :9]].mean(1)
    voted = metrics.vote(neighbours[:, :6], len(CLASSES))
    found = {
        "p1": metrics.macro(metrics.precision_at(relevant, 1), labels),
        "p6": metrics.macro(metrics.precision_at(relevant, 6), labels),
        "map": metrics.macro(metrics.average_precision(relevant), labels),
        "bma": metrics.balanced_accuracy(outputs.logits[queries].argmax(1), labels),
        "vote6": metrics.balanced_accuracy(voted, labels),
        "auc9": metrics.auc(share, _MALIGNANT[labels]),
    }
    for bits, code in outputs.codes.items():
        signs = np.where(code >= 0, 1, -1).astype(np.float32) / np.sqrt(np.float32(bits))
        precision = metrics.average_precision(ranked(signs) == labels[:, None])
        found[f"map_hash{bits}"] = metrics.macro(precision, labels)
    return {name: float(value) for name, value in found.items()}
