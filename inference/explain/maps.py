"""Class maps and pair maps in closed form.

The embedding is the normalised mean of the feature map F over its positions p. With m that mean,
the similarity of a query and a case is

    <m_q / |m_q|, e_c> = sum over p of <F_q(p), e_c> / (|m_q| positions),

so the terms of the sum say exactly how much each position of the query adds to the similarity,
and the same holds with the roles exchanged. For this linear head the decomposition is the class
activation map of Zhou et al. 2016 with the other picture's embedding in place of a class. The
pair map is this decomposition. A gallery's are computed at once, and on one scale, by
`inference.explain.gallery`; here is one pair's, in plain arrays.

It is Grad-CAM with the length |m_q| held. With the length left to vary, the gradient of the
similarity s by F_q(p) is

    g = (e_c - s e_q) / (|m_q| positions),

which says how to become more alike, not where the likeness lies. It is the same vector at every
position, so on its own it makes no map; times the feature map, its terms sum to 0, and where the
two pictures are one, g vanishes and the map with it. `gradient_map` and `gradcam_map` are there to
be compared with: `inference.evaluation.explain` does so.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inference.encoder.model import Encoding, Features
from inference.explain.heatmap import Heatmap

FloatArray = npt.NDArray[np.float32]
Described = Encoding | Features
"""A picture of which a pair map can be made."""

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


def contributions(encoding: Described, other: Described) -> FloatArray:
    """How much each position of one picture adds to its similarity with another.

    Returns:
        float32 (rows, columns); sums to the cosine of the two embeddings.
    """
    length, positions = _length_and_positions(encoding)
    product = np.einsum("khw,k->hw", encoding.feature_map, other.embedding)
    return np.asarray(product / (length * positions), np.float32)


def gradient(encoding: Described, other: Described) -> FloatArray:
    """Gradient of the similarity by one picture's feature map.

    Returns:
        float32 (256,), the same at every position of the map.
    """
    length, positions = _length_and_positions(encoding)
    cosine = encoding.embedding @ other.embedding
    slope = (other.embedding - cosine * encoding.embedding) / (length * positions)
    return np.asarray(slope, np.float32)


def gradient_map(encoding: Described, other: Described) -> FloatArray:
    """How much the similarity moves when a position's features grow or shrink by a share.

    The magnitudes of gradient times feature map, summed over channels: the plain gradient (Simonyan
    et al. 2014) by the logarithm of the features, since by the features themselves it is the same
    everywhere.

    Returns:
        float32 (rows, columns), >= 0.
    """
    slope = np.abs(gradient(encoding, other))
    return np.asarray(np.einsum("khw,k->hw", np.abs(encoding.feature_map), slope), np.float32)


def gradcam_map(encoding: Described, other: Described) -> FloatArray:
    """Grad-CAM of the similarity (Selvaraju et al. 2017) with the embedding's length free.

    Returns:
        float32 (rows, columns), >= 0: gradient times feature map, summed over channels, where that
        is positive. Before this cut the terms sum to 0.
    """
    terms = np.einsum("khw,k->hw", encoding.feature_map, gradient(encoding, other))
    return np.asarray(np.maximum(terms, 0), np.float32)


def _length_and_positions(encoding: Described) -> tuple[np.float32, int]:
    """Return the length of the feature map's mean, above 0, and the number of positions."""
    mean = encoding.feature_map.mean(axis=(1, 2))
    positions = encoding.feature_map.shape[1] * encoding.feature_map.shape[2]
    return max(np.float32(np.linalg.norm(mean)), _TINY), positions


def pair_heatmaps(query: Described, case: Described) -> tuple[Heatmap, Heatmap]:
    """Where a query resembles a case, and where the case resembles the query.

    Args:
        query: of the query's picture.
        case: of the case's picture.

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
