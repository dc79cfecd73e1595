"""Work ahead of its use keeps its order, its bounds and its errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from inference.ahead import ahead, batches
from inference.errors import Cancelled


def test_everything_comes_once_and_in_order() -> None:
    assert list(ahead(lambda n: n * n, range(20), further=3)) == [n * n for n in range(20)]
    assert list(ahead(str, [], further=3)) == []


def test_work_runs_in_another_thread_and_items_are_taken_in_this_one() -> None:
    def items() -> Iterator[int]:
        for _ in range(4):
            yield threading.get_ident()

    made = list(ahead(lambda taker: (taker, threading.get_ident()), items(), further=2))
    assert {taker for taker, _ in made} == {threading.get_ident()}
    assert threading.get_ident() not in {worker for _, worker in made}


def test_no_more_is_begun_than_allowed() -> None:
    begun: list[int] = []
    with closing(ahead(begun.append, range(100), further=3)) as made:
        for taken in range(1, 50):
            next(made)
            # What was handed over, and the three that may be begun or ready beside it.
            assert len(begun) <= taken + 3
    assert len(begun) < 60


def test_an_error_of_the_work_comes_out_at_its_place() -> None:
    made = ahead(lambda n: 6 // n, [3, 2, 0, 1], further=3)
    assert (next(made), next(made)) == (2, 3)
    with pytest.raises(ZeroDivisionError):
        next(made)


def test_cancelling_stops_before_the_next_item() -> None:
    stop = threading.Event()
    made = ahead(int, range(9), further=3, cancelled=stop.is_set)
    assert next(made) == 0
    stop.set()
    with pytest.raises(Cancelled):
        next(made)


def test_batches_are_full_but_the_last() -> None:
    assert list(batches(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batches([], 3)) == []
