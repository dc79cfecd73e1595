"""What curators change, and that every change can be taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from inference.errors import LibraryError
from inference.library.build import build
from inference.library.library import Library
from inference.library.model import Case
from inference.library.novelty import reference
from inference.library.source import read_source
from tests.inference.library.conftest import MODEL, FakeEncoder, make_older, write_source

Edit = dict[str, object]


def _query(library: Library, encoder: FakeEncoder, image: int) -> np.ndarray:
    return np.asarray(encoder.embed(encoder.prepare(library.read_image(image))[None])[0])


def _found(library: Library, query: np.ndarray) -> list[int]:
    return [image for image, _ in library.nearest(query, 99, model=MODEL)]


def _rows(folder: Path, select: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "library.sqlite")) as connection:
        return connection.execute(select).fetchall()


EDITS: list[Edit] = [
    {"diagnosis": "bkl"},
    {"confirmation": "consensus"},
    {"age": None},
    {"sex": "female"},
    {"site": "lower leg"},
    {"source": "clinic"},
    {"licence": "CC0"},
    {"patient": "P17"},
    {"note": "seen twice; grew"},
    {"tags": ("amelanotic", "Teaching")},
    {"follow_ups": (date(2024, 2, 29), date(2025, 1, 7))},
    {"diagnosis": "df", "tags": ("a",), "note": "n", "age": 7.5},
]


@pytest.mark.parametrize("edit", EDITS)
def test_every_fact_is_edited_and_taken_back(built: Library, edit: Edit) -> None:
    before = built.case(4)
    entry = built.curation.edit(before, replace(before, **edit), who="Dr A")  # type: ignore[arg-type]
    with Library.open(built.folder) as again:
        assert again.case(4) == replace(before, **edit)  # type: ignore[arg-type]
        assert again.case(3) == built.case(3) != again.case(4)
        undone = again.curation.undo(who="Dr B")
    assert (undone.id, undone.who, undone.action, undone.case) == (entry, "Dr A", "edit", 4)
    assert built.case(4) == before


def test_an_edit_that_changes_nothing_leaves_no_entry(built: Library) -> None:
    case, length = built.case(4), len(built.curation.history())
    assert built.curation.edit(case, replace(case, site=f" {case.site} ", tags=(" ",))) is None
    assert len(built.curation.history()) == length


def test_tags_and_days_are_sorted_and_taken_once(built: Library) -> None:
    case, days = built.case(1), (date(2025, 1, 2), date(2024, 1, 2), date(2025, 1, 2))
    built.curation.edit(case, replace(case, tags=("b", " A  long one ", "B", ""), follow_ups=days))
    assert built.case(1).tags == ("A long one", "b")
    assert built.case(1).follow_ups == (date(2024, 1, 2), date(2025, 1, 2))


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"diagnosis": "  "}, "the diagnosis is empty"),
        ({"confirmation": "guess"}, "no way to confirm a diagnosis; those are histopathology"),
        ({"confirmation": "drawn"}, "it is a computer-drawn phantom"),
        ({"sex": "f"}, "none of female, male or empty"),
        ({"age": 151.0}, "not between 0 and 150"),
        ({"age": float("nan")}, "not between 0 and 150"),
        ({"tags": ("x" * 61,)}, "more than 60 letters"),
    ],
)
def test_a_fact_that_no_case_can_have_is_refused(built: Library, edit: Edit, reason: str) -> None:
    case = built.case(1)
    with pytest.raises(LibraryError, match=reason):
        built.curation.edit(case, replace(case, **edit))  # type: ignore[arg-type]
    assert built.case(1) == case


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(built: Library) -> None:
    seen = built.case(1)
    with Library.open(built.folder) as other:
        other.curation.edit(seen, replace(seen, note="theirs"))
    with pytest.raises(LibraryError, match="changed it meanwhile"):
        built.curation.edit(seen, replace(seen, note="mine"))
    built.curation.edit(seen, replace(seen, site="face"))
    assert (built.case(1).note, built.case(1).site) == ("theirs", "face")


def test_a_deleted_case_is_nowhere_at_once(built: Library, encoder: FakeEncoder) -> None:
    query = _query(built, encoder, 3)
    assert _found(built, query)[0] == 3
    case, image = built.case(3), built.image(3)
    assert case.images == (3, 23)
    with Library.open(built.folder) as other:
        assert _found(other, query)[0] == 3
        built.curation.delete([3])
        for library in (built, other):
            info = library.info()
            assert (info.cases, info.images, info.embedded, info.deleted) == (19, 28, 28, 2)
            assert sum(info.diagnoses.values()) == sum(info.confirmations.values()) == 19
            assert not {3, 23} & set(_found(library, query))
            assert len(_found(library, query)) == 19
            assert len(library.maps_of([3, 4], MODEL, "inner")) == 1
            assert {3, 23}.isdisjoint(*(m.images for m in library.all_maps(MODEL, "inner")))
            assert library.images_of([image.content_hash]) == set()
            assert library.undescribed("b" * 64) == [n for n in range(1, 31) if n not in (3, 23)]
            assert library.curation.search(case.lesion) == []
            with pytest.raises(LibraryError, match="no case 3"):
                library.case(3)
            with pytest.raises(LibraryError, match="no image 23"):
                library.image(23)


def test_an_index_from_before_the_deletion_stays_and_does_not_show_it(
    built: Library, encoder: FakeEncoder
) -> None:
    query = _query(built, encoder, 3)
    before = built.nearest(query, 99, model=MODEL)
    built.curation.delete([3])
    (trees,) = built.folder.glob("index/*/trees-*")
    stamp = trees.stat().st_mtime_ns
    built.close()
    with Library.open(built.folder) as again:
        assert _found(again, query) == [image for image, _ in before if image not in (3, 23)]
        again.curation.undo()
        assert again.nearest(query, 99, model=MODEL) == before
        assert trees.stat().st_mtime_ns == stamp, "it was not built again for that"
        again.curation.delete([3])
        again.rebuild_index(MODEL)
        again.curation.undo()
        assert again.nearest(query, 99, model=MODEL) == before, "an index from meanwhile has it"


def test_one_picture_is_deleted_and_the_case_stays(built: Library, encoder: FakeEncoder) -> None:
    query = _query(built, encoder, 3)
    built.curation.delete(images=[3])
    assert built.case(3).images == (23,)
    assert built.info().cases == 20
    assert 23 in _found(built, query), "the lesion's other picture stands for it"
    built.curation.delete(images=[23])
    assert built.info().cases == 19, "a case goes with its last picture"
    built.curation.undo()
    built.curation.undo()
    assert built.case(3).images == (3, 23)


def test_nothing_is_deleted_if_one_of_them_is_not_there(built: Library) -> None:
    with pytest.raises(LibraryError, match="case 99: it is not in the library"):
        built.curation.delete([3, 99])
    with pytest.raises(LibraryError, match="image 99: it is not in the library"):
        built.curation.delete([3], images=[99])
    with pytest.raises(ValueError, match="neither"):
        built.curation.delete()
    assert built.info().images == 30


def test_novelty_is_measured_over_the_cases_that_are_left(built: Library) -> None:
    whole = built.reference(MODEL)
    built.curation.delete([1, 5, 9])
    left = built.reference(MODEL)
    assert whole is not None and left is not None
    kept = built._store.vectors(MODEL)
    there = [row for row, image in enumerate(kept.images) if (image - 1) % 20 not in (0, 4, 8)]
    expected = reference(kept.values[there], (kept.images[there] - 1) % 20)
    assert left.similarities.tolist() == expected.similarities.tolist()
    assert len(left.similarities) == 17
    with Library.open(built.folder) as again:
        again_left = again.reference(MODEL)
        assert again_left is not None
        assert again_left.similarities.tolist() == left.similarities.tolist()
        again.curation.undo()
        back = again.reference(MODEL)
        assert back is not None and back.similarities.tolist() == whole.similarities.tolist()


def test_an_import_does_not_bring_back_what_was_deleted(
    built: Library, tmp_path: Path, encoder: FakeEncoder
) -> None:
    items = read_source(tmp_path / "built source")
    built.curation.delete([3], images=[10])
    report = build(built, items, encoder)
    assert (report.added, report.skipped) == (0, 27)
    assert {name for name, _ in report.rejected} == {
        "picture_002.png", "picture_022.png", "picture_009.png",
    }  # fmt: skip
    assert all("was deleted from the library" in reason for _, reason in report.rejected)
    assert built.info().images == 27
    other = write_source(tmp_path / "more", 3, seed=8)
    table = other / "labels.csv"
    table.write_text(table.read_text().replace(",L2,bcc", ",L2,bcc").replace(",L0,", ",L90,"))
    report = build(built, read_source(other), encoder)
    assert report.added == 2
    ((name, reason),) = report.rejected
    assert name == "picture_002.png"
    assert reason.startswith("lesion L2 was deleted"), "nor another picture of that lesion"


def test_an_import_is_taken_back_as_a_whole_and_may_come_again_corrected(
    built: Library, tmp_path: Path, encoder: FakeEncoder
) -> None:
    source = write_source(tmp_path / "more", 40, seed=8)
    table = source / "labels.csv"
    table.write_text(table.read_text().replace(",L1,mel,", ",L1,mel,").replace(",L2,", ",M2,"))
    build(built, read_source(source), encoder, who="night run")
    (change, *_) = built.curation.history()
    assert (change.action, change.detail, change.who) == ("import", "40 pictures", "night run")
    assert built.info().images == 70
    assert built.curation.undo().id == change.id
    assert (built.info().images, built.info().cases) == (30, 20)
    assert built.case(2).images == (2, 22)
    table.write_text(table.read_text().replace(",M2,bcc", ",M2,df"))
    report = build(built, read_source(source), encoder)
    assert (report.added, report.rejected) == (40, ())
    (case,) = built.curation.search("M2")
    assert built.case(case).diagnosis == "df"
    assert len(_found(built, _query(built, encoder, 1))) == built.info().cases == 41
    built.curation.undo()
    assert (built.info().images, built.info().cases) == (30, 20)


def test_two_cases_are_merged_and_parted_again(
    built: Library, tmp_path: Path, encoder: FakeEncoder
) -> None:
    one, two = built.case(2), built.case(5)
    built.curation.edit(one, replace(one, tags=("x",), note="first"))
    built.curation.edit(two, replace(two, tags=("y",), note="second"))
    one, two = built.case(2), built.case(5)
    entry = built.curation.merge(5, 2)
    both = built.case(2)
    assert both.images == (2, 5, 22, 25)
    assert (both.tags, both.note) == (("x", "y"), "first\nsecond")
    assert built.info().cases == len(_found(built, _query(built, encoder, 1))) == 19
    assert built.curation.search("L4") == built.curation.search("L1 mel") == [2]
    report = build(built, read_source(tmp_path / "built source"), encoder)
    assert (report.added, report.skipped, report.rejected) == (0, 30, ()), "L4 is a name of it"
    assert built.curation.undo().id == entry
    assert (built.case(2), built.case(5)) == (one, two)
    assert built.curation.search("L4") == [5]


def test_a_picture_that_was_deleted_before_a_merger_comes_back_to_where_the_others_went(
    built: Library,
) -> None:
    deletion = built.curation.delete(images=[5])
    merger = built.curation.merge(5, 2)
    built.curation.undo(deletion)
    assert built.case(2).images == (2, 5, 22, 25)
    built.curation.undo(merger)
    assert built.case(5).images == (5, 25)


def test_cases_that_cannot_be_one_are_not_merged(built: Library) -> None:
    for case, into, reason in ((1, 2, "its diagnosis is nv"), (1, 1, "itself"), (1, 99, "not in")):
        with pytest.raises(LibraryError, match=reason):
            built.curation.merge(case, into)
    assert built.info().cases == 20


def test_a_change_on_which_a_later_one_stands_stays_until_that_is_taken_back(
    built: Library,
) -> None:
    case = built.case(2)
    first = built.curation.edit(case, replace(case, site="face"))
    second = built.curation.edit(built.case(2), replace(built.case(2), site="neck"))
    merger = built.curation.merge(5, 2)
    further = built.curation.merge(2, 8)
    for entry in (first, merger):
        with pytest.raises(LibraryError, match="a later change stands on it"):
            built.curation.undo(entry)
    for entry in (further, merger, second, first):
        built.curation.undo(entry)
    assert built.case(2) == case
    for entry, reason in (
        (first, "taken back already"), (9999, "no such change"), (1, "cannot be taken back"),
    ):  # fmt: skip
        with pytest.raises(LibraryError, match=reason):
            built.curation.undo(entry)


def test_history_tells_who_did_what_and_what_was_taken_back(built: Library) -> None:
    case = built.case(2)
    after = replace(case, diagnosis="bkl", note="Mr Secret", tags=("new",), age=50.0)
    edit = built.curation.edit(case, after, who="Dr A")
    deletion = built.curation.delete([3, 4], who="Dr B")
    undo = built.curation.undo(deletion, who="Dr C")
    newest, second, third, imported, created = built.curation.history()
    assert undo.id == deletion
    assert (newest.action, newest.who, newest.can_undo) == ("undo", "Dr C", False)
    assert newest.detail == f"{deletion}: delete 4 pictures of 2 cases"
    assert (second.id, second.undone_by, second.can_undo) == (deletion, newest.id, False)
    assert (third.id, third.case, third.undone_by, third.can_undo) == (edit, 2, None, True)
    assert third.detail == "diagnosis mel to bkl; age 40 to 50; tags +new; note"
    assert (imported.action, imported.detail) == ("import", "30 pictures")
    assert created.action == "library created"
    assert [change.id for change in built.curation.history(2)] == [newest.id, deletion]


def test_nothing_to_take_back_is_said(tmp_path: Path) -> None:
    with (
        Library.create(tmp_path / "library", "L") as library,
        pytest.raises(LibraryError, match="no change that could be taken back"),
    ):
        library.curation.undo()


def test_a_purge_forgets_what_was_deleted_and_lets_it_come_as_new(
    built: Library, tmp_path: Path, encoder: FakeEncoder
) -> None:
    case = built.case(3)
    built.curation.edit(case, replace(case, note="of a patient"))
    path = built.image(23).path
    deletion = built.curation.delete([3], images=[10])
    assert path.exists()
    assert built.purge(who="Dr A") == 3
    assert not path.exists()
    assert len(list(built.folder.glob("thumbs/*/*"))) == 27
    assert b"of a patient" not in (built.folder / "library.sqlite").read_bytes()
    assert _rows(built.folder, "SELECT count(*) FROM vectors") == [(27,)]
    assert (built.info().cases, built.info().images, built.info().deleted) == (19, 27, 0)
    with pytest.raises(LibraryError, match="cannot be taken back"):
        built.curation.undo(deletion)
    assert built.purge() == 0
    assert [change.action for change in built.curation.history(2)] == ["purge", "delete"]
    report = build(built, read_source(tmp_path / "built source"), encoder)
    assert (report.added, report.skipped, report.rejected) == (3, 27, ())


def test_a_purge_that_was_cut_off_is_finished_by_the_next(built: Library) -> None:
    deletion = built.curation.delete([3])
    built._store.curation.begin_purge()
    with pytest.raises(LibraryError, match="has been purged"):
        built.curation.undo(deletion)
    assert built.purge() == 2


def test_a_purge_of_everything_leaves_an_empty_library(built: Library) -> None:
    built.curation.merge(5, 2)
    built.curation.delete([n for n in range(1, 21) if n != 5])
    assert built.purge() == 30
    assert _rows(built.folder, "SELECT count(*) FROM cases") == [(0,)]
    assert list(built.folder.glob("index/*/*")) == []
    assert built.nearest(np.ones(16, np.float32), 3, model=MODEL) == []


def test_a_library_of_the_format_before_has_all_of_this_after_its_first_opening(
    built: Library, tmp_path: Path, encoder: FakeEncoder
) -> None:
    built.close()
    make_older(built.folder, 2)
    with Library.open(built.folder) as library:
        assert library.case(4) == Case(
            4, "L3", "nv", "histopathology", 40.0, "male", "back", "built source", "", (4, 24)
        )
        assert len(library.curation.search("melanocytic nevus")) == 7
        (imported, _) = library.curation.history()
        assert (imported.action, imported.detail, imported.can_undo) == (
            "import", "30 pictures", False,
        )  # fmt: skip
        library.curation.delete([4])
        assert build(library, read_source(tmp_path / "built source"), encoder).skipped == 28


def test_nothing_is_changed_where_nothing_can_be_written(
    built: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.library.sqlite_store.can_write", lambda _: False)
    with Library.open(built.folder) as library:
        case = library.case(1)
        attempts: list[Callable[[], object]] = [
            lambda: library.curation.edit(case, replace(case, note="n")),
            lambda: library.curation.delete([1]),
            library.curation.undo,
            library.purge,
        ]
        for attempt in attempts:
            with pytest.raises(LibraryError, match="nothing can be written there"):
                attempt()
        assert library.curation.search("L0") == [1]
        assert len(library.curation.history()) == 2
