"""The SE-CBIR protocol on HAM10000, lesion-clean.

Gassner et al., JMIR Dermatology 2023;6:e42129, retrieve for 1,002 queries by exhaustive cosine
and report precision at k = 1, 3, 6, 9 per class and its mean over the 7 classes. Here the queries
are the same 1,002 pictures, the gallery is the training and validation split, which shares no
lesion with them, and each gallery lesion counts once, with its nearest picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.encoder.preprocess import prepare
from inference.errors import CaseLensError
from inference.evaluation import hashing
from inference.evaluation.figures import Bootstrap, Figure
from inference.evaluation.left_out import CANDIDATES, left_out_class
from inference.evaluation.pictures import TABLE, Described, Pictures, pictures, read_rows
from inference.evaluation.retrieval import precisions, retrieve, statistics
from inference.images import read

NAME = "ham10000"
_COLUMNS = {
    "image_id", "lesion_id", "dx", "dx_type", "localization", "split", "s1_query", "s1_clean",
}  # fmt: skip


def folder_of(data: Path) -> Path:
    """Return the data set's folder: ``data`` itself, or ``ham10000`` inside it."""
    return data if data.name == NAME or (data / TABLE).is_file() else data / NAME


def read_pictures(data: Path, classes: tuple[str, ...]) -> tuple[Pictures, Pictures]:
    """Read the queries and the gallery from ``labels.csv``.

    Args:
        data: the data set's folder, or the folder that holds it as ``ham10000``.
        classes: the encoder's classes.

    Raises:
        CaseLensError: the table is not there, or is not this data set's.
    """
    folder = folder_of(data)
    rows = read_rows(folder, NAME, _COLUMNS)
    queries = [row for row in rows if row["split"] == "test" and row["s1_query"] == "1"]
    gallery = [row for row in rows if row["split"] in ("train", "val")]
    if not queries or not gallery:
        raise CaseLensError(
            folder / TABLE,
            "it marks no queries, or holds no gallery",
            "Use the table with the official splits",
        )
    columns = {"label": "dx", "group": "lesion_id"}
    asked, searched = (pictures(folder, some, classes, **columns) for some in (queries, gallery))
    _check_gallery(folder, searched)
    return asked, searched


def _check_gallery(folder: Path, gallery: Pictures) -> None:
    """Refuse a gallery in which some search would run out of lesions."""
    classes = {group: int(c) for group, c in zip(gallery.groups, gallery.labels, strict=True)}
    counts = np.bincount(list(classes.values()))
    if len(classes) - counts.max() < max(CANDIDATES):
        raise CaseLensError(
            folder / TABLE,
            f"its gallery has fewer than {max(CANDIDATES)} lesions outside its largest class",
            "Use the whole table with the official splits",
        )


def outline(picture: Path, side: int) -> npt.NDArray[np.bool_]:
    """Read the physicians' outline of a picture's lesion.

    Args:
        picture: in ``images/``; its mask lies in ``masks/`` beside, and shows the central square
            of the picture, whatever the picture's own frame.
        side: of the result.

    Returns:
        bool (side, side) over the central square.

    Raises:
        CaseLensError: the mask cannot be read.
    """
    path = picture.parent.parent / "masks" / f"{picture.stem}.png"
    return prepare(read(path).pixels, side)[..., 0] > 127


def figures(
    queries: Described, gallery: Described, classes: tuple[str, ...], *, resamples: int = 1000
) -> dict[str, Figure]:
    """Compute the protocol's figures with 95 % intervals over lesions.

    Returns:
        The figures of `retrieval.statistics`; ``macro_p_at_1|3|6|9_clean`` on the queries whose
        lesion had no other photo in the paper's catalogue; ``map_hash...`` of a model with hash
        codes, see `hashing`; ``auroc_left_out_class``, see `left_out`.
    """
    retrieval = retrieve(queries, gallery, classes)
    asked = queries.pictures
    bootstrap = Bootstrap(asked.groups, asked.labels, resamples=resamples)
    found = {name: bootstrap.figure(s) for name, s in statistics(retrieval).items()}
    clean = asked.column("s1_clean") == "1"
    if clean.any():
        alone = retrieval.where(clean)
        of_them = Bootstrap(alone.queries.groups, alone.queries.labels, resamples=resamples)
        found |= {f"{name}_clean": of_them.figure(s) for name, s in precisions(alone).items()}
    found |= {name: bootstrap.figure(s) for name, s in hashing.statistics(queries, gallery).items()}
    found["auroc_left_out_class"] = bootstrap.figure(left_out_class(queries, gallery))
    return found
