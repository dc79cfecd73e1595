"""The program as it is started: options, exit codes, and a picture without a display."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from viewer.options import Options, parse

ROOT = Path(__file__).resolve().parents[2]


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "viewer", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_options_are_read() -> None:
    line = "a.png b --library L --theme dark --picture o.png --size 1200x800 --scale 2"

    assert parse([*line.split(), "--compare", "3"]) == Options(
        files=(Path("a.png"), Path("b")),
        library=Path("L"),
        picture=Path("o.png"),
        compare=3,
        theme="dark",
        size=(1200, 800),
        scale=2.0,
    )
    assert parse([]) == Options()


@pytest.mark.parametrize(
    "line", ["--size big", "--size 10x10", "--scale 9", "--scale x", "--demo --library L"]
)
def test_an_option_that_makes_no_sense_ends_with_code_2(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(line.split())

    assert ended.value.code == 2
    assert "caselens-viewer: error:" in capsys.readouterr().err


def test_onnxruntime_is_loaded_before_qt() -> None:
    # The other way round their libraries clash on Windows.
    code = (
        "import sys, viewer.program; names = list(sys.modules);"
        "print(names.index('onnxruntime') < names.index('PySide6'))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert ended.stdout.strip() == "True"


def test_the_demonstration_draws_its_window_without_a_display(tmp_path: Path) -> None:
    out = tmp_path / "window.png"
    ended = start("--demo", "--picture", str(out), "--theme", "dark", "--scale", "2")

    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    ranks = [line.split()[0] for line in lines[2:18]]
    assert ranks == [str(rank) for rank in range(1, 17)]
    assert all("Computer-drawn phantom" in line for line in lines[2:18])
    assert "Research and education, not a diagnosis" in lines
    image = QImage(str(out))
    assert (image.width(), image.height()) == (2732, 1536)
    # Pictures were painted, not only words: skin has many colours, the dark theme few.
    colours = {image.pixel(x, y) for x in range(0, 2732, 12) for y in range(0, 1536, 12)}
    assert len(colours) > 2000


def test_the_picture_can_show_one_match_beside_the_query(tmp_path: Path) -> None:
    gallery, pair = tmp_path / "gallery.png", tmp_path / "pair.png"
    assert start("--demo", "--picture", str(gallery)).returncode == 0
    assert start("--demo", "--picture", str(pair), "--compare", "2").returncode == 0
    # Where the gallery's third column was, the case's picture is now: skin, not grey words.
    image = QImage(str(pair))
    colours = {image.pixel(x, y) for x in range(760, 1300, 6) for y in range(120, 500, 6)}
    assert len(colours) > 1000
    assert QImage(str(gallery)) != image

    ended = start("--demo", "--picture", str(pair), "--compare", "99")
    assert ended.returncode == 2 and "no match 99" in ended.stderr


def test_a_file_that_is_no_picture_ends_with_code_2_and_its_reason(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("words")
    ended = start(str(text), "--demo", "--picture", str(tmp_path / "window.png"))

    assert ended.returncode == 2
    assert ended.stderr.startswith("notes.txt: this is a text file")
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "window.png").exists()


def test_a_picture_without_a_query_says_what_to_add(tmp_path: Path) -> None:
    ended = start("--picture", str(tmp_path / "window.png"))

    assert ended.returncode == 2
    assert "add --demo" in ended.stderr
