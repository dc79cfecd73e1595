"""A backup holds a whole library; what is restored is that library, or nothing."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.errors import LibraryError
from inference.library.backup import back_up, restore
from inference.library.container import Container
from inference.library.library import Library
from inference.library.model import Progress
from tests.inference.library.conftest import MODEL, ROOT

Alter = Callable[[dict[str, Any], dict[str, bytes]], None]


@pytest.fixture
def backup(built: Library, tmp_path: Path) -> Path:
    """A backup of a library that was curated."""
    case = built.case(2)
    built.curation.edit(case, replace(case, note="twice", tags=("x",)))
    built.curation.delete([7])
    back_up(built, tmp_path / "clinic.backup")
    return tmp_path / "clinic.backup"


def test_a_restored_library_is_the_one_that_was_backed_up(
    built: Library, backup: Path, tmp_path: Path
) -> None:
    told: list[Progress] = []
    assert restore(backup, tmp_path / "new" / "place", progress=told.append) == 30
    assert {p.stage for p in told} == {"checking", "restoring"}
    assert told[-1].done == told[-1].total == 30
    query = np.ones(16, np.float32)
    with Library.open(tmp_path / "new" / "place") as again:
        assert again.inspection.verify() == []
        assert (again.info().cases, again.name) == (19, "Small")
        assert [again.case(n) for n in (1, 2, 3)] == [built.case(n) for n in (1, 2, 3)]
        assert again.nearest(query, 30, model=MODEL) == built.nearest(query, 30, model=MODEL)
        assert again.curation.history() == built.curation.history()
        again.curation.undo()
        assert again.read_image(7).content_hash == again.image(7).content_hash
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "built source", "clinic.backup", "library", "new",
    ]  # fmt: skip


def test_a_backup_is_written_beside_a_library_that_is_being_changed(
    built: Library, tmp_path: Path
) -> None:
    def change(progress: Progress) -> None:
        if progress.done == 1:
            built.curation.delete([3])

    back_up(built, tmp_path / "b", progress=change)
    restore(tmp_path / "b", tmp_path / "then")
    with Library.open(tmp_path / "then") as then:
        assert then.info().cases == 20
        assert then.inspection.verify() == []


def test_an_earlier_backup_is_replaced_and_no_other_file(built: Library, tmp_path: Path) -> None:
    file = tmp_path / "b"
    back_up(built, file)
    built.curation.delete([3])
    back_up(built, file)
    restore(file, tmp_path / "then")
    with Library.open(tmp_path / "then") as then:
        assert then.info().cases == 19
    thesis = tmp_path / "thesis.docx"
    thesis.write_bytes(b"precious")
    with pytest.raises(LibraryError, match="no backup of ours is in the way"):
        back_up(built, thesis)
    assert thesis.read_bytes() == b"precious"
    with pytest.raises(LibraryError, match="nowhere: there is no such folder"):
        back_up(built, tmp_path / "nowhere" / "b")


@pytest.mark.parametrize("altered", [False, True])
def test_a_library_with_a_lost_or_altered_picture_makes_no_backup(
    built: Library, tmp_path: Path, *, altered: bool
) -> None:
    path = built.image(5).path
    content = path.read_bytes()
    path.unlink()
    if altered:
        path.write_bytes(content + b"\0")
    with pytest.raises(LibraryError, match="altered or damaged" if altered else "no longer there"):
        back_up(built, tmp_path / "b")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["built source", "library"]
    built.inspection.repair(built.inspection.verify())
    assert back_up(built, tmp_path / "b") == 29
    assert restore(tmp_path / "b", tmp_path / "then") == 29


def test_a_folder_that_holds_something_is_left_alone(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter").write_text("precious")
    for target in (tmp_path / "thesis", tmp_path / "thesis" / "chapter", tmp_path / "library"):
        with pytest.raises(LibraryError, match="there is something already"):
            restore(backup, target)
    assert (tmp_path / "thesis" / "chapter").read_text() == "precious"
    (tmp_path / "empty").mkdir()
    assert restore(backup, tmp_path / "empty") == 30


def test_no_flipped_byte_gets_into_a_library(backup: Path, tmp_path: Path) -> None:
    content = backup.read_bytes()
    harmless = 0
    for place in range(50, len(content), len(content) // 40):
        damaged = bytearray(content)
        damaged[place] ^= 0x20
        (tmp_path / "damaged").write_bytes(damaged)
        try:
            restore(tmp_path / "damaged", tmp_path / "then")
        except LibraryError as error:
            assert "damaged" in error.subject
            assert not (tmp_path / "then").exists()
        else:  # such as a date between the parts
            harmless += 1
            with Library.open(tmp_path / "then") as then:
                assert then.inspection.verify() == []
            shutil.rmtree(tmp_path / "then")
    assert harmless < 5
    for length in (0, 10, len(content) // 2, len(content) - 1):
        (tmp_path / "damaged").write_bytes(content[:length])
        with pytest.raises(LibraryError):
            restore(tmp_path / "damaged", tmp_path / "then")
    assert not list(tmp_path.glob(".*"))


def _rename(name: str) -> Alter:
    def alter(manifest: dict[str, Any], content: dict[str, bytes]) -> None:
        old = manifest["parts"][1]["name"]
        manifest["parts"][1]["name"] = name
        content[name] = content.pop(old)

    return alter


def _drop(manifest: dict[str, Any], content: dict[str, bytes]) -> None:
    content.pop(manifest["parts"].pop(1)["name"])


def _smuggle(_: dict[str, Any], content: dict[str, bytes]) -> None:
    content["images/ab/extra.jpg"] = b"x"


def _swell(manifest: dict[str, Any], content: dict[str, bytes]) -> None:
    """Let many names stand for the same bytes, as a bomb does."""
    largest = max(manifest["parts"], key=lambda part: part["size"])
    manifest["parts"] += [{**largest, "name": f"images/ab/{n}"} for n in range(99)]
    content |= {f"images/ab/{n}": b"" for n in range(99)}


def _set(key: str, value: object) -> Alter:
    return lambda manifest, _: manifest.update({key: value})


@pytest.mark.parametrize(
    ("alter", "reason"),
    [
        (_rename("../outside.jpg"), "is no name of a part"),
        (_rename("/etc/outside"), "is no name of a part"),
        (_rename("images\\..\\outside"), "is no name of a part"),
        (_rename("images/./x"), "is no name of a part"),
        (_rename("c:x"), "is no name of a part"),
        (_rename("index/x"), "is no part of a library"),
        (_rename(f"images/ab/{'cd' * 32}.jpg"), "is no part of a library"),
        (_drop, "it lacks picture_0"),
        (_smuggle, "other files than its manifest says"),
        (_swell, "larger together than the file"),
        (_set("kind", "pack"), "it is not a CaseLens library backup"),
        (_set("format", 2), "newer CaseLens"),
        (_set("parts", [{"name": "x"}]), "cannot be read as what it should be"),
        (_set("parts", None), "cannot be read as what it should be"),
    ],
)
def test_a_backup_that_somebody_made_up_is_refused(
    backup: Path, tmp_path: Path, alter: Alter, reason: str
) -> None:
    with zipfile.ZipFile(backup) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content.pop("manifest.json"))
    alter(manifest, content)
    with zipfile.ZipFile(tmp_path / "made up", "w") as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data)
        archive.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(LibraryError, match=reason):
        restore(tmp_path / "made up", tmp_path / "then" / "there")
    assert not (tmp_path / "then" / "there").exists()
    assert not list(tmp_path.rglob("*outside*"))


def test_a_full_disk_leaves_neither_half_a_backup_nor_half_a_library(
    built: Library, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = backup.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(LibraryError, match="disk is full"):
            restore(backup, tmp_path / "then")
        with pytest.raises(LibraryError, match="disk is full"):
            back_up(built, backup)
    assert backup.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "built source", "clinic.backup", "library",
    ]  # fmt: skip


_KILLED = """
import os, signal, sys
from pathlib import Path
from inference.library.backup import restore
def kill(progress):
    if progress.stage == "restoring" and progress.done == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
restore(Path(sys.argv[1]), Path(sys.argv[2]), progress=kill)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize("pictures", [1, 15, 30])
def test_a_killed_restore_leaves_no_library_and_can_be_started_again(
    backup: Path, tmp_path: Path, pictures: int
) -> None:
    command = [sys.executable, "-c", _KILLED, str(backup), str(tmp_path / "then"), str(pictures)]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == -signal.SIGKILL
    assert not (tmp_path / "then").exists()
    assert restore(backup, tmp_path / "then") == 30


def test_parts_are_read_only_as_the_kind_they_are(built: Library, backup: Path) -> None:
    with Container.open(backup, "CaseLens library backup") as opened:
        assert opened.facts == {"name": "Small", "pictures": 30}
        assert len(opened.parts) == 61
    with (
        pytest.raises(LibraryError, match="it is not a case pack"),
        Container.open(backup, "case pack"),
    ):
        pass
    assert built.info().cases == 19
