"""Does a search by region find what is in the region? Measured on computer-drawn phantoms.

Only of a drawing is it known which pixels hold a network, globules or a veil. A fresh set is drawn
by the repository's own generator, with a seed of its own, and made into a library. Around each
structure of each phantom its convex hull is drawn, as a reader would, and asked for; of the first
six of the other phantoms it is counted how many hold that structure. Chance is the structure's
share of the other phantoms.

A structure that more than half of the phantoms hold cannot be found twice as often as by chance:
such ones are reported for themselves and are not in the overall figures.

Most of it follows from what kind of lesion it is, so two figures ask more: the same among phantoms
of other diagnoses alone, and how dense the structure is in the window that was found.

Which features to compare was chosen on another set (seed 11, 84 phantoms, 197 questions, model
dermoscopy-1):

=====================================  ============  ================  =======  =============
features                               share of six  other diagnoses   density  inside lesion
=====================================  ============  ================  =======  =============
of the embedding, 256 x 6 x 6          4.1 x chance  .8 x chance       1.8 x    .54, .48
of the last block, 192 x 6 x 6         5.0           1.2               3.8      .85, .72
of a middle block, 112 x 12 x 12       4.9           1.2               3.7      .83, .71
whole picture against whole picture    3.9
=====================================  ============  ================  =======  =============

"Inside lesion" is the area under the ROC curve of the cosine with a spot on a structure, of cells
that hold it against cells of the same lesion that do not, in phantoms of the same and of other
diagnoses. What the embedding is the mean of says what lesion it is, wherever one looks; so places
are compared by the last block's features (the models' output `local_map`), which are smaller too.
With the embedding's features other ideas were worth little: taking away the library's mean -.02 of
.52, or the picture's own 0 to +.01; whitening +.03; square windows or single cells instead of the
region's own height and width 0 to -.01; the structure's box instead of its pixels -.01.
"""

from __future__ import annotations

import importlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from inference.encoder import Encoder, Field
from inference.encoder.preprocess import central_square
from inference.errors import CaseLensError, RegionError
from inference.evaluation.figures import Bootstrap, Figure, Statistic
from inference.evaluation.result import Result
from inference.explain import Region, shipped_likeness
from inference.images import read
from inference.library.build import build
from inference.library.library import Library
from inference.library.model import NewCase, Progress
from inference.library.source import read_source
from inference.search import Match, find, find_region
from inference.search.regions import windows_like

NAME = "regions"
SEED = 12
PER_CLASS = 12
TOP = 6
COMMON = 0.5
"""A structure that more phantoms hold than this is reported for itself."""

_CHANCE = {
    "shared": "chance",
    "shared_whole_picture": "chance",
    "shared_other_diagnoses": "chance_other_diagnoses",
}
"""Figures that have a ratio, and to what."""

Mask = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A phantom with what was planted in it.

    Attributes:
        item: its picture and its case.
        structures: name to bool (height, width).
    """

    item: NewCase
    structures: dict[str, Mask]


@dataclass(slots=True, eq=False)
class Findings:
    """One row for each question, that is each structure of each phantom.

    Attributes:
        phantoms: lesion of the phantom that was asked with.
        structures: what was asked for.
        values: name of a figure to its value for each question; NaN where there is none.
    """

    phantoms: list[str] = field(default_factory=list)
    structures: list[str] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)


def result(
    encoder: Encoder,
    progress: Callable[[Progress], None] = lambda _: None,
    *,
    seed: int = SEED,
    per_class: int = PER_CLASS,
    resamples: int = 1000,
) -> Result:
    """Draw phantoms, build a library of them and ask it for each structure.

    Args:
        encoder: to measure.
        progress: told of the drawing, the encoding and the asking.
        seed: of the drawings.
        per_class: phantoms of each of the seven diagnoses.
        resamples: of the bootstrap.

    Raises:
        CaseLensError: the generator is not there, as in an installation; or a file, the library
            or the encoder failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        phantoms = draw(Path(folder) / "phantoms", seed, per_class, progress)
        with Library.create(Path(folder) / "library", "Phantoms", phantoms=True) as library:
            build(library, [phantom.item for phantom in phantoms], encoder, progress=progress)
            found = measure(encoder, library, phantoms, progress)
    common = sorted(set(_common(found)))
    headline = (
        f"{len(phantoms)} phantoms (seed {seed}), {len(found.structures)} questions for a "
        f"structure by region; of the first {TOP} other phantoms, the share that holds it. Ratios "
        f"are to chance. Model {encoder.manifest.name}. 95 % intervals over phantoms. "
        f"Held by more than half, and reported apart: {', '.join(common) or 'no structure'}."
    )
    return Result(NAME, headline, figures(found, resamples=resamples))


