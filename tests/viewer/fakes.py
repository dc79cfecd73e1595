"""A small engine that answers at once, and executors that run work when a test says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from inference.consultation import Answer, PairExplanation
from inference.encoder.model import Encoding, Field
from inference.errors import Cancelled, CaseLensError, LibraryError
from inference.explain import GalleryMaps, Heatmap, PairMap, Region
from inference.images import MedicalImage, read
from inference.library.filters import EVERYTHING, WORDS, Filter, Word, leaving_open
from inference.library.model import Case, CaseImage, LibraryInfo, Progress
from inference.search import Match, nearest_of_each
from viewer.engine import EncoderChoice, Engine, Tell, Workstation

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
DIAGNOSES = {"nv": 67, "mel": 11, "bkl": 11, "bcc": 5, "akiec": 3, "vasc": 2, "df": 1}
CASES = 30
THUMBNAIL_COLOUR = (200, 120, 90)


class InlineExecutor(Executor):
    """Runs work where it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
        """Run ``fn`` at once."""
        future: Future[Any] = Future()
        _carry_out(future, lambda: fn(*args, **kwargs))
        return future


class HeldExecutor(Executor):
    """Keeps work until the test lets a piece of it run, in any order."""

    def __init__(self) -> None:
        self.held: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ANN401
        """Keep ``fn``."""
        future: Future[Any] = Future()
        self.held.append((future, lambda: fn(*args, **kwargs)))
        return future

    def release(self, place: int = 0) -> None:
        """Run the piece of work at this place of the line."""
        _carry_out(*self.held.pop(place))

    def release_all(self) -> None:
        """Run everything that is held now."""
        while self.held:
            self.release()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Cancel what has not run."""
        for future, _ in self.held:
            future.cancel()
        self.held.clear()


def _carry_out(future: Future[Any], work: Callable[[], Any]) -> None:
    future.set_running_or_notify_cancel()
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 - what an executor does
        future.set_exception(error)
    else:
        future.set_result(result)


class FakeStore:
    """A library of drawn cases."""

    def __init__(self, info: LibraryInfo) -> None:
        self._info = info
        self.closings = 0
        self.thumbnails_read: list[int] = []
        self.broken: set[int] = set()

    def info(self) -> LibraryInfo:
        """Count its cases."""
        return self._info

    def counts(self, fact: Word, filter: Filter) -> dict[str, int]:
        """Count the words of the thirty cases that pass."""
        everyone = (_match(rank, "x").case for rank in range(1, CASES + 1))
        passing = (case for case in everyone if _passes(case, leaving_open(filter, fact)))
        return dict(Counter(getattr(case, fact) for case in passing))

    def thumbnail(self, image_id: int) -> npt.NDArray[np.uint8]:
        """Return one plain colour."""
        assert self.closings == 0
        self.thumbnails_read.append(image_id)
        if image_id in self.broken:
            raise LibraryError(image_id, "its file is missing")
        return np.full((60, 80, 3), THUMBNAIL_COLOUR, np.uint8)

    def close(self) -> None:
        """Note that it was closed."""
        self.closings += 1


class FakeAdviser:
    """Reads the real file, and answers with cases whose lesions carry the query's name."""

    def __init__(self) -> None:
        self.explain_error: LibraryError | None = None
        self.maps_error: LibraryError | None = None
        self.point_error: LibraryError | None = None
        self.region_error: CaseLensError | None = None
        self.again_error: CaseLensError | None = None
        self.rivals_error: CaseLensError | None = None
        self.asked_again = 0
        self.flags: tuple[str, ...] = ()
        self.unmapped: set[int] = set()
        self.unsearched = 0
        self.mapped: list[Answer] = []
        self.pointed: list[tuple[float, float]] = []
        self.regions: list[Region] = []
        self.familiar = True
        self.saliency: npt.NDArray[np.float32] | None = None

    def ask(
        self,
        source: Path | bytes,
        *,
        k: int = 16,
        name: str | None = None,
        filter: Filter = EVERYTHING,
        bits: int | None = None,
    ) -> Answer:
        """Answer as the drawn library would."""
        return self._answer(read(source, name=name), k, filter, bits, ())

    def ask_again(
        self,
        answer: Answer,
        *,
        k: int = 16,
        filter: Filter = EVERYTHING,
        bits: int | None = None,
        without: Collection[str] = (),
    ) -> Answer:
        """Answer with the cases that pass, of the same thirty."""
        if self.again_error is not None:
            raise self.again_error
        self.asked_again += 1
        return self._answer(answer.image, k, filter, bits, without)

    def ask_case(
        self,
        match: Match,
        *,
        k: int = 16,
        filter: Filter = EVERYTHING,
        bits: int | None = None,
        without: Collection[str] = (),
    ) -> Answer:
        """Answer with cases that carry the match's name."""
        pixels = np.full((120, 160, 3), 150, np.uint8)
        image = MedicalImage(pixels, match.image.content_hash, match.image.name)
        return self._answer(image, k, filter, bits, (*without, *self.pictures_of(match)))

    def pictures_of(self, match: Match) -> tuple[str, ...]:
        """Return the hash of the one picture that a case has."""
        return (match.image.content_hash,)

    def rivals(self, answer: Answer) -> Answer:
        """Answer with the first case of each diagnosis."""
        if self.rivals_error is not None:
            raise self.rivals_error
        everyone = self._answer(
            answer.image, CASES, answer.filter, answer.bits, answer.without
        ).matches
        first: dict[str, tuple[Match, ...]] = {}
        for match in everyone:
            first.setdefault(match.case.diagnosis, (match,))
        return replace(answer, matches=nearest_of_each(first, lambda name: first[name]))

    def _answer(
        self,
        image: MedicalImage,
        k: int,
        filter: Filter,
        bits: int | None,
        without: Collection[str],
    ) -> Answer:
        every = [_match(rank, Path(image.name).stem) for rank in range(1, CASES + 1)]
        passing = [
            match
            for match in every
            if _passes(match.case, filter) and match.image.content_hash not in without
        ]
        names = filter.diagnosis or tuple(DIAGNOSES)
        return Answer(
            image=image,
            encoding=replace(encoding_of(image), familiar=self.familiar, saliency=self.saliency),
            matches=tuple(replace(m, rank=n) for n, m in enumerate(passing[:k], start=1)),
            flags=self.flags,
            milliseconds={"read": 1.0, "encode": 2.0, "search": 3.0},
            filter=filter,
            base_rates={name: DIAGNOSES[name] for name in names if name in DIAGNOSES},
            bits=bits,
            without=tuple(without),
        )

    def ask_region(self, answer: Answer, region: Region, *, k: int = 16) -> Answer:
        """Answer with cases that hold the region in their lower right quarter."""
        if self.region_error is not None:
            raise self.region_error
        region.coverage(answer.encoding.field, (7, 7))
        self.regions.append(region)
        quarter = Field(60, 80, 60, 80, 120, 160)
        matches = tuple(replace(_match(n, "part"), where=quarter) for n in range(1, k + 1))
        return replace(answer, matches=matches, region=region, unsearched=self.unsearched)

    def pair_maps(self, answer: Answer) -> GalleryMaps:
        """Map with the same strength everywhere, the less the lower the rank."""
        if self.maps_error is not None:
            raise self.maps_error
        self.mapped.append(answer)
        pairs = tuple(
            None
            if match.image.id in self.unmapped
            else PairMap(_full(answer.image), _even(1 / match.rank, 120, 160))
            for match in answer.matches
        )
        return GalleryMaps(pairs, 0.5, local=answer.region is not None)

    def point(self, answer: Answer, x: float, y: float) -> tuple[Heatmap | None, ...]:
        """Map with the strength of the spot's share of the width; the top row is not seen."""
        if self.point_error is not None:
            raise self.point_error
        self.pointed.append((x, y))
        if y < 1:
            return ()
        strength = x / answer.image.width
        return tuple(
            None if match.image.id in self.unmapped else _even(strength, 120, 160)
            for match in answer.matches
        )

    def explain(self, answer: Answer, match: Match) -> PairExplanation:
        """Explain with maps that are strong everywhere."""
        if self.explain_error is not None:
            raise self.explain_error
        case = MedicalImage(np.full((120, 160, 3), 150, np.uint8), "0" * 64, match.image.name)
        return PairExplanation(_full(answer.image), _full(case), case)


