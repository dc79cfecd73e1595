"""What the store has counted holds until it changes, by this program or another one."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from inference.library.filters import Filter
from inference.library.library import Library
from inference.library.remembered import MOST

NEVI = Filter(diagnosis=("nv",))


@pytest.fixture
def asked(built: Library, monkeypatch: pytest.MonkeyPatch) -> list[Filter]:
    """Filters that the store is asked about."""
    filters: list[Filter] = []
    passing = built._store.passing

    def counted(filter: Filter) -> object:
        filters.append(filter)
        return passing(filter)

    monkeypatch.setattr(built._store, "passing", counted)
    return filters


def test_the_store_is_asked_once_while_nothing_changes(built: Library, asked: list[Filter]) -> None:
    first = built.passing(NEVI)
    assert built.passing(NEVI).tolist() == first.tolist() != []
    assert asked == [NEVI]


def test_a_change_by_another_program_counts_at_once(built: Library, asked: list[Filter]) -> None:
    before, rates = built.passing(NEVI), built.base_rates(NEVI)
    info = built.info()
    with closing(sqlite3.connect(built.folder / "library.sqlite")) as connection, connection:
        connection.execute("UPDATE cases SET diagnosis = 'df' WHERE id = 1")
    assert len(built.passing(NEVI)) < len(before) and asked == [NEVI, NEVI]
    assert built.base_rates(NEVI)["nv"] == rates["nv"] - 1
    assert built.info().diagnoses["nv"] == info.diagnoses["nv"] - 1


def test_only_so_many_answers_are_kept(built: Library, asked: list[Filter]) -> None:
    filters = [Filter(source=(str(n),)) for n in range(MOST + 1)]
    for wanted in filters:
        built.passing(wanted)
    built.passing(filters[-1])
    assert len(asked) == MOST + 1
    built.passing(filters[0])
    assert len(asked) == MOST + 2


def test_what_is_counted_cannot_be_spoilt_by_who_asked(built: Library) -> None:
    rates = built.base_rates()
    built.base_rates().clear()
    built.info().models.clear()
    assert built.base_rates() == rates and built.info().models
