"""HAM10000's figures by class, body site and confirmation: tables for a model card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inference.diagnoses import CONFIRMATIONS, confirmation, diagnosis_name
from inference.evaluation import metrics
from inference.evaluation.figures import Bootstrap, Figure, Statistic
from inference.evaluation.left_out import by_neighbour, closeness_without, reference_without
from inference.evaluation.pictures import Described
from inference.evaluation.retrieval import Retrieval, retrieve, statistics
from inference.library import novelty

FEWEST = 20
"""Pictures below which a site or a way of confirmation is counted with the other rare ones."""

ALARM = 0.05
"""P-value at or below which a picture counts as called new."""

_OVERALL = ("macro_p_at_1", "bma_classifier", "malignancy_auc_vote9")


@dataclass(frozen=True, slots=True)
class Table:
    """A table to print.

    Attributes:
        title: above it.
        note: one sentence on how to read it.
        columns: headings; the first is that of the row's name.
        rows: as many cells each.
    """

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Return it as Markdown."""
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        body = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        return f"### {self.title}\n\n{self.note}\n\n{body}\n"


def tables(
    queries: Described, gallery: Described, classes: tuple[str, ...], *, resamples: int = 1000
) -> list[Table]:
    """Break HAM10000's figures down, with 95 % intervals over lesions.

    Args:
        queries: with the columns ``localization`` and ``dx_type``.
        gallery: with the column ``split``.
        classes: the encoder's.
        resamples: of each bootstrap.
    """
    retrieval = retrieve(queries, gallery, classes)
    confirmed = [confirmation(word) for word in queries.pictures.column("dx_type")]
    return [
        _by_class(retrieval, classes, resamples),
        _by_value(retrieval, queries.pictures.column("localization"), "body site", resamples),
        _by_value(
            retrieval,
            np.array([CONFIRMATIONS[word] for word in confirmed], np.str_),
            "confirmation",
            resamples,
        ),
        _left_out(queries, gallery, classes),
        _neighbours(gallery),
    ]


def _by_class(retrieval: Retrieval, classes: Sequence[str], resamples: int) -> Table:
    rows = []
    for c in np.unique(retrieval.queries.labels):
        some = retrieval.where(retrieval.queries.labels == c)
        bootstrap = Bootstrap(some.queries.groups, some.queries.labels, resamples=resamples)
        per_query = (
            some.decided == c,
            metrics.precision_at(some.relevant, 1),
            metrics.precision_at(some.relevant, 6),
            metrics.average_precision(some.relevant),
        )
        cells = [_shown(bootstrap.figure(_mean(values))) for values in per_query]
        rows.append((diagnosis_name(classes[c]), str(len(some.queries.paths)), *cells))
    return Table(
        "By class",
        "Recall of the classifier, precision among the nearest 1 and 6 lesions, and average "
        "precision over the full ranking.",
        ("class", "n", "recall", "P@1", "P@6", "AP"),
        tuple(rows),
    )


def _mean(values: npt.NDArray[np.generic]) -> Statistic:
    return lambda draw: float(values[draw].astype(np.float64).mean())


def _by_value(
    retrieval: Retrieval, values: npt.NDArray[np.str_], title: str, resamples: int
) -> Table:
    """Break down by a column; the rare values share a row at the end."""
    names, counts = np.unique(values, return_counts=True)
    frequent = names[np.argsort(-counts, kind="stable")][: int((counts >= FEWEST).sum())]
    rows = [(str(name), *_overall(retrieval.where(values == name), resamples)) for name in frequent]
    rare = [str(name) for name in names if name not in frequent]
    if rare:
        some = retrieval.where(np.isin(values, rare))
        rows.append((f"rarer: {', '.join(rare)}", *_overall(some, resamples)))
    return Table(
        f"By {title}",
        "Macro figures are means over the classes that occur in the row; AUC is that of "
        f"malignancy, vote of nine. Rows of fewer than {FEWEST} pictures are joined. A class with "
        "a single lesion in a row adds nothing to the interval, which is then too narrow.",
        (title, "n", "classes", "macro P@1", "balanced accuracy", "AUC"),
        tuple(rows),
    )


def _overall(some: Retrieval, resamples: int) -> Iterable[str]:
    """Return the cells of one subset; no figures of one too small."""
    queries = some.queries
    yield str(len(queries.paths))
    yield str(len(np.unique(queries.labels)))
    if len(queries.paths) < FEWEST:
        yield from ("too few",) * len(_OVERALL)
        return
    found = statistics(some)
    bootstrap = Bootstrap(queries.groups, queries.labels, resamples=resamples)
    for name in _OVERALL:
        yield _shown(bootstrap.figure(found[name])) if name in found else "one kind only"


def _left_out(queries: Described, gallery: Described, classes: Sequence[str]) -> Table:
    """Say for each class how its pictures look to a library without it."""
    labels = queries.pictures.labels
    rows = []
    for c in np.unique(labels):
        closeness = closeness_without(queries, gallery, int(c), (novelty.NEIGHBOUR,))[:, 0]
        new = reference_without(gallery, int(c)).p_value(closeness) <= ALARM
        strange = labels == c
        shares = (_share(new[strange]), _share(new[~strange]))
        area = metrics.auc(-closeness, strange)
        rows.append((diagnosis_name(classes[c]), str(strange.sum()), _number(area), *shares))
    return Table(
        "A class missing from the library",
        f"Closeness is the cosine to nearest lesion number {novelty.NEIGHBOUR}; called new: a "
        f"conformal p-value of {_number(ALARM)} or less. That share of the others is meant to be; "
        "more says that the encoder learned the library's pictures, or that queries differ.",
        ("class left out", "n", "AUROC", "called new", "others called new"),
        tuple(rows),
    )


def _neighbours(gallery: Described) -> Table:
    areas = by_neighbour(gallery)
    return Table(
        "Which neighbour measures loneliness",
        "Mean AUROC of a left-out class with the validation split as queries and the training "
        f"split as library; CaseLens uses neighbour {novelty.NEIGHBOUR}.",
        ("neighbour", "AUROC"),
        tuple((str(neighbour), _number(area)) for neighbour, area in areas.items()),
    )


def _shown(figure: Figure) -> str:
    return f"{_number(figure.value)} ({_number(figure.low)} to {_number(figure.high)})"


def _share(marked: npt.NDArray[np.bool_]) -> str:
    return _number(float(marked.mean()))


def _number(value: float) -> str:
    """Write a share as the model cards do: .643, and 1.000."""
    return f"{value:.3f}".removeprefix("0")
