"""Work done some items ahead of its use, in a thread of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from inference.errors import Cancelled

Item = TypeVar("Item")
Made = TypeVar("Made")


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Cut ``items`` into lists of ``size``, the last of which may be shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def ahead(
    work: Callable[[Item], Made],
    items: Iterable[Item],
    *,
    further: int,
    cancelled: Callable[[], bool] = lambda: False,
) -> Generator[Made, None, None]:
    """Yield ``work`` of each item, in order, while a thread is busy with the items after it.

    Decoding runs so, that an encoder never waits for a file. Close the generator when leaving it
    early (`contextlib.closing`): that ends the thread.

    Args:
        work: called in the thread, one item at a time; what it raises is raised here.
        items: taken one by one as they are needed, in the caller's thread.
        further: how many items may be begun or ready and not yet handed over, at least 1; it
            bounds memory.
        cancelled: asked before each item is handed over.

    Raises:
        Cancelled: as ``cancelled`` asked.
    """
    rest = iter(items)
    under_way: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        try:
            while True:
                if cancelled():
                    raise Cancelled
                for item in islice(rest, further - len(under_way)):
                    under_way.append(pool.submit(work, item))
                if not under_way:
                    return
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
