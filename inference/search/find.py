"""An encoding's nearest cases, ranked, and how their diagnoses spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from inference.encoder.model import Encoding
from inference.library.filters import EVERYTHING, Filter
from inference.library.library import Library
from inference.search.model import Match


def find(
    library: Library,
    encoding: Encoding,
    k: int = 16,
    *,
    without: Collection[str] = (),
    filter: Filter = EVERYTHING,
) -> tuple[Match, ...]:
    """Return the ``k`` most similar cases, one match for each lesion, best first.

    Args:
        library: where to look; only its vectors of the encoding's model count.
        encoding: the query.
        k: how many cases; fewer only when fewer pass the filter.
        without: content hashes of pictures that must not come back, such as the query's own.
        filter: which cases may come back.

    Raises:
        LibraryError: the library cannot be searched with this encoding.
    """
    hits = library.nearest(
        encoding.embedding, k, model=encoding.model, without=without, filter=filter
    )
    matches = []
    for rank, (image_id, similarity) in enumerate(hits, start=1):
        image = library.image(image_id)
        matches.append(Match(rank, library.case(image.case), image, similarity))
    return tuple(matches)


def vote(matches: Iterable[Match]) -> dict[str, int]:
    """Count the matches of each diagnosis, most frequent first.

    Equal counts are in the order in which the diagnoses first appear, so that the one with the
    nearer case leads.
    """
    return dict(Counter(match.case.diagnosis for match in matches).most_common())
