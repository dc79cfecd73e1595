"""Queries from other archives against HAM10000's gallery: what is left when the data shift.

Each figure comes with its ratio to the in-distribution one: HAM10000's own queries, restricted
to the classes that occur among the shifted ones, against the same gallery. In the ratio only the
origin of the queries differs, and the shares of the classes, which macro figures do not feel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import CaseLensError
from inference.evaluation.figures import SEED, Bootstrap, Estimate, Figure
from inference.evaluation.pictures import TABLE, Pictures, Row, pictures, read_rows
from inference.evaluation.retrieval import Retrieval, statistics

FEWEST = 20
"""Queries below which a subset is not reported."""

_SKIN_TYPES = {"1": "1_2", "2": "1_2", "3": "3", "4": "4_6", "5": "4_6", "6": "4_6"}


def _skin_type(row: Row) -> str:
    """Name a row's Fitzpatrick group; "" where the type was not noted."""
    group = _SKIN_TYPES.get(row["fitzpatrick"].removesuffix(".0"))
    return f"fitzpatrick_{group}" if group else ""


@dataclass(frozen=True, slots=True)
class QuerySet:
    """An archive whose pictures are asked against HAM10000's gallery.

    Attributes:
        name: of the archive's folder and of the protocol.
        title: to show.
        columns: that its table must have; the diagnosis is in ``label``.
        outside: labels of pictures that are left out, being none of the model's classes.
        split: which rows; "" for all.
        group: column of what the bootstrap draws as a whole.
        grouped: that column in a word, plural.
        subset: names the subset that a row also belongs to; "" for none.
    """

    name: str
    title: str
    columns: frozenset[str]
    outside: frozenset[str] = frozenset()
    split: str = "test"
    group: str = "image_id"
    grouped: str = "pictures"
    subset: Callable[[Row], str] = lambda _: ""


QUERY_SETS = {
    query_set.name: query_set
    for query_set in (
        QuerySet("isic2017", "ISIC 2017, test split", frozenset({"image_id", "label", "split"})),
        QuerySet(
            "derm7pt",
            "Derm7pt, test split",
            frozenset({"image_id", "label", "split"}),
            outside=frozenset({"other"}),
        ),
        QuerySet(
            "pad_ufes20",
            "PAD-UFES-20, clinical photos",
            frozenset({"image_id", "label", "patient_id", "fitzpatrick"}),
            outside=frozenset({"scc"}),
            split="",
            group="patient_id",
            grouped="patients",
            subset=_skin_type,
        ),
    )
}


def read_queries(data: Path, query_set: QuerySet, classes: tuple[str, ...]) -> Pictures:
    """Read a query set's pictures of the model's classes.

    Args:
        data: the folder that holds the archive's folder.
        query_set: which.
        classes: the encoder's.

    Raises:
        CaseLensError: the table is not there, or is not this archive's.
    """
    folder = data / query_set.name
    rows = [
        row
        for row in read_rows(folder, query_set.name, query_set.columns)
        if row["label"] not in query_set.outside
        and (not query_set.split or row["split"] == query_set.split)
    ]
    if not rows:
        raise CaseLensError(
            folder / TABLE,
            "it holds no picture for this protocol",
            f"Use the table of {query_set.name} with the official splits",
        )
    return pictures(folder, rows, classes, label="label", group=query_set.group)


def figures(
    shifted: Retrieval, usual: Retrieval, query_set: QuerySet, *, resamples: int = 1000
) -> dict[str, Figure]:
    """Compute a query set's figures with 95 % intervals.

    Args:
        shifted: the set's queries.
        usual: HAM10000's queries, against the same gallery.
        query_set: which set.
        resamples: of each bootstrap; those of the two sets are independent.

    Returns:
        The figures of `retrieval.statistics`, and of each subset of at least `FEWEST` queries
        with the subset's name behind; each also as ``<name>_ratio``, over the in-distribution
        one on the classes that occur in the subset. A ratio below 1 is a loss, but for ``ece``,
        where above 1 is.
    """
    found = _with_ratios(shifted, usual, "", resamples)
    subsets = np.array([query_set.subset(row) for row in shifted.queries.rows], np.str_)
    for name in sorted(set(subsets.tolist()) - {""}):
        kept = subsets == name
        if kept.sum() >= FEWEST:
            found |= _with_ratios(shifted.where(kept), usual, f"_{name}", resamples)
    return found


def _with_ratios(
    shifted: Retrieval, usual: Retrieval, suffix: str, resamples: int
) -> dict[str, Figure]:
    same_classes = np.isin(usual.queries.labels, shifted.queries.labels)
    estimates = _estimates(shifted, resamples, SEED)
    in_distribution = _estimates(usual.where(same_classes), resamples, SEED + 1)
    found = {}
    for name, estimate in estimates.items():
        found[name + suffix] = estimate.figure()
        ratio = estimate.over(in_distribution[name]) if name in in_distribution else None
        if ratio:
            found[f"{name}{suffix}_ratio"] = ratio.figure()
    return found


def _estimates(retrieval: Retrieval, resamples: int, seed: int) -> dict[str, Estimate]:
    queries = retrieval.queries
    if not queries.paths:
        return {}
    bootstrap = Bootstrap(queries.groups, queries.labels, resamples=resamples, seed=seed)
    return {name: bootstrap.estimate(s) for name, s in statistics(retrieval).items()}
