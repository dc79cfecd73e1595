"""Writing that survives a kill at any instant: a file is there whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from inference.errors import LibraryError

_PART = ".part"
_ABANDONED_AFTER_SECONDS = 24 * 3600
_READ_CHUNK = 1 << 20


@contextlib.contextmanager
def explained(subject: Path) -> Iterator[None]:
    """Turn an `OSError` of the body into a `LibraryError` about ``subject``."""
    try:
        yield
    except OSError as error:
        raise library_error(subject, error) from error


def library_error(subject: Path, error: OSError) -> LibraryError:
    """Say in plain words why the file system refused ``subject``."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LibraryError(subject, "the disk is full", "Free some space and try again")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return LibraryError(
            subject,
            "it may not be read or changed by you",
            "Ask for permission, or copy the library to a folder of your own",
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return LibraryError(
            subject, "it is no longer there", "Check that its drive or share is connected"
        )
    reason = error.strerror or str(error)
    return LibraryError(subject, f"the system reports: {reason}", "Check the drive and try again")


def write_whole(target: Path, data: bytes, *, durable: bool) -> None:
    """Put ``data`` at ``target`` in one step.

    Args:
        target: the file; one that is there is replaced.
        data: all of it.
        durable: have the content on the disk before this returns. The folder's own entry is made
            durable by `sync_folder`, once for many files. Without it a power cut (not a kill)
            may leave the file empty: only for what can be made again.

    Raises:
        LibraryError: the disk is full, or the folder cannot be written.
    """
    with part_beside(target) as part:
        with part.open("xb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        part.replace(target)


@contextlib.contextmanager
def part_beside(target: Path) -> Iterator[Path]:
    """Name a file in ``target``'s folder to be written and renamed; deleted if the body fails.

    Not `tempfile.mkstemp`: its files are readable by their maker alone, and libraries are shared.

    Raises:
        LibraryError: the body's `OSError`, told of ``target``.
    """
    part = target.parent / f".{secrets.token_hex(8)}{_PART}"
    with explained(target):
        try:
            yield part
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def sync_folder(folder: Path) -> None:
    """Make the names inside ``folder`` durable; a no-op where the system has no such thing."""
    if os.name == "nt":
        return
    with explained(folder):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            # Some network file systems cannot sync a folder; they order renames themselves.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP):
                raise
        finally:
            os.close(descriptor)


def remove_abandoned(folder: Path) -> None:
    """Delete what killed writers left in ``folder`` a day or more ago.

    Younger files may belong to another program that is writing right now.
    """
    oldest = time.time() - _ABANDONED_AFTER_SECONDS
    with contextlib.suppress(OSError):
        for part in folder.glob(f".*{_PART}"):
            if part.stat().st_mtime < oldest:
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
