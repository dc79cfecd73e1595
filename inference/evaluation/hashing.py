"""Retrieval by hash codes, beside retrieval by embeddings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.evaluation import metrics
from inference.evaluation.figures import Statistic
from inference.evaluation.pictures import Described
from inference.evaluation.ranking import rank_lesions


def statistics(queries: Described, gallery: Described) -> dict[str, Statistic]:
    """Return the figures of every code length as functions of query indices.

    Returns:
        For each length ``map_hash16`` and so on, the macro mean average precision of ranking by
        Hamming distance, one hit per lesion; and ``map_hash16_relative``, its ratio to that of
        ranking by the cosine of embeddings. Cases at the same distance are in the order of their
        lesions' names, which knows nothing of diagnoses.
    """
    if not queries.codes:
        return {}
    labels = queries.pictures.labels
    floating = _average_precision(queries, gallery, queries.embeddings, gallery.embeddings)

    def mean(values: npt.NDArray[np.float64]) -> Statistic:
        return lambda draw: metrics.macro(values[draw], labels[draw])

    def ratio(values: npt.NDArray[np.float64]) -> Statistic:
        return lambda draw: (
            metrics.macro(values[draw], labels[draw]) / metrics.macro(floating[draw], labels[draw])
        )

    found: dict[str, Statistic] = {}
    for bits, code in queries.codes.items():
        hashed = _average_precision(queries, gallery, signs(code), signs(gallery.codes[bits]))
        found[f"map_hash{bits}"] = mean(hashed)
        found[f"map_hash{bits}_relative"] = ratio(hashed)
    return found


def signs(code: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Turn packed codes (n, bits / 8) into vectors of -1 and 1, (n, bits).

    Their inner product is the number of bits minus twice the Hamming distance, exactly.
    """
    return 2.0 * np.unpackbits(code, axis=1).astype(np.float32) - 1.0


def _average_precision(
    queries: Described,
    gallery: Described,
    asked: npt.NDArray[np.float32],
    searched: npt.NDArray[np.float32],
) -> npt.NDArray[np.float64]:
    order = rank_lesions(asked, searched, gallery.pictures.groups)
    neighbours = gallery.pictures.labels[order]
    return metrics.average_precision(neighbours == queries.pictures.labels[:, None])
