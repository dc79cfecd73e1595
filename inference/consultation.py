"""The one way through: file, image, encoding, matches, answer. Used by the window and terminal."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from weakref import WeakKeyDictionary

from inference.answer import Answer, PairExplanation
from inference.cautions import cautions
from inference.encoder import Encoder, Encoding, Features, Field
from inference.encoder.preprocess import central_square
from inference.errors import ImageError, LibraryError
from inference.explain import Gallery, GalleryMaps, Heatmap, Region, shipped_likeness
from inference.images import IsolatedReader, MedicalImage, read
from inference.library.filters import EVERYTHING, Filter
from inference.library.library import Library
from inference.search import Match, find, find_region, nearest_of_each, plausibility

__all__ = ["DEFAULT_K", "Answer", "Consultant", "PairExplanation"]

DEFAULT_K = 16
"""Sixteen neighbours were as good as a softmax in Tschandl et al. 2019."""


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
        without: Collection[str] = (),
    ) -> Answer:
        """Find the cases most similar to a picture in hand; see `ask`.

        ``without`` are content hashes of pictures that must not come back.
        """
        begun = time.perf_counter()
        encoding = self.encoder.encode(image)
        encoded = time.perf_counter()
        matches = find(self.library, encoding, k, without=without, filter=filter, bits=bits)
        nearest_of_all = () if filter or bits or without else matches
        likely = plausibility(
            self.library, encoding, nearest_of_all, content_hash=image.content_hash
        )
        base_rates = self.library.base_rates(filter)
        unsearched = self._uncoded(encoding, filter, bits)
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
            without=tuple(without),
        )

    def ask_again(
        self,
        answer: Answer,
        *,
        k: int = DEFAULT_K,
        filter: Filter = EVERYTHING,
        bits: int | None = None,
        without: Collection[str] = (),
    ) -> Answer:
        """Ask otherwise about the picture of an answer, which is not encoded again.

        Args:
            answer: to the whole picture or to a region of it.
            k: number of matches.
            filter: which cases to search.
            bits: search by hash codes of this length; None for the embeddings.
            without: content hashes of pictures that must not come back.

        Returns:
            An answer to the whole picture; what is said of the query itself stays.

        Raises:
            As `ask` does once the picture is read.
        """
        begun = time.perf_counter()
        encoding = answer.encoding
        matches = find(self.library, encoding, k, without=without, filter=filter, bits=bits)
        base_rates = self.library.base_rates(filter)
        unsearched = self._uncoded(encoding, filter, bits)
        taken = (time.perf_counter() - begun) * 1e3
        return replace(
            answer,
            matches=matches,
            region=None,
            unsearched=unsearched,
            filter=filter,
            base_rates=base_rates,
            bits=bits,
            without=tuple(without),
            milliseconds={**answer.milliseconds, "search": taken},
        )

    def ask_case(
        self,
        match: Match,
        *,
        k: int = DEFAULT_K,
        filter: Filter = EVERYTHING,
        bits: int | None = None,
        without: Collection[str] = (),
    ) -> Answer:
        """Take a match's picture for the query: find the cases most similar to that.

        No picture of the match's own lesion comes back.

        Args:
            match: of any answer of this library.
            k: number of matches.
            filter: which cases to search.
            bits: search by hash codes of this length; None for the embeddings.
            without: content hashes of further pictures that must not come back.

        Raises:
            As `ask` does, and LibraryError where the case's picture is missing or altered.
        """
        begun = time.perf_counter()
        image = self.library.read_image(match.image.id)
        read_ms = (time.perf_counter() - begun) * 1e3
        left_out = dict.fromkeys([*without, *self.pictures_of(match)])
        return self.ask_image(
            image, k=k, read_ms=read_ms, filter=filter, bits=bits, without=tuple(left_out)
        )

    def pictures_of(self, match: Match) -> tuple[str, ...]:
        """Return the content hashes of all pictures of a match's lesion.

        Raises:
            LibraryError: the library cannot be read.
        """
        return tuple(self.library.image(image).content_hash for image in match.case.images)

    def rivals(self, answer: Answer) -> Answer:
        """Find the nearest case of each diagnosis, asked as an answer was.

        Only cases that pass its filter are searched, for its region where it has one. The search
        is exact for each diagnosis, however rare it is.

        Returns:
            The answer with other ``matches``: one for each diagnosis that passes, best first, and
            none for cases without a diagnosis, or, for a region, for a diagnosis of whose
            pictures the library keeps no feature map.

        Raises:
            As `ask`, or `ask_region`, does.
        """
        begun = time.perf_counter()
        matches = nearest_of_each(self._searchable(answer), lambda one: self._nearest(answer, one))
        taken = (time.perf_counter() - begun) * 1e3
        return replace(
            answer, matches=matches, milliseconds={**answer.milliseconds, "search": taken}
        )

    def _searchable(self, answer: Answer) -> list[str]:
        """Return the diagnoses that pass; for a region, those of which a feature map is kept."""
        diagnoses = list(answer.base_rates)
        if answer.region is None:
            return diagnoses
        unmapped = self.library.unmapped(answer.encoding.model, [self.encoder.manifest.maps[-1]])
        if not unmapped:
            return diagnoses
        searched = {name: replace(answer.filter, diagnosis=(name,)) for name in diagnoses}
        return [
            name
            for name, only in searched.items()
            if self._passing(unmapped, only) < len(self.library.passing(only))
        ]

    def _nearest(self, answer: Answer, diagnosis: str) -> tuple[Match, ...]:
        """Return the nearest case of a diagnosis, asked as ``answer`` was; none where none is."""
        encoding, only = answer.encoding, replace(answer.filter, diagnosis=(diagnosis,))
        if answer.region is None:
            return find(
                self.library, encoding, 1,
                without=answer.without, filter=only, bits=answer.bits,
            )  # fmt: skip
        return find_region(
            self.library, shipped_likeness(), encoding.features, answer.region, 1,
            model=encoding.model, maps=self.encoder.manifest.maps[-1],
            without=answer.without, filter=only,
        )  # fmt: skip

    def ask_region(self, answer: Answer, region: Region, *, k: int = DEFAULT_K) -> Answer:
        """Find the cases that anywhere hold what is in a region of an answer's query.

        Only those that pass the answer's filter are searched, and its ``without`` does not come
        back.

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
            model=encoding.model, maps=local, without=answer.without, filter=answer.filter,
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

    def _uncoded(self, encoding: Encoding, filter: Filter, bits: int | None) -> int:
        """Count the pictures that pass and lack a code of this length."""
        return self._passing(self.library.uncoded(encoding.model, [bits]), filter) if bits else 0

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
