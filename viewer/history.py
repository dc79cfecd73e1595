"""What the reader asked, step by step, so that every change can be undone and done again."""

from __future__ import annotations

from typing import Generic, TypeVar

Step = TypeVar("Step")

MOST_STEPS = 100


class History(Generic[Step]):
    """The present value with those before it and, after an undo, those behind it.

    Args:
        present: where it begins.
    """

    def __init__(self, present: Step) -> None:
        self._present = present
        self._past: list[Step] = []
        self._future: list[Step] = []

    @property
    def present(self) -> Step:
        """The value that holds now."""
        return self._present

    @property
    def can_undo(self) -> bool:
        """Whether there is a value before."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether a step was undone and nothing changed since."""
        return bool(self._future)

    def change(self, value: Step) -> bool:
        """Take a step; say whether the value is another."""
        if value == self._present:
            return False
        self._past = [*self._past, self._present][-MOST_STEPS:]
        self._present, self._future = value, []
        return True

    def undo(self) -> bool:
        """Go a step back, where there is one."""
        return self._move(self._past, self._future)

    def redo(self) -> bool:
        """Take the step again that was undone last."""
        return self._move(self._future, self._past)

    def settle(self, value: Step) -> None:
        """Fall back to a value that held before, since the present one came to nothing."""
        if self._past and self._past[-1] == value:
            self._past.pop()
        elif self._future and self._future[-1] == value:
            self._future.pop()
        self._present = value

    def restart(self, value: Step) -> None:
        """Begin anew."""
        self._present, self._past, self._future = value, [], []

    def _move(self, source: list[Step], target: list[Step]) -> bool:
        if not source:
            return False
        target.append(self._present)
        self._present = source.pop()
        return True