def draw(
    folder: Path, seed: int, per_class: int, progress: Callable[[Progress], None] = lambda _: None
) -> list[Drawn]:
    """Draw phantoms into ``folder`` and return them; raises as `result` does."""
    try:
        export = importlib.import_module("resources.phantoms.export")
    except ImportError as error:
        raise CaseLensError(
            "resources/phantoms",
            "the generator of phantoms is not part of an installation",
            "Run the command in a checkout of the source",
        ) from error
    begun, total = time.monotonic(), sum(map(len, export.plan(seed, per_class)))
    for done, _ in enumerate(export.write_set(folder, seed, per_class), start=1):
        rate = done / (time.monotonic() - begun)
        progress(Progress(done, total, rate, (total - done) / rate, "drawing"))
    return [_read(folder, item) for item in read_source(folder)]


def _read(folder: Path, item: NewCase) -> Drawn:
    with np.load(folder / "structures" / f"{item.path.stem}.npz") as stored:
        return Drawn(item, {name: stored[name].astype(np.bool_) for name in stored.files})


def measure(
    encoder: Encoder,
    library: Library,
    phantoms: list[Drawn],
    progress: Callable[[Progress], None] = lambda _: None,
) -> Findings:
    """Ask for each structure of each phantom.

    Args:
        encoder: that described the library.
        library: holds the phantoms, and nothing else.
        phantoms: at least two.
        progress: told after each phantom.

    Raises:
        CaseLensError: a picture cannot be read, or the encoder or the library failed.
    """
    found = Findings()
    by_lesion = {phantom.item.case.lesion: phantom for phantom in phantoms}
    begun = time.monotonic()
    for done, phantom in enumerate(phantoms, start=1):
        for structure, values in _asked(encoder, library, phantom, by_lesion):
            found.phantoms.append(phantom.item.case.lesion)
            found.structures.append(structure)
            for name, value in values.items():
                found.values.setdefault(name, []).append(value)
        rate = done / (time.monotonic() - begun)
        left = (len(phantoms) - done) / rate
        progress(Progress(done, len(phantoms), rate, left, "asking"))
    return found


