"""The case library: the one object through which everything else sees the cases on disk.

<folder>/library.sqlite     the truth
<folder>/images, thumbs     pictures by content
<folder>/index              what can be made again: verified before use
<folder>/backups            the database before each change of format
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from inference.errors import LibraryError
from inference.images.model import MedicalImage, RgbPixels
from inference.library.curation import Curation
from inference.library.errors import UnfinishedLibraryError
from inference.library.files import explained
from inference.library.filters import EVERYTHING, Filter, Word, leaving_open
from inference.library.inspection import Inspection
from inference.library.model import Case, CaseImage, LibraryInfo
from inference.library.novelty import Reference
from inference.library.pixels import KeptFile, PixelStore
from inference.library.recording import wrong_kind
from inference.library.remembered import Remembered
from inference.library.searcher import unit
from inference.library.searchers import Searchers
from inference.library.snapshot import CodeHit, Selection
from inference.library.sqlite_store import SqliteStore
from inference.library.store import (
    Arrival,
    CodeArray,
    FloatArray,
    Ids,
    ImageRow,
    ImportRun,
    LibraryStore,
    MapBatch,
    Outcome,
)

DATABASE = "library.sqlite"
MAPS_AT_ONCE = 256
_BESIDE_DATABASE = ("-wal", "-shm", "-journal")


class Library:
    """Cases in one folder, to be searched and added to. Any thread may call any method.

    Every method raises `LibraryError` when the folder cannot be read, is full, or has vanished.
    """

    def __init__(self, folder: Path, store: LibraryStore) -> None:
        """Use `create` or `open`."""
        self._folder = folder
        self._store = store
        self._pixels = PixelStore(folder)
        self._searchers = Searchers(store, folder)
        self._curation = Curation(store.curation)
        self._inspection = Inspection(folder, store.checking, self._pixels, self._searchers.all)
        self._remembered = Remembered(store)
        try:
            self._name, self._phantoms = store.label()
        except BaseException:
            store.close()
            raise

    @classmethod
    def create(cls, folder: Path, name: str, *, phantoms: bool = False) -> Library:
        """Make an empty library.

        Args:
            folder: absent or empty; made with its parents.
            name: to show.
            phantoms: every case will be computer-drawn, and the screen must say so. Such a
                library takes no patient's case, and any other no phantom.

        Raises:
            LibraryError: the folder holds something already, or cannot be written.
        """
        with explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            leftovers = {DATABASE, *(DATABASE + end for end in _BESIDE_DATABASE)}
            if any(entry.name not in leftovers for entry in folder.iterdir()):
                raise LibraryError(
                    folder,
                    "there is a library already"
                    if (folder / DATABASE).exists()
                    else "the folder holds other files",
                    "Choose a new or empty folder for the library",
                )
        return cls(folder, SqliteStore.create(folder / DATABASE, name, phantoms=phantoms))

    @classmethod
    def open(cls, folder: Path) -> Library:
        """Open a library, for reading only where nothing can be written.

        Raises:
            LibraryError: no library is there, it comes from a newer program, or it is damaged.
        """
        with explained(folder):
            is_folder, holds_library = folder.is_dir(), (folder / DATABASE).is_file()
        if not is_folder:
            raise LibraryError(
                folder, "there is no such folder", "Check that its drive or share is connected"
            )
        if not holds_library:
            raise LibraryError(
                folder,
                f"the folder is not a CaseLens library (it holds no {DATABASE})",
                "Choose a library's folder, or build one with: caselens library build SOURCE DEST",
            )
        return cls(folder, SqliteStore.open(folder / DATABASE))

    @classmethod
    def open_or_create(cls, folder: Path, name: str, *, phantoms: bool = False) -> Library:
        """Open the library in ``folder``, or make it, also where a `create` was cut off.

        ``name`` and ``phantoms`` count only for a new one. Raises as `open` and `create` do.
        """
        with explained(folder):
            is_there = (folder / DATABASE).exists()
        if is_there:
            with contextlib.suppress(UnfinishedLibraryError):
                return cls.open(folder)
        return cls.create(folder, name, phantoms=phantoms)

    @property
    def folder(self) -> Path:
        """Where the library lies."""
        return self._folder

    @property
    def name(self) -> str:
        """Shown name."""
        return self._name

    @property
    def writable(self) -> bool:
        """Whether cases can be added."""
        return self._store.writable

    @property
    def curation(self) -> Curation:
        """Edits, deletions, mergers, their trail, and the search by words."""
        return self._curation

    @property
    def inspection(self) -> Inspection:
        """The check of everything that the library holds, and its repair."""
        return self._inspection

    def require_writable(self) -> None:
        """Raise `LibraryError` where nothing can be added."""
        self._store.check_in_place()
        if not self._store.writable:
            raise LibraryError(
                self._folder,
                "nothing can be written there",
                "Copy the whole folder to a place where you may write",
            )

    def close(self) -> None:
        """Let the folder go; later calls raise `LibraryError`."""
        self._searchers.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def info(self) -> LibraryInfo:
        """Count what is there."""
        summary = self._remembered.answer("summary", self._store.summary)
        model, embedded = next(iter(summary.models.items()), ("", 0))
        return LibraryInfo(
            name=summary.name,
            folder=self._folder,
            cases=summary.cases,
            images=summary.images,
            embedded=embedded,
            diagnoses=dict(summary.diagnoses),
            confirmations=dict(summary.confirmations),
            model=model,
            phantoms=summary.phantoms,
            bytes_on_disk=summary.image_bytes + _size_beside_pixels(self._folder),
            models=dict(summary.models),
            deleted=summary.deleted,
        )

    def case(self, case_id: int) -> Case:
        """Return a case with the ids of its images.

        Raises:
            LibraryError: there is no such case.
        """
        case = self._store.case(case_id)
        if case is None:
            raise LibraryError(self._folder, f"it has no case {case_id}", "Search again")
        return case

    def image(self, image_id: int) -> CaseImage:
        """Return what is known of an image, without its pixels.

        Raises:
            LibraryError: there is no such image.
        """
        row = self._row(image_id)
        return CaseImage(
            id=row.id,
            case=row.case,
            name=row.name,
            content_hash=row.content_hash,
            path=self._pixels.path(row.content_hash, row.suffix),
            height=row.height,
            width=row.width,
        )

    def read_image(self, image_id: int) -> MedicalImage:
        """Decode an image, once its bytes prove to be those that were imported.

        Raises:
            LibraryError: there is no such image, or its file is missing or altered.
            ImageError: its file cannot be decoded.
        """
        image = self.image(image_id)
        return self._pixels.read(image.path, image.content_hash, image.name)

    def thumbnail(self, image_id: int) -> RgbPixels:
        """Return uint8 (h, w, 3), the longer side at most 320 pixels.

        Raises:
            LibraryError: there is no such image, or its files are missing or altered.
        """
        image = self.image(image_id)
        return self._pixels.thumbnail(image.content_hash, image.path, image.name)

    def nearest(
        self,
        embedding: FloatArray,
        k: int,
        *,
        model: str,
        without: Collection[str] = (),
        filter: Filter = EVERYTHING,
    ) -> list[tuple[int, float]]:
        """Return (image id, cosine), best first: the nearest image of each of ``k`` lesions.

        Fewer only when fewer lesions pass the filter. The cosines are exact, whatever found them,
        and up to 10,000 pictures are all compared; with a filter, up to 100,000 that pass.

        Args:
            embedding: float32 (dimension,), as the encoder gives it.
            k: how many lesions, at least 1.
            model: SHA-256 of that encoder; only its vectors are searched.
            without: content hashes of pictures that are never returned, such as the query's.
            filter: which cases may be returned.

        Raises:
            LibraryError: the library has no vectors of this model, or the embedding is NaN or 0.
            ValueError: the embedding has another shape, or k is below 1.
        """
        _require_one(k)
        searcher = self._searchers.to_ask(model)
        if searcher is None:
            return []
        query = unit(embedding, searcher.dimension)
        return searcher.nearest(query, k, self._selection(without, filter))

    def nearest_by_code(
        self,
        code: CodeArray,
        embedding: FloatArray,
        k: int,
        *,
        model: str,
        without: Collection[str] = (),
        filter: Filter = EVERYTHING,
    ) -> list[CodeHit]:
        """Return the nearest image of each of ``k`` lesions by hash code, best first.

        All codes are compared. Pictures whose codes differ in equally many bits are in the order
        of their exact cosines. Pictures without a code of this length are passed over, see
        `uncoded`.

        Args:
            code: uint8 (bits / 8,), as the encoder gives it.
            embedding: float32 (dimension,), likewise.
            k: how many lesions, at least 1.
            model: SHA-256 of that encoder.
            without: content hashes of pictures that are never returned, such as the query's.
            filter: which cases may be returned.

        Raises:
            LibraryError: the library has no vectors of this model, or no codes of this length
                beside them, or the embedding is NaN or 0.
            ValueError: the embedding has another shape, or k is below 1.
        """
        _require_one(k)
        searcher = self._searchers.to_ask(model)
        if searcher is None:
            return []
        query = unit(embedding, searcher.dimension)
        selection = self._selection(without, filter)
        return searcher.nearest_by_code(code, query, k, selection)

    def _selection(self, without: Collection[str], filter: Filter) -> Selection:
        return Selection(self.images_of(without), self.passing(filter) if filter else None)

    def passing(self, filter: Filter) -> Ids:
        """Return the ids of the images whose case passes a filter: int64 (n,), ascending."""
        return self._remembered.answer(("passing", filter), lambda: self._store.passing(filter))

    def base_rates(self, filter: Filter = EVERYTHING) -> dict[str, int]:
        """Return each diagnosis to how many cases of it pass a filter.

        What the counts of an answer's matches are to be seen beside.
        """
        return self._counted("diagnosis", filter)

    def counts(self, fact: Word, filter: Filter = EVERYTHING) -> dict[str, int]:
        """Return each word of a fact to how many cases with it would pass.

        What the filter says of that fact itself is left open, so that the numbers say what another
        word would bring.
        """
        return self._counted(fact, leaving_open(filter, fact))

    def _counted(self, fact: Word, filter: Filter) -> dict[str, int]:
        question = ("counts", fact, filter)
        return dict(self._remembered.answer(question, lambda: self._store.counts(fact, filter)))

    def reference(self, model: str) -> Reference | None:
        """Return how close the library's cases are to one another by the vectors of ``model``.

        None when it holds too few cases for that, or no index can be kept; cases that came since
        the index was built are not in it.
        """
        searcher = self._searchers.of(model)
        return None if searcher is None else searcher.reference()

    def refuses(self, case: Case) -> str:
        """Say why the library takes no picture of this case; "" when it does."""
        return wrong_kind(case, phantoms=self._phantoms)

    def known(self, content_hash: str, lesion: str, model: str) -> Outcome | None:
        """Say what would become of a picture if that is clear from its bytes, else None.

        Args:
            content_hash: SHA-256 of its bytes.
            lesion: of the case that it would come with.
            model: SHA-256 of the encoder that would describe it.
        """
        return self._store.known(content_hash, lesion, model)

    def keep_pixels(self, data: bytes, image: MedicalImage) -> KeptFile:
        """Store a picture's bytes and thumbnail; `add` makes it part of the library."""
        self.require_writable()
        return self._pixels.keep(data, image)

    def add(
        self,
        arrivals: Sequence[Arrival],
        paths: Sequence[Path],
        model: str,
        run: ImportRun | None = None,
    ) -> list[Outcome]:
        """Record pictures whose pixels are kept, all or none; on the disk when this returns.

        Args:
            arrivals: the pictures.
            paths: where `keep_pixels` put each.
            model: SHA-256 of the encoder of their embeddings.
            run: the import that brings them, of which this may be a part; None for one of its own.
        """
        self.require_writable()
        self._pixels.settle(list(paths))
        return self._store.add(arrivals, model, run or ImportRun())

    def undescribed(self, model: str) -> list[int]:
        """Return the ids of the images without a vector of ``model``, ascending."""
        return self._store.undescribed(model)

    def unmapped(self, model: str, names: Sequence[str]) -> list[int]:
        """Return the ids of the images that lack a map of one of these names, ascending."""
        return self._store.unmapped(model, names)

    def uncoded(self, model: str, bits: Sequence[int]) -> list[int]:
        """Return the ids of the images that lack a hash code of one of these lengths, ascending."""
        return self._store.uncoded(model, bits)

    def add_vectors(
        self,
        images: Sequence[int],
        embeddings: FloatArray,
        model: str,
        maps: Mapping[str, FloatArray] = MappingProxyType({}),
        codes: Mapping[int, CodeArray] = MappingProxyType({}),
    ) -> int:
        """Record what ``model`` says of images that are here already, all or none.

        Vectors of other models stay. An image that has a vector, a map or a code of this model
        keeps it.

        Args:
            images: n ids.
            embeddings: float32 (n, dimension), L2-normalised.
            model: SHA-256 of the encoder they come from.
            maps: name to float32 (n, channels, rows, columns), to be kept beside the vectors.
            codes: length in bits to packed hash codes, uint8 (n, length / 8), likewise.

        Returns:
            How many images have got a vector, a map or a code that they did not have.
        """
        self.require_writable()
        return self._store.add_vectors(images, embeddings, model, maps=maps, codes=codes)

    def maps_of(self, images: Sequence[int], model: str, name: str) -> MapBatch:
        """Return the maps of this name that ``model`` gave some images, where they are kept."""
        return self._store.maps_of(images, model, name)

    def all_maps(self, model: str, name: str, filter: Filter = EVERYTHING) -> Iterator[MapBatch]:
        """Yield the maps of this name of ``model``, some hundreds at a time: it bounds memory.

        Those of cases that do not pass the filter are never read.

        What is added meanwhile may be among them.
        """
        last = 0
        while batch := self._store.maps_after(model, name, last, MAPS_AT_ONCE, filter=filter):
            yield batch
            last = batch.last

    def images_of(self, content_hashes: Collection[str]) -> set[int]:
        """Return the ids of the images with these contents."""
        return self._store.images_of_hashes(content_hashes) if content_hashes else set()

    def rebuild_index(self, model: str) -> None:
        """Build the index of ``model`` from the database; what is sound of the old one stays."""
        self.require_writable()
        searcher = self._searchers.of(model)
        if searcher is not None:
            searcher.rebuild()

    def purge(self, *, who: str = "") -> int:
        """Forget deleted pictures for good: their files, vectors, and cases that have none left.

        Older databases in ``backups/`` still hold their rows. A purge that was cut off is
        finished by the next one.

        Returns:
            How many pictures.
        """
        self.require_writable()
        self._pixels.discard(self._store.curation.begin_purge())
        purged = self._store.curation.finish_purge(who)
        # Also where nothing was left to forget: one that was cut off may have got no further.
        for searcher in self._searchers.all().values():
            searcher.rebuild(gone=0.0)
        return purged

    def remove_abandoned(self) -> None:
        """Delete what imports that were killed more than a day ago left half-written."""
        self.require_writable()
        self._pixels.remove_abandoned()

    def _row(self, image_id: int) -> ImageRow:
        row = self._store.image(image_id)
        if row is None:
            raise LibraryError(self._folder, f"it has no image {image_id}", "Search again")
        return row


def _require_one(k: int) -> None:
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")


def _size_beside_pixels(folder: Path) -> int:
    """Sum the sizes of the database, its index and its backups.

    The pictures' sizes are in the database: asking the disk for thousands of them takes a third
    of a second. A file that vanishes meanwhile, or may not be looked at, counts nothing.
    """
    total = 0
    for path in (*folder.glob("*"), *folder.glob("index/*/*"), *folder.glob("backups/*")):
        with contextlib.suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total
