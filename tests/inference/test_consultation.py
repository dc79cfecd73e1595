"""An answer's words of caution, and the reasons for its matches."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from PIL import Image

from inference.cautions import FLAGS, cautions
from inference.consultation import Answer, Consultant
from inference.encoder import Encoder
from inference.errors import Cancelled, LibraryError, ModelError
from inference.explain import Region, contributions
from inference.images import IsolatedReader, MedicalImage, read
from inference.library.build import build
from inference.library.filters import EVERYTHING, Filter
from inference.library.library import Library
from inference.library.model import Case, NewCase
from inference.library.novelty import Reference


def _picture(height: int, width: int, *, grey: bool = False) -> MedicalImage:
    pixels = np.random.default_rng(0).integers(60, 200, (height, width, 3), dtype=np.uint8)
    pixels[..., 0] //= 2
    if grey:
        pixels[:] = pixels[..., 1:2]
    return MedicalImage(pixels, content_hash="0" * 64, name="x.png")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (_picture(450, 600), ()),
        (_picture(300, 900), ("cropped",)),
        (_picture(100, 100), ("low_resolution",)),
        (_picture(300, 300, grey=True), ("no_colour",)),
        (_picture(60, 300, grey=True), ("cropped", "low_resolution", "no_colour")),
    ],
)
def test_a_picture_gets_the_words_of_caution_it_deserves(
    image: MedicalImage, expected: tuple[str, ...]
) -> None:
    assert cautions(image, (), familiar=True, like_library=True) == expected
    assert cautions(image, (), familiar=False, like_library=False) == (
        "not_dermoscopy",
        "unlike_library",
        *expected,
    )
    assert set(expected) <= set(FLAGS)


@pytest.fixture(scope="module")
def consultant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consultant]:
    folder = tmp_path_factory.mktemp("consultation")
    rng = np.random.default_rng(1)
    items = []
    for i in range(6):
        coarse = Image.fromarray(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8))
        path = folder / f"{i}.png"
        coarse.resize((320, 240), Image.Resampling.BICUBIC).save(path)
        items.append(NewCase(path, Case(0, f"L{i}", "mel" if i < 2 else "nv", "histopathology")))
    encoder = Encoder.load(threads=1)
    with Library.create(folder / "library", "six") as library:
        build(library, items, encoder)
        yield Consultant(encoder, library)


def test_a_file_is_decoded_by_the_reader_that_the_consultant_was_given(
    consultant: Consultant, tmp_path: Path
) -> None:
    path = tmp_path / "query.png"
    _save(path)
    inside = consultant.ask(path)
    with IsolatedReader() as reader:
        isolated = Consultant(consultant.encoder, consultant.library, reader)
        answer = isolated.ask(path)
    assert np.array_equal(answer.image.pixels, inside.image.pixels)
    assert [m.case.id for m in answer.matches] == [m.case.id for m in inside.matches]
    with pytest.raises(Cancelled):
        isolated.ask(path)


def _ask(consultant: Consultant, folder: Path, k: int = 16) -> Answer:
    path = folder / "query.png"
    _save(path)
    return consultant.ask(path, k=k)


def _no_encoding(*_: object) -> NoReturn:
    raise AssertionError("no picture is to be encoded again")


def test_a_filtered_answer_says_what_was_searched_and_how_like_the_whole_library_it_is(
    consultant: Consultant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = _ask(consultant, tmp_path)
    assert everything.base_rates == {"mel": 2, "nv": 4} and everything.filter == EVERYTHING
    monkeypatch.setattr(consultant.library, "reference", _reference)
    whole = consultant.ask(tmp_path / "query.png")
    some = consultant.ask(tmp_path / "query.png", filter=Filter(diagnosis=("mel",)))
    assert [match.case.lesion for match in some.matches] == [
        match.case.lesion for match in everything.matches if match.case.diagnosis == "mel"
    ]
    assert some.base_rates == {"mel": 2} and some.filter == Filter(diagnosis=("mel",))
    assert whole.plausibility is not None and some.plausibility == whole.plausibility


def test_an_answer_by_hash_codes_says_so_and_counts_what_has_none(
    consultant: Consultant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consultant.library, "reference", _reference)
    floating = _ask(consultant, tmp_path)
    answer = consultant.ask(tmp_path / "query.png", bits=32)
    assert (answer.bits, floating.bits, answer.unsearched) == (32, None, 0)
    ranking = [(match.distance or 0, -match.similarity) for match in answer.matches]
    assert len(ranking) == 6 and ranking == sorted(ranking)
    assert {m.image.id: round(m.similarity, 6) for m in answer.matches} == {
        m.image.id: round(m.similarity, 6) for m in floating.matches
    }
    assert answer.plausibility == floating.plausibility, "it is asked by embeddings all the same"
    region = Region.box(100, 100, 40, 40, picture=(250, 250))
    assert consultant.ask_region(answer, region).bits is None
    with pytest.raises(ModelError, match="no hash codes of 48 bits") as caught:
        consultant.ask(tmp_path / "query.png", bits=48)
    assert "16, 32, 64, 128 bits" in caught.value.advice
    with _changed(consultant, tmp_path, "DELETE FROM codes WHERE vector_id = 2") as older:
        assert older.ask(tmp_path / "query.png", bits=32).unsearched == 1
        mel, nv = (Filter(diagnosis=(word,)) for word in ("mel", "nv"))
        assert older.ask(tmp_path / "query.png", bits=32, filter=mel).unsearched == 1
        assert older.ask(tmp_path / "query.png", bits=32, filter=nv).unsearched == 0


def test_a_picture_is_asked_about_again_without_being_encoded_again(
    consultant: Consultant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = _ask(consultant, tmp_path)
    afresh = consultant.ask(tmp_path / "query.png", k=3, filter=Filter(diagnosis=("nv",)), bits=32)
    monkeypatch.setattr(Encoder, "encode_many", _no_encoding)
    monkeypatch.setattr(Encoder, "encode", _no_encoding)
    again = consultant.ask_again(answer, k=3, filter=Filter(diagnosis=("nv",)), bits=32)
    assert again.matches == afresh.matches and len(again.matches) == 3
    assert (again.base_rates, again.bits, again.filter) == ({"nv": 4}, 32, afresh.filter)
    assert again.encoding is answer.encoding and again.plausibility == answer.plausibility
    whole = consultant.ask_again(
        consultant.ask_region(answer, Region.box(100, 100, 40, 40, picture=(250, 250)))
    )
    assert whole.matches == answer.matches and whole.region is None


def test_pictures_of_a_lesion_that_is_left_out_come_back_in_no_way(
    consultant: Consultant, tmp_path: Path
) -> None:
    answer = _ask(consultant, tmp_path)
    first = answer.matches[0]
    rest = consultant.ask_again(answer, without=consultant.pictures_of(first))
    assert [m.image for m in rest.matches] == [m.image for m in answer.matches[1:]]
    region = Region.box(100, 100, 40, 40, picture=(250, 250))
    for other in (
        consultant.ask_region(rest, region),
        consultant.rivals(rest),
        consultant.rivals(consultant.ask_region(rest, region)),
    ):
        assert first.case.id not in {m.case.id for m in other.matches}


def test_a_case_is_asked_about_in_the_place_of_the_query_and_is_no_match_of_its_own(
    consultant: Consultant, tmp_path: Path
) -> None:
    answer = _ask(consultant, tmp_path)
    case = answer.matches[1]
    found = consultant.ask_case(case, k=4)
    own = consultant.library.read_image(case.image.id)
    expected = [m for m in consultant.ask_image(own).matches if m.case.id != case.case.id][:4]
    assert [m.image.id for m in found.matches] == [m.image.id for m in expected]
    assert found.image.content_hash == case.image.content_hash
    assert "in_library" not in found.flags


def test_rivals_are_the_nearest_case_of_each_diagnosis(
    consultant: Consultant, tmp_path: Path
) -> None:
    answer = _ask(consultant, tmp_path, k=1)
    region = Region.box(100, 100, 40, 40, picture=(250, 250))
    for asked, ranking in (
        (answer, _ask(consultant, tmp_path).matches),
        (consultant.ask_region(answer, region), consultant.ask_region(answer, region).matches),
        (consultant.ask_again(answer, bits=32), consultant.ask_again(answer, bits=32).matches),
    ):
        nearest: dict[str, int] = {}
        for match in ranking:
            nearest.setdefault(match.case.diagnosis, match.image.id)
        found = consultant.rivals(asked)
        assert [(m.case.diagnosis, m.image.id) for m in found.matches] == list(nearest.items())
        assert [m.rank for m in found.matches] == [1, 2]
        assert (found.region, found.bits) == (asked.region, asked.bits)
    only = consultant.ask_again(answer, filter=Filter(diagnosis=("nv",)))
    assert [m.case.diagnosis for m in consultant.rivals(only).matches] == ["nv"]


def test_a_diagnosis_without_any_map_is_no_rival_for_a_region(
    consultant: Consultant, tmp_path: Path
) -> None:
    ranked = _ask(consultant, tmp_path).matches
    region = Region.box(100, 100, 40, 40, picture=(250, 250))
    melanomas = [place for place, m in enumerate(ranked) if m.case.diagnosis == "mel"]
    with _without_maps(consultant, tmp_path, melanomas) as older:
        asked = older.ask_region(_ask(older, tmp_path), region)
        found = older.rivals(asked)
    assert found.matches[0].image.id == asked.matches[0].image.id
    assert [m.case.diagnosis for m in found.matches] == ["nv"]
    assert found.unsearched == len(melanomas) == 2, "it is told that something was left out"


def _reference(_: str) -> Reference:
    """Stand for a library large enough to tell: third nearest lesions lie at these cosines."""
    return Reference(np.linspace(0, 1, 50, dtype=np.float32), 3)


def test_a_question_for_a_region_keeps_the_filter_of_its_answer(
    consultant: Consultant, tmp_path: Path
) -> None:
    answer = _ask(consultant, tmp_path)
    some = consultant.ask(tmp_path / "query.png", filter=Filter(diagnosis=("mel",)))
    region = Region.box(100, 100, 40, 40, picture=(250, 250))
    everywhere = consultant.ask_region(answer, region)
    found = consultant.ask_region(some, region)
    assert [(match.image.id, match.where) for match in found.matches] == [
        (m.image.id, m.where) for m in everywhere.matches if m.case.diagnosis == "mel"
    ]
    assert found.base_rates == {"mel": 2} and found.unsearched == 0
    lost = answer.matches[0].case.diagnosis
    with _without_maps(consultant, tmp_path, [0]) as older:
        assert older.ask_region(answer, region).unsearched == 1
        counts = {
            word: older.ask_region(
                older.ask(tmp_path / "query.png", filter=Filter(diagnosis=(word,))), region
            ).unsearched
            for word in ("mel", "nv")
        }
    assert counts == {word: int(word == lost) for word in ("mel", "nv")}


def test_the_maps_of_all_matches_come_from_what_the_library_keeps(
    consultant: Consultant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = _ask(consultant, tmp_path, k=4)
    assert len(answer.matches) == 4 and answer.milliseconds["read"] > 0
    pictures = [consultant.library.read_image(match.image.id) for match in answer.matches]
    cases = consultant.encoder.encode_many(pictures)
    with monkeypatch.context() as patch:
        patch.setattr(Encoder, "encode_many", lambda _, images: _no_encoding() if images else [])
        patch.setattr(consultant.library, "read_image", _no_encoding)
        found = consultant.pair_maps(answer)
    ours = np.stack([contributions(answer.encoding, case) for case in cases])
    theirs = np.stack([contributions(case, answer.encoding) for case in cases])
    assert found.peak == pytest.approx(max(ours.max(), theirs.max()), rel=1e-2)
    for pair, one, other in zip(found.pairs, ours, theirs, strict=True):
        assert pair is not None
        assert pair.query.values == pytest.approx(np.maximum(one, 0) / found.peak, abs=1e-2)
        assert pair.case.values == pytest.approx(np.maximum(other, 0) / found.peak, abs=1e-2)
        assert pair.case.over().shape == (240, 320)


def test_a_comparison_has_the_maps_of_the_gallery_and_the_picture_in_full(
    consultant: Consultant, tmp_path: Path
) -> None:
    answer = _ask(consultant, tmp_path)
    match = answer.matches[2]
    explained = consultant.explain(answer, match)
    pair = consultant.pair_maps(answer).pairs[2]
    assert pair is not None
    assert np.array_equal(explained.query.values, pair.query.values)
    assert np.array_equal(explained.case.values, pair.case.values)
    assert explained.case_image.content_hash == match.image.content_hash


def test_pictures_without_a_stored_map_are_encoded_once_more(
    consultant: Consultant, tmp_path: Path
) -> None:
    answer = _ask(consultant, tmp_path)
    expected = consultant.pair_maps(answer)
    with _without_maps(consultant, tmp_path, [0, 3]) as older:
        found = older.pair_maps(answer)
        assert found.peak == pytest.approx(expected.peak, rel=1e-2)
        for one, other in zip(found.pairs, expected.pairs, strict=True):
            assert one is not None and other is not None
            assert one.case.values == pytest.approx(other.case.values, abs=1e-2)
            assert one.case.field == other.case.field


def test_one_unreadable_picture_costs_its_own_map_alone(
    consultant: Consultant, tmp_path: Path
) -> None:
    answer = _ask(consultant, tmp_path)
    with _without_maps(consultant, tmp_path, [0, 3]) as older:
        lost = older.library.image(answer.matches[3].image.id)
        lost.path.unlink()
        pairs = older.pair_maps(answer).pairs
        assert [pair is None for pair in pairs] == [False, False, False, True, False, False]
        assert [one is None for one in older.point(answer, 125, 125)] == [n == 3 for n in range(6)]
        with pytest.raises(LibraryError, match="no longer there"):
            older.explain(answer, answer.matches[3])


def test_pointing_reads_the_library_once_for_an_answer(
    consultant: Consultant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = _ask(consultant, tmp_path)
    first = consultant.point(answer, 60, 60)
    monkeypatch.setattr(consultant.library, "maps_of", _no_encoding)
    again, elsewhere = consultant.point(answer, 60, 60), consultant.point(answer, 200, 200)
    assert len(first) == len(answer.matches)
    for one, same, other in zip(first, again, elsewhere, strict=True):
        assert one is not None and same is not None and other is not None
        assert np.array_equal(one.values, same.values)
        assert not np.array_equal(one.values, other.values)
        assert one.values.min() >= 0 and one.values.max() <= 1
    assert consultant.point(answer, 251, 60) == ()


def test_a_region_is_found_where_a_case_holds_it(consultant: Consultant) -> None:
    """Part of a library's own picture is nearest to itself, at its own place."""
    own = consultant.library.read_image(1)
    answer = consultant.ask_image(own, k=6)
    rows, columns = answer.encoding.features.local_grid
    cell = own.height // rows  # the central square is as high as the picture
    left, top = (own.width - own.height) // 2 + 3 * cell, 2 * cell
    region = Region.box(left, top, cell, cell, picture=(own.height, own.width))
    found = consultant.ask_region(answer, region, k=3)
    assert len(found.matches) == 3 and found.region is region and found.unsearched == 0
    best = found.matches[0]
    assert best.image.id == 1 and best.similarity == pytest.approx(1, abs=1e-3)
    assert best.where is not None  # cells of 240 / 7 pixels: places are rounded to whole ones
    there = (best.where.top, best.where.left, best.where.height, best.where.width)
    assert there == pytest.approx((top, left, cell, cell), abs=2)
    assert found.encoding is answer.encoding and found.estimate == answer.estimate
    maps = consultant.pair_maps(found)
    first = maps.pairs[0]
    assert maps.local and first is not None
    assert first.query.values[2, 3] > 0.9 and first.query.values.sum() == pytest.approx(1, abs=0.1)
    assert first.case.values.argmax() == 2 * columns + 3


