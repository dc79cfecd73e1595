"""Pictures that are no dermoscopy: how well a familiarity score tells them.

Inliers are HAM10000's test split. Outliers are, apart, the test split of other modalities
(X-ray, CT, MRI, ultrasound, histology, microscopy, fundus) and the clinical photos of
PAD-UFES-20, which show the same lesions without a dermatoscope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.errors import CaseLensError
from inference.evaluation import ham10000, metrics
from inference.evaluation.figures import Bootstrap, Figure
from inference.evaluation.pictures import TABLE, Row, read_rows

_MODALITIES, _PHOTOS = "multimodal", "pad_ufes20"
_SKIN = {"dermoscopy", "photo"}
"""Modalities that are left out of the other ones: the inliers', and the other set's."""

Familiarity = Callable[[Sequence[Path]], npt.NDArray[np.floating]]
"""Scores picture files: (n,), higher for what looks more like dermoscopy."""


@dataclass(frozen=True, slots=True)
class Files:
    """Picture files whose diagnosis does not matter.

    Attributes:
        paths: files.
        groups: lesion, patient or near-duplicate cluster of each.
    """

    paths: list[Path]
    groups: list[str]


@dataclass(frozen=True, slots=True)
class OutlierSets:
    """What is asked.

    Attributes:
        dermoscopy: inliers.
        other_modalities: outliers of other organs and machines.
        clinical_photos: outliers that show skin.
    """

    dermoscopy: Files
    other_modalities: Files
    clinical_photos: Files


def read_sets(data: Path) -> OutlierSets:
    """Read the three sets from their tables.

    Args:
        data: folder that holds ``ham10000``, ``multimodal`` and ``pad_ufes20``.

    Raises:
        CaseLensError: a table is not there or is another one.
    """
    lesions = read_rows(data / ham10000.NAME, ham10000.NAME, {"image_id", "lesion_id", "split"})
    scans = read_rows(data / _MODALITIES, _MODALITIES, {"file", "modality", "split", "group_id"})
    photos = read_rows(data / _PHOTOS, _PHOTOS, {"image_id", "patient_id"})
    others = [r for r in scans if r["split"] == "test" and r["modality"] not in _SKIN]
    return OutlierSets(
        dermoscopy=_images(
            data / ham10000.NAME, [r for r in lesions if r["split"] == "test"], "lesion_id"
        ),
        other_modalities=_files(
            data / _MODALITIES, others, [r["file"] for r in others], "group_id"
        ),
        clinical_photos=_images(data / _PHOTOS, photos, "patient_id"),
    )


def _images(folder: Path, rows: list[Row], group: str) -> Files:
    return _files(folder, rows, [f"images/{row['image_id']}.jpg" for row in rows], group)


def _files(folder: Path, rows: list[Row], names: list[str], group: str) -> Files:
    if not rows:
        raise CaseLensError(
            folder / TABLE,
            "it holds no picture of the test split",
            f"Use the table of {folder.name} with the official splits",
        )
    return Files([folder / name for name in names], [row[group] for row in rows])


def present(data: Path) -> bool:
    """Say whether the data sets of the outliers are there."""
    return (data / _MODALITIES / TABLE).is_file() and (data / _PHOTOS / TABLE).is_file()


def figures(
    sets: OutlierSets, familiarity: Familiarity, *, resamples: int = 1000
) -> dict[str, Figure]:
    """Score the three sets and return ``auroc_other_modalities`` and ``auroc_clinical_photos``.

    Args:
        sets: from `read_sets`.
        familiarity: asked once for each set.
        resamples: of each bootstrap.
    """
    inliers = familiarity(sets.dermoscopy.paths)
    return {
        f"auroc_{name}": auroc(
            sets.dermoscopy, inliers, files, familiarity(files.paths), resamples=resamples
        )
        for name, files in (
            ("other_modalities", sets.other_modalities),
            ("clinical_photos", sets.clinical_photos),
        )
    }


def auroc(
    inliers: Files,
    inlier_scores: npt.NDArray[np.floating],
    outliers: Files,
    outlier_scores: npt.NDArray[np.floating],
    *,
    resamples: int = 1000,
) -> Figure:
    """Return the chance that an inlier is more familiar than an outlier, ties half.

    Args:
        inliers: dermoscopy pictures.
        inlier_scores: (inliers,), higher is more familiar.
        outliers: other pictures.
        outlier_scores: (outliers,).
        resamples: of the bootstrap, which draws whole groups within each of the two sets.
    """
    scores = np.concatenate([inlier_scores, outlier_scores])
    inside = np.arange(len(scores)) < len(inlier_scores)
    # A group of one set is none of the other's, whatever their tables call it.
    groups = [f"in {g}" for g in inliers.groups] + [f"out {g}" for g in outliers.groups]
    bootstrap = Bootstrap(groups, inside.astype(np.int64), resamples=resamples)
    return bootstrap.figure(lambda draw: metrics.auc(scores[draw], inside[draw]))
