"""What the engine found, ready to draw, and the work that fetches it. Runs on workers."""

from __future__ import annotations

from dataclasses import dataclass

from inference.consultation import Answer
from inference.search.model import Match
from viewer.engine import Engine
from viewer.heat import Heat
from viewer.intake import Source
from viewer.pixels import Picture
from viewer.shapes import Shape

MATCHES = 16


@dataclass(frozen=True, slots=True, eq=False)
class Consultation:
    """An answer with the query's picture.

    Attributes:
        source: where the picture comes from.
        answer: to the whole picture, or to a region of it.
        picture: the query.
        shape: the region as it was drawn; None for the whole picture.
    """

    source: Source
    answer: Answer
    picture: Picture
    shape: Shape | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A query and one match, side by side.

    Attributes:
        match: the match.
        picture: the case's picture.
        query_heat: where the query resembles the case; None for a region, which is outlined.
        case_heat: where the case resembles the query, or holds something like its region.
    """

    match: Match
    picture: Picture
    query_heat: Heat | None
    case_heat: Heat


def consult(engine: Engine, source: Source) -> Consultation:
    """Ask about a picture.

    Raises:
        CaseLensError: picture, model or library failed.
    """
    with engine.in_use():
        answer = engine.adviser.ask(source.content, k=MATCHES, name=source.name)
    return Consultation(source, answer, Picture(answer.image))


def consult_region(engine: Engine, whole: Consultation, shape: Shape) -> Consultation:
    """Ask about a part of a picture that has been asked about.

    Raises:
        RegionError: the region cannot be searched for.
        CaseLensError: model or library failed.
    """
    picture = whole.picture
    region = shape.region(picture.width, picture.height)
    with engine.in_use():
        answer = engine.adviser.ask_region(whole.answer, region, k=MATCHES)
    return Consultation(whole.source, answer, picture, shape)


def gallery_heats(engine: Engine, answer: Answer) -> dict[int, Heat]:
    """Return image id to the map on the match's side, all of them on one scale.

    Raises:
        CaseLensError: model or library failed.
    """
    with engine.in_use():
        pairs = engine.adviser.pair_maps(answer).pairs
    return {
        match.image.id: Heat(pair.case)
        for match, pair in zip(answer.matches, pairs, strict=True)
        if pair is not None
    }


def pair_up(engine: Engine, answer: Answer, match: Match) -> Pair:
    """Fetch what is shown of a match beside the query.

    Raises:
        CaseLensError: the case's picture cannot be read, or model or library failed.
    """
    with engine.in_use():
        explanation = engine.adviser.explain(answer, match)
    return Pair(
        match,
        Picture(explanation.case_image),
        Heat(explanation.query) if answer.region is None else None,
        Heat(explanation.case),
    )
