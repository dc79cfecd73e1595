"""A damaged file of an index is found out, also when it had been found sound before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.files import sha256_of
from inference.library import vouched
from inference.library.library import Library
from inference.library.vouched import FileFacts, StaleIndexError, Vouchers, publish, read_again
from tests.inference.library.conftest import MODEL

CONTENT = bytes(range(256)) * 20


@pytest.fixture
def file(tmp_path: Path) -> FileFacts:
    return publish(tmp_path, "kind", ".bin", lambda part: _write(part, CONTENT))


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read from first byte to last."""
    names: list[str] = []

    def counted(path: Path) -> str:
        names.append(path.name)
        return sha256_of(path)

    monkeypatch.setattr(vouched, "sha256_of", counted)
    return names


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file count as having lain still as soon as it is written."""
    monkeypatch.setattr(vouched, "STILL_FOR_NS", 0)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _vouch(folder: Path, file: FileFacts) -> Path:
    vouchers = Vouchers(folder)
    path = vouchers.path(file)
    vouchers.keep()
    return path


@pytest.mark.usefixtures("still")
def test_a_file_that_nobody_touched_is_read_once(
    tmp_path: Path, file: FileFacts, reads: list[str]
) -> None:
    for _ in range(3):
        assert _vouch(tmp_path, file).read_bytes() == CONTENT
    assert reads == [file.name]
    again = Vouchers(tmp_path)
    again.path(file)
    assert again.relied_on == [file]


def test_a_file_that_has_just_been_written_is_read_each_time(
    tmp_path: Path, file: FileFacts, reads: list[str]
) -> None:
    """A change within the same tick of the clock would leave no trace."""
    for _ in range(3):
        _vouch(tmp_path, file)
    assert reads == [file.name] * 3


def _in_place(path: Path) -> None:
    with path.open("r+b") as content:
        content.seek(100)
        content.write(b"?")


def _with_the_old_times(path: Path) -> None:
    before = path.stat()
    _in_place(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _other_file_of_that_size(path: Path) -> None:
    before = path.stat()
    path.unlink()
    path.write_bytes(bytes(len(CONTENT)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _truncated(path: Path) -> None:
    os.truncate(path, len(CONTENT) // 2)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize(
    "damage",
    [_in_place, _with_the_old_times, _other_file_of_that_size, _truncated, Path.unlink],
)
def test_a_file_that_was_sound_is_refused_after_any_change(
    tmp_path: Path, file: FileFacts, damage: Callable[[Path], None]
) -> None:
    if damage is _with_the_old_times and os.name == "nt":
        pytest.skip("Windows keeps no time of change that a program cannot set")
    damage(_vouch(tmp_path, file))
    with pytest.raises(StaleIndexError):
        Vouchers(tmp_path).path(file)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("notes", [b"", b"[]", b"{", b'{"x": 3}', b'{"x": ["y", [1, 2]]}', b"\xff"])
def test_notes_that_cannot_be_read_vouch_for_nothing(
    tmp_path: Path, file: FileFacts, reads: list[str], notes: bytes
) -> None:
    _vouch(tmp_path, file)
    (tmp_path / "sound.json").write_bytes(notes)
    _vouch(tmp_path, file)
    assert reads == [file.name] * 2


@pytest.mark.usefixtures("still")
def test_decay_that_no_time_tells_of_is_found_when_everything_is_read_again(
    tmp_path: Path, file: FileFacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _vouch(tmp_path, file)
    facts = vouched.facts_of(path)
    monkeypatch.setattr(vouched, "facts_of", lambda _: facts)
    read_again(tmp_path, [file])
    _in_place(path)
    Vouchers(tmp_path).path(file)
    with pytest.raises(StaleIndexError, match="not the file that was written"):
        read_again(tmp_path, [file])


Ask = Callable[[], list[tuple[int, float]]]


@pytest.fixture
def ask(built: Library, make_vectors: Callable[..., npt.NDArray[np.float32]]) -> Iterator[Ask]:
    """Search a library whose index is in use."""
    query = make_vectors(1, seed=9)[0]

    def search() -> list[tuple[int, float]]:
        return built.nearest(query, 20, model=MODEL)

    search()
    yield search


@pytest.mark.parametrize("kind", ["trees", "vectors", "images", "numbers"])
@pytest.mark.parametrize("damage", [_in_place, _truncated])
def test_a_file_that_is_written_to_while_it_is_in_use_is_let_go_and_made_again(
    built: Library, ask: Ask, kind: str, damage: Callable[[Path], None]
) -> None:
    before = ask()
    (path,) = built.folder.glob(f"index/*/{kind}-*")
    good = path.read_bytes()
    if damage is _truncated:
        os.truncate(path, 0)
    else:
        damage(path)
    assert ask() == before
    assert path.read_bytes() == good


@pytest.mark.usefixtures("still")
def test_decay_is_found_in_the_background_after_an_opening_that_relied_on_a_note(
    built: Library, ask: Ask, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask()
    built.close()
    (path,) = built.folder.glob("index/*/vectors-*")
    good = path.read_bytes()
    known = {name: vouched.facts_of(name) for name in built.folder.glob("index/*/*-*")}
    monkeypatch.setattr(vouched, "facts_of", lambda name: known[name])
    content = bytearray(good)
    content[-1] ^= 0x40
    path.write_bytes(content)
    del reads[:]
    query = np.ones(16, np.float32)
    with Library.open(built.folder) as library:
        library.nearest(query, 20, model=MODEL)
        thread = library._searchers._upkeep._thread
        assert thread is not None
        thread.join()
        assert path.name in reads
        monkeypatch.undo()
        library.nearest(query, 20, model=MODEL)
    assert path.read_bytes() == good
