"""Are pair maps faithful? Measured on HAM10000's queries, each against its nearest match.

The queries are the SE-CBIR ones, the case is the gallery's picture with the greatest cosine, which
is always of another lesion. The map is the query's side of `pair_heatmaps`, as it is shown: cut
off at 0, interpolated to the prepared picture. It is compared with the maps of `saliency.METHODS`:

* ``_uniform``: nothing is more important than anything else; where an order is needed, a random
  one for each query.
* ``_gaussian``: the middle is important.
* ``_gradient``: `gradient_map`, magnitudes of the gradient times the feature map.
* ``_gradcam``: `gradcam_map`, Grad-CAM of the similarity with the embedding's length free.
* ``_classmap``: the class map of the likeliest class, which knows nothing of the case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.encoder import Encoder, Encoding
from inference.errors import CaseLensError
from inference.evaluation import ham10000, metrics
from inference.evaluation.figures import Bootstrap, Figure
from inference.evaluation.localisation import FloatArray, Mask, energy_over_area, points_inside
from inference.evaluation.perturbation import Follower, ranks
from inference.evaluation.pictures import Described, Pictures
from inference.evaluation.result import Result
from inference.evaluation.saliency import METHODS, UNIFORM, centred_gaussian, random_map, spread
from inference.evaluation.scrambled import centre, recentred
from inference.images import read
from inference.library.model import Progress

NAME = "explain"
SEED = 20261121
SCRAMBLES = 3
CENTRED_ON = 200
"""Pictures of the gallery, evenly spread over it, whose mean embedding recentres an encoder."""

_WEIGHTLESS = (UNIFORM, "_gaussian")
"""Maps that no weight has a part in."""

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """What the figures are computed from.

    Attributes:
        queries: n pictures.
        values: name of a figure to its value for each query, float64 (n,).
        maps: pair maps, float32 (n, rows, columns).
        scrambled: those of the same pairs by encoders with shuffled weights, float32
            (`SCRAMBLES`, n, rows, columns).
    """

    queries: Pictures
    values: dict[str, Values]
    maps: FloatArray
    scrambled: FloatArray


def result(
    encoder: Encoder,
    queries: Described,
    gallery: Described,
    scrambled: Callable[[int], Encoder],
    progress: Callable[[Progress], None] = lambda _: None,
    *,
    resamples: int = 1000,
) -> Result:
    """Run the protocol; see `measure` and `figures`."""
    found = measure(encoder, queries, gallery, scrambled, progress)
    headline = (
        f"HAM10000, faithfulness of pair maps: {len(found.queries.paths)} SE-CBIR queries, each "
        f"with the nearest of {len(gallery.pictures.paths)} pictures of other lesions. Deletion "
        "and insertion swap the query's pixels with those of its blurred self. "
        f"Model {encoder.manifest.name}. 95 % intervals over lesions."
    )
    return Result(NAME, headline, figures(found, resamples=resamples))


def sample(queries: Described, count: int) -> Described:
    """Return ``count`` queries, drawn at random once for all: a larger sample holds the smaller."""
    drawn = np.random.default_rng(SEED).permutation(len(queries.pictures.paths))[:count]
    return queries.where(np.isin(np.arange(len(queries.pictures.paths)), drawn))


def measure(
    encoder: Encoder,
    queries: Described,
    gallery: Described,
    scrambled: Callable[[int], Encoder],
    progress: Callable[[Progress], None] = lambda _: None,
) -> Findings:
    """Explain each query's nearest match, and test the explanation.

    Args:
        encoder: to measure; it described ``queries`` and ``gallery``.
        queries: pictures whose outlines are there. One without any likeness to the gallery,
            cosine 0 or less, has nothing to be explained and is left out.
        gallery: pictures of other lesions.
        scrambled: makes of a seed the encoder with shuffled weights.
        progress: told after each query.

    Raises:
        CaseLensError: a picture or an outline cannot be read, or an encoder failed.
    """
    asked, matches = _nearest(queries, gallery)
    blind = [scrambled(seed) for seed in range(SCRAMBLES)]
    some = gallery.pictures.paths[:: -(-len(gallery.pictures.paths) // CENTRED_ON)]
    centres = [centre(one, some) for one in blind]
    rows: list[dict[str, float]] = []
    maps: list[list[FloatArray]] = []
    begun = time.monotonic()
    for i, (query, match) in enumerate(zip(asked.paths, matches, strict=True)):
        images = [read(query), read(match)]
        picture, pair = encoder.prepare(images[0]), encoder.encode_many(images)
        follower = Follower(encoder, picture, pair[1].embedding)
        outline = _outline(query, len(picture))
        others = [one.encode_many(images) for one in blind]
        tested = _tested(pair, follower, outline, np.random.default_rng([SEED, i]))
        rows.append(dict(tested) | dict(_compared(pair, others, centres)))
        maps.append([METHODS[""](*one) for one in (pair, *others)])
        rate = (i + 1) / (time.monotonic() - begun)
        left = (len(matches) - i - 1) / rate
        progress(Progress(i + 1, len(matches), rate, left, "explaining"))
    stacked = np.array(maps).swapaxes(0, 1)
    values = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return Findings(asked, values, stacked[0], stacked[1:])


def _nearest(queries: Described, gallery: Described) -> tuple[Pictures, list[Path]]:
    """Return the queries that resemble anything, and the picture nearest to each of them."""
    similarity = queries.embeddings @ gallery.embeddings.T
    alike = similarity.max(axis=1) > 0
    if not alike.any():
        raise CaseLensError(
            queries.pictures.paths[0].parent,
            "no picture resembles any of the gallery",
            "Use the whole data set with the official splits",
        )
    nearest = similarity[alike].argmax(axis=1)
    return queries.pictures.where(alike), [gallery.pictures.paths[match] for match in nearest]


def _outline(query: Path, side: int) -> Mask:
    outline = ham10000.outline(query, side)
    if not outline.any():
        raise CaseLensError(query, "its outline marks no lesion", "Use the official masks")
    return outline


def _tested(
    pair: list[Encoding], follower: Follower, mask: Mask, rng: np.random.Generator
) -> Iterator[tuple[str, float]]:
    """Yield what one pair's maps are worth on the picture and on its outline."""
    yield "similarity", follower.similarity
    for suffix, method in METHODS.items():
        values = method(*pair)
        shown = spread(values, len(mask))
        yield f"pointing_game{suffix}", points_inside(shown, mask)
        yield f"energy_in_mask_over_area{suffix}", energy_over_area(shown, mask)
        order = spread(random_map(values.shape, rng), len(mask)) if suffix == UNIFORM else shown
        yield f"deletion_auc{suffix}", follower.deletion(ranks(order))
        yield f"insertion_auc{suffix}", follower.insertion(ranks(order))


