"""Whether a library holds anything like a query: one number, comparable between libraries."""

from __future__ import annotations

from collections.abc import Sequence

from inference.encoder.model import Encoding
from inference.library.library import Library
from inference.search.model import Match


def plausibility(
    library: Library, encoding: Encoding, matches: Sequence[Match], *, content_hash: str
) -> float | None:
    """Return how plausible it is that the query is one more case like the library's.

    It is asked of the whole library, whatever a filter left of the matches: how close its cases
    lie to one another was measured over all of them, and a filter by diagnosis would make a
    stranger of every lesion that has another.

    Args:
        library: that gave the matches.
        encoding: the query.
        matches: its most similar cases in the whole library, best first, one for each lesion; they
            spare a search. Empty when they are not at hand.
        content_hash: of the query's picture, which is no company to itself.

    Returns:
        `Reference.p_value`, in (0, 1]; small when the query is lonelier than nearly all of the
        library's own cases are among themselves. None when the library is too small to tell, or
        keeps no index.

    Raises:
        LibraryError: the library cannot be searched.
    """
    reference = library.reference(encoding.model)
    if reference is None:
        return None
    others = [m.similarity for m in matches if m.image.content_hash != content_hash]
    if len(others) < reference.neighbour:
        hits = library.nearest(
            encoding.embedding, reference.neighbour, model=encoding.model, without=(content_hash,)
        )
        others = [similarity for _, similarity in hits]
    if len(others) < reference.neighbour:
        return None
    return float(reference.p_value(others[reference.neighbour - 1]))