def _asked(
    encoder: Encoder, library: Library, phantom: Drawn, by_lesion: dict[str, Drawn]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each structure of a phantom with the figures of its question."""
    image = read(phantom.item.path)
    encoding, own = encoder.encode(image), (image.content_hash,)
    whole = find(library, encoding, len(by_lesion), without=own)
    for structure, mask in phantom.structures.items():
        try:
            region = hull(mask)
            matches = find_region(
                library, shipped_likeness(), encoding.features, region, len(by_lesion),
                model=encoding.model, maps=encoder.manifest.maps[-1], without=own,
            )  # fmt: skip
        except RegionError:  # it lies beside the square that the model sees
            continue
        foreign = [m for m in matches if m.case.diagnosis != phantom.item.case.diagnosis]

        def share(some: list[Match], name: str = structure) -> float:
            holding = [name in by_lesion[m.case.lesion].structures for m in some]
            return float(np.mean(holding)) if holding else np.nan

        covered = region.coverage(encoding.field, encoding.features.local_grid)
        right = [m for m in matches[:TOP] if structure in by_lesion[m.case.lesion].structures]
        gains = [
            _gain(match, by_lesion[match.case.lesion].structures[structure], covered)
            for match in right
        ]
        yield (
            structure,
            {
                "shared": share(list(matches[:TOP])),
                "chance": share(list(matches)),
                "shared_whole_picture": share(list(whole[:TOP])),
                "shared_other_diagnoses": share(foreign[:TOP]),
                "chance_other_diagnoses": share(foreign),
                "density_where_found_over_chance": float(np.mean(gains)) if gains else np.nan,
            },
        )


def hull(mask: Mask) -> Region:
    """Return the convex hull of some pixels as a region.

    Raises:
        RegionError: there are none.
    """
    points = cv2.findNonZero(mask.astype(np.uint8))
    if points is None:
        raise RegionError("the region", "it covers no pixel of the picture")
    corners = cv2.convexHull(points).reshape(-1, 2).tolist()
    if len(corners) < 3:  # a straight line of pixels
        return Region(mask)
    height, width = mask.shape
    return Region.polygon([(x, y) for x, y in corners], picture=(height, width))


def _gain(match: Match, mask: Mask, covered: npt.NDArray[np.float32]) -> float:
    """Return how dense a structure is where a region was found, over any such place."""
    assert match.where is not None, "a match by region says where"
    rows, columns = covered.shape
    seen = central_square(*mask.shape)
    places = (one.within(seen, (rows, columns)) for one in windows_like(covered))
    average = float(np.mean([_density(mask, place) for place in places]))
    return _density(mask, match.where) / average if average else np.nan


def _density(mask: Mask, place: Field) -> float:
    rows = slice(place.top, place.top + place.height)
    return float(mask[rows, place.left : place.left + place.width].mean())


def _common(found: Findings) -> list[str]:
    """Return the structure of each question for one that more than half of the phantoms hold."""
    chance = found.values["chance"]
    return [name for name, p in zip(found.structures, chance, strict=True) if p > COMMON]


def figures(found: Findings, *, resamples: int = 1000) -> dict[str, Figure]:
    """Compute the protocol's figures with 95 % intervals over phantoms.

    Returns:
        Over all questions for structures that at most half of the phantoms hold: ``shared``, the
        share of the first six that hold it; ``chance``; ``shared_whole_picture``, where the first
        six are those by the whole picture; ``shared_other_diagnoses`` and
        ``chance_other_diagnoses``, among phantoms of other diagnoses alone, whose kinds of lesion
        differ. ``..._ratio``: over chance. ``density_where_found_over_chance``: in matches that
        hold the structure, how dense it is in the window that was found, over the mean of all such
        windows; 1 says that the place means nothing.

        ``shared_<structure>``, ``shared_<structure>_ratio`` and ``chance_<structure>`` for each
        one, also for the common ones, of which ``common`` is the number.
    """
    values = {name: np.array(column) for name, column in found.values.items()}
    structures, phantoms = np.array(found.structures), np.array(found.phantoms)
    common = np.isin(structures, list(set(_common(found))))
    result = _overall({name: column[~common] for name, column in values.items()},
                      phantoms[~common].tolist(), resamples)  # fmt: skip
    for structure in np.unique(structures).tolist():
        asked = structures == structure
        bootstrap = _bootstrap(phantoms[asked].tolist(), resamples)
        shared, chance = values["shared"][asked], values["chance"][asked]
        result[f"shared_{structure}"] = bootstrap.figure(_mean(shared))
        result[f"shared_{structure}_ratio"] = bootstrap.figure(_ratio(shared, chance))
        result[f"chance_{structure}"] = bootstrap.figure(_mean(chance))
    return result


def _overall(values: dict[str, Values], phantoms: list[str], resamples: int) -> dict[str, Figure]:
    result = {}
    for name, column in values.items():
        known = ~np.isnan(column)
        if not known.any():
            continue
        bootstrap = _bootstrap(
            [p for p, has in zip(phantoms, known, strict=True) if has], resamples
        )
        result[name] = bootstrap.figure(_mean(column[known]))
        if chance := _CHANCE.get(name):
            ratio = _ratio(column[known], values[chance][known])
            result[f"{name}_ratio"] = bootstrap.figure(ratio)
    return result


def _bootstrap(phantoms: list[str], resamples: int) -> Bootstrap:
    return Bootstrap(phantoms, np.zeros(len(phantoms), np.int64), resamples=resamples)


def _mean(values: Values) -> Statistic:
    return lambda draw: float(values[draw].mean())


def _ratio(values: Values, chance: Values) -> Statistic:
    """Return the ratio of means; 0 where chance is 0, as nothing can be found then."""

    def ratio(draw: npt.NDArray[np.int64]) -> float:
        expected = float(chance[draw].mean())
        return float(values[draw].mean()) / expected if expected else 0.0

    return ratio
