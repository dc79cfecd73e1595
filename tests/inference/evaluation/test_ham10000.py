"""The protocol picks the right pictures, and its figures follow from the neighbours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.encoder import Encoder
from inference.errors import CaseLensError
from inference.evaluation import ham10000

CLASSES = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
HEADER = "image_id,lesion_id,dx,dx_type,age,sex,localization,frame,split,s1_query,s1_clean\n"
TONES = {"mel": (40, 30, 30), "vasc": (200, 30, 60), "nv": (150, 100, 70)}


def _data(folder: Path) -> Path:
    """Draw a data set in which colour is the class: 3 classes, 9 gallery lesions, 4 queries."""
    (folder / "images").mkdir(parents=True)
    rows = []
    rng = np.random.default_rng(0)
    wanted = [(dx, "train", 0, 0) for dx in TONES for _ in range(2)]
    wanted += [(dx, "val", 0, 0) for dx in TONES]
    wanted += [("mel", "test", 1, 1), ("vasc", "test", 1, 0), ("nv", "test", 1, 1)]
    wanted += [("nv", "test", 0, 0), ("nv", "test", 1, 1)]
    for i, (dx, split, query, clean) in enumerate(wanted):
        noise = rng.normal(0, 6, (64, 64, 3))
        pixels = np.clip(np.array(TONES[dx]) + noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"I{i}.jpg", quality=95)
        rows.append(f"I{i},L{i},{dx},histo,50,male,back,centre square,{split},{query},{clean}\n")
    (folder / "labels.csv").write_text(HEADER + "".join(rows))
    return folder


def test_queries_and_gallery_are_those_of_the_protocol(tmp_path: Path) -> None:
    data = _data(tmp_path / "ham10000")
    for folder in (data, data.parent):
        queries, gallery = ham10000.read_pictures(folder, CLASSES)
        assert [path.stem for path in queries.paths] == ["I9", "I10", "I11", "I13"]
        assert [path.stem for path in gallery.paths] == [f"I{i}" for i in range(9)]
        assert queries.clean.tolist() == [True, False, True, True]
        assert not set(queries.lesions) & set(gallery.lesions)


def test_the_whole_protocol_runs_on_pictures_that_colour_tells_apart(tmp_path: Path) -> None:
    retrieval = ham10000.retrieve(_data(tmp_path / "data"), Encoder.load(threads=1))
    figures = ham10000.figures(retrieval, resamples=20)
    assert figures["macro_p_at_1"].value == 1.0
    assert figures["macro_p_at_1"].n == 4 and figures["macro_p_at_1_clean"].n == 3
    assert set(figures) == {
        *(f"macro_p_at_{k}" for k in (1, 3, 6, 9)),
        *(f"macro_p_at_{k}_clean" for k in (1, 3, 6, 9)),
        "map", "bma_classifier", "bma_vote6", "malignancy_auc_vote9",
    }  # fmt: skip


def test_figures_follow_from_the_neighbours() -> None:
    """Two classes, nv (5) and mel (4); neighbours written down, figures worked out by hand."""
    queries = ham10000.Pictures(
        paths=[Path("a"), Path("b"), Path("c")], lesions=["a", "b", "c"],
        labels=np.array([5, 5, 4]), clean=np.array([True, True, True]),
    )  # fmt: skip
    neighbours = np.array([[5] * 9, [4, 5, 5, 4, 4, 4, 5, 5, 5], [4, 4, 4, 5, 5, 5, 5, 5, 5]])
    logits = np.zeros((3, 7), np.float32)
    logits[[0, 1, 2], [5, 5, 5]] = 1
    malignant = np.array([c in ("akiec", "bcc", "mel") for c in CLASSES])
    retrieval = ham10000.Retrieval(queries, logits, neighbours, malignant)
    figures = ham10000.figures(retrieval, resamples=10)
    assert figures["macro_p_at_1"].value == pytest.approx((0.5 + 1) / 2)
    assert figures["macro_p_at_6"].value == pytest.approx(((1 + 2 / 6) / 2 + 0.5) / 2)
    assert figures["bma_classifier"].value == pytest.approx((1 + 0) / 2)
    # six votes: nv; mel (4 of 6); a tie of three each, which goes to the nearest, mel
    assert figures["bma_vote6"].value == pytest.approx((0.5 + 1) / 2)
    # malignant share of nine: 0, 4/9 and, for the melanoma, 3/9: it beats one of two nevi
    assert figures["malignancy_auc_vote9"].value == pytest.approx(0.5)


def test_a_folder_without_the_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(CaseLensError, match=r"labels\.csv"):
        ham10000.read_pictures(tmp_path, CLASSES)


def test_a_foreign_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("image_id,dx\nI1,nv\n")
    with pytest.raises(CaseLensError, match="s1_query"):
        ham10000.read_pictures(tmp_path, CLASSES)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (HEADER + "I1,L1,wart,histo,50,male,back,centre square,test,1,1\n", "wart"),
        (HEADER + "I1,L1,nv,histo,50,male,back,centre square,train,0,0\n", "no queries"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(content: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(content)
    with pytest.raises(CaseLensError, match=reason):
        ham10000.read_pictures(tmp_path, CLASSES)


def test_a_table_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(HEADER.encode("utf-16"))
    with pytest.raises(CaseLensError, match="UTF-8"):
        ham10000.read_pictures(tmp_path, CLASSES)
