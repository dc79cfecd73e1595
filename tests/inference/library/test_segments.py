"""An index is made of segments: what changes, or is damaged, costs the segment where it lies."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.errors import Cancelled
from inference.library import annoy_index, basis, index_build, kept_index, searcher, segment
from inference.library.annoy_index import AnnoyNeighbours
from inference.library.filters import Filter
from inference.library.library import Library
from inference.library.vouched import StaleIndexError
from tests.inference.library.conftest import MODEL

Floats = npt.NDArray[np.float32]
Names = list[set[str]]
EACH, COUNT = 40, 100


@pytest.fixture
def vectors(make_vectors: Callable[..., Floats]) -> Floats:
    return make_vectors(300, seed=2)


@pytest.fixture
def library(
    tmp_path: Path,
    add_vectors: Callable[..., None],
    vectors: Floats,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Library]:
    """A hundred vectors in segments of 40, 40 and 20; twenty beside them are too many."""
    monkeypatch.setattr(segment, "SEGMENT", EACH)
    monkeypatch.setattr(searcher, "RECENT_AT_LEAST", 20)
    monkeypatch.setattr(basis, "REDUCED", 8)
    with Library.create(tmp_path / "library", "L") as made:
        add_vectors(made, vectors[:COUNT], [f"L{n}" for n in range(COUNT)])
        made.rebuild_index(MODEL)
        yield made


def _ask(library: Library, query: Floats) -> list[int]:
    return [image for image, _ in library.nearest(query, 400, model=MODEL)]


def _truth(vectors: Floats, query: Floats, gone: tuple[int, ...] = ()) -> list[int]:
    order = np.argsort(-(vectors.astype(np.float64) @ query)) + 1
    return [int(image) for image in order if image not in gone]


def _index(library: Library) -> AnnoyNeighbours:
    main = library._searchers._of[MODEL]._main
    assert main is not None and isinstance(main.index, AnnoyNeighbours)
    return main.index


def _names(library: Library) -> Names:
    """Return the names of each segment's files."""
    return [{file.name for file in each.facts.files.values()} for each in _index(library).segments]


