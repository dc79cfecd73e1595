"""The committed demonstration set: complete, consistent, and what the generator makes."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resources.phantoms.__main__ import PER_CLASS, SEED, main
from resources.phantoms.export import COLUMNS, plan
from resources.phantoms.recipe import ATTRIBUTE_VALUES
from resources.phantoms.skin import TONES

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
SETS = [("images", "labels.csv"), ("queries", "queries.csv")]


def table(name: str) -> list[dict[str, str]]:
    """Rows of one of the set's tables."""
    with (DEMO / name).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_each_class_has_twelve_library_phantoms_and_one_query() -> None:
    diagnoses = [row["dx"] for row in table("labels.csv")]
    assert {dx: diagnoses.count(dx) for dx in diagnoses} == dict.fromkeys(
        ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"), 12
    )
    assert sorted(row["dx"] for row in table("queries.csv")) == sorted(set(diagnoses))


@pytest.mark.parametrize(("folder", "name"), SETS)
def test_the_table_names_the_pictures_that_are_there(folder: str, name: str) -> None:
    named = {row["image_id"] for row in table(name)}
    assert {path.stem for path in (DEMO / folder).glob("*.jpg")} == named


def test_every_picture_has_a_mask_and_structures_and_no_other_is_there() -> None:
    named = {row["image_id"] for _, name in SETS for row in table(name)}
    assert {path.stem for path in (DEMO / "masks").glob("*.png")} == named
    assert {path.stem for path in (DEMO / "structures").glob("*.npz")} == named


def test_no_query_is_a_library_lesion() -> None:
    library = {row["lesion_id"] for row in table("labels.csv")}
    assert len(library) == 84
    assert not library & {row["lesion_id"] for row in table("queries.csv")}


@pytest.mark.parametrize("name", ["labels.csv", "queries.csv"])
def test_the_rows_have_the_importers_columns_and_known_words(name: str) -> None:
    rows = table(name)
    assert tuple(rows[0]) == COLUMNS
    for row in rows:
        assert row["dx_type"] == "drawn"
        assert row["lesion_id"].startswith("PHANTOM_")
        assert 5 <= float(row["age"]) <= 90
        assert all(row[key] in words for key, words in ATTRIBUTE_VALUES.items())


def test_all_six_skin_tones_occur_in_every_class() -> None:
    for dx in {row["dx"] for row in table("labels.csv")}:
        tones = {row["fitzpatrick"] for row in table("labels.csv") if row["dx"] == dx}
        assert tones == set(TONES)


def test_the_set_is_what_the_generator_makes() -> None:
    library, queries = plan(SEED, PER_CLASS)
    rows = {row["image_id"]: row for name in ("labels.csv", "queries.csv") for row in table(name)}
    assert list(rows) == [order.image for order in (*library, *queries)]
    for order, folder in ((library[3], "images"), (library[52], "images"), (queries[6], "queries")):
        drawn = order.draw()
        with Image.open(DEMO / folder / f"{order.image}.jpg") as stored:
            difference = np.abs(np.asarray(stored).astype(int) - drawn.pixels)
        # Quality 90 with halved chroma: measured 1.5 to 2.2 levels over ten of them.
        assert difference.mean() < 4.0
        assert {key: rows[order.image][key] for key in ATTRIBUTE_VALUES} == drawn.attributes
        with Image.open(DEMO / "masks" / f"{order.image}.png") as mask:
            disagree = np.asarray(mask) != drawn.mask.astype(np.uint8) * 255
        assert disagree.mean() < 1e-3
        with np.load(DEMO / "structures" / f"{order.image}.npz", allow_pickle=False) as stored:
            assert set(stored.files) == set(drawn.structures)


def test_the_set_stays_small_enough_to_ship() -> None:
    size = sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file())
    assert size < 12_000_000


def test_the_command_writes_a_whole_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--per-class", "1", "--seed", "2", str(tmp_path)]) == 0
    assert "14 phantoms" in capsys.readouterr().out
    assert len(list((tmp_path / "images").glob("*.jpg"))) == 7
    assert len(list((tmp_path / "queries").glob("*.jpg"))) == 7
    assert len(list((tmp_path / "masks").glob("*.png"))) == 14
    with Image.open(next((tmp_path / "masks").glob("*.png"))) as mask:
        assert set(np.unique(np.asarray(mask))) == {0, 255}
