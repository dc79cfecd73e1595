"""The one way through: file, image, encoding, matches, answer. Used by the window and terminal."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from weakref import WeakKeyDictionary

from inference.cautions import cautions
from inference.encoder import Encoder, Encoding, Features, Field
from inference.encoder.preprocess import central_square
from inference.errors import ImageError, LibraryError
from inference.explain import Gallery, GalleryMaps, Heatmap, Region, shipped_likeness
from inference.images import IsolatedReader, MedicalImage, read
from inference.library.filters import EVERYTHING, Filter
from inference.library.library import Library
from inference.search import Match, find, find_region, plausibility

DEFAULT_K = 16
"""Sixteen neighbours were as good as a softmax in Tschandl et al. 2019."""


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


class Consultant:
    """Answers queries from one library with one encoder. Any thread may call it.

    Args:
        encoder: describes the query.
        library: holds the cases, with vectors of that encoder.
        reader: decodes the files that `ask` is given; None decodes them in this process, which
            is for files that are trusted.
    """

    def __init__(
        self, encoder: Encoder, library: Library, reader: IsolatedReader | None = None
    ) -> None:
        self.encoder = encoder
        self.library = library
        self._read = reader.read if reader is not None else read
        self._galleries: WeakKeyDictionary[Answer, Gallery] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def ask(
        self,
        source: Path | bytes,
        *,
        k: int = DEFAULT_K,
        name: str | None = None,
        filter: Filter = EVERYTHING,
        bits: int | None = None,
    ) -> Answer:
        """Read a picture and find the cases most similar to it.

        Args:
            source: a file, or its bytes.
            k: number of matches, fewer only if fewer lesions pass the filter.
            name: what to call bytes.
            filter: which cases to search.
            bits: search by hash codes of this length; None for the embeddings.

        Raises:
            ImageError: the file is not a readable picture.
            ModelError: the encoder failed, or gives no such codes.
            LibraryError: the library cannot be searched, or keeps no such codes.
        """
        begun = time.perf_counter()
        image = self._read(source, name=name)
        read_ms = (time.perf_counter() - begun) * 1e3
        return self.ask_image(image, k=k, read_ms=read_ms, filter=filter, bits=bits)

    def ask_image(
        self,
        image: MedicalImage,
        *,
        k: int = DEFAULT_K,
        read_ms: float = 0.0,
        filter: Filter = EVERYTHING,
        bits: int | None = None,
    ) -> Answer:
        """Find the cases most similar to a picture in hand; see `ask`."""
        begun = time.perf_counter()
        encoding = self.encoder.encode(image)
        encoded = time.perf_counter()
        matches = find(self.library, encoding, k, filter=filter, bits=bits)
        nearest_of_all = () if filter or bits else matches
        likely = plausibility(
            self.library, encoding, nearest_of_all, content_hash=image.content_hash
        )
        base_rates = self.library.base_rates(filter)
        uncoded = self.library.uncoded(encoding.model, [bits]) if bits else []
        unsearched = self._passing(uncoded, filter)
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
            unsearched=unsearched,
            filter=filter,
            base_rates=base_rates,
            bits=bits,
        )

    def ask_region(self, answer: Answer, region: Region, *, k: int = DEFAULT_K) -> Answer:
        """Find the cases that anywhere hold what is in a region of an answer's query.

        Only those that pass the answer's filter are searched.

        Args:
            answer: to the whole picture, or to another region of it.
            region: of the query's picture.
            k: number of matches, fewer only if fewer lesions pass the filter.

        Returns:
            The answer with other ``matches``, which say ``where`` they hold it; what is said of
            the query as a whole stays.

        Raises:
            RegionError: the encoder saw nothing of the region.
            LibraryError: the library keeps no feature maps of this encoder; describing it again
                makes them.
            ModelError: the graph of likeness is missing or failed.
        """
        begun = time.perf_counter()
        encoding = answer.encoding
        local = self.encoder.manifest.maps[-1]
        matches = find_region(
            self.library, shipped_likeness(), encoding.features, region, k,
            model=encoding.model, maps=local, filter=answer.filter,
        )  # fmt: skip
        unsearched = self._passing(self.library.unmapped(encoding.model, [local]), answer.filter)
        taken = (time.perf_counter() - begun) * 1e3
        return replace(
            answer,
            matches=matches,
            region=region,
            unsearched=unsearched,
            bits=None,
            milliseconds={**answer.milliseconds, "search": taken},
        )

    def _passing(self, images: list[int], filter: Filter) -> int:
        """Count those images whose case passes."""
        return len(set(images).intersection(self.library.passing(filter).tolist())) if images else 0

    def pair_maps(self, answer: Answer) -> GalleryMaps:
        """Say where an answer's query and each of its matches resemble each other, on one scale.

        A picture of which the library keeps no map is encoded once more; None stands for the maps
        of one that cannot be read either.

        Of an answer to a region, the query's map is the region, and a case's shows what is like
        it there, on an absolute scale.

        Raises:
            LibraryError: the library cannot be read.
            ModelError: the encoder or the graph of likeness failed.
        """
        gallery = self._gallery(answer)
        return gallery.pairs if answer.region is None else gallery.region(answer.region)

    def point(self, answer: Answer, x: float, y: float) -> tuple[Heatmap | None, ...]:
        """Say where each of an answer's matches holds something like a spot of its query.

        Args:
            answer: whose matches are looked at; the first call for it reads their maps.
            x: to the right from the query's left edge, in pixels of its picture.
            y: downwards from its upper edge.

        Returns:
            For each match cosines, cut off at 0: 1 is the same direction in every gallery; None
            where `pair_maps` has none. Empty where the encoder did not look.

        Raises:
            As `pair_maps` does.
        """
        return self._gallery(answer).point(x, y)

    def explain(self, answer: Answer, match: Match) -> PairExplanation:
        """Give one of the maps of `pair_maps` with the case's picture in full.

        Raises:
            As `pair_maps` does; also ImageError or LibraryError where the picture cannot be read.
            ValueError: it is no match of this answer.
        """
        place = answer.matches.index(match)
        image = self.library.read_image(match.image.id)
        pair = self.pair_maps(answer).pairs[place]
        if pair is None:
            raise LibraryError(match.image.name, "its map could not be made", "Ask again")
        return PairExplanation(pair.query, pair.case, image)

    def _gallery(self, answer: Answer) -> Gallery:
        """Return what the answer's maps are made from; it is kept as long as the answer."""
        with self._lock:
            gallery = self._galleries.get(answer)
        if gallery is None:
            cases = self._features(answer.matches, answer.encoding.model)
            gallery = Gallery(answer.encoding.features, cases, shipped_likeness())
            with self._lock:
                self._galleries[answer] = gallery
        return gallery

    def _features(self, matches: tuple[Match, ...], model: str) -> list[Features | None]:
        """Return the features of the matches' pictures: those kept, else encoded anew."""
        seen = {match.image.id: _seen(match) for match in matches}
        features = {}
        names = self.encoder.manifest.maps
        kept = [self.library.maps_of(list(seen), model, name).by_image() for name in names]
        for image in set.intersection(*map(set, kept)):
            (feature_map, embedding), (local_map, _) = kept[0][image], kept[-1][image]
            features[image] = Features(feature_map, embedding, seen[image], local_map)
        pictures = self._readable([image for image in seen if image not in features])
        encodings = self.encoder.encode_many(list(pictures.values()))
        for image, encoding in zip(pictures, encodings, strict=True):
            features[image] = encoding.features
        return [features.get(image) for image in seen]

    def _readable(self, images: list[int]) -> dict[int, MedicalImage]:
        """Read those pictures that can be read."""
        pictures = {}
        for image in images:
            with contextlib.suppress(ImageError, LibraryError):
                pictures[image] = self.library.read_image(image)
        return pictures


def _seen(match: Match) -> Field:
    """Return what the encoder saw of a match's picture: it follows from the picture's size."""
    return central_square(match.image.height, match.image.width)