def _change(library: Library, *statements: str) -> None:
    with closing(sqlite3.connect(library.folder / "library.sqlite")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        for statement in statements:
            connection.execute(statement)


def _finish(library: Library) -> None:
    thread = library._searchers._upkeep._thread
    assert thread is not None
    thread.join()


def test_vectors_that_are_added_cost_the_last_segment(
    library: Library, add_vectors: Callable[..., None], vectors: Floats
) -> None:
    before = _names(library)
    add_vectors(library, vectors[COUNT:150], [f"M{n}" for n in range(50)])
    library.rebuild_index(MODEL)
    after = _names(library)
    assert [each.count for each in _index(library).segments] == [40, 40, 40, 30]
    assert after[:2] == before[:2]
    assert not before[2] & set().union(*after)
    assert _ask(library, vectors[7]) == _truth(vectors[:150], vectors[7])


def test_what_has_left_is_never_returned_and_costs_no_build(
    library: Library, vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = (1, 41, 100)
    _ask(library, vectors[7])
    monkeypatch.setattr(index_build, "build", None)
    _change(library, f"DELETE FROM images WHERE id IN {gone}")
    assert _ask(library, vectors[0]) == _truth(vectors[:COUNT], vectors[0], gone)
    with Library.open(library.folder) as again:
        assert _ask(again, vectors[0]) == _truth(vectors[:COUNT], vectors[0], gone)


def test_a_segment_of_which_much_has_left_is_written_anew_and_the_others_are_not(
    library: Library, vectors: Floats
) -> None:
    before = _names(library)
    _change(library, "DELETE FROM images WHERE id IN (1, 2) OR id BETWEEN 41 AND 50")
    library.rebuild_index(MODEL)
    after = _names(library)
    assert [each.count for each in _index(library).segments] == [40, 30, 20]
    assert (after[0], after[2]) == (before[0], before[2])
    gone = (1, 2, *range(41, 51))
    assert _ask(library, vectors[0]) == _truth(vectors[:COUNT], vectors[0], gone)


def test_a_picture_that_is_put_back_into_a_full_segment_is_found_and_goes_into_it(
    library: Library, vectors: Floats
) -> None:
    file = library.folder / "library.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        image = connection.execute("SELECT * FROM images WHERE id = 8").fetchone()
        vector = connection.execute("SELECT * FROM vectors WHERE image_id = 8").fetchone()
    _change(library, "DELETE FROM images WHERE id BETWEEN 1 AND 10")
    library.rebuild_index(MODEL)
    assert _ask(library, vectors[7]) == _truth(vectors[:COUNT], vectors[7], tuple(range(1, 11)))
    with closing(sqlite3.connect(file)) as connection, connection:
        for table, row in (("images", image), ("vectors", vector)):
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)
    gone = tuple(n for n in range(1, 11) if n != 8)
    assert _ask(library, vectors[7]) == _truth(vectors[:COUNT], vectors[7], gone)
    library.rebuild_index(MODEL)
    assert [each.count for each in _index(library).segments] == [31, 40, 20]
    assert _ask(library, vectors[7]) == _truth(vectors[:COUNT], vectors[7], gone)


def test_a_picture_that_moves_to_another_case_is_its_hit_at_once(
    library: Library, vectors: Floats
) -> None:
    """As when two cases turn out to be the same lesion."""
    first, second = _ask(library, vectors[7])[:2]
    to = library.image(first).case
    _change(library, f"UPDATE images SET case_id = {to} WHERE id = {second}")
    assert _ask(library, vectors[7]) == _truth(vectors[:COUNT], vectors[7], (second,))


def test_what_is_deleted_is_hidden_at_once_and_costs_no_build(
    library: Library, vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where another program deletes it, and with a filter; its vectors stay in the index."""
    monkeypatch.setattr(index_build, "build", None)
    gone = (1, 41, 100)
    whole = _truth(vectors[:COUNT], vectors[0])
    assert _ask(library, vectors[0]) == whole
    with Library.open(library.folder) as other:
        other.curation.delete(images=list(gone))
        for each in (library, other):
            assert _ask(each, vectors[0]) == _truth(vectors[:COUNT], vectors[0], gone)
            passing = each.passing(Filter(diagnosis=("nv",)))
            assert not set(gone) & set(passing.tolist())
        other.curation.undo()
    assert _ask(library, vectors[0]) == whole


def test_nothing_that_was_purged_stays_in_the_files(library: Library, vectors: Floats) -> None:
    before = _names(library)
    library.curation.delete(images=[1, 41])
    library.purge()
    assert [each.count for each in _index(library).segments] == [39, 39, 20]
    kept = {path.name for path in library.folder.glob("index/*/*")}
    assert not (before[0] | before[1]) & kept
    assert library._searchers.all()[MODEL].fault() == ""
    assert _ask(library, vectors[0]) == _truth(vectors[:COUNT], vectors[0], (1, 41))


def test_a_purge_that_was_cut_off_before_the_index_was_built_is_finished_by_the_next(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.curation.delete(images=[1])
    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(searcher.Searcher, "rebuild", _interrupted)
        library.purge()
    assert library._searchers.all()[MODEL].fault() == "", "what lacks in the store is no damage"
    assert library.purge() == 0
    assert [each.count for each in _index(library).segments] == [39, 40, 20]


def _interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "moves",
    [
        pytest.param([(2, 1)], id="one joins another"),
        pytest.param([(2, 1), (1, 2)], id="two change places"),
        pytest.param([(7, 3), (9, 5)], id="two join others"),
    ],
)
def test_what_moves_to_another_case_is_another_population(
    library: Library, moves: list[tuple[int, int]]
) -> None:
    before = library._store.population(MODEL, COUNT)
    _change(library, *(f"UPDATE images SET case_id = {to} WHERE id = {n}" for n, to in moves))
    assert library._store.population(MODEL, COUNT) != before
    assert library._store.population(MODEL, COUNT - 1) != library._store.population(MODEL, COUNT)


def test_a_large_index_is_measured_anew_in_the_background(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searcher, "WAITED_FOR", COUNT - 1)
    whole = library.reference(MODEL)
    library.curation.delete(images=[1, 41])
    meanwhile = library.reference(MODEL)
    _finish(library)
    left = library.reference(MODEL)
    assert whole is not None and meanwhile is not None and left is not None
    assert meanwhile.similarities.tolist() == whole.similarities.tolist()
    assert (len(whole.similarities), len(left.similarities)) == (100, 98)


def test_what_comes_after_the_index_leaves_its_reference_as_it_was(
    library: Library,
    add_vectors: Callable[..., None],
    vectors: Floats,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = library.reference(MODEL)
    assert before is not None
    monkeypatch.setattr(index_build, "closeness", None)
    add_vectors(library, vectors[COUNT:110], [f"M{n}" for n in range(10)])
    after = library.reference(MODEL)
    assert after is not None and after.similarities.tolist() == before.similarities.tolist()


def test_what_else_the_audit_tells_does_not_make_an_index_stale(
    library: Library, vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _ask(library, vectors[7])
    library.close()
    monkeypatch.setattr(index_build, "build", None)
    _change(
        library,
        "UPDATE audit SET detail = 'corrected' WHERE action != 'image added'",
        "INSERT INTO audit (at, action, detail) VALUES ('2030-01-01', 'edit', 'a note')",
    )
    with Library.open(library.folder) as again:
        assert _ask(again, vectors[7]) == before


def test_an_index_that_is_ahead_of_a_backup_that_was_put_back_is_not_used(
    library: Library, add_vectors: Callable[..., None], vectors: Floats
) -> None:
    """What comes then has the ids of what the index holds."""
    file = library.folder / "library.sqlite"
    backup = file.read_bytes()
    add_vectors(library, vectors[COUNT:200], [f"M{n}" for n in range(100)])
    library.rebuild_index(MODEL)
    library.close()
    file.write_bytes(backup)
    with Library.open(library.folder) as again:
        add_vectors(again, vectors[200:], [f"N{n}" for n in range(100)])
        truth = np.concatenate([vectors[:COUNT], vectors[200:]])
        assert _ask(again, vectors[7]) == _truth(truth, vectors[7])


def test_an_index_of_another_history_is_not_used_though_vectors_agree(
    library: Library, vectors: Floats
) -> None:
    before = _ask(library, vectors[7])
    files = set(library.folder.glob("index/*/closeness-*"))
    library.close()
    _change(library, "UPDATE audit SET detail = 'another picture' WHERE image_id = 60")
    with Library.open(library.folder) as again:
        searcher_of = again._searchers.of(MODEL)
        assert searcher_of is not None
        with pytest.raises(StaleIndexError, match="another library"):
            searcher_of._kept.load()
        assert _ask(again, vectors[7]) == before
    assert set(library.folder.glob("index/*/closeness-*")) == files


@pytest.mark.parametrize("kind", ["trees", "vectors", "images", "numbers"])
def test_a_damaged_segment_is_searched_beside_the_others_until_it_is_made_again(
    library: Library, vectors: Floats, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_index, "WAITED_FOR", 0)
    query = vectors[7]
    before = library.nearest(query, 400, model=MODEL)
    names, file = _names(library), _index(library).segments[1].facts.files[kind]
    library.close()
    path = next(library.folder.glob("index/*/" + file.name))
    good = path.read_bytes()
    path.write_bytes(bytes(file.size))
    with Library.open(library.folder) as again:
        assert again.nearest(query, 400, model=MODEL) == before
        _finish(again)
        assert again.nearest(query, 400, model=MODEL) == before
        assert _names(again) == names
    assert path.read_bytes() == good


def test_without_any_index_everything_is_compared_until_there_is_one(
    library: Library, vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_index, "WAITED_FOR", 0)
    before = library.nearest(vectors[7], 400, model=MODEL)
    library.close()
    for path in library.folder.glob("index/*/*"):
        path.unlink()
    with Library.open(library.folder) as again:
        assert again.nearest(vectors[7], 400, model=MODEL) == before
        _finish(again)
        assert again.nearest(vectors[7], 400, model=MODEL) == before
        assert _index(again).count == COUNT


def test_a_library_that_has_outgrown_its_basis_gets_another(
    library: Library, add_vectors: Callable[..., None], vectors: Floats
) -> None:
    folder = library.folder / "index" / MODEL[:16]
    (before,) = folder.glob("basis-*")
    add_vectors(library, vectors[COUNT:200], [f"M{n}" for n in range(100)])
    library.rebuild_index(MODEL)
    assert list(folder.glob("basis-*")) == [before]
    add_vectors(library, vectors[200:], [f"N{n}" for n in range(100)])
    library.rebuild_index(MODEL)
    (after,) = folder.glob("basis-*")
    assert after != before
    assert _ask(library, vectors[7]) == _truth(vectors, vectors[7])


def test_a_build_that_is_cut_short_leaves_the_former_files_and_no_others(
    library: Library, add_vectors: Callable[..., None], vectors: Floats
) -> None:
    add_vectors(library, vectors[COUNT:], [f"M{n}" for n in range(200)])
    files = {path: path.read_bytes() for path in library.folder.glob("index/*/*-*")}
    searchers = library._searchers
    searcher_of = searchers.of(MODEL)
    assert searcher_of is not None
    questions = iter([False] * 4)
    with pytest.raises(Cancelled):
        searcher_of._kept.build(lambda: next(questions, True))
    assert {path: path.read_bytes() for path in library.folder.glob("index/*/*-*")} == files


def test_a_query_with_less_company_than_the_librarys_own_cases_is_compared_with_all(
    library: Library, vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annoy_index, "COMPARED_WHOLE", 10)
    monkeypatch.setattr(annoy_index, "_NODES_PER_NEIGHBOUR", 1)
    monkeypatch.setattr(annoy_index, "POOL", 1)
    stranger = -vectors[:COUNT].mean(axis=0)
    stranger /= np.linalg.norm(stranger)
    index = _index(library)
    index.search_k = 1
    ids, _ = index.nearest(stranger.astype(np.float32), 3)
    assert ids.tolist() == _truth(vectors[:COUNT], stranger)[:3]
    asked: list[Floats] = []
    monkeypatch.setattr(annoy_index, "_compared", lambda _, query, *__: asked.append(query))
    index.nearest(vectors[7], 3)
    assert not asked, "a case of the library is at home there"
