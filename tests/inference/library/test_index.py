"""The neighbours are the true ones, whatever state the index files are in."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from annoy import AnnoyIndex

from inference.errors import LibraryError
from inference.library import annoy_index, basis, segment
from inference.library.annoy_index import AnnoyNeighbours
from inference.library.build import build
from inference.library.index_manifest import Expectation, read_manifest
from inference.library.library import Library
from inference.library.source import read_source
from inference.library.vouched import StaleIndexError, Vouchers
from tests.inference.library.conftest import DIMENSION, MODEL, FakeEncoder

Damage = Callable[[Path], None]


def _file(library: Library, kind: str) -> Path:
    (found,) = (library.folder / "index" / MODEL[:16]).glob(f"{kind}*")
    return found


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _truncate_to_nothing(path: Path) -> None:
    path.write_bytes(b"")


def _zero(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _flip_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def _delete(path: Path) -> None:
    path.unlink()


def _other_dimension(path: Path) -> None:
    if path.suffix != ".ann":
        _truncate(path)
        return
    other = AnnoyIndex(DIMENSION + 2, "angular")
    for row in range(30):
        other.add_item(row, np.arange(DIMENSION + 2) + row)
    other.build(3)
    other.save(str(path))


def hit(image: int) -> tuple[int, object]:
    """Return what a query that is a stored picture itself must find."""
    return (image, pytest.approx(1.0, abs=1e-6))


DAMAGES = [
    _truncate,
    _truncate_to_nothing,
    _zero,
    _flip_bit,
    _append,
    _delete,
    _other_dimension,
]


@pytest.mark.parametrize("kind", ["trees", "vectors", "images", "numbers", "closeness", "manifest"])
def test_damaged_index_is_built_again_with_equal_results(
    built: Library, make_vectors: Callable[..., np.ndarray], kind: str
) -> None:
    queries = make_vectors(5, seed=9)
    before = [built.nearest(query, 20, model=MODEL) for query in queries]
    good = _file(built, kind).read_bytes()
    built.close()
    for damage in DAMAGES:
        damage(_file(built, kind))
        with Library.open(built.folder) as library:
            assert [library.nearest(query, 20, model=MODEL) for query in queries] == before
        # The rebuilt file is the same again, bit for bit: seed and job count are fixed.
        assert _file(built, kind).read_bytes() == good


def _refused(built: Library, facts: object) -> None:
    manifest = _file(built, "manifest")
    manifest.write_text(json.dumps(facts))
    with pytest.raises(StaleIndexError):
        read_manifest(manifest.parent, Expectation(MODEL, DIMENSION))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dimension", DIMENSION + 1),
        ("reduced", DIMENSION // 2),
        ("metric", "euclidean"),
        ("model", "b" * 64),
        ("format", 2),
        ("byteorder", "middle"),
        ("fitted", 0),
        ("history", None),
        ("effort", {"search_k": "many", "recall": 1.0}),
        ("segments", []),
        ("segments", None),
        ("files", {}),
        ("files", None),
        ("unknown", 1),
    ],
)
def test_manifest_of_another_index_is_refused_before_loading(
    built: Library, field: str, value: object
) -> None:
    facts = json.loads(_file(built, "manifest").read_text())
    facts[field] = value
    _refused(built, facts)


@pytest.mark.parametrize(
    ("field", "value"),
    [("count", 29), ("count", "30"), ("count", 0), ("after", -1), ("last", 0), ("files", {})],
)
def test_manifest_of_other_segments_is_refused_before_loading(
    built: Library, field: str, value: object
) -> None:
    facts = json.loads(_file(built, "manifest").read_text())
    facts["segments"][0][field] = value
    _refused(built, facts)


def test_manifest_that_is_not_a_table_is_refused(built: Library) -> None:
    manifest = _file(built, "manifest")
    for text in ("", "[]", "null", "3", '{"segments": 3}', "\xff"):
        manifest.write_bytes(text.encode("latin-1"))
        with pytest.raises(StaleIndexError):
            read_manifest(manifest.parent, Expectation(MODEL, DIMENSION))


def test_manifest_cannot_name_a_file_elsewhere(built: Library) -> None:
    manifest = _file(built, "manifest")
    facts = json.loads(manifest.read_text())
    facts["files"]["closeness"]["name"] = "../../library.sqlite"
    manifest.write_text(json.dumps(facts))
    known = read_manifest(manifest.parent, Expectation(MODEL, DIMENSION))
    with pytest.raises(StaleIndexError, match="not a file's name"):
        annoy_index.load(known, Vouchers(manifest.parent).path)


def test_index_of_replaced_vectors_is_not_used(
    tmp_path: Path,
    built: Library,
    add_vectors: Callable[..., None],
    make_vectors: Callable[..., np.ndarray],
) -> None:
    """A library put back from a backup may lie beside an index with the same ids."""
    vectors = make_vectors(30, seed=5)
    with Library.create(tmp_path / "other", "Other") as other:
        add_vectors(other, vectors, [f"L{n}" for n in range(30)])
        (built.folder / "index").rename(tmp_path / "other" / "index")
        found = other.nearest(vectors[4], 1, model=MODEL)
    assert found == [hit(5)]


def test_index_swapped_for_that_of_another_dimension_is_built_again(
    built: Library, tmp_path: Path, make_vectors: Callable[..., np.ndarray]
) -> None:
    other = FakeEncoder("b" * 64, 24)
    build(built, read_source(tmp_path / "built source"), other)
    queries = {MODEL: make_vectors(1)[0], "b" * 64: make_vectors(1, 24)[0]}
    before = {model: built.nearest(query, 20, model=model) for model, query in queries.items()}
    built.close()
    first, second = (built.folder / "index" / model[:16] for model in queries)
    first.rename(tmp_path / "aside")
    second.rename(first)
    (tmp_path / "aside").rename(second)
    with Library.open(built.folder) as library:
        assert [finding.kind for finding in library.inspection.verify()] == ["index", "index"]
        assert before == {
            model: library.nearest(query, 20, model=model) for model, query in queries.items()
        }
        assert library.inspection.verify() == []


def test_files_open_elsewhere_survive_a_rebuild(
    built: Library, add_vectors: Callable[..., None], make_vectors: Callable[..., np.ndarray]
) -> None:
    query = make_vectors(1, seed=3)[0]
    with Library.open(built.folder) as reader:
        before = reader.nearest(query, 5, model=MODEL)
        index = _index(reader)
        add_vectors(built, make_vectors(40, seed=2), [f"N{n}" for n in range(40)])
        built.rebuild_index(MODEL)
        ids, _ = index.nearest(query, 30)
        assert len(ids) == 30
        after = reader.nearest(query, 60, model=MODEL)
        assert len(after) == 60
        assert set(before) <= set(reader.nearest(query, 25, model=MODEL))


@pytest.fixture
def large(
    tmp_path: Path,
    add_vectors: Callable[..., None],
    make_vectors: Callable[..., np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> Library:
    """6,000 vectors of 3,000 lesions in three segments, whose trees see 12 of 16 numbers."""
    monkeypatch.setattr(annoy_index, "COMPARED_WHOLE", 1000)
    monkeypatch.setattr(segment, "SEGMENT", 2500)
    monkeypatch.setattr(basis, "REDUCED", 3 * DIMENSION // 4)
    library = Library.create(tmp_path / "large", "Large")
    add_vectors(library, make_vectors(6000), [f"L{n % 3000}" for n in range(6000)])
    library.rebuild_index(MODEL)
    return library


def _index(library: Library) -> AnnoyNeighbours:
    """Return the index in use."""
    index = library._searchers._of[MODEL]._current().main
    assert isinstance(index, AnnoyNeighbours)
    return index


def test_hits_equal_brute_force(large: Library, make_vectors: Callable[..., np.ndarray]) -> None:
    vectors = make_vectors(6000).astype(np.float64)
    recalls = []
    with large:
        for query in make_vectors(40, seed=8):
            scores = vectors @ query.astype(np.float64)
            best_of_lesion = np.maximum(scores[:3000], scores[3000:])
            truth = np.argsort(-best_of_lesion)[:16]
            found = large.nearest(query, 16, model=MODEL)
            assert [score for _, score in found] == sorted((s for _, s in found), reverse=True)
            for image, score in found:
                assert score == pytest.approx(scores[image - 1], abs=1e-6)
                assert score == pytest.approx(best_of_lesion[(image - 1) % 3000], abs=1e-6)
            recalls.append(len({(i - 1) % 3000 for i, _ in found} & set(truth.tolist())) / 16)
    # `effort.WANTED`, less what forty queries may miss by chance.
    assert np.mean(recalls) >= 0.985


def test_annoy_gives_the_candidates_of_every_segment(
    large: Library, make_vectors: Callable[..., np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = make_vectors(1, seed=8)[0]
    with large:
        large.nearest(query, 1, model=MODEL)
        index = _index(large)
    monkeypatch.setattr(annoy_index, "_compared", None)
    assert [each.count for each in index.segments] == [2500, 2500, 1000]
    index.search_k = 100
    ids, _ = index.nearest(query, 16)
    assert len(ids) == 16
    assert len({np.searchsorted([2501, 5001], image, side="right") for image in ids}) > 1


def test_full_ranking_leaves_no_lesion_out(
    large: Library, make_vectors: Callable[..., np.ndarray]
) -> None:
    with large:
        found = large.nearest(make_vectors(1, seed=8)[0], 10_000, model=MODEL)
    assert len(found) == 3000


def test_one_hit_for_a_lesion_with_a_hundred_images(
    tmp_path: Path,
    add_vectors: Callable[..., None],
    make_vectors: Callable[..., np.ndarray],
) -> None:
    query = make_vectors(1, seed=1)[0]
    near = query + 0.01 * make_vectors(100, seed=2)
    near = (near / np.linalg.norm(near, axis=1, keepdims=True)).astype(np.float32)
    far = make_vectors(50, seed=3)
    with Library.create(tmp_path / "library", "L") as library:
        add_vectors(
            library, np.concatenate([near, far]), ["same"] * 100 + [f"F{n}" for n in range(50)]
        )
        library.rebuild_index(MODEL)
        found = library.nearest(query, 16, model=MODEL)
        everything = library.nearest(query, 200, model=MODEL)
    scores = far.astype(np.float64) @ query
    expected = [101 + int(row) for row in np.argsort(-scores)[:15]]
    assert found[0][0] == 1 + int(np.argmax(near.astype(np.float64) @ query))
    assert [image for image, _ in found[1:]] == expected
    assert len(everything) == 51


def test_excluded_contents_never_return(built: Library, encoder: FakeEncoder) -> None:
    image = built.read_image(3)
    (query,) = encoder.embed(encoder.prepare(image)[None])
    assert built.nearest(query, 1, model=MODEL) == [hit(3)]
    found = built.nearest(query, 20, model=MODEL, without=[image.content_hash, "f" * 64])
    assert 3 not in [image_id for image_id, _ in found]
    # The lesion's other picture stands for it instead.
    assert len(found) == 20


def test_pictures_added_since_the_build_are_found(
    built: Library, add_vectors: Callable[..., None], make_vectors: Callable[..., np.ndarray]
) -> None:
    vectors = make_vectors(10, seed=4)
    built.nearest(vectors[0], 1, model=MODEL)
    add_vectors(built, vectors, [f"N{n}" for n in range(10)])
    assert built.nearest(vectors[7], 1, model=MODEL) == [hit(38)]
    with Library.open(built.folder) as again:
        assert again.nearest(vectors[7], 30, model=MODEL) == built.nearest(
            vectors[7], 30, model=MODEL
        )


def test_pictures_added_by_another_program_are_found(
    built: Library, add_vectors: Callable[..., None], make_vectors: Callable[..., np.ndarray]
) -> None:
    vectors = make_vectors(4, seed=4)
    built.nearest(vectors[0], 1, model=MODEL)
    with Library.open(built.folder) as other:
        add_vectors(other, vectors, ["A", "B", "C", "D"])
    assert built.nearest(vectors[2], 1, model=MODEL) == [hit(33)]


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_query_without_a_direction_is_refused(built: Library, value: float) -> None:
    query = np.full(DIMENSION, value, dtype=np.float32)
    with pytest.raises(LibraryError, match="no usable description"):
        built.nearest(query, 3, model=MODEL)


def test_query_of_another_shape_or_no_k_is_a_bug(built: Library) -> None:
    with pytest.raises(ValueError, match="shape"):
        built.nearest(np.ones(DIMENSION + 1, dtype=np.float32), 3, model=MODEL)
    with pytest.raises(ValueError, match="at least 1"):
        built.nearest(np.ones(DIMENSION, dtype=np.float32), 0, model=MODEL)


def test_vectors_of_another_model_are_never_compared(built: Library) -> None:
    with pytest.raises(LibraryError, match="caselens library describe"):
        built.nearest(np.ones(DIMENSION, dtype=np.float32), 3, model="c" * 64)


def test_empty_library_has_no_neighbours(tmp_path: Path) -> None:
    with Library.create(tmp_path / "empty", "Empty") as library:
        assert library.nearest(np.ones(DIMENSION, dtype=np.float32), 3, model=MODEL) == []


def test_equal_pictures_are_ordered_by_arrival(
    tmp_path: Path, add_vectors: Callable[..., None], make_vectors: Callable[..., np.ndarray]
) -> None:
    vector = make_vectors(1)[0]
    with Library.create(tmp_path / "library", "L") as library:
        add_vectors(library, np.stack([vector] * 40), [f"L{n}" for n in range(40)])
        library.rebuild_index(MODEL)
        found = library.nearest(vector, 8, model=MODEL)
    assert [image for image, _ in found] == list(range(1, 9))


def test_index_that_cannot_be_written_does_not_cost_the_answer(
    built: Library,
    add_vectors: Callable[..., None],
    make_vectors: Callable[..., np.ndarray],
) -> None:
    queries = make_vectors(5, seed=9)
    before = [built.nearest(query, 20, model=MODEL) for query in queries]
    built.close()
    shutil.rmtree(built.folder / "index")
    (built.folder / "index").write_bytes(b"a file where the folder should be")
    with Library.open(built.folder) as library:
        assert [library.nearest(query, 20, model=MODEL) for query in queries] == before
        add_vectors(library, make_vectors(1), ["N"])
        assert library.nearest(make_vectors(1)[0], 1, model=MODEL) == [hit(31)]
        with pytest.raises(LibraryError):
            library.rebuild_index(MODEL)


def test_full_disk_does_not_cost_the_answer(
    built: Library, make_vectors: Callable[..., np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    query = make_vectors(1, seed=9)[0]
    before = built.nearest(query, 20, model=MODEL)
    _delete(_file(built, "manifest"))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with Library.open(built.folder) as library:
        assert library.nearest(query, 20, model=MODEL) == before
        with pytest.raises(LibraryError, match="disk is full"):
            library.rebuild_index(MODEL)


def test_old_generations_are_removed(
    built: Library, make_source: Callable[..., Path], encoder: FakeEncoder
) -> None:
    folder = built.folder / "index" / MODEL[:16]
    before = {path.name for path in folder.iterdir()}
    build(built, read_source(make_source(5, seed=7)), encoder)
    after = {path.name for path in folder.iterdir()}
    assert len(before - {"sound.json"}) == len(after - {"sound.json"}) == 6
    assert before & after - {"sound.json"} == {"manifest.json"}
