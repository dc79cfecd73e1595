"""Recognition by content, the facts that come with every picture, and each clear error."""

from __future__ import annotations

import hashlib
import os
import struct
import time
import tracemalloc
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from inference.errors import ImageError
from inference.images import read, read_bytes, reader


def png(width: int = 3, height: int = 2) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), (1, 2, 3)).save(file, "PNG")
    return file.getvalue()


def png_header_only(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def test_path_string_and_bytes_give_the_same_picture(tmp_path: Path) -> None:
    path = tmp_path / "lesion.PNG"
    path.write_bytes(png())
    for image in (read(path), read(str(path)), read(png(), name="lesion.PNG")):
        assert image.name == "lesion.PNG"
        assert image.content_hash == hashlib.sha256(png()).hexdigest()
        assert (image.height, image.width) == (2, 3)
        assert image.pixels[0, 0].tolist() == [1, 2, 3]


def test_a_wrong_extension_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "lesion.dcm"
    path.write_bytes(png())
    assert read(path).acquisition.format == "PNG"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"Patient has a mole on the left arm.\n" * 9, "text file"),
        ("Mélanome, français, naïve".encode(), "text file"),
        (b"BMW is a car, not a bitmap picture.", "text file"),
        (b"GIF89a" + bytes(20), "GIF"),
        (b"\0\0\0\x18ftypheic" + bytes(20), "HEIC"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04" + bytes(20), "ZIP"),
        (b"\x1f\x8b" + bytes(20), "gzip"),
        (bytes(range(256)), "not a picture"),
        (b"\xff\xd8\xff", "damaged or incomplete"),
        (b"\x89PNG\r\n\x1a\n", "damaged or incomplete"),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason) as caught:
        read(data, name="file.jpg")
    assert caught.value.subject == "file.jpg"
    assert caught.value.advice


def test_a_missing_file_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file") as caught:
        read(tmp_path / "gone.jpg")
    assert caught.value.subject == "gone.jpg"
    assert str(tmp_path) in caught.value.advice


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="folder"):
        read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(ImageError, match="not an ordinary file"):
        read(tmp_path / "pipe.jpg")


def test_a_path_that_no_system_accepts_is_an_error() -> None:
    with pytest.raises(ImageError, match="cannot be read"):
        read("a\0b.jpg")
    with pytest.raises(ImageError, match="cannot be read"):
        read("x" * 5000)


def test_a_file_without_permission_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.png"
    path.write_bytes(png())

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ImageError, match="no permission"):
        read(path)


def test_a_file_over_the_size_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(png())
    monkeypatch.setattr(reader, "MAX_FILE_BYTES", 10)
    for attempt in (lambda: read(path), lambda: read(png()), lambda: read_bytes(path)):
        with pytest.raises(ImageError, match="larger than"):
            attempt()


def test_bytes_beside_the_picture_are_the_files(tmp_path: Path) -> None:
    path = tmp_path / "lesion.png"
    path.write_bytes(png())
    assert read_bytes(path) == png()
    with pytest.raises(ImageError, match="no such file") as caught:
        read_bytes(tmp_path / "gone.png")
    assert caught.value.subject == "gone.png"


@pytest.mark.parametrize("size", [(40_000, 40_000), (15_000, 14_000)])
def test_a_huge_header_is_refused_fast_and_without_its_memory(size: tuple[int, int]) -> None:
    data = png_header_only(*size)
    tracemalloc.start()
    start = time.perf_counter()
    with pytest.raises(ImageError, match="more than 200 million pixels"):
        read(data, name="huge.png")
    seconds = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 0.5
    assert peak < 5_000_000


def test_many_pixels_from_a_small_file_are_refused_before_they_are_decoded() -> None:
    # 196 million pixels, as allowed, from 97 kB: seconds and gigabytes for a black square.
    with pytest.raises(ImageError, match="made to fill the memory") as caught:
        read(png_header_only(14_000, 14_000), name="bomb.png")
    assert caught.value.subject == "bomb.png"