def _compared(
    pair: list[Encoding], others: list[list[Encoding]], centres: list[FloatArray]
) -> Iterator[tuple[str, float]]:
    """Yield how like one pair's maps are to those by the encoders without knowledge.

    Class maps are those of one class, the likeliest by the first encoder.
    """
    query, case = pair
    for suffix, method in METHODS.items():
        if suffix in _WEIGHTLESS:
            continue
        sound = method(query, case)
        again = [
            method(replace(other, probabilities=query.probabilities), its_case)
            for other, its_case in others
        ]
        yield f"randomised_rank_correlation{suffix}", _mean([_alike(sound, one) for one in again])
    again = [
        METHODS[""](*(recentred(one, middle) for one in other))
        for other, middle in zip(others, centres, strict=True)
    ]
    sound = METHODS[""](query, case)
    yield "randomised_rank_correlation_recentred", _mean([_alike(sound, one) for one in again])


def figures(found: Findings, *, resamples: int = 1000) -> dict[str, Figure]:
    """Compute the protocol's figures, means over queries, with 95 % intervals over lesions.

    Returns:
        Each for the pair map and with the suffixes of `saliency.METHODS`: ``deletion_auc``, lower
        is better, and ``insertion_auc``, higher is better, see `perturbation`;
        ``pointing_game`` and ``energy_in_mask_over_area``, see `localisation`;
        ``randomised_rank_correlation``, Spearman's, of the cells of a map with those after the
        weights were shuffled (see `scrambled`), where it has weights.

        ``deletion_gain_over_<baseline>`` and ``insertion_gain_over_<baseline>``: by how much the
        pair map is better on the same query, so above 0 wherever it is.

        Padding makes the border weaker whatever the weights are, and lesions are photographed in
        the middle, so that maps are alike without telling the same. Hence, of the pair map,
        ``randomised_rank_correlation_recentred``, with the mean of the shuffled encoder's own
        embeddings taken away (see `scrambled`), ``randomised_rank_correlation_of_deviations``,
        after the mean map of all queries is taken from each map, sound ones and shuffled ones
        apart, and ``centre_rank_correlation``, with the centred Gaussian instead of a shuffled
        map. ``similarity``: cosine of query and match.
    """
    values = dict(found.values)
    for curve, sign in (("deletion", 1), ("insertion", -1)):
        for suffix in [name for name in METHODS if name]:
            gain = sign * (values[f"{curve}_auc{suffix}"] - values[f"{curve}_auc"])
            values[f"{curve}_gain_over{suffix}"] = gain
    values["randomised_rank_correlation_of_deviations"] = np.mean(
        [_alike_each(_deviations(found.maps), _deviations(one)) for one in found.scrambled], axis=0
    )
    middle = centred_gaussian(*found.maps.shape[1:])
    values["centre_rank_correlation"] = np.array([_alike(one, middle) for one in found.maps])
    asked = found.queries
    bootstrap = Bootstrap(asked.groups, asked.labels, resamples=resamples)
    return {name: _mean_figure(bootstrap, values[name]) for name in sorted(values)}


def _deviations(maps: FloatArray) -> FloatArray:
    return np.asarray(maps - maps.mean(axis=0), np.float32)


def _alike_each(some: FloatArray, others: FloatArray) -> Values:
    return np.array([_alike(a, b) for a, b in zip(some, others, strict=True)])


def _alike(one: FloatArray, other: FloatArray) -> float:
    return metrics.rank_correlation(one.ravel(), other.ravel())


def _mean(values: list[float]) -> float:
    return float(np.mean(values))


def _mean_figure(bootstrap: Bootstrap, values: Values) -> Figure:
    return bootstrap.figure(lambda draw: float(values[draw].mean()))
