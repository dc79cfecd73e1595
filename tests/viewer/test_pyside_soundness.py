"""The binding of Qt keeps count of None.

PySide6 6.12.0 on CPython 3.11 drops a reference of None with each void call into Qt, and the
interpreter aborts after about 5,000 of them. pyproject.toml excludes it; this holds for whatever
is installed.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject

CALLS = 10_000
NOISE = 100
"""What else may happen to None meanwhile; a drop for each call would be a hundred times that."""


def test_ten_thousand_void_calls_leave_the_count_of_none_alone() -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("x")
    assert abs(sys.getrefcount(None) - before) < NOISE


def test_ten_thousand_calls_that_answer_leave_the_count_of_true_and_false_alone() -> None:
    thing = QObject()
    before = [sys.getrefcount(answer) for answer in (True, False)]
    for n in range(CALLS):
        thing.blockSignals(n % 2 == 0)
    after = [sys.getrefcount(answer) for answer in (True, False)]
    assert all(abs(a - b) < NOISE for a, b in zip(after, before, strict=True))