class FakeWorkstation(Workstation):
    """Opens drawn libraries; a folder without a file ``library`` is none.

    Attributes:
        asked: encoder of each opening.
        lacking: encoders whose vectors no library has yet; one that describes it has them then.
        refusal: why a library that would have to be described is not, or None.
    """

    ENCODERS = (EncoderChoice("one", "One pass"), EncoderChoice("two", "Two & passes"))

    def __init__(self) -> None:
        super().__init__()
        self.adviser = FakeAdviser()
        self.stores: list[FakeStore] = []
        self.progress: Progress | None = None
        self.building_cancelled = False
        self.asked: list[str] = []
        self.lacking: set[str] = set()
        self.refusal: LibraryError | None = None

    def choices(self) -> tuple[EncoderChoice, ...]:
        """Offer two encoders."""
        return self.ENCODERS

    def open_folder(
        self, folder: Path, encoder: str, tell: Tell, cancelled: Callable[[], bool]
    ) -> Engine:
        """Open the library, or refuse."""
        if not (folder / "library").is_file():
            raise LibraryError(folder, "there is no case library in it", "Choose another folder")
        self.asked.append(encoder)
        title = self._title(encoder)
        if encoder in self.lacking:
            if self.refusal is not None:
                raise self.refusal
            tell(Progress(5, 100, 20.0, 60.0, "describing"), title)
            if cancelled():
                raise Cancelled
            self.lacking.remove(encoder)
        return self._make(folder, folder.name, title, phantoms=False)

    def open_demonstration(self, encoder: str, tell: Tell, cancelled: Callable[[], bool]) -> Engine:
        """Open the demonstration library, telling of one step if there is one to tell."""
        if self.progress is not None:
            tell(self.progress, "")
        if cancelled():
            self.building_cancelled = True
            raise Cancelled
        self.asked.append(encoder)
        title = self._title(encoder)
        return self._make(Path("demo"), "Demonstration", title, phantoms=True)

    def _title(self, encoder: str) -> str:
        return {choice.name: choice.title for choice in self.ENCODERS}.get(encoder, "Fake")

    def _make(self, folder: Path, name: str, model: str, *, phantoms: bool) -> Engine:
        info = LibraryInfo(name, folder, 100, 100, 100, DIAGNOSES, phantoms=phantoms)
        store = FakeStore(info)
        self.stores.append(store)
        return Engine(self.adviser, store, info, model=model, demo=phantoms, code_bits=(16, 64))


