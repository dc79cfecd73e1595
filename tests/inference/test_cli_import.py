"""``caselens library import`` as a script would use it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from inference import cli
from inference.library.library import Library
from tests.inference.library.layouts.conftest import draw, write, write_ham10000


@pytest.fixture
def ham(tmp_path: Path) -> Path:
    """HAM10000 as downloaded, with one row whose picture is missing."""
    folder = write_ham10000(tmp_path / "ham")
    with (folder / "HAM10000_metadata.csv").open("a") as file:
        file.write("HAM_1,ISIC_99,nv,histo,50,male,back\n")
    return folder


def run(*words: str | Path) -> int:
    """Run the command and return its exit code."""
    return cli.main(["library", "import", *map(str, words)])


def test_dry_run_says_what_would_be_done_and_changes_nothing(
    ham: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ham, tmp_path / "new", "--dry-run") == 0
    said = capsys.readouterr()
    assert "Taken for HAM10000 as downloaded. Nothing has been changed." in said.out
    assert "4 pictures of 3 cases" in said.out and "1 rejected" in said.out
    assert "ISIC_0027419.jpg, lesion HAM_0000118: Benign keratosis, Histopathology" in said.out
    assert "rejected: HAM10000_metadata.csv, line 6, ISIC_99: its picture is not there" in said.err
    assert not (tmp_path / "new").exists()


def test_dry_run_prints_one_json_object(
    ham: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ham, tmp_path / "new", "--dry-run", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["layout"], record["pictures"], len(record["rejected"])) == ("ham10000", 4, 1)


def test_import_fills_a_library_reports_what_it_left_and_continues(
    ham: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = shutil.make_archive(str(tmp_path / "dataverse"), "zip", ham)
    dest, report = tmp_path / "clinic", tmp_path / "left.csv"
    assert run(archive, dest, "--name", "Ours", "--report", report) == 0
    said = capsys.readouterr()
    assert "Taken for HAM10000 as downloaded: 4 pictures." in said.out
    assert "4 pictures added" in said.out
    assert "ISIC_99: its picture is not there" in said.err
    with report.open(encoding="utf-8-sig", newline="") as file:
        assert [row["picture"] for row in csv.DictReader(file)] == ["ISIC_99"]
    with Library.open(dest) as library:
        info = library.info()
    assert (info.name, info.images, info.cases) == ("Ours", 4, 3)
    assert run(archive, dest) == 0
    assert "0 pictures added, 4 were there already" in capsys.readouterr().out
    assert run(archive, dest, "--dry-run") == 0
    assert "4 are in the library already" in capsys.readouterr().out
    assert not list(tmp_path.glob(".caselens-import-*"))


def test_report_that_cannot_be_written_is_told_of_before_the_work(
    ham: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ham, tmp_path / "new", "--report", tmp_path / "nowhere" / "left.csv") == 2
    assert "left.csv" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_columns_and_layout_can_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "clinic"
    write(folder / "list.csv", "no,Dx", "a,mel")
    draw(folder / "a.jpg")
    dest = tmp_path / "new"
    assert run(folder, dest, "--dry-run", "--columns", "picture=no,diagnosis=Dx") == 0
    said = capsys.readouterr().out
    assert "column picture = no" in said and "column diagnosis = Dx" in said
    assert run(folder, dest, "--dry-run", "--layout", "folders") == 2
    with pytest.raises(SystemExit):
        run(folder, dest, "--columns", "picture")
    assert "not of the form ours=theirs" in capsys.readouterr().err


def test_archive_without_a_usable_picture_makes_no_library(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "clinic" / "list.csv", "image,dx", "gone,nv")
    assert run(tmp_path / "clinic", tmp_path / "new") == 2
    said = capsys.readouterr().err
    assert "rejected: list.csv, line 2, gone: its picture is not there" in said
    assert "it holds no picture that can be taken" in said
    assert not (tmp_path / "new").exists()
