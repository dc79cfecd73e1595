"""Which pictures are strangers to dermoscopy, and what a score of familiarity is worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from inference.errors import CaseLensError
from inference.evaluation import outliers
from inference.evaluation.outliers import Files

SCANS = "file,modality,class,split,group_id\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Write the three tables; the pictures are never opened."""
    tables = {
        "ham10000": "image_id,lesion_id,split\nH0,L0,test\nH1,L0,test\nH2,L1,train\n",
        "multimodal": SCANS
        + "x/a.jpg,xray,hand,test,g0\nx/b.jpg,xray,hand,train,g1\n"
        + "d/c.jpg,dermoscopy,skin_lesion,test,g2\np/d.jpg,photo,clinical_skin_lesion,test,g3\n"
        + "f/e.jpg,fundus,normal,test,g0\n",
        "pad_ufes20": "image_id,patient_id\nP0,ann\nP1,ann\nP2,ben\n",
    }
    for name, text in tables.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "labels.csv").write_text(text)
    return tmp_path


def test_the_sets_are_test_pictures_and_skin_is_no_other_modality(data: Path) -> None:
    sets = outliers.read_sets(data)
    assert sets.dermoscopy.paths == [data / "ham10000/images" / f"H{i}.jpg" for i in (0, 1)]
    assert sets.dermoscopy.groups == ["L0", "L0"]
    assert sets.other_modalities.paths == [data / "multimodal/x/a.jpg", data / "multimodal/f/e.jpg"]
    assert sets.other_modalities.groups == ["g0", "g0"]
    assert sets.clinical_photos.paths[2] == data / "pad_ufes20/images/P2.jpg"
    assert sets.clinical_photos.groups == ["ann", "ann", "ben"]


def test_each_set_is_scored_once_and_compared_with_dermoscopy(data: Path) -> None:
    """Dermoscopy scores .9 and .5, scans .1, photos .5: 1, and (1 + .5) / 2 with the tie."""
    known = {"H0": 0.9, "H1": 0.5, "a": 0.1, "e": 0.1, "P0": 0.5, "P1": 0.5, "P2": 0.5}
    asked: list[str] = []

    def familiarity(paths: Sequence[Path]) -> npt.NDArray[np.floating]:
        asked.extend(path.stem for path in paths)
        return np.array([known[path.stem] for path in paths])

    found = outliers.figures(outliers.read_sets(data), familiarity, resamples=20)
    assert sorted(asked) == sorted(known)
    assert found["auroc_other_modalities"].value == 1.0
    assert found["auroc_other_modalities"].n == 4
    assert found["auroc_clinical_photos"].value == pytest.approx(0.75)
    assert set(found) == {"auroc_other_modalities", "auroc_clinical_photos"}


def test_whole_patients_are_drawn_within_each_set() -> None:
    """A lesion and a patient of one name are two groups; with one of each nothing can vary."""
    inliers = Files([Path("a"), Path("b")], ["x", "x"])
    strangers = Files([Path("c"), Path("d")], ["x", "x"])
    figure = outliers.auroc(
        inliers, np.array([0.9, 0.2]), strangers, np.array([0.1, 0.3]), resamples=10
    )
    assert figure.low == figure.value == figure.high == pytest.approx(0.75)


def test_a_missing_table_is_told_with_what_to_do(data: Path) -> None:
    (data / "multimodal" / "labels.csv").unlink()
    with pytest.raises(CaseLensError, match=r"multimodal.labels\.csv: .*--data"):
        outliers.read_sets(data)


def test_a_table_without_test_pictures_is_told(data: Path) -> None:
    (data / "multimodal" / "labels.csv").write_text(SCANS + "x/a.jpg,xray,hand,train,g0\n")
    with pytest.raises(CaseLensError, match="no picture of the test split"):
        outliers.read_sets(data)


def test_the_real_sets_are_complete(real_data: Path) -> None:
    """1,568 test pictures; 1,787 less 40 of dermoscopy and 41 photos; all 774 photos."""
    sets = outliers.read_sets(real_data)
    counts = [
        len(files.paths) for files in (sets.dermoscopy, sets.other_modalities, sets.clinical_photos)
    ]
    assert counts == [1568, 1706, 774]
    assert all(files.paths[0].is_file() for files in (sets.dermoscopy, sets.other_modalities))
