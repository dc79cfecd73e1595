"""How the picture in hand is asked about: plain values, changed as a whole, never in place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inference.library.filters import EVERYTHING, Filter
from inference.search.model import Match
from viewer.shapes import Shape

MATCHES = 16
"""How many cases are shown unless the reader says otherwise."""


@dataclass(frozen=True, slots=True)
class Question:
    """Everything about a question but the picture.

    Attributes:
        filter: which cases are searched.
        bits: length of the hash codes that are compared; None for embeddings.
        k: how many cases are wanted.
        like: the match whose picture is asked about in place of the reader's; None for the
            reader's own.
        without: cases that the reader left out, each by one of its matches.
        shape: the part of the picture that is asked about; None for the whole of it.
    """

    filter: Filter = EVERYTHING
    bits: int | None = None
    k: int = MATCHES
    like: Match | None = None
    without: tuple[Match, ...] = ()
    shape: Shape | None = None

    def for_next_picture(self) -> Question:
        """Return what of it is asked of the next picture too: what is not about this one."""
        return Question(self.filter, self.bits, self.k)

    def for_next_library(self) -> Question:
        """Return what of it is asked of another library too, whose words are others."""
        return replace(self, filter=EVERYTHING, bits=None, like=None, without=(), shape=None)

    def about_whole(self) -> Question:
        """Return it without the region."""
        return replace(self, shape=None)

    def about_case(self, match: Match) -> Question:
        """Return it about a match in place of the picture in hand; a region of that is left."""
        return replace(self, like=match, shape=None)

    def about_own(self) -> Question:
        """Return it about the reader's own picture."""
        return replace(self, like=None, shape=None)

    def leaving_out(self, match: Match) -> Question:
        """Return it without a case."""
        return replace(self, without=(*self.without, match))

    def taking_in(self, match: Match) -> Question:
        """Return it with a case that was left out."""
        kept = tuple(one for one in self.without if one.case.id != match.case.id)
        return replace(self, without=kept)
