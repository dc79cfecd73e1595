"""Near-duplicates are found however they were turned or written, and nothing else is."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from inference.errors import Cancelled
from inference.library.build import build
from inference.library.duplicates import near_duplicates
from inference.library.layouts.labels import TABLE
from inference.library.library import Library
from inference.library.perceptual import distances, fingerprint, turned
from inference.library.source import read_source
from tests.inference.library.conftest import COLUMNS, FakeEncoder

Copy = Callable[[Image.Image], Image.Image]


def _drawn(seed: int) -> Image.Image:
    """Return a blotched picture, smooth as skin is."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8))
    return coarse.resize((240, 180), Image.Resampling.BICUBIC)


def _as_jpeg(picture: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=60)
    return Image.open(buffer)


COPIES: dict[str, Copy] = {
    "written as JPEG": _as_jpeg,
    "smaller": lambda picture: picture.resize((150, 112)),
    "brighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.15),
    "turned": lambda picture: picture.rotate(90, expand=True),
    "upside down": lambda picture: picture.rotate(180),
    "mirrored": lambda picture: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "transposed": lambda picture: picture.transpose(Image.Transpose.TRANSPOSE),
    "cut": lambda picture: picture.crop((2, 2, 238, 178)),
}


def _bits(picture: Image.Image) -> np.ndarray:
    return np.array([fingerprint(np.asarray(picture.convert("RGB")))], np.uint64)


def test_the_turns_of_a_fingerprint_are_the_fingerprints_of_the_turned_picture() -> None:
    for seed in range(20):
        pixels = np.asarray(_drawn(seed).resize((200, 200)))
        derived = set(turned(_bits(Image.fromarray(pixels)))[:, 0].tolist())
        made = {
            fingerprint(np.ascontiguousarray(np.rot90(each, quarter)))
            for each in (pixels, pixels[:, ::-1])
            for quarter in range(4)
        }
        # A sign may differ where a frequency is all but absent.
        for value in made:
            one = np.array([value], np.uint64)
            assert min(int(np.bitwise_count(one ^ np.uint64(d))[0]) for d in derived) <= 1


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_is_near_and_another_picture_is_far(copy: str) -> None:
    originals = np.concatenate([_bits(_drawn(seed)) for seed in range(30)])
    copies = np.concatenate([_bits(COPIES[copy](_drawn(seed))) for seed in range(30)])
    between = distances(originals, copies)
    assert np.array_equal(between, distances(copies, originals).T)
    assert between.diagonal().max() <= 6
    assert between[~np.eye(30, dtype=bool)].min() > 6


@pytest.fixture
def library(tmp_path: Path, encoder: FakeEncoder) -> Library:
    """Twelve pictures, of which the last four are copies of the first four under other lesions."""
    source = tmp_path / "source"
    (source / "images").mkdir(parents=True)
    pictures = [_drawn(seed) for seed in range(8)]
    for place, copy in enumerate(("written as JPEG", "turned", "mirrored", "smaller")):
        pictures.append(COPIES[copy](pictures[place]).convert("RGB"))
    rows = [",".join(COLUMNS)]
    for number, picture in enumerate(pictures):
        picture.save(source / "images" / f"p{number:02}.png")
        lesion = "L0" if number == 1 else f"L{number}"
        rows.append(f"p{number:02},{lesion},nv,histo,40,male,back,train")
    (source / TABLE).write_text("\n".join(rows) + "\n")
    with Library.create(tmp_path / "library", "L") as library:
        build(library, read_source(source), encoder)
    return Library.open(tmp_path / "library")


def _found(library: Library) -> list[tuple[int, int]]:
    return sorted((pair.first, pair.second) for pair in near_duplicates(library))


def test_copies_under_other_lesions_are_listed_the_likest_first(library: Library) -> None:
    with library:
        pairs = near_duplicates(library)
        assert sorted((pair.first, pair.second) for pair in pairs) == [
            (1, 9), (2, 10), (3, 11), (4, 12),
        ]  # fmt: skip
        assert [p.likeness for p in pairs] == sorted((p.likeness for p in pairs), reverse=True)
        (second,) = (pair for pair in pairs if pair.first == 2)
        assert second.cases == (library.image(2).case, library.image(10).case)
        assert second.distance <= 2 and second.likeness > 0.98
        assert near_duplicates(library, least_likeness=1.01) == []


def test_what_was_merged_or_deleted_is_no_longer_listed(library: Library) -> None:
    with library:
        case, other = library.image(9).case, library.image(1).case
        library.curation.merge(case, other)
        library.curation.delete(images=[11])
        assert _found(library) == [(2, 10), (4, 12)]
        library.curation.undo()
        assert _found(library) == [(2, 10), (3, 11), (4, 12)]


def test_older_libraries_get_their_fingerprints_when_they_are_asked_for(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with library:
        expected = near_duplicates(library)
        kept = library.curation.fingerprints()
    with closing(sqlite3.connect(library.folder / "library.sqlite")) as connection, connection:
        connection.execute("DELETE FROM fingerprints WHERE image_id <> 4")
    with monkeypatch.context() as patch:
        patch.setattr("inference.library.sqlite_store.can_write", lambda _: False)
        with Library.open(library.folder) as reader:
            assert near_duplicates(reader) == expected
    with Library.open(library.folder) as again:
        assert len(again.curation.without_fingerprint()) == 11
        with pytest.raises(Cancelled):
            near_duplicates(again, cancelled=lambda: True)
        again.image(7).path.unlink()
        assert near_duplicates(again) == expected
        assert again.curation.without_fingerprint() == [7], "it cannot be read"
        assert again.curation.fingerprints() == [each for each in kept if each[0] != 7]
