"""An encoding's nearest cases, ranked, and how their diagnoses spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from inference.encoder.model import CodeArray, Encoding
from inference.errors import ModelError
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
    bits: int | None = None,
) -> tuple[Match, ...]:
    """Return the ``k`` most similar cases, one match for each lesion, best first.

    Args:
        library: where to look; only its vectors of the encoding's model count.
        encoding: the query.
        k: how many cases; fewer only when fewer pass the filter.
        without: content hashes of pictures that must not come back, such as the query's own.
        filter: which cases may come back.
        bits: search by hash codes of this length; None for the embeddings themselves.

    Raises:
        LibraryError: the library cannot be searched with this encoding, or keeps no such codes.
        ModelError: the encoder gives no codes of this length.
    """
    if bits is None:
        hits = library.nearest(
            encoding.embedding, k, model=encoding.model, without=without, filter=filter
        )
        return tuple(
            _match(library, rank, image, similarity)
            for rank, (image, similarity) in enumerate(hits, start=1)
        )
    by_code = library.nearest_by_code(
        _code(encoding, bits),
        encoding.embedding,
        k,
        model=encoding.model,
        without=without,
        filter=filter,
    )
    return tuple(_match(library, rank, *hit) for rank, hit in enumerate(by_code, start=1))


def _match(
    library: Library, rank: int, image_id: int, similarity: float, distance: int | None = None
) -> Match:
    image = library.image(image_id)
    return Match(rank, library.case(image.case), image, similarity, distance=distance)


def _code(encoding: Encoding, bits: int) -> CodeArray:
    if bits not in encoding.codes:
        given = ", ".join(str(length) for length in encoding.codes)
        raise ModelError(
            "the encoder",
            f"it gives no hash codes of {bits} bits",
            f"Search by its embeddings{f' or by codes of {given} bits' if given else ''}",
        )
    return encoding.codes[bits]


def vote(matches: Iterable[Match]) -> dict[str, int]:
    """Count the matches of each diagnosis, most frequent first.

    Equal counts are in the order in which the diagnoses first appear, so that the one with the
    nearer case leads.
    """
    return dict(Counter(match.case.diagnosis for match in matches).most_common())
