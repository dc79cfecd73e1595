"""Dermoscopy queries against a gallery: the figures that every protocol of this kind reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.diagnoses import is_malignant
from inference.evaluation import metrics
from inference.evaluation.figures import Statistic
from inference.evaluation.pictures import Described, Pictures
from inference.evaluation.ranking import rank_lesions

CUTOFFS = (1, 3, 6, 9)


@dataclass(frozen=True, slots=True, eq=False)
class Retrieval:
    """What the figures are computed from.

    Attributes:
        queries: the queries.
        logits: float32 (queries, classes).
        probabilities: float32 (queries, classes), calibrated.
        neighbours: int64 (queries, gallery lesions), class of each hit, most similar first.
        malignant: bool (classes,).
    """

    queries: Pictures
    logits: npt.NDArray[np.float32]
    probabilities: npt.NDArray[np.float32]
    neighbours: npt.NDArray[np.int64]
    malignant: npt.NDArray[np.bool_]

    def where(self, kept: npt.NDArray[np.bool_]) -> Retrieval:
        """Return the queries marked True; the gallery stays as it is."""
        return Retrieval(
            self.queries.where(kept),
            self.logits[kept],
            self.probabilities[kept],
            self.neighbours[kept],
            self.malignant,
        )

    @property
    def decided(self) -> npt.NDArray[np.int64]:
        """The classifier's answers: the class of each query's largest logit."""
        return np.asarray(self.logits.argmax(axis=1), np.int64)

    @property
    def relevant(self) -> npt.NDArray[np.bool_]:
        """True where a hit has its query's class: bool (queries, gallery lesions)."""
        return np.asarray(self.neighbours == self.queries.labels[:, None])


def retrieve(queries: Described, gallery: Described, classes: Sequence[str]) -> Retrieval:
    """Rank the gallery for each query, one hit per lesion.

    Args:
        queries: of lesions that the gallery does not hold.
        gallery: its groups are lesions.
        classes: the encoder's.
    """
    order = rank_lesions(queries.embeddings, gallery.embeddings, gallery.pictures.groups)
    return Retrieval(
        queries=queries.pictures,
        logits=queries.logits,
        probabilities=queries.probabilities,
        neighbours=gallery.pictures.labels[order],
        malignant=np.array([is_malignant(word) for word in classes]),
    )


def precisions(retrieval: Retrieval) -> dict[str, Statistic]:
    """Return ``macro_p_at_1|3|6|9``: precision at k, meaned over the queries' classes."""
    labels, relevant = retrieval.queries.labels, retrieval.relevant
    return {f"macro_p_at_{k}": _macro(metrics.precision_at(relevant, k), labels) for k in CUTOFFS}


def statistics(retrieval: Retrieval) -> dict[str, Statistic]:
    """Return the figures of merit as functions of query indices.

    Returns:
        `precisions`; ``map``, the macro mean average precision over the full ranking;
        ``bma_classifier`` and ``bma_vote6``, balanced accuracies of the largest logit and of the
        majority of six neighbours, over the queries' classes but with every class as a possible
        answer; ``malignancy_auc_vote9``, with the share of malignant ones among nine neighbours
        as the score, absent when the queries are all malignant or all benign; ``ece``, expected
        calibration error of the calibrated probabilities, 15 bins. Noise widens gaps between
        bins, so resamples have more of it than the queries: its interval leans upwards.
    """
    labels, classes = retrieval.queries.labels, retrieval.logits.shape[1]
    found = precisions(retrieval)
    found["map"] = _macro(metrics.average_precision(retrieval.relevant), labels)
    found["bma_classifier"] = _recall(retrieval.decided, labels)
    found["bma_vote6"] = _recall(metrics.vote(retrieval.neighbours[:, :6], classes), labels)
    share = retrieval.malignant[retrieval.neighbours[:, :9]].mean(axis=1)
    positive = retrieval.malignant[labels]
    if positive.any() and not positive.all():
        found["malignancy_auc_vote9"] = lambda draw: metrics.auc(share[draw], positive[draw])
    found["ece"] = lambda draw: metrics.calibration_error(
        retrieval.probabilities[draw], labels[draw], bins=15
    )
    return found


def _macro(values: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]) -> Statistic:
    return lambda draw: metrics.macro(values[draw], labels[draw])


def _recall(predicted: npt.NDArray[np.integer], labels: npt.NDArray[np.int64]) -> Statistic:
    return lambda draw: metrics.balanced_accuracy(predicted[draw], labels[draw])