def encoding_of(image: MedicalImage) -> Encoding:
    """Return an encoding that leans to melanoma and looked at the upper left of the picture."""
    maps = np.zeros((len(CLASSES), 7, 7), np.float32)
    maps[:, :3, :3] = 1
    probabilities = np.array([0.02, 0.02, 0.1, 0.01, 0.6, 0.24, 0.01], np.float32)
    field = Field(0, 0, image.height, image.width, image.height, image.width)
    return Encoding(
        embedding=np.full(256, 1 / 16, np.float32),
        logits=np.log(probabilities),
        probabilities=probabilities,
        feature_map=np.ones((256, 7, 7), np.float32),
        class_maps=maps,
        unfamiliarity=0.0,
        familiar=True,
        classes=CLASSES,
        field=field,
        model="0" * 64,
    )


def _full(image: MedicalImage) -> Heatmap:
    return _even(1, image.height, image.width)


def _even(value: float, height: int, width: int) -> Heatmap:
    field = Field(0, 0, height, width, height, width)
    return Heatmap(np.full((7, 7), value, np.float32), field)


def _match(rank: int, stem: str) -> Match:
    ends = {9: "nv", 14: "mel", 18: "akiec", 22: "bcc", 26: "bkl", 28: "vasc", CASES: "df"}
    diagnosis = next(name for end, name in ends.items() if rank <= end)
    case = Case(
        id=rank,
        lesion=f"{stem}-{rank}",
        diagnosis=diagnosis,
        confirmation="histopathology",
        age=52.0,
        sex="female" if rank % 2 else "male",
        site="back",
        source="Drawn",
        licence="CC0",
        images=(rank,),
    )
    image = CaseImage(
        rank, rank, f"{stem}-{rank}.png", f"hash-{stem}-{rank}", Path("none"), 120, 160
    )
    return Match(rank, case, image, 0.95 - rank / 100)


def _passes(case: Case, wanted: Filter) -> bool:
    facts = all(
        not getattr(wanted, word) or getattr(case, word) in getattr(wanted, word) for word in WORDS
    )
    old = not wanted.age or any(
        (one.youngest or 0) <= (case.age or 0) <= (one.oldest or 200) for one in wanted.age
    )
    return facts and old


def picture(folder: Path, name: str = "lesion.png", size: tuple[int, int] = (160, 120)) -> Path:
    """Draw a picture file of ours: a brown disc on skin."""
    width, height = size
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    pixels = np.empty((height, width, 3), np.uint8)
    pixels[:] = (220, 180, 160)
    pixels[across**2 + down**2 < 0.3] = (110, 70, 50)
    path = folder / name
    Image.fromarray(pixels).save(path)
    return path
