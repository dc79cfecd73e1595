"""A ranked answer: matches with the cases they stand for."""

from __future__ import annotations

from dataclasses import dataclass

from inference.encoder.model import Field
from inference.library.model import Case, CaseImage


@dataclass(frozen=True, slots=True)
class Match:
    """A retrieved case, at its place in the ranking.

    Attributes:
        rank: 1 for the most similar.
        case: the confirmed case.
        image: the picture of it that is nearest to the query.
        similarity: cosine of the two embeddings, in [-1, 1], computed exactly; of a match by
            region, cosine of the region's features with those at ``where``.
        distance: of a match by hash code, how many bits of the two codes differ, by which the
            matches are ranked first, and by ``similarity`` among equals; None of other matches.
        where: the part of ``image`` in which a region was found; None for a match by the whole
            picture.
    """

    rank: int
    case: Case
    image: CaseImage
    similarity: float
    where: Field | None = None
    distance: int | None = None
