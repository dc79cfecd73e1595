"""Labelled pictures of a data set: a folder with ``labels.csv`` and ``images/``."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.encoder import Encoder
from inference.errors import CaseLensError
from inference.evaluation.encoding import FloatArray, describe_files
from inference.library.model import Progress

TABLE = "labels.csv"
Row = dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Some rows of a data set.

    Attributes:
        paths: files.
        groups: what the bootstrap draws as a whole: lesion, patient or picture of each.
        labels: int64, index of each diagnosis in the encoder's classes.
        rows: what the table says of each.
    """

    paths: list[Path]
    groups: list[str]
    labels: npt.NDArray[np.int64]
    rows: list[Row]

    def column(self, name: str) -> npt.NDArray[np.str_]:
        """Return one column of the table."""
        return np.array([row[name] for row in self.rows], np.str_)

    def where(self, kept: npt.NDArray[np.bool_]) -> Pictures:
        """Return the pictures marked True, in their order."""
        chosen = np.flatnonzero(kept)
        return Pictures(
            [self.paths[i] for i in chosen],
            [self.groups[i] for i in chosen],
            self.labels[chosen],
            [self.rows[i] for i in chosen],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """Pictures and what an encoder says of them.

    Attributes:
        pictures: n of them.
        embeddings: float32 (n, 256), L2-normalised.
        logits: float32 (n, classes).
        probabilities: float32 (n, classes), calibrated.
        codes: length in bits to packed hash codes, uint8 (n, length / 8).
    """

    pictures: Pictures
    embeddings: FloatArray
    logits: FloatArray
    probabilities: FloatArray
    codes: dict[int, npt.NDArray[np.uint8]] = field(default_factory=dict)

    def where(self, kept: npt.NDArray[np.bool_]) -> Described:
        """Return those marked True, in their order."""
        return Described(
            self.pictures.where(kept),
            self.embeddings[kept],
            self.logits[kept],
            self.probabilities[kept],
            {bits: code[kept] for bits, code in self.codes.items()},
        )


def read_rows(folder: Path, name: str, columns: Collection[str]) -> list[Row]:
    """Read a data set's table.

    Args:
        folder: the data set's.
        name: of the data set, and of the folder that it comes in.
        columns: that the table must have.

    Raises:
        CaseLensError: the table is not there, has no row, or is not this data set's.
    """
    table = folder / TABLE
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, restval=""))
    except OSError as error:
        raise CaseLensError(
            table,
            f"the table of the data set {name} cannot be read ({error.strerror or error})",
            f"Give the folder that holds the folder {name}, with {TABLE} and images "
            "inside, with --data",
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise CaseLensError(
            table, f"it is not a table in UTF-8 text ({error})", "Save it as CSV UTF-8"
        ) from error
    if not rows or not set(rows[0]) >= set(columns):
        raise CaseLensError(
            table,
            f"it has no rows, or lacks some of the columns {', '.join(sorted(columns))}",
            f"Use the table of {name} with the official splits",
        )
    return rows


def pictures(
    folder: Path, rows: list[Row], classes: Sequence[str], *, label: str, group: str
) -> Pictures:
    """Turn rows into pictures.

    Args:
        folder: the data set's.
        rows: at least one.
        classes: the encoder's.
        label: column of the diagnosis.
        group: column of what the bootstrap draws as a whole.

    Raises:
        CaseLensError: a diagnosis is not among the classes.
    """
    unknown = sorted({row[label] for row in rows} - set(classes))
    if unknown:
        raise CaseLensError(
            folder / TABLE,
            f"the model does not know the diagnosis {', '.join(unknown)}",
            f"The column {label} may hold {', '.join(classes)}",
        )
    return Pictures(
        paths=[folder / "images" / f"{row['image_id']}.jpg" for row in rows],
        groups=[row[group] for row in rows],
        labels=np.array([classes.index(row[label]) for row in rows], np.int64),
        rows=rows,
    )


def describe(
    sets: Sequence[Pictures],
    encoder: Encoder,
    progress: Callable[[Progress], None] = lambda _: None,
) -> list[Described]:
    """Encode several sets of pictures in one go.

    Raises:
        ImageError: a file cannot be read.
        ModelError: the encoder failed.
    """
    paths = [path for some in sets for path in some.paths]
    brief = describe_files(paths, encoder, progress)
    probabilities = encoder.probabilities(brief.logits)
    described, end = [], 0
    for some in sets:
        part = slice(end, end + len(some.paths))
        codes = {bits: code[part] for bits, code in brief.codes.items()}
        described.append(
            Described(some, brief.embedding[part], brief.logits[part], probabilities[part], codes)
        )
        end = part.stop
    return described
