"""The one way through: file, image, encoding, matches, answer. Used by the window and terminal."""

from __future__ import annotations

from dataclasses import dataclass, field

from inference.encoder.model import Encoding
from inference.images.model import MedicalImage
from inference.search.model import Match


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Everything that one query brought back.

    Attributes:
        image: the query's picture.
        encoding: what the encoder says of it.
        matches: the most similar cases, best first, one for each lesion.
        flags: words of caution, such as ``"full_frame_cropped"``; empty when there are none.
        milliseconds: stage (``read``, ``encode``, ``search``) to time.
    """

    image: MedicalImage
    encoding: Encoding
    matches: tuple[Match, ...]
    flags: tuple[str, ...] = ()
    milliseconds: dict[str, float] = field(default_factory=dict)

    @property
    def estimate(self) -> dict[str, float]:
        """Class abbreviation to the encoder's probability."""
        return {
            name: float(p)
            for name, p in zip(self.encoding.classes, self.encoding.probabilities, strict=True)
        }
