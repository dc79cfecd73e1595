"""A region is found wherever a case holds it, exactly, one hit for each lesion."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.encoder import Features, Field
from inference.encoder.model import FEATURE_MAP
from inference.errors import LibraryError, RegionError
from inference.explain import Region, shipped_likeness
from inference.library import library as library_module
from inference.library.filters import Filter
from inference.library.library import Library
from inference.library.model import Case
from inference.library.store import Arrival
from inference.search import Match, find_region
from inference.search.regions import Window, windows_like

MODEL = "e" * 64
CHANNELS = 32
SEEN = Field(0, 50, 300, 300, 300, 400)
Floats = npt.NDArray[np.float32]


def _unit(feature_map: Floats) -> Floats:
    mean = feature_map.mean(axis=(1, 2))
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


@pytest.fixture
def structure() -> Floats:
    """Features that no other position has."""
    return np.random.default_rng(7).normal(size=CHANNELS).astype(np.float32)


@pytest.fixture
def query(structure: Floats) -> Features:
    """A picture of 400 x 300 that has the structure in two cells: row 1, columns 2 and 3."""
    feature_map = np.random.default_rng(8).normal(size=(CHANNELS, 6, 6)).astype(np.float32)
    feature_map[:, 1, 2:4] = structure[:, None]
    return Features(feature_map, _unit(feature_map), SEEN, feature_map)


@pytest.fixture
def library(
    tmp_path: Path, structure: Floats, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Library]:
    """Twenty pictures of noise, of twelve lesions; 4, 11 and 17 have the structure somewhere."""
    rng = np.random.default_rng(9)
    maps = rng.normal(size=(20, CHANNELS, 6, 6)).astype(np.float32)
    maps[3, :, 4:, 5] = structure[:, None]  # image 4: upright
    maps[10, :, 0, :2] = 5 * structure[:, None]  # image 11: lying
    maps[16, :, 2, 2:4] = structure[:, None] + 0.5 * maps[16, :, 2, 2:4]  # image 17: less like it
    arrivals = [
        Arrival(
            Case(0, f"L{number % 12}", "nv", "consensus"),
            f"{number}.png", f"{number:064x}", ".png", 200, 300, 0, _unit(one),
            {FEATURE_MAP: one, "other": rng.normal(size=(8, 3, 3)).astype(np.float32)},
        )
        for number, one in enumerate(maps)
    ]  # fmt: skip
    monkeypatch.setattr(library_module, "MAPS_AT_ONCE", 6)
    with Library.create(tmp_path / "library", "Noise") as made:
        made.add(arrivals, [], MODEL)
        yield made


def _found(library: Library, query: Features, k: int = 16, **others: object) -> tuple[Match, ...]:
    """Ask for two thirds of the structure's two cells."""
    region = Region.box(150, 55, 100, 40, picture=(300, 400))
    return find_region(
        library, shipped_likeness(), query, region, k, model=MODEL, **others,  # type: ignore[arg-type]
    )  # fmt: skip


def test_cases_that_hold_it_come_first_wherever_they_hold_it(
    library: Library, query: Features
) -> None:
    first, second, third = _found(library, query, 3)
    assert {first.image.id, second.image.id} == {4, 11} and third.image.id == 17
    assert first.similarity == pytest.approx(1, abs=1e-3)
    assert second.similarity == pytest.approx(1, abs=1e-3), "how strong it is does not count"
    assert third.similarity < 0.97
    assert [match.rank for match in (first, second, third)] == [1, 2, 3]


def test_the_place_is_said_in_pixels_of_the_match(library: Library, query: Features) -> None:
    """Its pictures have 300 x 200 pixels, of which the central square is seen, from column 50."""
    where = {match.image.id: match.where for match in _found(library, query, 3)}
    assert where[4] == Field(133, 50 + 167, 67, 33, 200, 300)
    assert where[11] == Field(0, 50, 33, 67, 200, 300)


