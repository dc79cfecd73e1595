"""A file is there whole or not at all, and what the system refuses is said in plain words."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from inference import files
from inference.errors import CaseLensError, LibraryError
from inference.library.files import explained, write_whole


def test_whole_content_replaces_what_was_there_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "record.json"
    target.write_bytes(b"before")
    files.write_whole(target, b"after", durable=True)
    assert target.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [target]


def test_failed_writing_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "record.json"
    target.write_bytes(b"before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CaseLensError, match=r"record\.json: the disk is full"):
        files.write_whole(target, b"after", durable=True)
    assert target.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="no umask there")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_permissions_are_those_that_the_umask_leaves(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        files.write_whole(tmp_path / "new", b"", durable=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == mode


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EACCES, "may not be read or changed by you"),
        (errno.EROFS, "nothing can be written there"),
        (errno.ENOENT, "no longer there"),
        (errno.ENAMETOOLONG, "its name is too long"),
        (errno.EIO, "the system reports: Input"),
    ],
)
def test_systems_refusal_is_said_in_words_with_advice(number: int, reason: str) -> None:
    with pytest.raises(CaseLensError, match=reason) as caught, files.explained(Path("x.png")):
        raise OSError(number, os.strerror(number))
    assert caught.value.subject == "x.png"
    assert caught.value.advice


def test_each_room_says_it_with_its_own_error(tmp_path: Path) -> None:
    gone = tmp_path / "gone" / "file"
    with pytest.raises(CaseLensError) as caught:
        files.write_whole(gone, b"", durable=False)
    assert type(caught.value) is CaseLensError
    with pytest.raises(LibraryError):
        write_whole(gone, b"", durable=False)
    with pytest.raises(LibraryError), explained(gone):
        gone.read_bytes()
    assert not gone.parent.exists()


def test_only_old_remains_of_killed_writers_are_removed(tmp_path: Path) -> None:
    old, young, other = (
        tmp_path / name for name in (f".{'a' * 16}.part", f".{'b' * 16}.part", ".foreign.part")
    )
    for path in (old, young, other):
        path.touch()
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (two_days_ago, two_days_ago))
    os.utime(other, (two_days_ago, two_days_ago))
    files.remove_abandoned(tmp_path)
    assert sorted(tmp_path.iterdir()) == [young, other]


@pytest.mark.parametrize(
    "words",
    ["Unable to write: No space left on device (28)", "4096 requested and 512 written"],
)
def test_a_full_disk_is_known_by_the_words_of_annoy_and_numpy(tmp_path: Path, words: str) -> None:
    with pytest.raises(CaseLensError, match="the disk is full"), files.explained(tmp_path):
        raise OSError(words)
