"""Files decoded in a process of their own: whatever becomes of it, the program gets its error.

The workers that die, stall or lie are small scripts; the sound one is the real one.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from pydicom import uid

from inference.errors import Cancelled, ImageError
from inference.images import IsolatedReader, View, isolated, read, worker
from inference.images.exchange import PixelMemory, ProtocolError, decoded_from, fill, size_in
from tests.inference.images.conftest import MakeDicom

SPEAKS = """
import json, os, sys
def send(text):
    os.write(1, len(text).to_bytes(4, "big") + text)
def take():
    size = int.from_bytes(sys.stdin.buffer.read(4), "big")
    return json.loads(sys.stdin.buffer.read(size))
send(b'{"ready": true}')
sys.stdin.buffer.read(take()["size"])
"""
"""A worker that has taken its first file."""

FACTS: dict[str, Any] = {
    "height": 2,
    "width": 3,
    "spacing_mm": [0.5, 0.25],
    "acquisition": {
        "format": "PNG", "modality": "", "sop_class": "", "transfer_syntax": "",
        "photometric": "RGB", "device": "", "frames": 1,
        "frame": 0, "windows": ["Skin"], "spacing": "",
    },
}  # fmt: skip


def png(pixels: npt.NDArray[np.uint8] | None = None) -> bytes:
    file = BytesIO()
    picture = np.full((2, 3, 3), (1, 2, 3), np.uint8) if pixels is None else pixels
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def scripted(script: str) -> IsolatedReader:
    return IsolatedReader([sys.executable, "-c", SPEAKS + script])


@pytest.fixture(scope="module")
def sound() -> Iterator[IsolatedReader]:
    with IsolatedReader() as reader:
        yield reader


def test_a_photo_is_read_as_in_this_process(
    sound: IsolatedReader, skin: npt.NDArray[np.uint8], tmp_path: Path
) -> None:
    path = tmp_path / "lesion.png"
    path.write_bytes(png(skin))
    image, reference = sound.read(path), read(path)
    assert np.array_equal(image.pixels, skin)
    assert image.pixels.flags.c_contiguous
    assert not image.pixels.flags.writeable
    assert (image.name, image.content_hash) == (reference.name, reference.content_hash)
    assert image.acquisition == reference.acquisition


def test_the_facts_of_a_dicom_file_come_along(
    sound: IsolatedReader, make_dicom: MakeDicom, skin: npt.NDArray[np.uint8]
) -> None:
    data = make_dicom(skin, photometric="RGB", Manufacturer="Maker", PixelSpacing=[0.02, 0.03])
    image, reference = sound.read(data, name="a.dcm"), read(data, name="a.dcm")
    assert np.array_equal(image.pixels, skin)
    assert image.spacing_mm == (0.02, 0.03)
    assert image.acquisition == reference.acquisition


def test_frame_and_window_can_be_chosen(sound: IsolatedReader, make_dicom: MakeDicom) -> None:
    data = make_dicom(
        np.array([[0, 50]], np.uint16),
        photometric="MONOCHROME2",
        NumberOfFrames=2,
        PixelData=np.array([0, 50, 50, 0], "<u2").tobytes(),
        WindowCenter=[25, 60],
        WindowWidth=[1, 1],
    )
    image = sound.read(data, view=View(frame=1, window=0))
    assert image.pixels[0, :, 0].tolist() == [255, 0]
    assert image.acquisition == read(data, view=View(frame=1)).acquisition
    assert sound.read(data, view=View(window=1)).pixels.max() == 0


def test_pictures_keep_their_pixels_when_others_are_read_after_them(
    sound: IsolatedReader, skin: npt.NDArray[np.uint8]
) -> None:
    first = sound.read(png(skin))
    second = sound.read(png(255 - skin))
    assert np.array_equal(first.pixels, skin)
    assert np.array_equal(second.pixels, 255 - skin)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", png()[:40], b"\xff\xd8\xff", bytes(300)])
def test_a_refusal_is_that_of_this_process(sound: IsolatedReader, data: bytes) -> None:
    with pytest.raises(ImageError) as expected:
        read(data, name="file.jpg")
    with pytest.raises(ImageError) as caught:
        sound.read(data, name="file.jpg")
    assert str(caught.value) == str(expected.value)


def test_a_missing_file_is_told_of_without_a_worker(tmp_path: Path) -> None:
    reader = IsolatedReader(["no such program"])
    with pytest.raises(ImageError, match="no such file"):
        reader.read(tmp_path / "gone.png")


def test_a_worker_that_cannot_be_started_is_an_error() -> None:
    reader = IsolatedReader([str(Path("no") / "such" / "program")])
    reader.start()  # says nothing: the first file will
    with pytest.raises(ImageError, match="cannot be started") as caught:
        reader.read(png(), name="lesion.png")
    assert caught.value.subject == "lesion.png"


DYING = {
    "aborts": "os.abort()",
    "is killed": "os.kill(os.getpid(), 9)",
    "ends": "sys.exit(3)",
    "ends before its pixels": f"send({json.dumps({'picture': FACTS}).encode()!r}); take()",
    "ends inside a message": "os.write(1, bytes([0, 0, 1, 0, 65])); sys.exit(0)",
}


@pytest.mark.parametrize("death", DYING)
def test_a_death_is_an_error_that_names_the_file(death: str) -> None:
    with scripted(DYING[death]) as reader, pytest.raises(ImageError, match="crashed") as caught:
        reader.read(png(), name="evil.dcm")
    assert caught.value.subject == "evil.dcm"
    assert "PNG" in caught.value.advice


def test_the_next_file_is_read_by_a_new_worker(tmp_path: Path) -> None:
    # Dies over its first file, and is the real worker the second time.
    fallen = tmp_path / "fallen"
    script = (
        f"import pathlib, runpy; fallen = pathlib.Path({str(fallen)!r})\n"
        "if fallen.exists(): runpy.run_module('inference.images.worker', run_name='__main__')\n"
        f"else:\n  fallen.touch()\n  exec({SPEAKS!r})\n  os.abort()"
    )
    with IsolatedReader([sys.executable, "-c", script]) as reader:
        with pytest.raises(ImageError, match="crashed"):
            reader.read(png())
        assert reader.read(png()).width == 3


@pytest.mark.parametrize(
    "script",
    [
        "sys.stdin.buffer.read()",
        f"send({json.dumps({'picture': FACTS}).encode()!r})\nwhile True: pass",
    ],
)
def test_a_hang_ends_at_the_time_limit(script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "BASE_SECONDS", 0.2)
    with scripted(script) as reader, pytest.raises(ImageError, match="longer than") as caught:
        reader.read(png(), name="slow.tif")
    assert caught.value.subject == "slow.tif"


def test_a_worker_that_never_gets_ready_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "START_SECONDS", 0.2)
    reader = IsolatedReader([sys.executable, "-c", "import sys; sys.stdin.read()"])
    with reader, pytest.raises(ImageError, match="does not start"):
        reader.read(png())


def without(fact: str) -> dict[str, Any]:
    return {key: value for key, value in FACTS.items() if key != fact}


LIES: dict[str, Any] = {
    "no object": [1, 2],
    "neither picture nor refusal": {"surprise": 1},
    "no facts": {"picture": 7},
    "no height": {"picture": without("height")},
    "a negative height": {"picture": {**FACTS, "height": -2}},
    "a true height": {"picture": {**FACTS, "height": True}},
    "too many pixels": {"picture": {**FACTS, "height": 10**6, "width": 10**6}},
    "a reason that is no text": {"refused": {"reason": 7, "advice": ""}},
    "a reason without end": {"refused": {"reason": "x" * 5000, "advice": ""}},
}


@pytest.mark.parametrize("lie", LIES)
def test_nonsense_is_an_error_and_ends_the_worker(lie: str) -> None:
    script = f"send({json.dumps(LIES[lie]).encode()!r}); sys.stdin.buffer.read()"
    with scripted(script) as reader, pytest.raises(ImageError, match="went wrong"):
        reader.read(png(), name="a.png")


@pytest.mark.parametrize("text", [b"\xff\xfe", b"[" * 100_000, b"{"])
def test_what_is_no_json_is_an_error(text: bytes) -> None:
    script = f"send({text!r}); sys.stdin.buffer.read()"
    with scripted(script) as reader, pytest.raises(ImageError, match="went wrong"):
        reader.read(png())


def test_a_message_without_end_is_not_waited_for() -> None:
    script = "os.write(1, bytes([255] * 4)); sys.stdin.buffer.read()"
    with scripted(script) as reader, pytest.raises(ImageError, match="went wrong"):
        reader.read(png())


@pytest.mark.parametrize(
    "change",
    [
        {"spacing_mm": [0.5]},
        {"spacing_mm": [0.5, "x"]},
        {"spacing_mm": [0.5, -1]},
        {"spacing_mm": "wide"},
        {"acquisition": {}},
        {"acquisition": {**FACTS["acquisition"], "frames": 0}},
        {"acquisition": {**FACTS["acquisition"], "device": 5}},
        {"acquisition": {**FACTS["acquisition"], "more": ""}},
        {"acquisition": {**FACTS["acquisition"], "frame": -1}},
        {"acquisition": {**FACTS["acquisition"], "windows": "Skin"}},
        {"acquisition": {**FACTS["acquisition"], "windows": [1]}},
        {"acquisition": {**FACTS["acquisition"], "windows": [""] * 1000}},
    ],
)
def test_facts_are_checked_one_by_one(change: dict[str, Any]) -> None:
    pixels = np.zeros((2, 3, 3), np.uint8)
    assert decoded_from(FACTS, pixels).spacing_mm == (0.5, 0.25)
    assert size_in(FACTS) == (2, 3)
    with pytest.raises(ProtocolError):
        decoded_from({**FACTS, **change}, pixels)


def test_an_unforeseen_failure_is_told() -> None:
    script = 'send(b\'{"unforeseen": "KeyError: 7"}\'); sys.stdin.buffer.read()'
    with (
        scripted(script) as reader,
        pytest.raises(ImageError, match=r"unforeseen way \(KeyError: 7"),
    ):
        reader.read(png(), name="odd.bmp")


def test_memory_that_was_filled_can_no_longer_be_reached() -> None:
    memory = PixelMemory(18)
    fill(memory.name, np.full((2, 3, 3), 7, np.uint8))
    name = memory.name
    memory.forget()
    assert (memory.pixels(2, 3) == 7).all()
    with pytest.raises(OSError, match=r"."):
        fill(name, np.zeros((2, 3, 3), np.uint8))


@pytest.mark.skipif(sys.platform != "linux", reason="seals are Linux's")
def test_memory_cannot_be_cut_short_below_the_program() -> None:
    memory = PixelMemory(18)
    descriptor = os.open(memory.name, os.O_RDWR)
    with pytest.raises(PermissionError):
        os.ftruncate(descriptor, 0)
    os.close(descriptor)
    memory.forget()


@pytest.mark.skipif(sys.platform != "linux", reason="the memory limit is Linux's")
def test_memory_beyond_the_limit_is_an_error() -> None:
    # 196 million pixels of four samples are within the limits of files, not within 512 MB.
    script = (
        "from inference.images import worker; worker.MEMORY_BYTES = 2**29; "
        "import sys; sys.exit(worker.main())"
    )
    header = struct.pack(">IIBBBBB", 14_000, 14_000, 8, 6, 0, 0, 0)
    noise = np.random.default_rng(0).bytes(2**21)  # no bomb by its size
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(noise)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    with IsolatedReader([sys.executable, "-c", script]) as reader:
        with pytest.raises(ImageError, match="needs more memory") as caught:
            reader.read(data, name="huge.png")
        assert caught.value.subject == "huge.png"
        assert reader.read(png()).width == 3, "by the same worker"


@pytest.mark.parametrize("megabytes", [2, 64])
def test_a_deflated_bomb_is_refused(
    megabytes: int, sound: IsolatedReader, make_dicom: MakeDicom
) -> None:
    syntax = uid.DeflatedExplicitVRLittleEndian
    data = make_dicom(np.zeros((4, 4), np.uint8), photometric="MONOCHROME2", syntax=syntax)
    head = data[: 144 + int.from_bytes(data[140:144], "little")]
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bomb = head + squeeze.compress(bytes(megabytes * 2**20)) + squeeze.flush()
    with pytest.raises(ImageError):
        sound.read(bomb)


def test_a_closed_reader_leaves_no_process(skin: npt.NDArray[np.uint8]) -> None:
    reader = IsolatedReader()
    reader.read(png(skin))
    process = reader._worker._process if reader._worker else None
    reader.close()
    assert process is not None
    assert process.returncode is not None
    with pytest.raises(Cancelled):
        reader.read(png(skin))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_closing_ends_a_file_that_hangs_and_tells_whoever_waits_for_it(tmp_path: Path) -> None:
    # The worker says that it has the file, by opening a pipe that the test waits at, and hangs.
    pipe = tmp_path / "has it"
    os.mkfifo(pipe)
    reader = scripted(f"open({str(pipe)!r}, 'wb').close(); sys.stdin.buffer.read()")
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(reader.read, png())
        pipe.read_bytes()
        reader.close()
        with pytest.raises(Cancelled):
            waiting.result()


def test_a_worker_ends_with_the_program_that_started_it() -> None:
    command = isolated._worker_command()
    root = Path(worker.__file__).parents[2]
    ended = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, cwd=root, timeout=60, check=False
    )
    assert ended.returncode == 0
    assert ended.stdout.endswith(b'{"ready": true}')


def test_a_frozen_program_is_its_own_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert isolated._worker_command()[1:] == ["--decode-for-parent"]


def test_larger_files_have_more_time_up_to_a_limit() -> None:
    assert isolated.seconds_allowed(0) < isolated.seconds_allowed(10 * 2**20) < 60
    assert isolated.seconds_allowed(512 * 2**20) == 60
