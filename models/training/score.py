"""Validation figures of a trained encoder: what choices are made by.

Queries are HAM10000's validation split, the gallery is its training split, one hit per lesion; no
test picture is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.diagnoses import is_malignant
from inference.evaluation import metrics
from inference.evaluation.ranking import rank_lesions
from models.training.data import CLASSES, Pictures
from models.training.train import Outputs

Vectors = npt.NDArray[np.float32]
_MALIGNANT = np.array([is_malignant(word) for word in CLASSES])


def figures(pictures: Pictures, outputs: Outputs) -> dict[str, float]:
    """Score an encoder; ``outputs`` are those of all pictures, in their order."""
    queries = pictures.where("val", source="ham10000")
    gallery = pictures.where("train", source="ham10000")
    labels = pictures.labels[queries]
    lesions = [pictures.records[i].group for i in gallery]

    def neighbours(vectors: Vectors) -> npt.NDArray[np.int64]:
        return ranked(vectors[queries], vectors[gallery], pictures.labels[gallery], lesions)

    found = retrieval(neighbours(outputs.embedding), labels)
    found |= classification(outputs.logits[queries], labels)
    for bits, code in outputs.codes.items():
        precision = metrics.average_precision(neighbours(signs(code)) == labels[:, None])
        found[f"map_hash{bits}"] = float(metrics.macro(precision, labels))
    return found


def classification(logits: Vectors, labels: npt.NDArray[np.int64]) -> dict[str, float]:
    """Score a classifier.

    Args:
        logits: (queries, classes).
        labels: (queries,).

    Returns:
        ``bma``, balanced accuracy; ``auc``, the mean over the classes that occur of the area
        under the ROC curve of each against all others, which a single picture of a rare class
        sways less.
    """
    chances = np.exp(logits - logits.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    areas = [metrics.auc(chances[:, c], labels == c) for c in np.unique(labels)]
    return {
        "bma": float(metrics.balanced_accuracy(logits.argmax(1), labels)),
        "auc": float(np.mean(areas)),
    }


def retrieval(neighbours: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> dict[str, float]:
    """Score a ranking.

    Args:
        neighbours: class of each hit, (queries, lesions), most similar first.
        labels: class of each query.
    """
    relevant = neighbours == labels[:, None]
    share = _MALIGNANT[neighbours[:, :9]].mean(1)
    voted = metrics.vote(neighbours[:, :6], len(CLASSES))
    found = {
        "p1": metrics.macro(metrics.precision_at(relevant, 1), labels),
        "p6": metrics.macro(metrics.precision_at(relevant, 6), labels),
        "map": metrics.macro(metrics.average_precision(relevant), labels),
        "vote6": metrics.balanced_accuracy(voted, labels),
        "auc9": metrics.auc(share, _MALIGNANT[labels]),
    }
    return {name: float(value) for name, value in found.items()}


def ranked(
    queries: Vectors, gallery: Vectors, classes: npt.NDArray[np.int64], lesions: Sequence[str]
) -> npt.NDArray[np.int64]:
    """Return the class of each hit, (queries, lesions), most similar first.

    Args:
        queries: (q, d).
        gallery: (g, d).
        classes: of the gallery's pictures, (g,).
        lesions: of the gallery's pictures.
    """
    return np.asarray(classes[rank_lesions(queries, gallery, lesions)])


def signs(code: Vectors) -> Vectors:
    """Turn relaxed codes into vectors of -1 and 1, whose products count the bits that agree."""
    return np.where(code >= 0, 1, -1).astype(np.float32)
