"""Class maps and pair maps in closed form.

The embedding is the normalised mean of the feature map F over its positions p. With m that mean,
the similarity of a query and a case is

    <m_q / |m_q|, e_c> = sum over p of <F_q(p), e_c> / (|m_q| positions),

so the terms of the sum say exactly how much each position of the query adds to the similarity,
and the same holds with the roles exchanged. For this linear head the decomposition is the class
activation map of Zhou et al. 2016 with the other picture's embedding in place of a class.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.encoder.model import Encoding
from inference.explain.heatmap import Heatmap

FloatArray = npt.NDArray[np.float32]
_TINY = np.float32(1e-9)


def class_heatmap(encoding: Encoding, class_index: int | None = None) -> Heatmap:
    """Where the encoder sees evidence for a class (Grad-CAM, Selvaraju et al. 2017).

    Args:
        encoding: of the picture.
        class_index: index into ``encoding.classes``; None for the likeliest class.

    Returns:
        The map, scaled by the greatest value over all classes of this picture: a class for which
        there is little evidence stays faint.
    """
    index = encoding.likeliest if class_index is None else class_index
    values = encoding.class_maps[index] / max(encoding.class_maps.max(), _TINY)
    return Heatmap(values.astype(np.float32), encoding.field)


def saliency_heatmap(encoding: Encoding) -> Heatmap | None:
    """Where the first of two passes saw its likeliest class: what the second pass was guided by.

    After Gassner et al. 2023 (SE-CBIR), whose second network gets this map as fourth channel.

    Args:
        encoding: of the picture.

    Returns:
        The map as the second pass was given it; None for a model of one pass.
    """
    if encoding.saliency is None:
        return None
    return Heatmap(np.clip(encoding.saliency, 0.0, 1.0).astype(np.float32), encoding.field)


def contributions(encoding: Encoding, other: Encoding) -> FloatArray:
    """How much each position of one picture adds to its similarity with another.

    Returns:
        float32 (rows, columns); sums to the cosine of the two embeddings.
    """
    feature_map = encoding.feature_map
    norm = np.linalg.norm(feature_map.mean(axis=(1, 2)))
    positions = feature_map.shape[1] * feature_map.shape[2]
    product = np.einsum("khw,k->hw", feature_map, other.embedding)
    return np.asarray(product / max(norm * positions, _TINY), np.float32)


def pair_heatmaps(query: Encoding, case: Encoding) -> tuple[Heatmap, Heatmap]:
    """Where a query resembles a case, and where the case resembles the query.

    Args:
        query: encoding of the query.
        case: encoding of the case's picture.

    Returns:
        Both maps on one scale: 1 is the greatest contribution of any position in the pair.
        Positions that speak against the similarity are 0.
    """
    ours = np.maximum(contributions(query, case), 0)
    theirs = np.maximum(contributions(case, query), 0)
    peak = max(ours.max(), theirs.max(), _TINY)
    return (
        Heatmap((ours / peak).astype(np.float32), query.field),
        Heatmap((theirs / peak).astype(np.float32), case.field),
    )
