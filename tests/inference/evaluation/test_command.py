"""``caselens evaluate`` as a script would use it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference import cli
from inference.encoder import Brief, Encoder
from tests.inference.evaluation import archives

Pixels = npt.NDArray[np.uint8]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write HAM10000 and Derm7pt, and have the terminal load the encoder that sees colours."""
    monkeypatch.setattr(Encoder, "load", lambda *_, **__: archives.ColourEncoder())
    archives.ham10000(tmp_path / "ham10000")
    rows = [("D0,nv,test", "nv"), ("D1,mel,test", "nv"), ("D2,other,test", "nv")]
    archives.archive(tmp_path / "derm7pt", "image_id,label,split\n", rows)
    return tmp_path


def test_one_protocol_gives_its_figures(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = data / "figures.json"
    assert cli.main(["evaluate", "ham10000", "--data", str(data), "--json", str(file)]) == 0
    figures = json.loads(file.read_text())
    assert figures["macro_p_at_1"]["value"] == pytest.approx(6.5 / 7)
    assert set(figures["macro_p_at_1"]) == {"value", "low", "high", "n"}
    shown = capsys.readouterr().out
    assert "14 pictures against 84 lesions" in shown
    assert "macro_p_at_1  " in shown and "0.929" in shown


def test_several_protocols_share_one_encoding_of_the_gallery(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    class Counted(archives.ColourEncoder):
        def brief(self, prepared: Pixels) -> Brief:
            seen.append(len(prepared))
            return super().brief(prepared)

    monkeypatch.setattr(Encoder, "load", lambda *_, **__: Counted())
    file = data / "figures.json"
    asked = ["evaluate", "ham10000", "derm7pt", "--data", str(data), "--json", str(file)]
    assert cli.main(asked) == 0
    assert sum(seen) == 84 + 14 + 2
    figures = json.loads(file.read_text())
    assert list(figures) == ["ham10000", "derm7pt"]
    assert figures["derm7pt"]["macro_p_at_1"]["value"] == pytest.approx(0.5)
    assert figures["derm7pt"]["macro_p_at_1_ratio"]["value"] == pytest.approx(0.5 / 0.75)
    shown = capsys.readouterr().out
    assert "Derm7pt, test split: 2 pictures against 84 lesions" in shown
    assert "ratio 0.667" in shown


def test_strangers_are_told_from_dermoscopy_where_their_data_sets_are(data: Path) -> None:
    """15 test pictures of which none looks strange; 1 of 2 scans and 1 of 4 photos does."""
    file = data / "figures.json"
    asked = ["evaluate", "ham10000", "--data", str(data), "--json", str(file)]
    assert cli.main(asked) == 0
    assert "auroc_other_modalities" not in json.loads(file.read_text())
    photos = [("P0,a", "stranger"), ("P1,b", "nv"), ("P2,c", "mel"), ("P3,d", "mel")]
    archives.archive(data / "pad_ufes20", "image_id,patient_id\n", photos)
    scans = data / "multimodal"
    for name, look in (("x", "stranger"), ("y", "nv")):
        archives.draw(scans / "xray__hand" / f"{name}.jpg", look)
    (scans / "labels.csv").write_text(
        "file,modality,class,split,group_id\n"
        "xray__hand/x.jpg,xray,hand,test,g0\nxray__hand/y.jpg,xray,hand,test,g1\n"
    )
    assert cli.main(asked) == 0
    figures = json.loads(file.read_text())
    assert figures["auroc_other_modalities"]["value"] == pytest.approx(0.75)
    assert figures["auroc_clinical_photos"]["value"] == pytest.approx(0.625)
    assert figures["auroc_clinical_photos"]["n"] == 15 + 4


def test_tables_are_written_as_markdown(data: Path) -> None:
    file = data / "tables.md"
    own = data / "ham10000"
    assert cli.main(["evaluate", "ham10000", "--data", str(own), "--tables", str(file)]) == 0
    text = file.read_text()
    assert text.startswith("### By class\n")
    assert "### By body site\n" in text
    assert "| Melanoma | 2 | .500" in text


def test_any_model_of_any_folder_can_be_measured(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Path, str]] = []

    def load(folder: Path, *, name: str) -> archives.ColourEncoder:
        asked.append((folder, name))
        return archives.ColourEncoder()

    monkeypatch.setattr(Encoder, "load", load)
    line = ["evaluate", "ham10000", "--data", str(data), "--models", str(data), "--encoder", "two"]
    assert cli.main(line) == 0
    assert asked == [(data, "two")]


def test_a_missing_data_set_stops_before_anything_is_encoded(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(archives.ColourEncoder, "prepare")
    assert cli.main(["evaluate", "ham10000", "isic2017", "--data", str(data)]) == 2
    told = capsys.readouterr().err
    assert "isic2017" in told and "--data" in told


def test_an_unknown_protocol_is_refused_with_those_there_are(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["evaluate", "imagenet", "--data", str(data)])
    assert "isic2017" in capsys.readouterr().err
