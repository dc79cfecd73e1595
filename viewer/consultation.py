"""What the engine found, ready to draw, and the work that fetches it. Runs on workers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inference.consultation import Answer
from inference.library.model import DRAWN
from inference.search.model import Match
from viewer.engine import Engine
from viewer.heat import Heat
from viewer.intake import Source
from viewer.pixels import Picture
from viewer.question import Question
from viewer.shapes import Shape


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Consultation:
    """An answer with the picture that was asked about.

    Attributes:
        source: where the reader's picture comes from.
        question: how it was asked about.
        answer: whose matches are shown: the most similar cases, or the nearest of each diagnosis.
        similar: whose matches are counted: always the most similar cases.
        picture: the one asked about: the reader's, or that of `Question.like`.
    """

    source: Source
    question: Question
    answer: Answer
    similar: Answer
    picture: Picture

    @property
    def shape(self) -> Shape | None:
        """The region as it was drawn; None for the whole picture."""
        return self.question.shape

    @property
    def own(self) -> bool:
        """Whether the picture asked about is the reader's, which alone has the accent."""
        return self.question.like is None

    @property
    def phantom(self) -> bool:
        """Whether the picture asked about is computer-drawn."""
        like = self.question.like
        return self.source.phantom if like is None else like.case.confirmation == DRAWN

    @property
    def rivals(self) -> bool:
        """Whether the nearest case of each diagnosis is shown."""
        return self.answer is not self.similar

    def with_similar(self) -> Consultation:
        """Return it with the most similar cases shown."""
        return replace(self, answer=self.similar)


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


def consult(engine: Engine, source: Source, question: Question) -> Consultation:
    """Ask about a picture that was not asked about before; ``question`` is not about a case.

    Raises:
        CaseLensError: picture, model or library failed.
    """
    with engine.in_use():
        answer = engine.adviser.ask(
            source.content,
            k=question.k,
            name=source.name,
            filter=question.filter,
            bits=question.bits,
        )
    return Consultation(source, question, answer, answer, Picture(answer.image))


def consult_again(
    engine: Engine, own: Consultation, former: Consultation, question: Question
) -> Consultation:
    """Ask otherwise about a picture that has been asked about.

    Args:
        engine: asks.
        own: any answer to the reader's own picture.
        former: any answer to the picture that ``question`` is about, or to another one.
        question: how it is asked about.

    Raises:
        RegionError: the region cannot be searched for.
        CaseLensError: model or library failed.
    """
    with engine.in_use():
        without = _pictures(engine, question.without)
        if question.like is None:
            answer, picture = _again(engine, own.similar, question, without), own.picture
        elif former.question.like == question.like:
            own_pictures = engine.adviser.pictures_of(question.like)
            answer = _again(engine, former.similar, question, (*without, *own_pictures))
            picture = former.picture
        else:
            answer = engine.adviser.ask_case(
                question.like,
                k=question.k,
                filter=question.filter,
                bits=question.bits,
                without=without,
            )
            picture = Picture(answer.image)
        if question.shape is not None:
            region = question.shape.region(picture.width, picture.height)
            answer = engine.adviser.ask_region(answer, region, k=question.k)
    return Consultation(own.source, question, answer, answer, picture)


def with_rivals(engine: Engine, consultation: Consultation) -> Consultation:
    """Return a consultation with the nearest case of each diagnosis shown.

    Raises:
        CaseLensError: model or library failed.
    """
    with engine.in_use():
        return replace(consultation, answer=engine.adviser.rivals(consultation.similar))


def _again(engine: Engine, answer: Answer, question: Question, without: tuple[str, ...]) -> Answer:
    return engine.adviser.ask_again(
        answer, k=question.k, filter=question.filter, bits=question.bits, without=without
    )


def _pictures(engine: Engine, matches: tuple[Match, ...]) -> tuple[str, ...]:
    return tuple(name for match in matches for name in engine.adviser.pictures_of(match))


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
