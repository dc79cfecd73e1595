"""The one way through: file, image, encoding, matches, answer. Used by the window and terminal."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from inference.cautions import cautions
from inference.encoder import Encoder, Encoding
from inference.explain import Heatmap, pair_heatmaps
from inference.images import MedicalImage, read
from inference.library.library import Library
from inference.search import Match, find, plausibility

DEFAULT_K = 16
"""Sixteen neighbours were as good as a softmax in Tschandl et al. 2019."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Everything that one query brought back.

    Attributes:
        image: the query's picture.
        encoding: what the encoder says of it.
        matches: the most similar cases, best first, one for each lesion.
        plausibility: how plausible the query is as one more case like the library's, in (0, 1];
            None when the library is too small to tell. See `inference.search.plausibility`.
        flags: words of caution, keys of `inference.cautions.FLAGS`; empty when there are none.
        milliseconds: stage (``read``, ``encode``, ``search``) to time.
    """

    image: MedicalImage
    encoding: Encoding
    matches: tuple[Match, ...]
    plausibility: float | None = None
    flags: tuple[str, ...] = ()
    milliseconds: dict[str, float] = field(default_factory=dict)

    @property
    def estimate(self) -> dict[str, float]:
        """Class abbreviation to the encoder's calibrated probability."""
        return {
            name: float(p)
            for name, p in zip(self.encoding.classes, self.encoding.probabilities, strict=True)
        }


@dataclass(frozen=True, slots=True, eq=False)
class PairExplanation:
    """Why one match matched.

    Attributes:
        query: where the query resembles the case.
        case: where the case resembles the query, on the same scale.
        case_image: the case's picture in full.
    """

    query: Heatmap
    case: Heatmap
    case_image: MedicalImage


class Consultant:
    """Answers queries from one library with one encoder. Any thread may call it.

    Args:
        encoder: describes the query.
        library: holds the cases, with vectors of that encoder.
    """

    def __init__(self, encoder: Encoder, library: Library) -> None:
        self.encoder = encoder
        self.library = library

    def ask(self, source: Path | bytes, *, k: int = DEFAULT_K, name: str | None = None) -> Answer:
        """Read a picture and find the cases most similar to it.

        Args:
            source: a file, or its bytes.
            k: number of matches, fewer if the library has fewer lesions.
            name: what to call bytes.

        Raises:
            ImageError: the file is not a readable picture.
            ModelError: the encoder failed.
            LibraryError: the library cannot be searched.
        """
        begun = time.perf_counter()
        image = read(source, name=name)
        return self.ask_image(image, k=k, read_ms=(time.perf_counter() - begun) * 1e3)

    def ask_image(self, image: MedicalImage, *, k: int = DEFAULT_K, read_ms: float = 0.0) -> Answer:
        """Find the cases most similar to a picture in hand."""
        begun = time.perf_counter()
        encoding = self.encoder.encode(image)
        encoded = time.perf_counter()
        matches = find(self.library, encoding, k)
        likely = plausibility(self.library, encoding, matches, content_hash=image.content_hash)
        found = time.perf_counter()
        return Answer(
            image=image,
            encoding=encoding,
            matches=matches,
            plausibility=likely,
            flags=cautions(
                image,
                matches,
                familiar=encoding.familiar,
                like_library=likely is None or likely > self.encoder.manifest.plausibility_limit,
            ),
            milliseconds={
                "read": read_ms,
                "encode": (encoded - begun) * 1e3,
                "search": (found - encoded) * 1e3,
            },
        )

    def explain(self, answer: Answer, match: Match) -> PairExplanation:
        """Say where an answer's query and one of its matches resemble each other."""
        return self.explain_many(answer, [match])[0]

    def explain_many(self, answer: Answer, matches: Sequence[Match]) -> list[PairExplanation]:
        """Explain several matches; their pictures are encoded in one batch."""
        images = [self.library.read_image(match.image.id) for match in matches]
        encodings = self.encoder.encode_many(images)
        explained = []
        for image, encoding in zip(images, encodings, strict=True):
            query, case = pair_heatmaps(answer.encoding, encoding)
            explained.append(PairExplanation(query, case, image))
        return explained
