"""What is handed over becomes a queue of pictures, or an error that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.errors import Cancelled, ImageError
from inference.locations import shipped
from tests.viewer.fakes import picture
from viewer.intake import MOST_PICTURES, Offer, demonstration_query, gather, offer_of, pictures_in


def test_a_folder_is_read_in_the_order_of_names_without_what_is_no_picture(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.dcm", "C.tiff", ".hidden.png", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "sub.png").mkdir()
    (tmp_path / "IM0001").write_bytes(bytes(128) + b"DICM")
    (tmp_path / "README").write_bytes(b"words")

    assert [path.name for path in pictures_in(tmp_path)] == ["a.dcm", "b.JPG", "C.tiff", "IM0001"]


def test_a_queue_is_short_and_tells_how_many_were_left_out(tmp_path: Path) -> None:
    for number in range(MOST_PICTURES + 3):
        (tmp_path / f"{number:03}.png").touch()
    queue = gather(Offer((tmp_path,)), lambda: False)

    assert len(queue.sources) == MOST_PICTURES
    assert (queue.folder, queue.left_out) == (tmp_path.name, 3)


def test_files_keep_their_order_and_are_not_opened(tmp_path: Path) -> None:
    offer = Offer((tmp_path / "z.png", tmp_path / "a.png"))

    assert [source.name for source in gather(offer, lambda: False).sources] == ["z.png", "a.png"]


def test_what_is_no_picture_by_its_name_is_listed_and_not_asked_about(tmp_path: Path) -> None:
    (tmp_path / "IM0001").write_bytes(bytes(128) + b"DICM")
    names = ("a.png", "letter.pdf", "IM0001", "list.csv")
    queue = gather(Offer(tuple(tmp_path / name for name in names)), lambda: False)

    assert [source.name for source in queue.sources] == ["a.png", "IM0001"]
    assert [(one.name, one.reason) for one in queue.refused] == [
        ("letter.pdf", "not a picture by its name"),
        ("list.csv", "not a picture by its name"),
    ]


def test_where_nothing_is_a_picture_the_first_is_asked_about_and_says_why(tmp_path: Path) -> None:
    for names in (("a.txt",), ("a.txt", "b.pdf")):
        queue = gather(Offer(tuple(tmp_path / name for name in names)), lambda: False)
        assert [source.name for source in queue.sources] == list(names)
        assert queue.refused == ()


def test_an_unreadable_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cannot be read"):
        pictures_in(tmp_path / "gone")


def test_an_empty_clipboard_offers_nothing() -> None:
    assert offer_of(None) is None


def test_gathering_stops_when_something_else_was_offered(tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        gather(Offer((picture(tmp_path),)), lambda: True)


def test_the_demonstration_query_is_known_as_a_phantom() -> None:
    query = demonstration_query()
    assert query is not None
    assert query.is_relative_to(shipped("resources"))

    assert gather(Offer((query,)), lambda: False).sources[0].phantom


def test_a_picture_of_the_readers_is_no_phantom(tmp_path: Path) -> None:
    assert not gather(Offer((picture(tmp_path),)), lambda: False).sources[0].phantom
