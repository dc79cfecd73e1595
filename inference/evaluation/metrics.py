"""Figures of merit for retrieval and classification, each a plain function of arrays.

Retrieval figures take a *relevance* matrix in ranking order. Macro figures are means over
classes of the mean over that class's queries, so that a rare class counts as much as a nevus.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.integer]
Bools = npt.NDArray[np.bool_]


def precision_at(relevant: Bools, k: int) -> npt.NDArray[np.float64]:
    """Share of relevant hits among the first k, per query.

    Args:
        relevant: (queries, ranks), True where the hit has the query's class.
        k: cut-off, at least 1 and at most the number of ranks.

    Raises:
        ValueError: k is out of range.
    """
    if not 1 <= k <= relevant.shape[1]:
        raise ValueError(f"k = {k} with {relevant.shape[1]} ranks")
    return np.asarray(relevant[:, :k].mean(axis=1, dtype=np.float64))


def average_precision(relevant: Bools) -> npt.NDArray[np.float64]:
    """Average precision over the whole ranking, per query (Manning et al. 2008, ch. 8.4).

    A query without any relevant hit scores 0.
    """
    hits = relevant.cumsum(axis=1, dtype=np.int64)
    precision = hits / np.arange(1, relevant.shape[1] + 1)
    total = relevant.sum(axis=1, dtype=np.int64)
    return np.asarray((precision * relevant).sum(axis=1) / np.maximum(total, 1), np.float64)


def macro(values: Floats, labels: Ints) -> float:
    """Mean over classes of the mean of ``values`` within the class; absent classes do not count."""
    return float(np.mean([values[labels == label].mean() for label in np.unique(labels)]))


def balanced_accuracy(predicted: Ints, labels: Ints) -> float:
    """Mean recall over the classes that occur in ``labels``."""
    return macro((predicted == labels).astype(np.float64), labels)


def auc(score: Floats, positive: Bools) -> float:
    """Area under the ROC curve: the chance that a positive outscores a negative, ties half.

    Raises:
        ValueError: one of the two groups is empty.
    """
    ups, downs = int(positive.sum()), int((~positive).sum())
    if not ups or not downs:
        raise ValueError("the area under the curve needs positives and negatives")
    mean_rank = _mean_ranks(score)
    return float((mean_rank[positive].sum() - ups * (ups + 1) / 2) / (ups * downs))


def rank_correlation(a: Floats, b: Floats) -> float:
    """Spearman's rank correlation, equal values sharing their mean rank; 0 if one is constant."""
    x, y = _mean_ranks(a), _mean_ranks(b)
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / size if size else 0.0


def _mean_ranks(values: Floats) -> npt.NDArray[np.float64]:
    """Return ranks from 1, equal values sharing the mean of theirs."""
    _, rank, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((count.cumsum() - (count - 1) / 2)[rank], np.float64)


def calibration_error(probabilities: Floats, labels: Ints, bins: int = 15) -> float:
    """Expected calibration error of the top class (Guo et al. 2017), equal-width bins."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        (which == b).mean() * abs(right[which == b].mean() - confidence[which == b].mean())
        for b in np.unique(which)
    ]
    return float(np.sum(gaps))


def vote(neighbour_labels: Ints, classes: int) -> Ints:
    """Majority of each row's neighbours; a tie goes to the class of the nearest one in it.

    Args:
        neighbour_labels: (queries, k) class indices, nearest first.
        classes: number of classes.
    """
    counts = (neighbour_labels[:, :, None] == np.arange(classes)).sum(axis=1)
    tied = counts == counts.max(axis=1, keepdims=True)
    in_tie = np.take_along_axis(tied, neighbour_labels, axis=1)
    first = in_tie.argmax(axis=1)
    return np.asarray(np.take_along_axis(neighbour_labels, first[:, None], axis=1)[:, 0])
