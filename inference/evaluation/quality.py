"""Do the words of caution about a picture's quality hold? Measured on HAM10000, without a model.

Untouched test pictures were sorted by hand when the data set was made, so a flag on one counts as
a false alarm, although some of them do have much hair or a tiny lesion. The same pictures are then
spoilt in one known way each, and the flag that names it must appear.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.cautions import quality_cautions
from inference.encoder.preprocess import PixelArray, central_square, prepare
from inference.errors import CaseLensError
from inference.evaluation import degradations, ham10000, metrics
from inference.evaluation.figures import Bootstrap, Figure
from inference.evaluation.pictures import TABLE, read_rows
from inference.evaluation.result import Result
from inference.images import read
from inference.library.model import Progress
from inference.quality import Quality, measure

NAME = "quality"
SAMPLE = 400
SEED = 20261101

MEASURES: dict[str, Callable[[Quality], float]] = {
    "blurred": lambda quality: -quality.sharpness,
    "too_dark": lambda quality: -quality.highlight,
    "too_bright": lambda quality: quality.burnt,
    "hair": lambda quality: quality.hair,
    "small_lesion": lambda quality: -quality.lesion,
}
"""Each flag of quality, and the measurement behind it, signed so that more is worse."""

_LEAST_OUTLINE, _MOST_OUTLINE = 0.05, 0.8
_COLUMNS = {"image_id", "lesion_id", "split"}


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What the figures are computed from.

    Attributes:
        lesions: lesion of each picture.
        sound: measurements of the untouched pictures.
        spoilt: for each flag, measurements of the pictures spoilt accordingly; None where a
            picture cannot be, such as one without skin around the lesion.
        outlined: float64 (pictures,), share of the square inside the physicians' outline.
    """

    lesions: list[str]
    sound: list[Quality]
    spoilt: dict[str, list[Quality | None]]
    outlined: npt.NDArray[np.float64]


def sample(
    data: Path,
    *,
    split: str = "test",
    size: int = SAMPLE,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Sample:
    """Draw pictures of a split, spoil them and measure them all.

    Args:
        data: the data set's folder, or the folder that holds it as ``ham10000``.
        split: ``"test"`` for figures to report.
        size: how many pictures; all of the split if it holds fewer.
        progress: is told after each picture.

    Raises:
        CaseLensError: the table or a picture or an outline cannot be read.
    """
    folder = ham10000.folder_of(data)
    table = read_rows(folder, ham10000.NAME, _COLUMNS)
    rows = [row for row in table if row["split"] == split]
    if not rows:
        raise CaseLensError(
            folder / TABLE, f"it has no pictures of the split {split}", "Use the official splits"
        )
    rng = np.random.default_rng(SEED)
    drawn = [rows[i] for i in sorted(rng.permutation(len(rows))[:size])]
    found = Sample([row["lesion_id"] for row in drawn], [], {f: [] for f in MEASURES},
                   np.zeros(len(drawn)))  # fmt: skip
    begun = time.monotonic()
    for i, row in enumerate(drawn):
        path = folder / "images" / f"{row['image_id']}.jpg"
        square = _square(path)
        mask = ham10000.outline(path, len(square))
        found.outlined[i] = mask.mean()
        found.sound.append(measure(square))
        for flag, picture in _spoilt(square, mask, rng).items():
            found.spoilt[flag].append(None if picture is None else measure(picture))
        rate = (i + 1) / (time.monotonic() - begun)
        left = (len(drawn) - i - 1) / rate
        progress(Progress(i + 1, len(drawn), rate, left, "measuring"))
    return found


def _square(path: Path) -> PixelArray:
    pixels = read(path).pixels
    return prepare(pixels, central_square(*pixels.shape[:2]).height)


def _spoilt(
    square: PixelArray, mask: degradations.Mask, rng: np.random.Generator
) -> dict[str, PixelArray | None]:
    shrinks = _LEAST_OUTLINE <= mask.mean() <= _MOST_OUTLINE
    return {
        "blurred": degradations.blur(square, rng),
        "too_dark": degradations.relight(square, degradations.DARK),
        "too_bright": degradations.relight(square, degradations.BRIGHT),
        "hair": degradations.draw_hair(square, rng),
        "small_lesion": degradations.shrink_lesion(square, mask, rng) if shrinks else None,
    }


def result(data: Path, progress: Callable[[Progress], None] = lambda _: None) -> Result:
    """Sample the test split under ``data`` and measure; raises as `sample` does."""
    found = sample(data, progress=progress)
    headline = (
        f"HAM10000, words of caution about quality: {len(found.sound)} test pictures, untouched "
        "and spoilt in known ways. No model. 95 % intervals over lesions."
    )
    return Result(NAME, headline, figures(found))


def figures(found: Sample, *, resamples: int = 1000) -> dict[str, Figure]:
    """Compute the protocol's figures with 95 % intervals over lesions.

    Returns:
        For each flag ``false_alarm_<flag>``, the share of untouched pictures that have it,
        ``sensitivity_<flag>``, the share of the pictures spoilt accordingly that have it, and
        ``auroc_<flag>``, how well its measurement tells the two apart; ``false_alarm_any``;
        ``lesion_share_error``, the median absolute difference of the lesion's share from the
        physicians' outline, and ``lesion_share_rank_correlation``, Spearman's, with it.
    """
    lesions, flags = found.lesions, [quality_cautions(quality) for quality in found.sound]
    bootstrap = Bootstrap(lesions, np.zeros(len(lesions), np.int64), resamples=resamples)
    result = {"false_alarm_any": _share(bootstrap, [bool(some) for some in flags])}
    for flag, spoilt in found.spoilt.items():
        result[f"false_alarm_{flag}"] = _share(bootstrap, [flag in some for some in flags])
        result |= _noticed(flag, found.sound, spoilt, lesions, resamples)
    estimated = np.array([quality.lesion for quality in found.sound])
    error = np.abs(estimated - found.outlined)
    result["lesion_share_error"] = bootstrap.figure(lambda draw: float(np.median(error[draw])))
    result["lesion_share_rank_correlation"] = bootstrap.figure(
        lambda draw: metrics.rank_correlation(estimated[draw], found.outlined[draw])
    )
    return result


def _noticed(
    flag: str,
    sound: list[Quality],
    spoilt: list[Quality | None],
    lesions: list[str],
    resamples: int,
) -> dict[str, Figure]:
    """Compare the pictures that could be spoilt in one way with themselves before."""
    both = [(a, b, c) for a, b, c in zip(sound, spoilt, lesions, strict=True) if b is not None]
    if not both:
        return {}
    measured = MEASURES[flag]
    before = np.array([measured(quality) for quality, _, _ in both])
    after = np.array([measured(quality) for _, quality, _ in both])
    bootstrap = Bootstrap([c for _, _, c in both], np.zeros(len(both), np.int64),
                          resamples=resamples)  # fmt: skip
    return {
        f"sensitivity_{flag}": _share(bootstrap, [flag in quality_cautions(b) for _, b, _ in both]),
        f"auroc_{flag}": bootstrap.figure(lambda draw: _told_apart(before[draw], after[draw])),
    }


def _share(bootstrap: Bootstrap, holds: list[bool]) -> Figure:
    values = np.array(holds)
    return bootstrap.figure(lambda draw: float(values[draw].mean()))


def _told_apart(before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]) -> float:
    worse = np.repeat([False, True], [len(before), len(after)])
    return metrics.auc(np.concatenate([before, after]), worse)
