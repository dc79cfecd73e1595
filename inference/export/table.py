"""The matches of an answer as lines of text, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from inference.diagnoses import CONFIRMATIONS, diagnosis_name
from inference.search import Match


def match_table(matches: Sequence[Match]) -> str:
    """Return a head line and one line for each match, in their order; columns as wide as needed.

    Of a match by region the last column also says where it holds it: left,top,width,height; of a
    match by hash code, in how many bits the codes differ.
    """
    head = ("rank", "similarity", "diagnosis", "confirmed by", "case")
    rows = [
        (
            str(match.rank),
            f"{match.similarity:.3f}",
            diagnosis_name(match.case.diagnosis),
            CONFIRMATIONS.get(match.case.confirmation, match.case.confirmation),
            f"{match.case.lesion} ({match.image.name}){_where(match)}{_bits(match)}",
        )
        for match in matches
    ]
    rank, similarity, diagnosis, confirmation, _ = (
        max(map(len, column)) for column in zip(head, *rows, strict=True)
    )
    return "\n".join(
        f"{row[0]:>{rank}}  {row[1]:>{similarity}}  {row[2]:<{diagnosis}}  "
        f"{row[3]:<{confirmation}}  {row[4]}"
        for row in (head, *rows)
    )


def _where(match: Match) -> str:
    place = match.where
    return f" at {place.left},{place.top},{place.width},{place.height}" if place else ""


def _bits(match: Match) -> str:
    return "" if match.distance is None else f", {match.distance} bits differ"
