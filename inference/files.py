"""Writing that survives a kill at any instant, and the file system's refusals in plain words.

Every function that raises takes the class of the error: each room says whose file it was.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from inference.errors import CaseLensError

_PART = ".part"
_OURS = re.compile(r"\.[0-9a-f]{16}\.part")
_ABANDONED_AFTER_SECONDS = 24 * 3600
_READ_CHUNK = 1 << 20

_REASONS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("the disk is full", "Free some space and try again"),
    errno.EDQUOT: ("your share of the disk is full", "Free some space and try again"),
    errno.EACCES: ("it may not be read or changed by you", "Ask for permission, or use a copy"),
    errno.EPERM: ("it may not be read or changed by you", "Ask for permission, or use a copy"),
    errno.EROFS: ("nothing can be written there", "Choose a place where you may write"),
    errno.ENOENT: ("it is no longer there", "Check that its drive or share is connected"),
    errno.ENOTDIR: ("it is no longer there", "Check that its drive or share is connected"),
    errno.EISDIR: ("a folder of this name is in the way", "Choose another name"),
    errno.ENAMETOOLONG: ("its name is too long", "Choose a shorter name"),
}

# "Unable to write: No space left on device (28)"; "4096 requested and 512 written".
_TOLD_BY_ANNOY = re.compile(r"^Unable to .*\((\d+)\)$")
_TOLD_BY_NUMPY = re.compile(r"^\d+ requested and \d+ written$")


@contextlib.contextmanager
def explained(subject: Path, kind: type[CaseLensError] = CaseLensError) -> Iterator[None]:
    """Turn an `OSError` of the body into a ``kind`` about ``subject``, in plain words."""
    try:
        yield
    except OSError as error:
        reason, advice = _REASONS.get(
            _number(error),
            (f"the system reports: {error.strerror or error}", "Check the drive and try again"),
        )
        raise kind(subject, reason, advice) from error


def _number(error: OSError) -> int:
    """Return an error's number, also of libraries that tell of a failed write in words alone."""
    if error.errno is not None:
        return error.errno
    told = _TOLD_BY_ANNOY.search(str(error))
    if told is not None:
        return int(told[1])
    return errno.ENOSPC if _TOLD_BY_NUMPY.search(str(error)) else 0


def write_whole(
    target: Path, data: bytes, *, durable: bool, kind: type[CaseLensError] = CaseLensError
) -> None:
    """Put ``data`` at ``target`` in one step: it is there whole, or as it was before.

    Args:
        target: the file; one that is there is replaced. Its folder must be there.
        data: all of it.
        durable: have the content on the disk before this returns. The folder's own entry is made
            durable by `sync_folder`, once for many files. Without it a power cut (not a kill)
            may leave the file empty: only for what can be made again.
        kind: of the error.

    Raises:
        CaseLensError: a ``kind``: the disk is full, or the folder is gone or cannot be written.
    """
    with part_beside(target, kind) as part:
        with part.open("xb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(target)


@contextlib.contextmanager
def part_beside(target: Path, kind: type[CaseLensError] = CaseLensError) -> Iterator[Path]:
    """Name a file in ``target``'s folder to be written and renamed; deleted if the body fails.

    Not `tempfile.mkstemp`: its files are readable by their maker alone, whereas a file that the
    body makes has the permissions that the umask leaves.

    Raises:
        CaseLensError: a ``kind``: the body's `OSError`, told of ``target``.
    """
    part = target.parent / part_name()
    with explained(target, kind):
        try:
            yield part
        except BaseException:
            with contextlib.suppress(OSError):
                # Emptied first: Annoy never closes what it could not write to the end, and a
                # full disk would stay full.
                os.truncate(part, 0)
            with contextlib.suppress(OSError):
                part.unlink()
            raise


def sync_folder(folder: Path, kind: type[CaseLensError] = CaseLensError) -> None:
    """Make the names inside ``folder`` durable; a no-op where the system has no such thing.

    Raises:
        CaseLensError: a ``kind``: the folder or its drive is gone.
    """
    if os.name == "nt":
        return
    with explained(folder, kind):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            # Some network file systems cannot sync a folder; they order renames themselves.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(descriptor)


def part_name() -> str:
    """Return a new name for what will be renamed when it is whole; see `remove_abandoned`."""
    return f".{secrets.token_hex(8)}{_PART}"


def remove_abandoned(folder: Path) -> None:
    """Delete what killed writers left in ``folder`` a day or more ago, by its `part_name`.

    Younger files and folders may belong to another program that is writing right now.
    """
    oldest = time.time() - _ABANDONED_AFTER_SECONDS
    with contextlib.suppress(OSError):
        for part in folder.glob(f".*{_PART}"):
            if not _OURS.fullmatch(part.name) or part.stat().st_mtime >= oldest:
                continue
            if part.is_dir():
                shutil.rmtree(part)
            else:
                part.unlink()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, 64 hexadecimal digits.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_READ_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def can_write(folder: Path) -> bool:
    """Say whether a file can be made in ``folder``, by making one that leaves no trace.

    Asking for the permission bits instead is wrong on Windows and on read-only mounts.
    """
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
