"""A pack carries cases to another library and names no patient; a made-up one is refused."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from inference.errors import Cancelled, LibraryError
from inference.library.backup import back_up, restore
from inference.library.build import build
from inference.library.filters import Filter
from inference.library.layouts import opened
from inference.library.library import Library
from inference.library.model import Case, NewCase, Progress
from inference.library.pack import Packed, export
from inference.library.planning import plan
from inference.library.tally import Report
from tests.inference.library.conftest import MODEL, FakeEncoder

QUERY = np.ones(16, np.float32)


@pytest.fixture
def pack(built: Library, tmp_path: Path) -> Path:
    """The first five cases of a library, seven pictures of them."""
    built.curation.delete(images=[21, 22, 23])
    assert export(built, tmp_path / "five.pack", [1, 2, 3, 4, 5]) == Packed(5, 7)
    return tmp_path / "five.pack"


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Library]:
    """A library of nothing, elsewhere."""
    with Library.create(tmp_path / "elsewhere" / "library", "Other") as library:
        yield library


def _import(file: Path, library: Library) -> Report:
    with opened(file, scratch=library.folder) as archive:
        return build(library, plan(archive, library).items, FakeEncoder())


def test_cases_arrive_with_their_facts_and_pixels(
    built: Library, pack: Path, other: Library
) -> None:
    report = _import(pack, other)
    assert (report.added, report.skipped, report.rejected) == (7, 0, ())
    for number in range(1, 6):
        here, there = built.case(number), other.case(number)
        left = {"lesion": there.lesion, "images": there.images}
        assert replace(here, **left) == there  # type: ignore[arg-type]
        for image, its in zip(here.images, there.images, strict=True):
            assert np.array_equal(built.read_image(image).pixels, other.read_image(its).pixels)
    assert len({other.case(number).lesion for number in range(1, 6)}) == 5
    first = {built.image(n).case: score for n, score in built.nearest(QUERY, 99, model=MODEL)}
    found = {other.image(n).case: score for n, score in other.nearest(QUERY, 99, model=MODEL)}
    assert found == pytest.approx({case: first[case] for case in range(1, 6)}, abs=1e-6)
    assert other.inspection.verify() == []


def test_a_second_import_adds_nothing_and_the_first_is_one_change(
    pack: Path, other: Library
) -> None:
    _import(pack, other)
    again = _import(pack, other)
    assert (again.added, again.skipped) == (0, 7)
    assert other.curation.undo().detail == "7 pictures"
    assert other.info().images == 0
    assert _import(pack, other).added == 7
    assert other.inspection.verify() == []


def test_a_library_takes_back_nothing_that_it_gave(built: Library, pack: Path) -> None:
    before = built.info()
    report = _import(pack, built)
    assert report.added == 0
    assert {reason.partition(", under")[0] for _, reason in report.rejected} == {
        "the same picture is already in the library"
    }
    assert replace(built.info(), bytes_on_disk=0) == replace(before, bytes_on_disk=0)


def test_packs_of_one_library_name_a_lesion_alike(
    built: Library, pack: Path, other: Library, tmp_path: Path
) -> None:
    _import(pack, other)
    export(built, tmp_path / "more.pack", [4, 5, 6])
    report = _import(tmp_path / "more.pack", other)
    assert (report.added, report.skipped) == (2, 4)
    assert other.info().cases == 6


PLANTED = ("Roe", "jane", "123-456", "1234567", "clinic/7", "lives in", "2026-03-31", "Cohort")


@pytest.fixture
def told(tmp_path: Path, encoder: FakeEncoder) -> Iterator[Library]:
    """A library whose every free field says who its patients are."""
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0112] = "Jane Roe", "jane@example.org", 6
    text = PngInfo()
    text.add_text("Patient", "Jane Roe 1234567")
    noise = np.random.default_rng(5).integers(0, 256, (2, 20, 30, 3), dtype=np.uint8)
    Image.fromarray(noise[0]).save(tmp_path / "Jane Roe.jpg", exif=exif, comment=b"123-456")
    Image.fromarray(noise[1]).save(tmp_path / "jane2.png", pnginfo=text)
    case = Case(
        id=0, lesion="Roe^Jane clinic/7", diagnosis="mel", confirmation="histopathology", age=97.0,
        site="back", patient="1234567", note="Jane lives in Graz", tags=("Cohort Roe",),
        follow_ups=(date(2026, 3, 31),),
    )  # fmt: skip
    with Library.create(tmp_path / "told", "Jane's clinic/7") as library:
        items = [NewCase(tmp_path / name, case) for name in ("Jane Roe.jpg", "jane2.png")]
        assert build(library, items, encoder).added == 2
        yield library


def _said(file: Path) -> list[str]:
    content = file.read_bytes().lower()
    return [word for word in PLANTED if word.lower().encode() in content]


def test_nothing_that_may_name_a_patient_goes_in(
    told: Library, other: Library, tmp_path: Path
) -> None:
    file = tmp_path / "a.pack"
    export(told, file, [1])
    assert _said(file) == []
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.endswith(".png"):
                with Image.open(io.BytesIO(archive.read(name))) as picture:
                    assert picture.info == {} and not picture.getexif()
    _import(file, other)
    case = other.case(1)
    assert (case.age, case.site, case.patient, case.note) == (90.0, "back", "", "")
    assert other.read_image(1).pixels.shape == (30, 20, 3), "upright, as it was shown"


def test_dates_notes_and_tags_go_in_where_they_are_asked_for(
    told: Library, other: Library, tmp_path: Path
) -> None:
    file = tmp_path / "a.pack"
    export(told, file, [1], asked=["dates"])
    assert _said(file) == ["2026-03-31"]
    export(told, file, [1], asked=["dates", "notes", "tags"], name="Cohort")
    _import(file, other)
    case = other.case(1)
    assert case.note == "Jane lives in Graz"
    assert (case.tags, case.follow_ups) == (("Cohort Roe",), (date(2026, 3, 31),))
    with opened(file, scratch=tmp_path) as archive:
        assert archive.reading.notes == ("It is called Cohort",)


def test_names_may_be_of_any_language_and_long(built: Library, tmp_path: Path) -> None:
    folder = tmp_path / "Fälle für Zürich 症例 😀" / ("long " * 40).strip()
    folder.mkdir(parents=True)
    export(built, folder / "Pack ß.pack", [1], name="Übung")
    back_up(built, folder / "Sicherung é")
    assert restore(folder / "Sicherung é", folder / "zurück") == 30
    with Library.create(folder / "Bibliothek", "ü") as other:
        assert _import(folder / "Pack ß.pack", other).added == 2
        assert other.inspection.verify() == []


def test_words_and_facts_choose_the_same_cases_as_a_search(built: Library, tmp_path: Path) -> None:
    melanomas = built.curation.search("melanoma", filter=Filter(sex=("male",)))
    assert len(melanomas) == 7
    assert sorted(melanomas) == built.curation.cases(Filter(diagnosis=("mel",)))
    assert built.curation.search("melanoma", filter=Filter(sex=("female",))) == []
    assert built.curation.cases() == list(range(1, 21))
    built.curation.delete([2])
    assert built.curation.cases(Filter(diagnosis=("mel",))) == sorted(melanomas)[1:]
    with pytest.raises(LibraryError, match="no case is chosen"):
        export(built, tmp_path / "a.pack", [])


def test_progress_is_told_and_a_stop_leaves_no_file(built: Library, tmp_path: Path) -> None:
    told: list[Progress] = []
    with pytest.raises(Cancelled):
        export(
            built, tmp_path / "a.pack", [1, 2], progress=told.append,
            cancelled=lambda: len(told) == 3,
        )  # fmt: skip
    assert [(p.done, p.total, p.stage) for p in told] == [(n, 4, "packing") for n in (1, 2, 3)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["built source", "library"]


def test_an_earlier_pack_is_replaced_and_no_other_file(built: Library, tmp_path: Path) -> None:
    file = tmp_path / "a.pack"
    export(built, file, [1])
    export(built, file, [2, 3])
    back_up(built, tmp_path / "b")
    for precious in (tmp_path / "b", built.image(1).path):
        before = precious.read_bytes()
        with pytest.raises(LibraryError, match="no CaseLens case pack is in the way"):
            export(built, precious, [1])
        assert precious.read_bytes() == before
    with pytest.raises(LibraryError, match="there is no such folder"):
        export(built, tmp_path / "nowhere" / "a.pack", [1])


@pytest.mark.parametrize("altered", [False, True])
def test_a_lost_or_altered_picture_makes_no_pack(
    built: Library, tmp_path: Path, *, altered: bool
) -> None:
    path = built.image(3).path
    path.write_bytes(path.read_bytes() + b"\0") if altered else path.unlink()
    with pytest.raises(LibraryError, match="altered or damaged" if altered else "no longer there"):
        export(built, tmp_path / "a.pack", [1, 2, 3])
    assert not list(tmp_path.glob("*.pack")) and not list(tmp_path.glob(".*"))


def test_a_full_disk_leaves_the_earlier_pack(
    built: Library, pack: Path, other: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pack.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(LibraryError, match="disk is full") as caught:
            export(built, pack, [1])
        assert caught.value.subject == str(pack)
        with pytest.raises(LibraryError, match="disk is full"):
            _import(pack, other)
    assert pack.read_bytes() == before
    assert other.info().images == 0
    assert _import(pack, other).added == 7


Alter = Callable[[dict[str, Any], dict[str, bytes]], None]


def _set(key: str, value: object) -> Alter:
    return lambda manifest, _: manifest.update({key: value})


def _case(**facts: object) -> Alter:
    """Give the first case other facts, with a hash that is right."""

    def alter(manifest: dict[str, Any], content: dict[str, bytes]) -> None:
        table = json.loads(content["cases.json"])
        table["cases"][0] |= facts
        _table(table)(manifest, content)

    return alter


def _table(table: object) -> Alter:
    def alter(manifest: dict[str, Any], content: dict[str, bytes]) -> None:
        data = content["cases.json"] = json.dumps(table).encode()
        digest = hashlib.sha256(data).hexdigest()
        manifest["parts"][-1] = {"name": "cases.json", "size": len(data), "sha256": digest}

    return alter


def _rename(name: str) -> Alter:
    def alter(manifest: dict[str, Any], content: dict[str, bytes]) -> None:
        content[name] = content.pop(manifest["parts"][0]["name"])
        manifest["parts"][0]["name"] = name

    return alter


def _other_pixels(manifest: dict[str, Any], content: dict[str, bytes]) -> None:
    name = manifest["parts"][0]["name"]
    content[name] = content[name][:-1] + b"\0"


def _swell(manifest: dict[str, Any], _: dict[str, bytes]) -> None:
    manifest["parts"][0]["size"] = 1 << 40


def _twice(manifest: dict[str, Any], _: dict[str, bytes]) -> None:
    manifest["parts"].append(manifest["parts"][-1])


PICTURE = {"sha256": "../../etc/passwd", "origin": "0" * 64}
MADE_UP: dict[str, tuple[Alter, str]] = {
    "up and out": (_rename("../outside.png"), "is no name of a part"),
    "absolute": (_rename("/outside.png"), "is no name of a part"),
    "backslash": (_rename("..\\outside.png"), "is no name of a part"),
    "drive": (_rename("c:outside.png"), "is no name of a part"),
    "hidden": (_rename("images/.outside.png"), "is no name of a part"),
    "other pixels": (_other_pixels, "is not what was written"),
    "swollen": (_swell, "larger together than the file"),
    "listed twice": (_twice, "other files than its manifest says"),
    "smuggled": (lambda _, content: content.update(extra=b"x"), "other files than its manifest"),
    "newer schema": (_set("facts", {"schema": 2}), "written by a newer CaseLens"),
    "newer container": (_set("format", 2), "written by a newer CaseLens"),
    "a backup": (_set("kind", "CaseLens library backup"), "it is not a CaseLens case pack"),
    "no list": (_table(7), "no table of cases"),
    "no cases": (_table({"name": "", "cases": [7]}), "no table of cases"),
    "path as hash": (_case(pictures=[PICTURE]), "no table of cases"),
    "lesion's name": (_case(lesion="../L1"), "no lesion's name"),
    "age": (_case(age=900), "not between 0 and 150"),
    "no number": (_case(age="old"), "no table of cases"),
    "way": (_case(confirmation="guess"), "no way to confirm"),
    "no day": (_case(follow_ups=["soon"]), "no table of cases"),
    "no word": (_case(site=[1]), "no table of cases"),
}  # fmt: skip


def _made_up(pack: Path, alter: Alter) -> Path:
    with zipfile.ZipFile(pack) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(content.pop("manifest.json"))
    alter(manifest, content)
    file = pack.with_name("made up.pack")
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name), data)
        archive.writestr("manifest.json", json.dumps(manifest))
    return file


@pytest.mark.parametrize("kind", MADE_UP)
def test_a_pack_that_somebody_made_up_is_refused_before_anything_is_written(
    pack: Path, other: Library, kind: str
) -> None:
    alter, reason = MADE_UP[kind]
    file = _made_up(pack, alter)
    before = sorted(other.folder.rglob("*"))
    with pytest.raises(LibraryError, match=reason):
        _import(file, other)
    assert sorted(other.folder.rglob("*")) == before
    assert sorted(path.name for path in other.folder.parent.iterdir()) == ["library"]
    assert not list(pack.parent.rglob("*outside*"))


def test_an_entry_that_is_there_twice_is_refused(pack: Path, other: Library) -> None:
    with (
        zipfile.ZipFile(pack, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("cases.json", b"[]")
    with pytest.raises(LibraryError, match=r"other files than its manifest|another size"):
        _import(pack, other)


def test_a_packed_bomb_is_refused(pack: Path, other: Library) -> None:
    with zipfile.ZipFile(pack) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(content):
            archive.writestr(name, content[name])
    with pytest.raises(LibraryError, match="larger together than the file"):
        _import(pack, other)


def test_no_flipped_byte_and_no_short_file_gets_in(pack: Path, other: Library) -> None:
    content = pack.read_bytes()
    for place in range(40, len(content), len(content) // 40):
        pack.write_bytes(content[:place] + bytes([content[place] ^ 0x20]) + content[place + 1 :])
        with contextlib.suppress(LibraryError):
            _import(pack, other)  # of a date between the parts nothing depends
            assert other.info().images == 7
            other.curation.undo()
        assert other.info().images == 0
    for length in (0, 10, len(content) // 2, len(content) - 1):
        pack.write_bytes(content[:length])
        with pytest.raises(LibraryError):
            _import(pack, other)
    assert sorted(path.name for path in other.folder.parent.iterdir()) == ["library"]
