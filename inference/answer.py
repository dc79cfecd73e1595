"""What one query brought back."""

from __future__ import annotations

from dataclasses import dataclass, field

from inference.encoder import Encoding
from inference.explain import Heatmap, Region
from inference.images import MedicalImage
from inference.library.filters import EVERYTHING, Filter
from inference.search import Match


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Answer:
    """Everything that one query brought back.

    Attributes:
        image: the query's picture.
        encoding: what the encoder says of it.
        matches: the most similar cases, best first, one for each lesion; to ``region`` where
            there is one.
        plausibility: how plausible the query is as one more case like those of the whole library,
            whatever the filter, in (0, 1]; None when the library is too small to tell. See
            `inference.search.plausibility`.
        flags: words of caution, keys of `inference.cautions.FLAGS`; empty when there are none.
        milliseconds: stage (``read``, ``encode``, ``search``) to time.
        region: the part of the picture that was asked for; None for the whole of it.
        unsearched: of a question for a region or by hash codes, how many of the pictures that
            pass the filter were left out, since the library keeps no feature map or code of them.
        filter: which cases were searched.
        base_rates: diagnosis to how many cases of it were searched, by which the counts of the
            matches are to be judged.
        bits: length of the hash codes that were compared; None where embeddings were, or, of a
            question for a region, feature maps.
        without: content hashes of pictures that were left out of the search.
    """

    image: MedicalImage
    encoding: Encoding
    matches: tuple[Match, ...]
    plausibility: float | None = None
    flags: tuple[str, ...] = ()
    milliseconds: dict[str, float] = field(default_factory=dict)
    region: Region | None = None
    unsearched: int = 0
    filter: Filter = EVERYTHING
    base_rates: dict[str, int] = field(default_factory=dict)
    bits: int | None = None
    without: tuple[str, ...] = ()

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
        query: where the query resembles the case, on the scale of all the answer's matches.
        case: where the case resembles the query, likewise.
        case_image: the case's picture in full.
    """

    query: Heatmap
    case: Heatmap
    case_image: MedicalImage
