"""The terminal as a script would use it: what is printed, written and returned."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, VLPhotographicImageStorage, generate_uid

from inference import cli
from inference.images import isolated, read
from inference.library.library import Library

HEADER = "image_id,lesion_id,dx,dx_type,age,sex,localization,split\n"
CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")


def _draw(seed: int) -> Image.Image:
    """Return a blot on skin; every seed has colours and a shape of its own."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:150, 0:200]
    radius = np.hypot(rows - 75, columns - 100) + 12 * np.sin(rows / rng.uniform(3, 20))
    blot = (radius < rng.uniform(20, 60))[..., None]
    pixels = np.where(blot, rng.integers(20, 160, 3), rng.integers(170, 240, 3))
    pixels = pixels + rng.normal(0, 5, (150, 200, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 20 pictures of 19 lesions in HAM10000's layout, and one row without a picture."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "images").mkdir()
    rows = []
    for i in range(20):
        _draw(i).save(folder / "images" / f"P{i}.jpg", quality=92)
        lesion = f"L{min(i, 18)}"
        split = "train" if i < 16 else "val"
        rows.append(f"P{i},{lesion},{CLASSES[min(i, 18) % 7]},histo,40,female,back,{split}\n")
    rows.append("P99,L99,nv,histo,40,male,back,train\n")
    (folder / "labels.csv").write_text(HEADER + "".join(rows))
    return folder


@pytest.fixture(scope="module")
def library(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dest = tmp_path_factory.mktemp("library") / "clinic"
    assert cli.main(["library", "build", str(source), str(dest)]) == 0
    return dest


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "query.jpg"
    _draw(500).save(path, quality=92)
    return path


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_build_tells_what_it_took_and_what_it_could_not(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["library", "build", str(source), str(tmp_path / "new")]) == 0
    said = capsys.readouterr()
    assert "20 pictures added" in said.out and "images per second" in said.out
    assert "rejected: P99.jpg: there is no such file" in said.err
    assert cli.main(["library", "build", str(source), str(tmp_path / "new")]) == 0
    assert "0 pictures added, 20 were there already" in capsys.readouterr().out


def test_build_takes_only_the_splits_asked_for(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dest = tmp_path / "val"
    assert cli.main(["library", "build", str(source), str(dest), "--split", "val"]) == 0
    capsys.readouterr()
    assert cli.main(["library", "info", str(dest), "--json"]) == 0
    (info,) = _lines(capsys)
    assert (info["images"], info["cases"], info["name"]) == (4, 3, "val")


def test_a_query_prints_the_record_that_its_format_promises(
    library: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["query", str(photo), "--library", str(library), "--json"]) == 0
    (record,) = _lines(capsys)
    assert record["format"] == 1 and record["query"] == str(photo)
    assert record["library"]["name"] == "clinic" and len(record["model"]["sha256"]) == 64
    assert sum(record["estimate"].values()) == pytest.approx(1, abs=1e-4)
    assert set(record["estimate"]) == set(CLASSES)
    assert set(record["milliseconds"]) == {"read", "encode", "search"}
    matches = record["matches"]
    assert [match["rank"] for match in matches] == list(range(1, 17))
    similarities = [match["similarity"] for match in matches]
    assert similarities == sorted(similarities, reverse=True)
    assert len({match["case"] for match in matches}) == 16
    assert {match["confirmation"] for match in matches} == {"histopathology"}


def test_a_query_searches_only_the_cases_it_is_limited_to(
    library: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["query", str(photo), "--library", str(library)]
    limits = ["--where", "diagnosis=mel,nv", "--where", "age=30-50", "--where", "sex=female"]
    assert cli.main([*asked, "--json"]) == 0
    (whole,) = _lines(capsys)
    assert "filter" not in whole and sum(whole["base_rates"].values()) == 19
    assert cli.main([*asked, *limits, "--json"]) == 0
    (record,) = _lines(capsys)
    assert record["filter"] == {"diagnosis": ["mel", "nv"], "sex": ["female"], "age": [[30, 50]]}
    assert record["base_rates"] == {"mel": 3, "nv": 2}
    assert len(record["matches"]) == 5
    assert [match["rank"] for match in record["matches"]] == [1, 2, 3, 4, 5]
    assert {match["diagnosis"] for match in record["matches"]} == {"mel", "nv"}
    assert record["plausibility"] == whole["plausibility"]
    assert cli.main([*asked, *limits]) == 0
    told = "searched: 5 cases that pass the filter (Melanoma 3, Melanocytic nevus 2)"
    assert told in capsys.readouterr().out


def test_a_filter_that_nothing_passes_is_no_error_and_one_that_means_nothing_is(
    library: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["query", str(photo), "--library", str(library), "--where"]
    assert cli.main([*asked, "age=90-"]) == 0
    assert "searched: 0 cases that pass the filter (none)" in capsys.readouterr().out
    assert cli.main([*asked, "colour=red"]) == 2
    assert "--where colour=red: this is not a condition on cases" in capsys.readouterr().err


@pytest.mark.parametrize("bits", [16, 64])
def test_a_query_can_be_searched_by_hash_codes(
    library: Path, photo: Path, capsys: pytest.CaptureFixture[str], bits: int
) -> None:
    asked = ["query", str(photo), "--library", str(library), "--search", f"hash{bits}"]
    assert cli.main([*asked, "--json"]) == 0
    (record,) = _lines(capsys)
    assert record["search"] == f"hash{bits}" and record["unsearched"] == 0
    ranking = [(match["distance"], -match["similarity"]) for match in record["matches"]]
    assert len(ranking) == 16 and ranking == sorted(ranking)
    assert 0 <= ranking[0][0] <= ranking[-1][0] <= bits
    assert cli.main(asked) == 0
    said = capsys.readouterr().out
    assert f"matches by hash codes of {bits} bits" in said
    assert f", {ranking[0][0]} bits differ" in said


def test_what_was_compared_is_in_the_record_and_must_make_sense(
    library: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["query", str(photo), "--library", str(library), "--json"]
    assert cli.main([*asked, "--search", "float", "-k", "1"]) == 0
    assert cli.main([*asked, "--region", "60,40,60,60", "-k", "1"]) == 0
    whole, region = _lines(capsys)
    assert (whole["search"], region["search"]) == ("float", "region")
    assert "distance" not in whole["matches"][0] and "unsearched" not in whole
    assert cli.main([*asked, "--search", "hash64", "--region", "60,40,60,60"]) == 2
    assert "not by hash codes" in capsys.readouterr().err
    assert cli.main([*asked, "--search", "hash48"]) == 2
    (failed,) = _lines(capsys)
    assert "gives no hash codes of 48 bits" in failed["error"]
    with pytest.raises(SystemExit):
        cli.main([*asked, "--search", "64"])
    assert "neither float nor hash" in capsys.readouterr().err


def test_a_picture_in_the_library_finds_itself_and_says_so(
    library: Path, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = source / "images" / "P4.jpg"
    assert cli.main(["query", str(picture), "--library", str(library), "--json"]) == 0
    (record,) = _lines(capsys)
    assert record["matches"][0]["image"] == "P4.jpg"
    assert record["matches"][0]["similarity"] == pytest.approx(1, abs=1e-4)
    assert "in_library" in record["flags"]


def _as_dicom(jpeg: Path, path: Path) -> Path:
    """Wrap a JPEG, bit for bit, into a DICOM photograph."""
    with Image.open(jpeg) as image:
        width, height = image.size
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    file.file_meta.MediaStorageSOPClassUID = file.SOPClassUID = VLPhotographicImageStorage
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID = generate_uid()
    file.Modality = "XC"
    file.Rows, file.Columns = height, width
    file.SamplesPerPixel, file.PhotometricInterpretation = 3, "YBR_FULL_422"
    file.BitsAllocated = file.BitsStored = 8
    file.HighBit, file.PixelRepresentation, file.PlanarConfiguration = 7, 0, 0
    file.PixelData = encapsulate([jpeg.read_bytes()])
    file["PixelData"].is_undefined_length = True
    file.save_as(path, enforce_file_format=True)
    return path


def test_the_same_picture_as_dicom_gives_the_same_matches(
    library: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dicom = _as_dicom(photo, photo.with_suffix(".dcm"))
    assert cli.main(["query", str(photo), str(dicom), "--library", str(library), "--json"]) == 0
    one, other = _lines(capsys)
    assert [m["image"] for m in one["matches"]] == [m["image"] for m in other["matches"]]
    for a, b in zip(one["matches"], other["matches"], strict=True):
        assert a["similarity"] == pytest.approx(b["similarity"], abs=1e-3)


def test_the_heatmap_is_the_picture_with_something_over_it(
    library: Path, photo: Path, tmp_path: Path
) -> None:
    out = tmp_path / "map.png"
    assert cli.main(["query", str(photo), "--library", str(library), "--heatmap", str(out)]) == 0
    with Image.open(out) as drawn, Image.open(photo) as plain:
        assert drawn.format == "PNG" and drawn.size == plain.size
        difference = np.abs(np.asarray(drawn).astype(int) - np.asarray(plain)).sum(axis=2)
    assert difference.max() > 60, "the map is seen"
    assert difference[:, :20].max() == 0, "and only inside the central square"


def test_a_query_by_region_says_where_each_match_holds_it(
    library: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["query", str(photo), "--library", str(library), "--region", "150,100,60,60"]
    assert cli.main(asked) == 0
    printed = capsys.readouterr().out
    assert "matches by region" in printed
    assert len(re.findall(r"jpg\) at \d+,\d+,\d+,\d+\n", printed)) == 16
    assert cli.main([*asked, "--json", "-k", "2"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["unsearched"] == 0 and len(record["matches"]) == 2
    for match in record["matches"]:
        left, top, width, height = match["where"]
        assert min(left, top) >= 0 and min(width, height) > 0


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        ("1,2,3", "not four numbers"),
        ("9000,0,10,10", "beside the picture"),
        ("10,10,0,5", "above 0"),
    ],
)
def test_a_region_that_cannot_be_read_is_told_before_anything_is_loaded(
    photo: Path, capsys: pytest.CaptureFixture[str], region: str, reason: str
) -> None:
    assert cli.main(["query", str(photo), "--library", "absent", "--region", region]) == 2
    said = capsys.readouterr().err
    assert reason in said and "120,80,60,60" in said and len(said.splitlines()) == 1


def test_evaluating_without_the_data_sets_says_what_to_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["evaluate", "ham10000", "regions"]) == 2
    assert "--data DIR" in capsys.readouterr().err


def test_heatmaps_of_several_pictures_are_numbered(
    library: Path, photo: Path, source: Path, tmp_path: Path
) -> None:
    pictures = [str(photo), str(source / "images" / "P1.jpg")]
    out = str(tmp_path / "map.png")
    assert cli.main(["query", *pictures, "--library", str(library), "--heatmap", out]) == 0
    assert sorted(path.name for path in tmp_path.glob("map*")) == ["map-1.png", "map-2.png"]


def test_a_bad_file_among_good_ones_is_told_and_the_rest_goes_on(
    library: Path, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a picture")
    arguments = ["query", str(text), str(photo), "--library", str(library), "--json"]
    assert cli.main(arguments) == 2
    bad, good = _lines(capsys)
    assert set(bad) == {"format", "query", "error"} and "notes.txt" in bad["error"]
    assert len(good["matches"]) == 16


def _huge_png() -> bytes:
    """Return the header of a 40,000 x 40,000 PNG with one row's worth of data."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(bytes(120_001)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rows + chunk(b"IEND", b"")


def _truncated_jpeg() -> bytes:
    out = io.BytesIO()
    _draw(1).save(out, "JPEG")
    return out.getvalue()[: len(out.getvalue()) // 2]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", b"some text\n" * 100),
        ("empty.jpg", b""),
        ("cut.jpg", _truncated_jpeg()),
        ("huge.png", _huge_png()),
    ],
)
def test_what_is_no_picture_gives_a_clear_error_and_exit_code_2(
    name: str, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert cli.main(["query", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"caselens: {name}: ") and len(said.err.splitlines()) == 1


def test_a_picture_that_crashes_its_decoder_does_not_end_the_command(
    photo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing = [sys.executable, "-c", "import os; os.abort()"]
    monkeypatch.setattr(isolated, "_worker_command", lambda: crashing)
    assert cli.main(["query", str(photo), str(photo)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert all(photo.name in line and "crashed" in line for line in told)


def test_formats_lists_what_is_read_and_why_not_the_rest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["formats"]) == 0
    lines = capsys.readouterr().out.splitlines()
    read = {line.split("  ")[1].strip(): line.split()[0] == "yes" for line in lines}
    kinds = ("JPEG", "TIFF", "RLE Lossless", "JPEG-LS Lossless Image Compression", "JPEG XL")
    assert all(read[kind] for kind in kinds)
    assert not read["HEIC"]
    film = next(line for line in lines if "MPEG2 Main Profile / Main Level" in line)
    assert film.startswith("no") and film.endswith("a film, not a picture")
    assert not [line for line in lines if "unknown to CaseLens" in line]


def test_pictures_are_written_without_whose_they_are(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "folder"
    bad = tmp_path / "notes.txt"
    bad.write_text("no picture")
    dicom = _as_dicom(photo, tmp_path / "DOE_JANE.dcm")
    command = ["deidentify", str(photo), str(bad), str(dicom), "--out", str(out)]
    assert cli.main([*command, "--box", "0,0,5,4"]) == 2
    told = capsys.readouterr()
    written = [Path(line.rpartition(": ")[2]) for line in told.out.splitlines()]
    assert sorted(path.suffix for path in written) == [".dcm", ".png"]
    assert set(written) == set(out.iterdir())
    assert not [path for path in written if "DOE" in path.name or photo.stem in path.name]
    assert "notes.txt: this is a text file" in told.err
    assert all(read(path).pixels[:4, :5].max() == 0 for path in written)
    with pytest.raises(SystemExit):
        cli.main([*command, "--box", "1,2"])
    capsys.readouterr()


@pytest.mark.parametrize("as_dicom", [False, True])
def test_picture_map_and_report_are_exported_and_open_again(
    as_dicom: bool, library: Path, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = _as_dicom(photo, tmp_path / "DOE_JANE.dcm") if as_dicom else photo
    out = tmp_path / "out"
    assert cli.main(["export", str(source), "--library", str(library), "--out", str(out)]) == 0
    capsys.readouterr()
    objects = {path.stem: dcmread(path) for path in out.iterdir()}
    assert set(objects) == {"picture", "map", "report"}
    assert len({dataset.StudyInstanceUID for dataset in objects.values()}) == 1
    assert not [dataset for dataset in objects.values() if dataset.PatientName]
    assert np.array_equal(read(out / "picture.dcm").pixels, read(photo).pixels)
    assert read(out / "map.dcm").pixels.shape == read(photo).pixels.shape
    assert objects["report"].SOPClassUID.name == "Comprehensive SR Storage"


def test_a_folder_that_is_no_library_is_told(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["query", str(photo), "--library", str(tmp_path)]) == 2
    assert "not a CaseLens library" in capsys.readouterr().err


def test_every_picture_gets_its_line_whatever_fails(
    photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = str(tmp_path / "gone")
    assert cli.main(["query", str(photo), str(photo), "--library", gone, "--json"]) == 2
    one, other = _lines(capsys)
    assert one == other and "gone" in one["error"]


def test_a_number_of_matches_must_be_one(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for bad in ("0", "-3", "abc"):
        with pytest.raises(SystemExit) as stopped:
            cli.main(["query", str(photo), "-k", bad])
        assert stopped.value.code == 2
        assert "not a number of at least 1" in capsys.readouterr().err


def test_a_build_that_takes_nothing_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "source" / "images").mkdir(parents=True)
    (tmp_path / "source" / "labels.csv").write_text(HEADER + "P1,L1,nv,histo,,,,train\n")
    dest = tmp_path / "library"
    assert cli.main(["library", "build", str(tmp_path / "source"), str(dest)]) == 2
    assert "P1" in capsys.readouterr().err


def test_a_reader_that_leaves_early_is_no_error_of_ours(library: Path, photo: Path) -> None:
    root = Path(cli.__file__).resolve().parent.parent
    command = [sys.executable, "-m", "inference.cli", "query", *[str(photo)] * 3]
    process = subprocess.Popen(
        [*command, "--library", str(library), "--json"], cwd=root, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=120) == 141 and said == ""


def test_a_heatmap_that_cannot_be_written_is_told(
    library: Path, photo: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "absent" / "map.png"
    arguments = ["query", str(photo), "--library", str(library), "--heatmap", str(out)]
    assert cli.main(arguments) == 2
    assert "map.png" in capsys.readouterr().err
    arguments[-1] = "."
    assert cli.main(arguments) == 2
    assert "not a file name" in capsys.readouterr().err


def test_ctrl_c_stops_cleanly_and_the_next_build_goes_on(tmp_path: Path) -> None:
    source, dest = tmp_path / "source", tmp_path / "library"
    (source / "images").mkdir(parents=True)
    rows = []
    for i in range(600):
        _draw(i).save(source / "images" / f"P{i}.png", compress_level=1)
        rows.append(f"P{i},L{i},nv,histo,,,,train\n")
    (source / "labels.csv").write_text(HEADER + "".join(rows))
    command = [sys.executable, "-m", "inference.cli", "library", "build", str(source), str(dest)]
    root = Path(cli.__file__).resolve().parent.parent
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    thumbs = dest / "images"
    while process.poll() is None and not (thumbs.is_dir() and any(thumbs.rglob("*.png"))):
        time.sleep(0.01)  # until the first pictures are kept; bounded by the process's own end
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 130 and "goes on from there" in said
    with Library.open(dest) as library:
        kept = library.info()
    assert 0 < kept.embedded < 600 and kept.embedded == kept.images
    assert cli.main(["library", "build", str(source), str(dest)]) == 0
    with Library.open(dest) as library:
        assert library.info().embedded == 600
