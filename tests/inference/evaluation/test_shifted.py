"""Other archives' queries: which pictures are asked, figures, and ratios to HAM10000's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.errors import CaseLensError
from inference.evaluation import shifted
from inference.evaluation.figures import Figure
from inference.evaluation.protocols import Session
from inference.evaluation.shifted import QUERY_SETS
from tests.inference.evaluation import archives
from tests.inference.evaluation.archives import CLASSES


def isic2017(data: Path) -> Path:
    """Write five test pictures: both melanomas look like nevi."""
    wanted = [("nv", "nv"), ("nv", "nv"), ("mel", "nv"), ("mel", "nv"), ("bkl", "bkl")]
    rows = [(f"S{i},{word},,test,0,x", look) for i, (word, look) in enumerate(wanted)]
    rows.append(("S9,mel,,train,1,x", "mel"))
    header = "image_id,label,lesion_id,split,melanoma_flag,label_from\n"
    return archives.archive(data / "isic2017", header, rows)


def pad_ufes20(data: Path) -> Path:
    """Write photos of three patients, types I, II and V, one without a type, and a carcinoma."""
    rows = [
        ("P0,nv,ann,1.0", "nv"),
        ("P1,bcc,ann,1.0", "bcc"),
        ("P2,bcc,ben,2.0", "nv"),
        ("P3,nv,eve,5.0", "bcc"),
        ("P4,nv,dan,", "nv"),
        ("P5,scc,ann,1.0", archives.STRANGER),
    ]
    return archives.archive(data / "pad_ufes20", "image_id,label,patient_id,fitzpatrick\n", rows)


def _result(name: str, data: Path) -> dict[str, Figure]:
    archives.ham10000(data / "ham10000")
    session = Session.prepare([name], data, archives.ColourEncoder())
    return session.result(name, resamples=30).figures


def test_only_the_test_split_is_asked(tmp_path: Path) -> None:
    isic2017(tmp_path)
    queries = shifted.read_queries(tmp_path, QUERY_SETS["isic2017"], CLASSES)
    assert [path.stem for path in queries.paths] == ["S0", "S1", "S2", "S3", "S4"]
    assert queries.groups == ["S0", "S1", "S2", "S3", "S4"]


def test_ratios_are_to_ham10000s_queries_of_the_same_classes(tmp_path: Path) -> None:
    """Classes nv, mel, bkl: HAM10000's queries reach (1 + .5 + 1) / 3, these (1 + 0 + 1) / 3."""
    isic2017(tmp_path)
    found = _result("isic2017", tmp_path)
    for name in ("macro_p_at_1", "macro_p_at_9", "bma_classifier", "bma_vote6"):
        assert found[name].value == pytest.approx(2 / 3)
        assert found[f"{name}_ratio"].value == pytest.approx((2 / 3) / (2.5 / 3))
        assert found[name].n == found[f"{name}_ratio"].n == 5
    # both melanomas tie with the three benign pictures; in HAM10000 one of two does with four
    assert found["malignancy_auc_vote9"].value == pytest.approx(0.5)
    assert found["malignancy_auc_vote9_ratio"].value == pytest.approx(0.5 / 0.75)
    # .9 sure, 3 of 5 right; in HAM10000's six, 5 are
    assert found["ece"].value == pytest.approx(0.3, abs=1e-6)
    assert found["ece_ratio"].value == pytest.approx(0.3 / (0.9 - 5 / 6), rel=1e-4)
    assert set(found) == {
        f"{name}{suffix}"
        for name in ("map", "bma_classifier", "bma_vote6", "malignancy_auc_vote9", "ece",
                     *(f"macro_p_at_{k}" for k in (1, 3, 6, 9)))
        for suffix in ("", "_ratio")
    }  # fmt: skip


def test_the_interval_of_a_ratio_holds_the_uncertainty_of_both_sides(tmp_path: Path) -> None:
    """These melanomas are all wrong, so only HAM10000's draws move: 0, .5 or 1 of its two."""
    isic2017(tmp_path)
    found = _result("isic2017", tmp_path)
    one, ratio = found["macro_p_at_1"], found["macro_p_at_1_ratio"]
    assert one.low == one.high == pytest.approx(2 / 3)
    assert (ratio.low, ratio.high) == pytest.approx((2 / 3, 1.0))


def test_photos_are_asked_by_patient_without_the_class_that_the_model_lacks(
    tmp_path: Path,
) -> None:
    pad_ufes20(tmp_path)
    queries = shifted.read_queries(tmp_path, QUERY_SETS["pad_ufes20"], CLASSES)
    assert [path.stem for path in queries.paths] == ["P0", "P1", "P2", "P3", "P4"]
    assert queries.groups == ["ann", "ann", "ben", "eve", "dan"]


def test_skin_types_are_told_apart_where_there_are_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shifted, "FEWEST", 3)
    pad_ufes20(tmp_path)
    found = _result("pad_ufes20", tmp_path)
    assert found["macro_p_at_1"].value == pytest.approx((2 / 3 + 1 / 2) / 2)
    light = found["macro_p_at_1_fitzpatrick_1_2"]
    assert light.value == pytest.approx((1 + 1 / 2) / 2)
    assert light.n == 3
    # HAM10000's nevi and basal cell carcinomas are all right
    assert found["macro_p_at_1_fitzpatrick_1_2_ratio"].value == pytest.approx(0.75)
    assert not [name for name in found if "fitzpatrick_3" in name or "fitzpatrick_4" in name]


def test_a_subset_of_one_kind_has_no_malignancy_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shifted, "FEWEST", 1)
    pad_ufes20(tmp_path)
    found = _result("pad_ufes20", tmp_path)
    assert found["bma_classifier_fitzpatrick_4_6"].value == 0.0
    assert "malignancy_auc_vote9_fitzpatrick_4_6" not in found


def test_a_diagnosis_that_nobody_foresaw_is_told(tmp_path: Path) -> None:
    archives.archive(
        tmp_path / "derm7pt",
        "image_id,label,split\n",
        [("D0,other,test", "nv"), ("D1,wart,test", "nv")],
    )
    with pytest.raises(CaseLensError, match="wart"):
        shifted.read_queries(tmp_path, QUERY_SETS["derm7pt"], CLASSES)


def test_a_table_without_test_pictures_is_told(tmp_path: Path) -> None:
    archives.archive(tmp_path / "derm7pt", "image_id,label,split\n", [("D0,other,test", "nv")])
    with pytest.raises(CaseLensError, match=r"derm7pt.labels\.csv: it holds no picture"):
        shifted.read_queries(tmp_path, QUERY_SETS["derm7pt"], CLASSES)


@pytest.mark.parametrize("name", list(QUERY_SETS))
def test_a_missing_archive_is_told_with_what_to_do(name: str, tmp_path: Path) -> None:
    with pytest.raises(CaseLensError, match=rf"{name}.labels\.csv: .*folder {name}.*--data"):
        shifted.read_queries(tmp_path, QUERY_SETS[name], CLASSES)


def test_the_real_archives_hold_what_the_protocols_expect(real_data: Path) -> None:
    """Counts from the tables: 600 and 378 test pictures, 8 of them of other diagnoses; 26 scc."""
    counts = {
        name: len(shifted.read_queries(real_data, query_set, CLASSES).paths)
        for name, query_set in QUERY_SETS.items()
    }
    assert counts == {"isic2017": 600, "derm7pt": 370, "pad_ufes20": 748}
