"""How well loneliness tells pictures whose diagnosis a library lacks.

For each class in turn the gallery is searched without its cases; queries of that class are the
strangers. The class is left out of the library, not out of the encoder's training: an encoder
that never saw it might place it elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from inference.evaluation import metrics
from inference.evaluation.figures import Statistic
from inference.evaluation.pictures import Described
from inference.library import novelty

CANDIDATES = (1, 3, 5, 10)
"""Values of `novelty.NEIGHBOUR` to choose from, on validation."""


def left_out_class(
    queries: Described, gallery: Described, neighbour: int = novelty.NEIGHBOUR
) -> Statistic:
    """Return ``auroc_left_out_class`` as a function of query indices.

    The score is minus the cosine to the ``neighbour``-th nearest lesion of the gallery without a
    class; positives are the queries of that class, negatives all others; the areas under the ROC
    curve are meaned over the queries' classes. The p-value of `novelty.Reference` is this score
    on another scale, so it has the same area but for ties.

    Raises:
        ValueError: the gallery has too few lesions outside a class.
    """
    labels = queries.pictures.labels
    scores = {
        int(c): -closeness_without(queries, gallery, int(c), (neighbour,))[:, 0]
        for c in np.unique(labels)
    }

    def mean_area(draw: npt.NDArray[np.int64]) -> float:
        drawn = labels[draw]
        return float(np.mean([metrics.auc(scores[c][draw], drawn == c) for c in scores]))

    return mean_area


def closeness_without(
    queries: Described, gallery: Described, missing: int, ranks: Sequence[int]
) -> npt.NDArray[np.float32]:
    """Return the queries' closeness (queries, ranks) to a gallery without one class."""
    kept = gallery.where(gallery.pictures.labels != missing)
    return novelty.closeness(queries.embeddings, kept.embeddings, kept.pictures.groups, ranks)


def reference_without(gallery: Described, missing: int) -> novelty.Reference:
    """Return how close the cases of a gallery without one class are to one another."""
    kept = gallery.where(gallery.pictures.labels != missing)
    return novelty.reference(kept.embeddings, kept.pictures.groups)


def by_neighbour(gallery: Described) -> dict[int, float]:
    """Compute the figure for each candidate with the validation split as queries.

    `novelty.NEIGHBOUR` was chosen by this. The library is the training split alone.

    Args:
        gallery: pictures with a column ``split``, ``train`` or ``val``.
    """
    validation = gallery.pictures.column("split") == "val"
    queries, library = gallery.where(validation), gallery.where(~validation)
    labels = queries.pictures.labels
    areas = []
    for c in np.unique(labels):
        closeness = closeness_without(queries, library, int(c), CANDIDATES)
        areas.append([metrics.auc(-column, labels == c) for column in closeness.T])
    return dict(zip(CANDIDATES, np.mean(areas, axis=0).tolist(), strict=True))
