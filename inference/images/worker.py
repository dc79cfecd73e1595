"""The decoding process: reads files for the program that started it, one after another.

    python -m inference.images.worker

It is started by `inference.images.isolated` alone, speaks by standard input and output (see
`inference.images.exchange`), and ends when its input does. It limits its own memory, and ends
itself when a file takes too long and the program that should end it is gone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import BinaryIO, Final

from inference.errors import ImageError
from inference.images.exchange import cut, facts_of, fill, receive, receive_bytes, send
from inference.images.model import View
from inference.images.reader import decode

MEMORY_BYTES: Final = 4 * 2**30
"""Address space of the process. The largest picture that is accepted needs up to 3.7 GB."""

_SPARE_SECONDS: Final = 2.0


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until there are no more."""
    send(replies, {"ready": True})
    while True:
        try:
            request = receive(requests)
            data = receive_bytes(requests, request["size"])
        except EOFError:
            return
        _set_alarm(request["seconds"] + _SPARE_SECONDS)
        _answer(data, View(request["frame"], request["window"]), requests, replies)
        _set_alarm(0)


def _answer(data: bytes, view: View, requests: BinaryIO, replies: BinaryIO) -> None:
    """Decode one file and hand its pixels over, or say why not."""
    try:
        decoded = decode(data, "", view)
    except ImageError as error:
        send(replies, {"refused": {"reason": cut(error.reason), "advice": cut(error.advice)}})
        return
    except Exception as error:  # noqa: BLE001 - told to the program, which names the file
        send(replies, {"unforeseen": f"{type(error).__name__}: {error}"[:160]})
        return
    send(replies, {"picture": facts_of(decoded)})
    fill(receive(requests)["memory"], decoded.pixels)
    send(replies, {"filled": True})


def _set_alarm(seconds: float) -> None:
    """End the process after ``seconds`` even inside a library's loop; 0 takes that back."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit_memory() -> None:
    """Let allocations beyond `MEMORY_BYTES` fail; systems without such a limit go without it."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has none

    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the picture


def _own_output() -> BinaryIO:
    """Return what was standard output, and let whatever a library prints go nowhere."""
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return os.fdopen(kept, "wb", buffering=0)


def main() -> int:
    """Serve the program that started this process; return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program; it ends us
    _limit_memory()
    requests = os.fdopen(os.dup(0), "rb", buffering=0)
    with requests, _own_output() as replies, contextlib.suppress(BrokenPipeError):
        serve(requests, replies)
    return 0


if __name__ == "__main__":
    sys.exit(main())
