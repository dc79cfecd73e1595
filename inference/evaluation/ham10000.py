"""The SE-CBIR protocol on HAM10000, lesion-clean.

Gassner et al., JMIR Dermatology 2023;6:e42129, retrieve for 1,002 queries by exhaustive cosine
and report precision at k = 1, 3, 6, 9 per class and its mean over the 7 classes. Here the queries
are the same 1,002 pictures, the gallery is the training and validation split, which shares no
lesion with them, and each gallery lesion counts once, with its nearest picture.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.diagnoses import is_malignant
from inference.encoder import Encoder
from inference.errors import CaseLensError
from inference.evaluation import metrics
from inference.evaluation.encoding import describe_files
from inference.evaluation.figures import Bootstrap, Figure, Indices
from inference.evaluation.ranking import rank_lesions
from inference.library.model import Progress

CUTOFFS = (1, 3, 6, 9)
TABLE = "labels.csv"
_COLUMNS = {"image_id", "lesion_id", "dx", "split", "s1_query", "s1_clean"}


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Some rows of the data set.

    Attributes:
        paths: files.
        lesions: lesion of each.
        labels: int64, index of each diagnosis in the encoder's classes.
        clean: True for the queries whose lesion had no other photo in the paper's catalogue.
    """

    paths: list[Path]
    lesions: list[str]
    labels: npt.NDArray[np.int64]
    clean: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Retrieval:
    """What the figures are computed from.

    Attributes:
        queries: the queries.
        logits: float32 (queries, classes).
        neighbours: int64 (queries, gallery lesions), class of each hit, most similar first.
        malignant: bool (classes,).
    """

    queries: Pictures
    logits: npt.NDArray[np.float32]
    neighbours: npt.NDArray[np.int64]
    malignant: npt.NDArray[np.bool_]


def read_pictures(data: Path, classes: tuple[str, ...]) -> tuple[Pictures, Pictures]:
    """Read the queries and the gallery from ``labels.csv``.

    Args:
        data: the data set's folder, or the folder that holds it as ``ham10000``.
        classes: the encoder's classes.

    Raises:
        CaseLensError: the table is not there, or is not this data set's.
    """
    folder, rows = read_rows(data)
    table = folder / TABLE
    if not rows or not set(rows[0]) >= _COLUMNS:
        raise CaseLensError(
            table,
            f"it lacks some of the columns {', '.join(sorted(_COLUMNS))}",
            "Use the table with the official splits",
        )
    unknown = sorted({row["dx"] for row in rows} - set(classes))
    if unknown:
        raise CaseLensError(
            table,
            f"the model does not know the diagnosis {', '.join(unknown)}",
            f"The column dx may hold {', '.join(classes)}",
        )
    queries = [row for row in rows if row["split"] == "test" and row["s1_query"] == "1"]
    gallery = [row for row in rows if row["split"] in ("train", "val")]
    if not queries or not gallery:
        raise CaseLensError(
            table,
            "it marks no queries, or holds no gallery",
            "Use the table with the official splits",
        )
    return _pictures(folder, queries, classes), _pictures(folder, gallery, classes)


def read_rows(data: Path) -> tuple[Path, list[dict[str, str]]]:
    """Return the data set's folder and the rows of its table.

    Args:
        data: the data set's folder, or the folder that holds it as ``ham10000``.

    Raises:
        CaseLensError: the table is not there, or is no table.
    """
    folder = data
    try:
        if not (data / TABLE).is_file():
            folder = data / "ham10000"
        with (folder / TABLE).open(encoding="utf-8-sig", newline="") as file:
            return folder, list(csv.DictReader(file))
    except OSError as error:
        raise CaseLensError(
            folder / TABLE,
            f"the table of HAM10000 cannot be read ({error.strerror or error})",
            "Give the folder that holds labels.csv and images with --data",
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise CaseLensError(
            folder / TABLE, f"it is not a table in UTF-8 text ({error})", "Save it as CSV UTF-8"
        ) from error


def _pictures(folder: Path, rows: list[dict[str, str]], classes: tuple[str, ...]) -> Pictures:
    return Pictures(
        paths=[folder / "images" / f"{row['image_id']}.jpg" for row in rows],
        lesions=[row["lesion_id"] for row in rows],
        labels=np.array([classes.index(row["dx"]) for row in rows]),
        clean=np.array([row["s1_clean"] == "1" for row in rows]),
    )


def retrieve(
    data: Path, encoder: Encoder, progress: Callable[[Progress], None] = lambda _: None
) -> Retrieval:
    """Encode queries and gallery, and rank the gallery for each query."""
    classes = encoder.manifest.classes
    queries, gallery = read_pictures(data, classes)
    count = len(queries.paths)
    embeddings, logits = describe_files([*queries.paths, *gallery.paths], encoder, progress)
    order = rank_lesions(embeddings[:count], embeddings[count:], gallery.lesions)
    return Retrieval(
        queries=queries,
        logits=logits[:count],
        neighbours=gallery.labels[order],
        malignant=np.array([is_malignant(word) for word in classes]),
    )


def figures(retrieval: Retrieval, *, resamples: int = 1000) -> dict[str, Figure]:
    """Compute the protocol's figures with 95 % intervals over lesions.

    Returns:
        ``macro_p_at_1|3|6|9`` on all queries and, with ``_clean``, on the clean ones; ``map``,
        the macro mean average precision over the full ranking; ``bma_classifier`` and
        ``bma_vote6``, balanced accuracies of the largest logit and of the majority of six
        neighbours; ``malignancy_auc_vote9``, with the share of malignant ones among nine
        neighbours as the score.
    """
    queries, neighbours = retrieval.queries, retrieval.neighbours
    labels, classes = queries.labels, retrieval.logits.shape[1]
    relevant = neighbours == labels[:, None]
    per_query = {f"macro_p_at_{k}": metrics.precision_at(relevant, k) for k in CUTOFFS}
    bootstrap = Bootstrap(queries.lesions, labels, resamples=resamples)
    found = {name: bootstrap.figure(_macro(values, labels)) for name, values in per_query.items()}
    clean = np.flatnonzero(queries.clean)
    lesions = [queries.lesions[i] for i in clean]
    bootstrap_clean = Bootstrap(lesions, labels[clean], resamples=resamples)
    for name, values in per_query.items():
        statistic = _macro(values[clean], labels[clean])
        found[f"{name}_clean"] = bootstrap_clean.figure(statistic)
    found["map"] = bootstrap.figure(_macro(metrics.average_precision(relevant), labels))
    decided = retrieval.logits.argmax(axis=1)
    found["bma_classifier"] = bootstrap.figure(_recall(decided, labels))
    voted = metrics.vote(neighbours[:, :6], classes)
    found["bma_vote6"] = bootstrap.figure(_recall(voted, labels))
    share = retrieval.malignant[neighbours[:, :9]].mean(axis=1)
    positive = retrieval.malignant[labels]
    found["malignancy_auc_vote9"] = bootstrap.figure(
        lambda draw: metrics.auc(share[draw], positive[draw])
    )
    return found


def _macro(
    values: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]
) -> Callable[[Indices], float]:
    return lambda draw: metrics.macro(values[draw], labels[draw])


def _recall(
    predicted: npt.NDArray[np.integer], labels: npt.NDArray[np.int64]
) -> Callable[[Indices], float]:
    return lambda draw: metrics.balanced_accuracy(predicted[draw], labels[draw])
