"""An answer as one JSON object, for other programs to read.

Format 1. Every object has ``format`` (1) and ``query`` (the file as it was given). When the query
failed, ``error`` says why and nothing else follows. Otherwise:

========================  ========================================================================
``model``                 ``name`` and ``sha256`` of the encoder
``library``               ``name`` and ``folder``
``filter``                only where the search was limited to some cases: the facts that were
                          named, each to the words of which a case had one (``diagnosis``,
                          ``site``, ``sex``, ``confirmation``, ``source``), ``""`` for what is not
                          stated; ``age`` to ranges in years, both ends included, null for none
``base_rates``            diagnosis to the number of cases of it that were searched: what the
                          matches' diagnoses are to be judged by
``search``                what was compared: ``float`` (embeddings), ``hash64`` and so on (hash
                          codes of so many bits) or ``region`` (places of feature maps)
``estimate``              class abbreviation to calibrated probability; sums to 1
``flags``                 words of caution, see `inference.cautions.FLAGS`
``plausibility``          p-value of the query among the library's own cases, whatever the
                          filter, or null
``milliseconds``          stage (``read``, ``encode``, ``search``) to time
``matches``               best first: ``rank`` (from 1), ``case`` (the source's lesion name),
                          ``image`` (file name), ``diagnosis`` (abbreviation), ``confirmation``
                          (word of `inference.diagnoses.CONFIRMATIONS`), ``similarity`` (cosine),
                          ``source`` and ``licence``; of a question for a region also ``where``
                          it was found: left, top, width, height in pixels of that image; of a
                          search by codes also ``distance``, by which matches are ranked first:
                          how many bits differ
``unsearched``            only of a question for a region or by codes: pictures that were left out
                          of it, since the library keeps no map or code of them
========================  ========================================================================

New keys may be added within a format; a key that goes or changes its meaning makes a new format.
"""

from __future__ import annotations

from typing import Any

from inference.consultation import Answer
from inference.encoder import Manifest
from inference.errors import CaseLensError
from inference.library.filters import FACTS, Filter
from inference.library.library import Library
from inference.search import Match

FORMAT = 1


def answer_record(query: str, answer: Answer, model: Manifest, library: Library) -> dict[str, Any]:
    """Return the JSON object of a successful query.

    Args:
        query: the file as it was given.
        answer: what came back.
        model: the encoder's manifest entry.
        library: the one that was searched.
    """
    record = {
        "format": FORMAT,
        "query": query,
        "model": {"name": model.name, "sha256": model.sha256},
        "library": {"name": library.name, "folder": str(library.folder)},
        **({"filter": _filter_record(answer.filter)} if answer.filter else {}),
        "base_rates": answer.base_rates,
        "search": _search(answer),
        "estimate": {name: round(p, 6) for name, p in answer.estimate.items()},
        "plausibility": None if answer.plausibility is None else round(answer.plausibility, 6),
        "flags": list(answer.flags),
        "milliseconds": {stage: round(ms, 2) for stage, ms in answer.milliseconds.items()},
        "matches": [_match_record(match) for match in answer.matches],
    }
    if answer.region is None and answer.bits is None:
        return record
    return {**record, "unsearched": answer.unsearched}


def _search(answer: Answer) -> str:
    if answer.region is not None:
        return "region"
    return "float" if answer.bits is None else f"hash{answer.bits}"


def _filter_record(filter: Filter) -> dict[str, Any]:
    words: dict[str, list[Any]] = {word: list(getattr(filter, word)) for word in FACTS}
    ages = [[one.youngest, one.oldest] for one in filter.age]
    return {fact: values for fact, values in {**words, "age": ages}.items() if values}


def _match_record(match: Match) -> dict[str, Any]:
    record: dict[str, Any] = {
        "rank": match.rank,
        "case": match.case.lesion,
        "image": match.image.name,
        "diagnosis": match.case.diagnosis,
        "confirmation": match.case.confirmation,
        "similarity": round(match.similarity, 6),
        "source": match.case.source,
        "licence": match.case.licence,
    }
    if match.distance is not None:
        record["distance"] = match.distance
    if match.where is None:
        return record
    place = match.where
    return {**record, "where": [place.left, place.top, place.width, place.height]}


def error_record(query: str, error: CaseLensError) -> dict[str, Any]:
    """Return the JSON object of a query that failed."""
    return {"format": FORMAT, "query": query, "error": str(error)}