def test_a_region_of_a_library_without_maps_says_what_to_do(
    consultant: Consultant, tmp_path: Path
) -> None:
    answer = _ask(consultant, tmp_path)
    region = Region.box(100, 100, 40, 40, picture=(250, 250))
    with _without_maps(consultant, tmp_path, [0, 3]) as older:
        assert older.ask_region(answer, region).unsearched == 2
        assert len(older.ask_region(answer, region).matches) == 4
    with (
        _without_maps(consultant, tmp_path, range(6)) as older,
        pytest.raises(LibraryError, match="keeps no feature maps") as caught,
    ):
        older.ask_region(answer, region)
    assert "caselens library describe" in caught.value.advice


@contextmanager
def _without_maps(
    consultant: Consultant, folder: Path, ranks: Iterable[int]
) -> Iterator[Consultant]:
    """Copy the library and take the maps of the images at some ranks of the query from it."""
    answer = _ask(consultant, folder)
    images = [answer.matches[rank].image.id for rank in ranks]
    some = ", ".join(map(str, images))
    statement = (
        f"DELETE FROM maps WHERE vector_id IN (SELECT id FROM vectors WHERE image_id IN ({some}))"
    )
    with _changed(consultant, folder, statement) as older:
        yield older


@contextmanager
def _changed(consultant: Consultant, folder: Path, statement: str) -> Iterator[Consultant]:
    """Copy the library and change its database."""
    place = folder / f"older-{len(list(folder.iterdir()))}"
    shutil.copytree(consultant.library.folder, place)
    with closing(sqlite3.connect(place / "library.sqlite")) as connection, connection:
        connection.execute(statement)
    with Library.open(place) as library:
        yield Consultant(consultant.encoder, library)


def test_bytes_are_answered_like_the_file_they_came_from(
    consultant: Consultant, tmp_path: Path
) -> None:
    path = tmp_path / "query.png"
    _save(path)
    from_file = consultant.ask(path)
    from_bytes = consultant.ask(path.read_bytes(), name="pasted")
    assert [m.image.id for m in from_file.matches] == [m.image.id for m in from_bytes.matches]
    assert from_bytes.image.name == "pasted"
    assert from_bytes.image.content_hash == read(path).content_hash


def _save(path: Path) -> None:
    coarse = np.random.default_rng(9).integers(0, 255, (5, 5, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize((250, 250), Image.Resampling.BICUBIC).save(path)
