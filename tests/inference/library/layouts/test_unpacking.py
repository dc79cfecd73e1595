"""A ZIP is unpacked whole, within limits, and gone afterwards; a dangerous one is refused."""

from __future__ import annotations

import os
import stat
import struct
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.errors import LibraryError
from inference.library.layouts import opened, unpacking
from inference.library.layouts.unpacking import Scratch
from tests.inference.library.layouts.conftest import Read, write_ham10000


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    """Return a room beside a library that is not there yet."""
    with Scratch(tmp_path / "new" / "library") as room:
        yield room


def pack(path: Path, **entries: str | bytes) -> Path:
    """Write a ZIP of these names and contents."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return path


def rooms(folder: Path) -> list[Path]:
    """Return what imports have made in a folder for the time being."""
    return list(folder.glob(".caselens-import-*"))


def test_archive_in_a_zip_is_read_like_its_folder_and_leaves_nothing(
    tmp_path: Path, read: Read
) -> None:
    folder = write_ham10000(tmp_path / "Häute 皮膚")
    archive = tmp_path / "Häute 皮膚.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, Path("dataverse_files", path.relative_to(folder)))
        packed.writestr("__MACOSX/dataverse_files/._HAM10000_metadata.csv", b"\0\1")
    with opened(archive, scratch=tmp_path / "library") as archived:
        assert archived.layout.name == "ham10000"
        taken = [each.item.path for each in archived.reading.found]
        assert [path.read_bytes() for path in taken] == [
            each.item.path.read_bytes() for each in read(folder).reading.found
        ]
        assert len(rooms(tmp_path)) == 1
    assert rooms(tmp_path) == []


def test_room_is_made_on_the_disk_of_the_library_only_when_needed(
    tmp_path: Path, scratch: Scratch
) -> None:
    assert rooms(tmp_path) == []
    folder = scratch.unpack(pack(tmp_path / "a.zip", **{"ä/1.txt": "x"}))
    assert folder.parent.parent == tmp_path
    assert (folder / "ä" / "1.txt").read_text() == "x"


@pytest.mark.parametrize(
    "name", ["../evil.txt", "a/../../evil.txt", "/etc/evil.txt", "a\\..\\evil.txt", "C:/evil.txt"]
)
def test_names_that_lead_outside_are_refused_before_anything_is_written(
    tmp_path: Path, scratch: Scratch, name: str
) -> None:
    archive = pack(tmp_path / "a.zip", **{"good.txt": "x", name: "x"})
    with pytest.raises(LibraryError, match="names a file outside itself") as caught:
        scratch.unpack(archive)
    assert caught.value.subject == str(archive)
    assert not list(tmp_path.rglob("*.txt"))


def test_links_are_refused(tmp_path: Path, scratch: Scratch) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        link = zipfile.ZipInfo("image.jpg")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(LibraryError, match="a link or a device"):
        scratch.unpack(archive)


def test_two_files_of_one_name_are_refused(tmp_path: Path, scratch: Scratch) -> None:
    with pytest.raises(LibraryError, match=r"two files called A\.txt"):
        scratch.unpack(pack(tmp_path / "a.zip", **{"a.txt": "x", "A.txt": "y"}))


def test_password_is_not_asked_for(tmp_path: Path, scratch: Scratch) -> None:
    archive = pack(tmp_path / "a.zip", a="x")
    data = bytearray(archive.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption, in the directory
    archive.write_bytes(data)
    with pytest.raises(LibraryError, match="asks for a password"):
        scratch.unpack(archive)


def test_bomb_is_refused_by_its_ratio(tmp_path: Path, scratch: Scratch) -> None:
    archive = pack(tmp_path / "a.zip", bomb=bytes(20 * 2**20))
    assert archive.stat().st_size < 30_000
    with pytest.raises(LibraryError, match="unpacks to a huge file"):
        scratch.unpack(archive)


def test_bomb_of_many_small_files_is_refused_by_the_ratio_of_all(
    tmp_path: Path, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_SMALL_IN_ALL", 2**20)
    archive = pack(tmp_path / "a.zip", **{f"{n}.bmp": bytes(2**20) for n in range(5)})
    with pytest.raises(LibraryError, match="it is small and unpacks to huge files"):
        scratch.unpack(archive)


def test_mask_that_packs_very_well_is_no_bomb(tmp_path: Path, scratch: Scratch) -> None:
    folder = scratch.unpack(pack(tmp_path / "a.zip", **{"IMD003_lesion.bmp": bytes(2 * 2**20)}))
    assert (folder / "IMD003_lesion.bmp").stat().st_size == 2 * 2**20


def test_bomb_that_lies_about_its_size_is_refused(tmp_path: Path, scratch: Scratch) -> None:
    archive = pack(tmp_path / "a.zip", bomb=bytes(8 * 2**20))
    data = bytearray(archive.read_bytes())
    central = data.index(b"PK\x01\x02")
    for place in (22, central + 24):  # the size in the file's own header, and in the directory
        data[place : place + 4] = struct.pack("<I", 100)
    archive.write_bytes(data)
    with pytest.raises(LibraryError, match="no ZIP, or a damaged one"):
        scratch.unpack(archive)
    assert all(path.stat().st_size <= 100 for path in tmp_path.rglob("bomb"))


def test_too_many_files_and_too_many_bytes_are_refused(
    tmp_path: Path, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = pack(tmp_path / "a.zip", a="x", b="x", c="x")
    monkeypatch.setattr(unpacking, "MAX_ENTRIES", 2)
    with pytest.raises(LibraryError, match="more than 2 files"):
        scratch.unpack(archive)
    monkeypatch.setattr(unpacking, "MAX_ENTRIES", 3)
    # The limit is that of the import: the same archive again is over it.
    monkeypatch.setattr(scratch, "_room", 5)
    scratch.unpack(archive)
    with pytest.raises(LibraryError, match="unpacks to more than"):
        scratch.unpack(archive)


def test_full_disk_is_said_before_anything_is_written(
    tmp_path: Path, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "_free", lambda _: 2)
    with pytest.raises(LibraryError, match=r"too full to unpack a\.zip"):
        scratch.unpack(pack(tmp_path / "a.zip", a="xyz"))


def test_what_is_no_zip_is_said(tmp_path: Path, scratch: Scratch) -> None:
    (tmp_path / "a.zip").write_bytes(b"not a ZIP")
    with pytest.raises(LibraryError, match="no ZIP, or a damaged one"):
        scratch.unpack(tmp_path / "a.zip")
    sound = pack(tmp_path / "b.zip", a="x" * 500).read_bytes()
    (tmp_path / "b.zip").write_bytes(sound[:35] + b"\xff" + sound[36:])
    with pytest.raises(LibraryError, match="no ZIP, or a damaged one"):
        scratch.unpack(tmp_path / "b.zip")


def test_room_of_a_killed_import_is_removed_a_day_later(tmp_path: Path, scratch: Scratch) -> None:
    old, young = tmp_path / ".caselens-import-old", tmp_path / ".caselens-import-young"
    for room in (old, young):
        (room / "inner").mkdir(parents=True)
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    scratch.unpack(pack(tmp_path / "a.zip", a="x"))
    assert not old.exists() and young.exists()
