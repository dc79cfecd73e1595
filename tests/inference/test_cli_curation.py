"""A library's cases searched, changed and put back from the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inference import cli
from inference.images import MedicalImage
from inference.library.build import build
from inference.library.library import Library
from inference.library.source import read_source

HEADER = "image_id,lesion_id,dx,dx_type,age,sex,localization,source\n"


@dataclass(frozen=True)
class _Manifest:
    """As much as a build asks for."""

    sha256: str = "c" * 64
    maps: tuple[str, ...] = ()
    bits: tuple[int, ...] = ()


class _Encoder:
    """Describes a picture by its mean colours; no model is needed to curate."""

    manifest = _Manifest()

    def prepare(self, image: MedicalImage) -> np.ndarray:
        """Return uint8 (2, 2, 3)."""
        return np.asarray(Image.fromarray(image.pixels).resize((2, 2)), np.uint8)

    def describe(
        self, prepared: np.ndarray
    ) -> tuple[np.ndarray, dict[str, np.ndarray], dict[int, np.ndarray]]:
        """Return float32 (n, 12) of length 1, no maps and no codes."""
        flat = prepared.reshape(len(prepared), -1).astype(np.float32) + 1
        return flat / np.linalg.norm(flat, axis=1, keepdims=True), {}, {}


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Six pictures of five lesions."""
    source = tmp_path / "clinic"
    (source / "images").mkdir(parents=True)
    rng = np.random.default_rng(4)
    rows = []
    for i in range(6):
        pixels = rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(source / "images" / f"P{i}.png")
        rows.append(f"P{i},L{i % 5},{('nv', 'mel')[i % 5 % 2]},histo,40,female,back,clinic\n")
    (source / "labels.csv").write_text(HEADER + "".join(rows))
    with Library.create(tmp_path / "library", "Clinic") as library:
        build(library, read_source(source), _Encoder())
    return tmp_path / "library"


@pytest.fixture
def run(library: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("edit", "L3", ...)``: exit code, output and errors of a command on the library."""

    def call(action: str, *words: str) -> tuple[int, str, str]:
        code = cli.main(["library", action, str(library), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def _record(output: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(output)
    return record


def test_a_case_is_edited_found_and_put_back(run: Run) -> None:
    code, out, _ = run(
        "edit", "L1", "--tag", "+teaching", "--tag", "old one", "--note", "grew", "--age", "",
        "--follow-up", "2026-03-31", "--who", "Dr A",
    )  # fmt: skip
    assert code == 0 and "Written as change" in out and "[old one, teaching]" in out
    assert run("edit", "2", "--tag", "-OLD ONE", "--follow-up", "-2026-03-31")[0] == 0
    record = _record(run("show", "L1", "--json")[1])
    assert (record["id"], record["tags"], record["note"], record["age"], record["follow_ups"]) == (
        2, ["teaching"], "grew", None, [],
    )  # fmt: skip
    assert record["image_names"] == ["P1.png"]
    assert "Melanoma" in run("search", "teach")[1]
    assert run("search", "P1.png")[1] == run("search", "teach")[1]
    assert run("search", "nobody", "knows")[1:] == ("", "No case has all of these words.\n")
    found = [_record(line)["id"] for line in run("search", "mel", "--json")[1].splitlines()]
    assert sorted(found[:2]) == [2, 4], "melanoma before melanocytic nevi"
    run("undo")
    run("undo")
    record = _record(run("show", "2", "--json")[1])
    assert (record["tags"], record["note"], record["age"]) == ([], "", 40.0)
    assert run("edit", "2", "--site", "back")[1].endswith("Nothing was changed.\n")


def test_history_names_the_changes_and_what_was_taken_back(run: Run) -> None:
    run("delete", "L3", "2", "--who", "Dr A")
    assert "deleted pictures are kept" in run("info")[1]
    code, out, _ = run("undo", "--who", "Dr B")
    assert code == 0 and out.startswith("Taken back:") and "delete 2 pictures of 2 cases" in out
    newest, second, *_ = run("history")[1].splitlines()
    assert "Dr B: undo" in newest and "Dr A: delete 2 pictures" in second
    assert second.endswith(f"(taken back by {newest.split()[0]})")
    first = _record(run("history", "--json", "--limit", "1")[1])
    assert (first["action"], first["who"]) == ("undo", "Dr B")


def test_pictures_are_deleted_merged_and_purged(run: Run) -> None:
    assert run("delete", "--image", "6")[0] == 0
    assert _record(run("show", "L0", "--json")[1])["images"] == [1]
    assert "1 picture forgotten" in run("purge")[1]
    assert "L2" in run("merge", "L0", "L2")[1]
    assert _record(run("show", "L0", "--json")[1])["lesion"] == "L2"
    out = run("show", "L0")[1]
    assert "picture 1" in out and "confirmed by Histopathology" in out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("show", "L77"), "it has no case L77"),
        (("show", "77"), "it has no case 77"),
        (("delete",), "nothing to delete is named"),
        (("delete", "--image", "99"), "image 99: it is not in the library"),
        (("edit", "1", "--age", "old"), "'old' is not a number"),
        (("edit", "1", "--follow-up", "soon"), "'soon' is not a day"),
        (("edit", "1", "--confirmation", "guess"), "no way to confirm"),
        (("merge", "L0", "L1"), "its diagnosis is nv"),
        (("undo", "1"), "cannot be taken back"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    run: Run, words: tuple[str, ...], reason: str
) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert reason in err and err.count("\n") == 1


def test_a_library_is_verified_and_repaired(run: Run, library: Path) -> None:
    assert run("verify")[:2] == (0, "The library is sound.\n")
    next(library.glob("thumbs/*/*")).unlink()
    code, out, _ = run("verify")
    assert code == 1 and "To repair: make it from the picture." in out
    code, out, _ = run("verify", "--json", "--quick")
    assert (code, _record(out)["kind"], _record(out)["repaired"]) == (1, "thumbnail", False)
    code, out, _ = run("verify", "--repair")
    assert code == 0 and "Repaired: make it" in out and "sound again" in out
    assert run("verify", "--json")[:2] == (0, "")


def test_a_library_is_backed_up_and_restored(
    run: Run, library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "clinic.backup"
    code, out, _ = run("backup", str(file))
    assert code == 0 and out.startswith("6 pictures and the database are in ")
    again = tmp_path / "again"
    assert cli.main(["library", "restore", str(file), str(again)]) == 0
    capsys.readouterr()
    assert cli.main(["library", "show", str(again), "L3", "--json"]) == 0
    assert capsys.readouterr().out == run("show", "L3", "--json")[1]
    assert cli.main(["library", "restore", str(file), str(library)]) == 2
    assert "there is something already" in capsys.readouterr().err


def test_copies_under_another_lesion_are_listed(run: Run, library: Path, tmp_path: Path) -> None:
    assert run("duplicates")[1].startswith("0 pairs.")
    source = tmp_path / "again"
    (source / "images").mkdir(parents=True)
    with Image.open(tmp_path / "clinic" / "images" / "P3.png") as picture:
        picture.rotate(90).save(source / "images" / "Q.png")
    (source / "labels.csv").write_text(HEADER + "Q,M3,mel,histo,40,female,back,clinic\n")
    with Library.open(library) as opened:
        build(opened, read_source(source), _Encoder())
    out = run("duplicates")[1]
    assert "case 4 (L3, mel) P3.png   case 6 (M3, mel) Q.png" in out and "1 pair." in out
    pair = _record(run("duplicates", "--json")[1])
    assert (pair["first"], pair["second"], pair["cases"]) == (4, 7, [4, 6])
