"""Questions by region among phantoms: what is counted, against which chance."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.encoder import Encoder
from inference.errors import CaseLensError, RegionError
from inference.evaluation import regions
from inference.evaluation.regions import Drawn, Findings, figures, hull, measure
from inference.library.build import build
from inference.library.library import Library
from inference.library.source import read_source
from inference.locations import shipped

Mask = npt.NDArray[np.bool_]


def _findings(rows: list[tuple[str, str, float, float]]) -> Findings:
    found = Findings()
    for phantom, structure, shared, chance in rows:
        found.phantoms.append(phantom)
        found.structures.append(structure)
        others = {
            "shared": shared, "chance": chance, "shared_whole_picture": chance,
            "shared_other_diagnoses": shared / 2, "chance_other_diagnoses": chance,
            "density_where_found_over_chance": np.nan if shared == 0 else 2.0,
        }  # fmt: skip
        for name, value in others.items():
            found.values.setdefault(name, []).append(value)
    return found


def test_figures_by_hand_with_common_structures_apart() -> None:
    rows = [(f"P{n}", "veil", 0.5, 0.1) for n in range(4)]
    rows += [(f"P{n}", "dots", 0.0, 0.2) for n in range(4)]
    rows += [(f"P{n}", "skin", 1.0, 0.9) for n in range(4)]
    found = figures(_findings(rows), resamples=50)
    assert found["shared"].n == 8, "what nearly all hold cannot be found twice as often"
    assert found["shared"].value == pytest.approx(0.25)
    assert found["chance"].value == pytest.approx(0.15)
    assert found["shared_ratio"].value == pytest.approx(0.25 / 0.15)
    assert found["shared_whole_picture_ratio"].value == pytest.approx(1)
    assert found["shared_other_diagnoses_ratio"].value == pytest.approx(0.125 / 0.15)
    assert found["density_where_found_over_chance"].value == pytest.approx(2)
    assert found["shared_veil_ratio"].value == pytest.approx(5)
    assert found["shared_dots_ratio"].value == 0
    assert found["shared_skin"].value == 1 and found["chance_skin"].value == pytest.approx(0.9)


def test_only_common_structures_give_no_overall_figure() -> None:
    found = figures(_findings([(f"P{n}", "skin", 1.0, 0.9) for n in range(4)]), resamples=20)
    assert "shared" not in found and found["shared_skin"].n == 4


def test_a_hull_is_what_a_reader_would_draw_around_it() -> None:
    mask = np.zeros((60, 80), np.bool_)
    mask[10, 20] = mask[10, 40] = mask[30, 20] = True
    drawn = hull(mask).mask
    assert drawn[15, 25] and not drawn[29, 39] and drawn.sum() == pytest.approx(231, abs=5)
    line = np.zeros((60, 80), np.bool_)
    line[5, 5:9] = True
    assert np.array_equal(hull(line).mask, line)
    with pytest.raises(RegionError):
        hull(np.zeros((60, 80), np.bool_))


@pytest.fixture(scope="module")
def phantoms() -> list[Drawn]:
    """Twelve phantoms of the demonstration set, of three diagnoses."""
    demo = shipped("resources") / "demo"
    items = [item for item in read_source(demo) if item.case.diagnosis in {"bcc", "nv", "vasc"}]
    return [regions._read(demo, item) for item in items[::3]]


def test_each_structure_is_asked_for_and_the_phantom_itself_never_counts(
    phantoms: list[Drawn], tmp_path: Path
) -> None:
    encoder = Encoder.load(threads=1)
    told: list[int] = []
    with Library.create(tmp_path / "library", "Twelve", phantoms=True) as library:
        build(library, [phantom.item for phantom in phantoms], encoder)
        found = measure(encoder, library, phantoms, lambda progress: told.append(progress.done))
    assert told == list(range(1, 13))
    asked = list(zip(found.phantoms, found.structures, strict=True))
    planted = [(p.item.case.lesion, name) for p in phantoms for name in p.structures]
    assert asked == planted and len(set(asked)) == len(asked)
    for (_, structure), chance in zip(asked, found.values["chance"], strict=True):
        holding = sum(structure in phantom.structures for phantom in phantoms)
        assert chance == pytest.approx((holding - 1) / 11)
    for name, values in found.values.items():
        assert len(values) == len(asked), name
    shared = np.array(found.values["shared"])
    assert ((shared >= 0) & (shared <= 1)).all() and shared.max() > 0
    foreign = np.array(found.values["shared_other_diagnoses"])
    assert (foreign[~np.isnan(foreign)] <= 1).all()


def test_without_the_generator_it_says_where_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def absent(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with pytest.raises(CaseLensError, match="not part of an installation"):
        regions.draw(tmp_path, 1, 1)


def test_the_whole_protocol_on_one_phantom_of_each_diagnosis(
    monkeypatch: pytest.MonkeyPatch, phantoms: list[Drawn]
) -> None:
    """The drawing is tested in the generator's own tests; here it is what comes after."""
    monkeypatch.setattr(regions, "draw", lambda *_: phantoms)
    found = regions.result(Encoder.load(threads=1), resamples=20)
    assert found.protocol == "regions" and "12 phantoms" in found.headline
    table = found.table()
    assert "shared " in table and "ratio" in table
    assert {"shared", "chance", "shared_ratio"} <= found.figures.keys()
