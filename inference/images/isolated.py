"""Files from outside to `MedicalImage`s, decoded in a process of their own.

Whatever a file does to the libraries that parse it (a crash, a hang, gigabytes of memory), the
program stays, and the file's reader is told. It is a boundary against faults: a worker that a
file has taken over still has the rights of the user who started it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

import inference
from inference.errors import Cancelled, ImageError
from inference.images.exchange import (
    WORKER_OPTION,
    PixelMemory,
    ProtocolError,
    decoded_from,
    receive,
    send,
    size_in,
    text_in,
)
from inference.images.model import FIRST, MedicalImage, RgbPixels, View
from inference.images.reader import content_of, image_from

START_SECONDS: Final = 60.0
"""Time limit for the process to start: that of a slow disk with a virus scanner."""

BASE_SECONDS, SECONDS_PER_MEGABYTE, MOST_SECONDS = 4.0, 1.0, 60.0
"""Time limit for a file: so much, and so much for each 2**20 bytes, but no more than so much."""

_CONVERT: Final = "Open it with the program that made it, and export it as PNG or JPEG"


def seconds_allowed(size: int) -> float:
    """Return the time limit for a file of ``size`` bytes."""
    return min(MOST_SECONDS, BASE_SECONDS + SECONDS_PER_MEGABYTE * size / 2**20)


class IsolatedReader:
    """Reads files in a worker process that is kept warm, and started again when it has died.

    Any thread may call it; one file is read at a time. As a context manager it starts at once, and
    is closed at the end.

    Args:
        command: starts the worker; only tests need another one.
    """

    def __init__(self, command: list[str] | None = None) -> None:
        self._command = command or _worker_command()
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._closed = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def start(self) -> None:
        """Start the worker unless it runs; returns before it is ready. Optional: `read` does it."""
        with self._lock, contextlib.suppress(_LostError, Cancelled):  # `read` will say why
            self._running()

    def read(
        self, source: Path | str | bytes, *, name: str | None = None, view: View = FIRST
    ) -> MedicalImage:
        """Read a picture from a file, or from the bytes of one, as `inference.images.read` does.

        The pixels lie in memory that was shared with the worker while it filled it.

        Raises:
            ImageError: as `inference.images.read` does; also when the file crashes its decoder,
                takes longer than `seconds_allowed`, or needs more memory than the worker may
                have.
            Cancelled: the reader was closed, before or meanwhile.
        """
        data, name = content_of(source, name)
        try:
            with self._lock:
                return self._running().read(data, name, view)
        except _LostError as lost:
            if self._closed:
                raise Cancelled from lost
            self.start()  # warm again before the next file comes
            raise ImageError(name, lost.reason, lost.advice) from lost

    @property
    def process_id(self) -> int | None:
        """The worker's, by which its memory can be measured; None before it is started."""
        return None if self._worker is None else self._worker.process_id

    def close(self) -> None:
        """End the worker, in the middle of a file if need be: whoever waits for that is told so."""
        self._closed = True
        worker = self._worker
        if worker is not None:
            worker.kill()  # without the lock, which is held while a file is read
        with self._lock:
            if self._worker is not None:
                self._worker.end()
                self._worker = None

    def _running(self) -> _Worker:
        if self._closed:
            raise Cancelled
        if self._worker is None or not self._worker.alive():
            try:
                self._worker = _Worker(self._command)
            except OSError as error:
                what = error.strerror or error
                raise _LostError(
                    f"the process that reads pictures cannot be started ({what})",
                    "Close other programs and try again",
                ) from error
        return self._worker


class _LostError(Exception):
    """The worker died, was ended, or spoke nonsense."""

    def __init__(self, reason: str, advice: str = _CONVERT) -> None:
        self.reason, self.advice = reason, advice
        super().__init__(reason)


class _Worker:
    """One process; its owner lets one thread at a time speak to it."""

    def __init__(self, command: list[str]) -> None:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            # Also the place where ``-m`` looks first, so it must not be a folder of pictures.
            cwd=Path(inference.__file__).resolve().parents[1],
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._requests: BinaryIO = process.stdin  # type: ignore[assignment]
        self._replies: BinaryIO = process.stdout  # type: ignore[assignment]
        self._ready = False
        self.end = weakref.finalize(self, _end, process)
        """Kills the process if it runs; called once at the latest when nobody knows it."""

    @property
    def process_id(self) -> int:
        """The system's number of the process."""
        return self._process.pid

    def kill(self) -> None:
        """Have the process end; any thread may call it while another one speaks to it."""
        self._process.kill()

    def alive(self) -> bool:
        """Say whether the process runs."""
        return self.end.alive and self._process.poll() is None

    def read(self, data: bytes, name: str, view: View) -> MedicalImage:
        """Have a file decoded.

        Raises:
            ImageError: the worker says that it is no picture that can be read.
            _LostError: it says nothing any more.
        """
        try:
            if not self._ready:
                with self._within(START_SECONDS, "the process that reads pictures does not start"):
                    receive(self._replies)
                self._ready = True
            seconds = seconds_allowed(len(data))
            with self._within(seconds, f"it takes longer than {seconds:.0f} s to read"):
                wanted = {"frame": view.frame, "window": view.window}
                send(self._requests, {"size": len(data), "seconds": seconds, **wanted}, data)
                content_hash = hashlib.sha256(data).hexdigest()  # meanwhile the worker decodes
                reply = receive(self._replies)
                if "picture" not in reply:
                    raise _refusal(reply, name)
                pixels = self._pixels(reply["picture"])
                return image_from(decoded_from(reply["picture"], pixels), content_hash, name)
        except ImageError:
            raise
        except BaseException:
            self.end()  # in the middle of a file it cannot be spoken to any more
            raise

    def _pixels(self, facts: object) -> RgbPixels:
        """Have the worker fill memory with the pixels that it has decoded."""
        height, width = size_in(facts)
        try:
            memory = PixelMemory(3 * height * width)
        except OSError as error:
            raise _LostError(
                "showing it needs more memory than there is", "Close other programs and try again"
            ) from error
        try:
            send(self._requests, {"memory": memory.name})
            receive(self._replies)
        finally:
            memory.forget()
        return memory.pixels(height, width)

    @contextlib.contextmanager
    def _within(self, seconds: float, too_long: str) -> Iterator[None]:
        """Kill the process when the body takes too long, and say what became of it."""
        late = threading.Event()

        def expire() -> None:
            late.set()
            self._process.kill()

        timer = threading.Timer(seconds, expire)
        timer.start()
        try:
            yield
        except (EOFError, OSError) as error:
            raise _LostError(too_long if late.is_set() else self._cause_of_death()) from error
        except ProtocolError as error:
            raise _LostError(f"what decodes it went wrong ({error})") from error
        finally:
            timer.cancel()
            timer.join()

    def _cause_of_death(self) -> str:
        code = self._process.wait()
        number = -code if code < 0 else code
        return f"what decodes it crashed over it (code {number})"


def _refusal(reply: dict[str, Any], name: str) -> ImageError:
    """Return why there is no picture.

    Raises:
        ProtocolError: the reply does not say.
    """
    if "unforeseen" in reply:
        what = text_in(reply["unforeseen"])
        return ImageError(name, f"reading it failed in an unforeseen way ({what})", _CONVERT)
    refused = reply.get("refused")
    if not isinstance(refused, dict):
        raise ProtocolError("neither picture nor refusal")
    return ImageError(name, text_in(refused.get("reason")), text_in(refused.get("advice")))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, and leave nothing of it behind."""
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _worker_command() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable, WORKER_OPTION]
    return [sys.executable, "-m", "inference.images.worker"]
