"""The demonstration library is built once, completed after a stop, and mended when damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from inference.errors import Cancelled, LibraryError
from inference.library import demonstration
from inference.library.demonstration import open_demonstration
from inference.library.model import Progress
from tests.inference.library.conftest import FakeEncoder

pytestmark = pytest.mark.usefixtures("small_batches", "cache")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache, in the test's own folder."""
    monkeypatch.setattr(demonstration, "user_cache", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def test_it_is_built_once_and_says_that_it_is_drawn(
    make_source: Callable[..., Path], encoder: FakeEncoder
) -> None:
    source = make_source(12, confirmation="drawn")
    told: list[Progress] = []
    with open_demonstration(encoder, source=source, progress=told.append) as library:
        info = library.info()
        assert (info.images, info.embedded, info.phantoms) == (12, 12, True)
    assert told[-1].stage == "done"
    encoder.batches = 0
    told.clear()
    with open_demonstration(encoder, source=source, progress=told.append) as library:
        assert library.info().images == 12
    assert (encoder.batches, told) == (0, [])


def test_stopped_one_is_completed(make_source: Callable[..., Path], encoder: FakeEncoder) -> None:
    source = make_source(12, confirmation="drawn")
    with pytest.raises(Cancelled):
        open_demonstration(encoder, source=source, cancelled=lambda: encoder.batches == 2)
    with open_demonstration(encoder, source=source) as library:
        assert library.info().embedded == 12
    assert encoder.batches == 3


def test_damaged_one_is_built_again(
    make_source: Callable[..., Path], encoder: FakeEncoder, cache: Path
) -> None:
    source = make_source(8, confirmation="drawn")
    open_demonstration(encoder, source=source).close()
    (database,) = cache.rglob("library.sqlite")
    database.write_bytes(b"damaged" * 2000)
    with open_demonstration(encoder, source=source) as library:
        assert library.info().embedded == 8


def test_folder_of_the_readers_choice_is_never_thrown_away(
    make_source: Callable[..., Path], encoder: FakeEncoder, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "library.sqlite").write_bytes(b"damaged" * 2000)
    with pytest.raises(LibraryError):
        open_demonstration(encoder, folder=folder, source=make_source(4, confirmation="drawn"))
    assert (folder / "library.sqlite").read_bytes() == b"damaged" * 2000


def test_other_model_and_other_phantoms_have_libraries_of_their_own(
    make_source: Callable[..., Path],
    encoder: FakeEncoder,
    make_encoder: type[FakeEncoder],
    tmp_path: Path,
) -> None:
    source = make_source(4, confirmation="drawn")
    with open_demonstration(encoder, source=source) as library:
        first = library.folder
    with open_demonstration(make_encoder("b" * 64), source=source) as library:
        assert library.folder != first
        assert library.info().model == "b" * 64
    (picture, *_) = (tmp_path / "source" / "images").iterdir()
    picture.write_bytes(picture.read_bytes() + b"\0")
    with open_demonstration(encoder, source=source) as library:
        assert library.folder != first
