"""The model card says what was measured, and nothing else."""

from __future__ import annotations

from models.training.card import results, shifted


def _figure(value: float, n: int = 10) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1, "n": n}


def test_every_figure_is_a_row_beside_the_published_one() -> None:
    rows = results({"macro_p_at_1": _figure(0.7), "map": _figure(0.5)}).splitlines()
    assert rows == [
        "| `macro_p_at_1` | .700 | .600 to .800 | .779 |",
        "| `map` | .500 | .400 to .600 |  |",
    ]


def test_other_archives_stand_side_by_side_with_their_ratios() -> None:
    figures = {"map": _figure(0.5), "map_ratio": _figure(0.9)}
    skin = {"map_fitzpatrick_3": _figure(0.4, 7)}
    table = shifted({"isic2017": figures, "derm7pt": figures, "pad_ufes20": {**figures, **skin}})
    row = "| `map` | .500 (ratio .900) | .500 (ratio .900) | .500 (ratio .900) |"
    assert row in table.splitlines()
    assert "| `map_fitzpatrick_3` | .400 | .300 to .500 | 7 |" in table