def test_similarities_are_those_of_comparing_everything(library: Library, query: Features) -> None:
    matches = _found(library, query)
    wanted = query.feature_map[:, 1, 2:4].mean(axis=1)
    best: dict[int, float] = {}
    for batch in library.all_maps(MODEL, FEATURE_MAP):
        for case, values in zip(batch.cases.tolist(), batch.values.astype(np.float64), strict=True):
            lying = (values[:, :, :-1] + values[:, :, 1:]).reshape(CHANNELS, -1)
            upright = (values[:, :-1] + values[:, 1:]).reshape(CHANNELS, -1)
            windows = np.concatenate([lying, upright], axis=1)
            lengths = np.linalg.norm(windows, axis=0) * np.linalg.norm(wanted)
            best[case] = max(best.get(case, -1.0), float((wanted @ windows / lengths).max()))
    assert len(matches) == len(best) == 12, "one hit for each lesion"
    expected = sorted(best.items(), key=lambda item: -item[1])
    assert [match.case.id for match in matches] == [case for case, _ in expected]
    assert [m.similarity for m in matches] == pytest.approx([s for _, s in expected], abs=1e-5)


def test_pictures_that_are_left_out_do_not_come_back(library: Library, query: Features) -> None:
    without = {library.image(image).content_hash for image in (4, 11)}
    found = _found(library, query, 3, without=without)
    assert found[0].image.id == 17 and not {4, 11} & {match.image.id for match in found}


def test_a_filter_leaves_the_best_of_those_that_pass(library: Library, query: Features) -> None:
    """Images 4 and 11 are the best; 11 is of lesion L10."""
    with closing(sqlite3.connect(library.folder / "library.sqlite")) as connection, connection:
        connection.execute("UPDATE cases SET sex = 'male' WHERE lesion IN ('L0', 'L4', 'L10')")
    everything = _found(library, query, 12)
    found = _found(library, query, 12, filter=Filter(sex=("male",)))
    passing = [match for match in everything if match.case.lesion in ("L0", "L4", "L10")]
    assert [(m.image.id, m.similarity, m.where) for m in found] == [
        (m.image.id, m.similarity, m.where) for m in passing
    ]
    assert [match.rank for match in found] == [1, 2, 3] and found[0].image.id == 11
    assert _found(library, query, filter=Filter(sex=("female",))) == ()


def test_a_library_without_maps_says_how_to_get_them(library: Library, query: Features) -> None:
    region = Region.box(150, 50, 100, 50, picture=(300, 400))
    with pytest.raises(LibraryError, match="keeps no feature maps"):
        find_region(library, shipped_likeness(), query, region, model="f" * 64)


def test_an_empty_library_has_no_matches(tmp_path: Path, query: Features) -> None:
    with Library.create(tmp_path / "empty", "Empty") as empty:
        assert _found(empty, query) == ()


def test_what_the_model_did_not_see_cannot_be_found(library: Library, query: Features) -> None:
    region = Region.box(0, 0, 40, 40, picture=(300, 400))
    with pytest.raises(RegionError, match="outside the square"):
        find_region(library, shipped_likeness(), query, region, model=MODEL)
    with pytest.raises(ValueError, match="at least 1"):
        _found(library, query, 0)


def test_windows_have_the_regions_size_and_lie_everywhere() -> None:
    covered = np.zeros((6, 6), np.float32)
    covered[2:4, 1:4] = 0.9
    windows = windows_like(covered)
    assert {(one.height, one.width) for one in windows} == {(2, 3), (3, 2)}
    assert len(windows) == len(set(windows)) == 5 * 4 + 4 * 5
    tiny = np.zeros((6, 6), np.float32)
    tiny[5, 5] = 1e-6
    assert windows_like(tiny) == [Window(r, c, 1, 1) for r in range(6) for c in range(6)]
    wide = [Window(0, column, 5, 5) for column in range(3)]
    assert windows_like(np.ones((5, 7), np.float32)) == [Window(0, 0, 5, 7), *wide]
