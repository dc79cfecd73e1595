"""A gallery's maps: the closed forms, at once and on one scale; where something is alike."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.encoder import Features, Field
from inference.errors import ModelError
from inference.explain import Gallery, Likeness, Region, contributions, shipped_likeness
from inference.explain.gallery import PairMap
from inference.locations import shipped

SEEN = Field(0, 0, 60, 60, 60, 60)
CLOSE = 1e-5


def features(feature_map: npt.NDArray[np.float32]) -> Features:
    mean = feature_map.mean(axis=(1, 2))
    embedding = (mean / np.linalg.norm(mean)).astype(np.float32)
    single = feature_map.astype(np.float32)
    return Features(single, embedding, SEEN, single)


def random(seed: int, channels: int = 256, rows: int = 6, columns: int = 6) -> Features:
    rng = np.random.default_rng(seed)
    return features(rng.normal(0.1, 1, (channels, rows, columns)).astype(np.float32))


def known(pairs: tuple[PairMap | None, ...]) -> list[PairMap]:
    found = [pair for pair in pairs if pair is not None]
    assert len(found) == len(pairs)
    return found


@pytest.mark.parametrize("shape", [(256, 6, 6), (192, 5, 7), (3, 1, 2), (1280, 10, 10)])
def test_the_graph_gives_the_closed_forms_for_any_channels_and_grid(
    shape: tuple[int, int, int],
) -> None:
    query, cases = random(0, *shape), [random(1 + i, *shape) for i in range(16)]
    found = Gallery(query, cases, shipped_likeness()).pairs
    ours = np.stack([contributions(query, case) for case in cases])
    theirs = np.stack([contributions(case, query) for case in cases])
    peak = max(ours.max(), theirs.max())
    assert found.peak == pytest.approx(peak, rel=CLOSE)
    pairs = known(found.pairs)
    shown = np.stack([pair.query.values for pair in pairs])
    assert np.abs(shown - np.maximum(ours, 0) / peak).max() < CLOSE
    shown = np.stack([pair.case.values for pair in pairs])
    assert np.abs(shown - np.maximum(theirs, 0) / peak).max() < CLOSE


def test_query_and_cases_may_have_other_grids() -> None:
    query, cases = random(0, 64, 4, 5), [random(1, 64, 6, 6), random(2, 64, 6, 6)]
    (first, _) = known(Gallery(query, cases, shipped_likeness()).pairs.pairs)
    assert first.query.values.shape == (4, 5) and first.case.values.shape == (6, 6)


def test_a_match_that_hardly_matches_stays_faint() -> None:
    """One scale for the gallery: alone, the stranger's map would have been as bright."""
    query = random(0)
    friend = features(query.feature_map + random(1).feature_map * 0.1)
    stranger = random(2)
    together = known(Gallery(query, [friend, stranger], shipped_likeness()).pairs.pairs)
    assert max(together[0].query.values.max(), together[0].case.values.max()) == pytest.approx(1)
    assert together[1].case.values.max() < 0.5
    alone = known(Gallery(query, [stranger], shipped_likeness()).pairs.pairs)
    assert max(alone[0].query.values.max(), alone[0].case.values.max()) == pytest.approx(1)


def test_an_unknown_picture_has_no_map_and_leaves_the_others_theirs() -> None:
    query, case = random(0), random(1)
    gallery = Gallery(query, [None, case, None], shipped_likeness())
    assert [pair is None for pair in gallery.pairs.pairs] == [True, False, True]
    assert [one is None for one in gallery.point(5, 5)] == [True, False, True]
    alone = known(Gallery(query, [case], shipped_likeness()).pairs.pairs)[0]
    (_, found, _) = gallery.pairs.pairs
    assert found is not None and np.array_equal(found.case.values, alone.case.values)
    nobody = Gallery(query, [None], shipped_likeness())
    assert nobody.pairs.pairs == (None,) and nobody.point(5, 5) == (None,)
    assert Gallery(query, [], shipped_likeness()).pairs.pairs == ()


def planted() -> tuple[Features, Features, Features]:
    """A query with a structure at row 1, column 4; a case that has it at (5, 0); one without."""
    rng = np.random.default_rng(3)
    structure = rng.normal(size=256).astype(np.float32)
    maps = rng.normal(size=(3, 256, 6, 6)).astype(np.float32)
    maps[0, :, 1, 4] = structure
    maps[1, :, 5, 0] = 3 * structure
    query, case, other = (features(one) for one in maps)
    return query, case, other


def test_pointing_at_a_structure_lights_up_where_a_match_has_it() -> None:
    query, case, other = planted()
    found = Gallery(query, [case, other], shipped_likeness()).point(45, 15)
    assert found[0] is not None and found[1] is not None
    assert found[0].values[5, 0] == pytest.approx(1, abs=1e-5), "length does not count"
    assert found[1].values.max() < 0.3, "not stretched to the scale of the match"
    assert min(one.values.min() for one in found if one) == 0


def test_pointing_moves_with_the_spot_and_ends_at_the_square() -> None:
    query, case, _ = planted()
    gallery = Gallery(query, [case], shipped_likeness())
    (near,) = gallery.point(40, 15)
    assert near is not None and 0.3 < near.values[5, 0] < 0.95
    assert gallery.point(61, 15) == ()


def test_places_are_compared_by_the_local_maps_where_there_are_some() -> None:
    """Of a finer grid than the pair maps; those stay what they were."""
    query, case, _ = planted()
    fine = np.random.default_rng(5).normal(size=(2, 40, 12, 12)).astype(np.float32)
    fine[0, :, 3, 9] = fine[1, :, 11, 0]
    query, case = replace(query, local_map=fine[0]), replace(case, local_map=fine[1])
    gallery = Gallery(query, [case], shipped_likeness())
    (found,) = gallery.point(47.5, 17.5)
    assert found is not None and found.values.shape == (12, 12)
    assert found.values[11, 0] == pytest.approx(1, abs=1e-5) and found.values.argmax() == 11 * 12
    (pair,) = known(gallery.pairs.pairs)
    assert pair.case.values.shape == (6, 6)
    assert pair.case.values.max() == pytest.approx(
        np.maximum(contributions(case, query), 0).max() / gallery.pairs.peak, abs=CLOSE
    )


def test_a_regions_maps_show_the_region_and_what_is_like_it() -> None:
    query, case, other = planted()
    gallery = Gallery(query, [case, other], shipped_likeness())
    found = gallery.region(Region.box(40, 10, 10, 5, picture=(60, 60)))
    assert found.local and found.peak == 1
    first, second = known(found.pairs)
    assert first.query.values[1, 4] == pytest.approx(0.5)
    assert np.count_nonzero(first.query.values) == 1
    assert first.case.values[5, 0] == pytest.approx(1, abs=1e-5)
    assert second.case.values.max() < 0.3


def test_an_altered_graph_is_refused(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    content = json.loads((shipped("models") / "manifest.json").read_text())
    for graph in content["graphs"].values():
        shutil.copy(shipped("models") / graph["file"], models)
    (models / "manifest.json").write_text(json.dumps(content))
    Likeness.load(models)
    altered = models / content["graphs"]["local_maps"]["file"]
    altered.write_bytes(altered.read_bytes() + b"\0")
    with pytest.raises(ModelError, match="not the file that its manifest names"):
        Likeness.load(models)
    del content["graphs"]["local_maps"]
    (models / "manifest.json").write_text(json.dumps(content))
    with pytest.raises(ModelError, match="lacks the graph local_maps"):
        Likeness.load(models)
