"""A lock between programs, and between the threads of one, that nobody ever waits for.

The system gives it up when its holder dies, however that happens, so no lock is ever left behind.
The file itself stays, empty: to delete it could take it from under another program that has just
opened it, and let two believe that they hold the lock.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from inference.library.files import explained


@contextlib.contextmanager
def held(file: Path) -> Iterator[bool]:
    """Hold a file's lock meanwhile, if nobody else does.

    Args:
        file: made when absent; its folder must be there.

    Yields:
        Whether the body may do what the lock is for: it holds the lock, or the file lies on a
        file system that has none.

    Raises:
        LibraryError: the file cannot be opened for writing.
    """
    with explained(file):
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        yield _lock(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            # Not `lockf`: its locks are the process's own, so that two threads would both get one.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True
