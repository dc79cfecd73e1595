"""The model card's tables say of each class and site what its pictures gave."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.evaluation import breakdown
from inference.evaluation.breakdown import Table
from inference.evaluation.protocols import Session
from tests.inference.evaluation import archives

MELANOMAS = archives.CLASSES.index("mel")


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Table]:
    """Return the tables of archives' queries, every second one on the ear."""
    monkeypatch.setattr(breakdown, "FEWEST", 3)
    sites = ("back", "ear", "back", "ear", "hand", "ear", "back", "ear")
    data = archives.ham10000(tmp_path / "ham10000", sites=sites)
    session = Session.prepare(["ham10000"], data, archives.ColourEncoder())
    return {table.title: table for table in session.breakdown(resamples=20)}


def _row(table: Table, name: str) -> tuple[str, ...]:
    return next(row for row in table.rows if row[0] == name)


def test_each_class_has_its_line(tables: dict[str, Table]) -> None:
    table = tables["By class"]
    assert table.columns == ("class", "n", "recall", "P@1", "P@6", "AP")
    assert len(table.rows) == 7
    name, n, recall, p1, p6, _ = table.rows[MELANOMAS]
    assert (name, n) == ("Melanoma", "2")
    assert recall == p1 == p6 == ".500 (.000 to 1.000)"
    assert _row(table, "Dermatofibroma")[2:] == ("1.000 (1.000 to 1.000)",) * 4


def test_sites_come_by_size_and_the_rare_ones_together(tables: dict[str, Table]) -> None:
    """Query 8, the odd melanoma, is on the back; queries 4 and 12 are on a hand."""
    table = tables["By body site"]
    assert [row[:3] for row in table.rows] == [
        ("ear", "7", "7"), ("back", "5", "5"), ("rarer: hand", "2", "2"),
    ]  # fmt: skip
    assert _row(table, "ear")[3].startswith("1.000 ")
    assert _row(table, "back")[3].startswith(".800 ")
    assert _row(table, "rarer: hand")[3:] == ("too few",) * 3


def test_ways_of_confirmation_have_their_names(tables: dict[str, Table]) -> None:
    table = tables["By confirmation"]
    assert [row[:3] for row in table.rows] == [
        ("Histopathology", "12", "6"), ("rarer: Expert consensus", "2", "1"),
    ]  # fmt: skip


def test_a_row_of_benign_pictures_has_no_malignancy_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breakdown, "FEWEST", 1)
    data = archives.ham10000(tmp_path / "ham10000")
    session = Session.prepare(["ham10000"], data, archives.ColourEncoder())
    table = session.breakdown(resamples=5)[2]
    nevi = _row(table, "Expert consensus")
    assert nevi[3] == "1.000 (1.000 to 1.000)"
    assert nevi[5] == "one kind only"


def test_a_missing_class_is_called_new(tables: dict[str, Table]) -> None:
    """Without its class a picture is lonelier than all library cases, of which there are 72."""
    table = tables["A class missing from the library"]
    assert _row(table, "Dermatofibroma") == ("Dermatofibroma", "2", "1.000", "1.000", ".000")
    # the one that looks like a nevus is at home; without nevi, it is called new with them
    assert _row(table, "Melanoma")[2:] == (".750", ".500", ".000")
    assert _row(table, "Melanocytic nevus")[2:] == (".958", "1.000", ".083")


def test_markdown_has_a_line_for_each_row() -> None:
    table = Table("By class", "A note.", ("class", "n"), (("Melanoma", "2"),))
    assert table.markdown() == (
        "### By class\n\nA note.\n\n| class | n |\n| --- | --- |\n| Melanoma | 2 |\n"
    )
