"""The protocol picks the right pictures, and its figures follow from the neighbours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inference.encoder import Encoder
from inference.errors import CaseLensError
from inference.evaluation import ham10000
from inference.evaluation.figures import Bootstrap, Figure
from inference.evaluation.left_out import CANDIDATES, by_neighbour
from inference.evaluation.pictures import Pictures, describe
from inference.evaluation.retrieval import Retrieval, statistics
from tests.inference.evaluation import archives
from tests.inference.evaluation.archives import CLASSES, HAM_HEADER


def _figures(data: Path, encoder: Encoder) -> dict[str, Figure]:
    queries, gallery = describe(ham10000.read_pictures(data, CLASSES), encoder)
    return ham10000.figures(queries, gallery, CLASSES, resamples=20)


def test_queries_and_gallery_are_those_of_the_protocol(tmp_path: Path) -> None:
    data = archives.ham10000(tmp_path / "ham10000")
    for folder in (data, data.parent):
        queries, gallery = ham10000.read_pictures(folder, CLASSES)
        assert [path.stem for path in queries.paths] == [f"Q{i}" for i in range(14)]
        assert len(gallery.paths) == 7 * (archives.PER_CLASS + 1)
        assert {path.stem[0] for path in gallery.paths} == {"G", "V"}
        assert not set(queries.groups) & set(gallery.groups)
        assert [CLASSES[c] for c in queries.labels] == [word for word, _ in archives.QUERIES]


def test_the_figures_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    """One of two melanomas looks like a nevus, and all else like what it is."""
    found = _figures(archives.ham10000(tmp_path), archives.ColourEncoder())
    assert set(found) == {
        *(f"macro_p_at_{k}" for k in (1, 3, 6, 9)),
        *(f"macro_p_at_{k}_clean" for k in (1, 3, 6, 9)),
        "map", "bma_classifier", "bma_vote6", "malignancy_auc_vote9", "ece",
        "map_hash8", "map_hash8_relative", "auroc_left_out_class",
    }  # fmt: skip
    # Codes differ in no bit where embeddings are the same, and in two bits everywhere else.
    assert found["map_hash8"].value == pytest.approx(found["map"].value)
    assert found["map_hash8_relative"].value == pytest.approx(1)
    for name in ("macro_p_at_1", "macro_p_at_9", "bma_classifier", "bma_vote6"):
        assert found[name].value == pytest.approx((6 + 0.5) / 7), name
        assert found[name].n == 14
    # the melanoma that looks like a nevus is the clean one of its pair
    assert found["macro_p_at_1_clean"].value == pytest.approx(6 / 7)
    assert found["macro_p_at_1_clean"].n == 7
    # 5 of 6 malignant queries have malignant neighbours only; the other ties with 8 benign ones
    assert found["malignancy_auc_vote9"].value == pytest.approx((5 + 0.5) / 6)
    # confidence .9 throughout, 13 of 14 right
    assert found["ece"].value == pytest.approx(13 / 14 - 0.9, abs=1e-6)
    # Without nevi the odd melanoma is as lonely as the two nevi; without melanomas it is at home
    # among nevi and ties with all 12 others. In the other five classes strangers stand out.
    without_nv, without_mel = 11.5 / 12, (1 + 0.5) / 2
    wanted = (5 + without_nv + without_mel) / 7
    assert found["auroc_left_out_class"].value == pytest.approx(wanted)


def test_the_shipped_model_runs_the_whole_protocol(tmp_path: Path) -> None:
    found = _figures(archives.ham10000(tmp_path), Encoder.load(threads=1))
    assert found["macro_p_at_1"].value == pytest.approx((6 + 0.5) / 7)  # colour tells them apart
    assert all(figure.low <= figure.value + 1e-9 for figure in found.values())


def test_figures_follow_from_the_neighbours() -> None:
    """Two classes, nv (5) and mel (4); neighbours written down, figures worked out by hand."""
    queries = Pictures(
        paths=[Path("a"), Path("b"), Path("c")], groups=["a", "b", "c"],
        labels=np.array([5, 5, 4]), rows=[{}, {}, {}],
    )  # fmt: skip
    neighbours = np.array([[5] * 9, [4, 5, 5, 4, 4, 4, 5, 5, 5], [4, 4, 4, 5, 5, 5, 5, 5, 5]])
    logits = np.zeros((3, 7), np.float32)
    logits[[0, 1, 2], [5, 5, 5]] = 1
    probabilities = np.full((3, 7), 0.05, np.float32)
    probabilities[:, 5] = 0.7
    malignant = np.array([c in ("akiec", "bcc", "mel") for c in CLASSES])
    retrieval = Retrieval(queries, logits, probabilities, neighbours, malignant)
    every = np.arange(3)
    found = {name: statistic(every) for name, statistic in statistics(retrieval).items()}
    assert found["macro_p_at_1"] == pytest.approx((0.5 + 1) / 2)
    assert found["macro_p_at_6"] == pytest.approx(((1 + 2 / 6) / 2 + 0.5) / 2)
    assert found["bma_classifier"] == pytest.approx((1 + 0) / 2)
    # six votes: nv; mel (4 of 6); a tie of three each, which goes to the nearest, mel
    assert found["bma_vote6"] == pytest.approx((0.5 + 1) / 2)
    # malignant share of nine: 0, 4/9 and, for the melanoma, 3/9: it beats one of two nevi
    assert found["malignancy_auc_vote9"] == pytest.approx(0.5)
    # 70 % sure each time, right in two of three
    assert found["ece"] == pytest.approx(0.7 - 2 / 3)


def test_the_interval_of_a_figure_comes_from_the_same_draws_whatever_else_is_asked() -> None:
    """Published intervals stay: the draws depend on lesions, classes and seed alone."""
    labels = np.array([0, 0, 1, 1, 1])
    bootstrap = Bootstrap(["a", "a", "b", "c", "d"], labels, resamples=50)
    values = np.array([0.0, 1, 0, 0.5, 1])
    first = bootstrap.figure(lambda draw: float(values[draw].mean()))
    bootstrap.figure(lambda draw: float(labels[draw].mean()))
    assert bootstrap.figure(lambda draw: float(values[draw].mean())) == first


def test_the_neighbour_is_chosen_on_validation_against_training(tmp_path: Path) -> None:
    """Eleven training lesions of each class: every candidate tells the missing one."""
    pictures = ham10000.read_pictures(archives.ham10000(tmp_path), CLASSES)
    _, gallery = describe(pictures, archives.ColourEncoder())
    assert by_neighbour(gallery) == dict.fromkeys(CANDIDATES, 1.0)


def test_a_folder_without_the_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(CaseLensError, match=r"ham10000.labels\.csv: .*--data"):
        ham10000.read_pictures(tmp_path, CLASSES)


def test_a_foreign_table_is_told(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("image_id,dx\nI1,nv\n")
    with pytest.raises(CaseLensError, match="s1_query"):
        ham10000.read_pictures(tmp_path, CLASSES)


QUERY = "I1,L1,nv,histo,50,male,back,full,test,1,1\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (HAM_HEADER, "no rows"),
        (HAM_HEADER + QUERY.replace("nv", "wart") + QUERY.replace("test", "val"), "wart"),
        (HAM_HEADER + QUERY.replace("test", "train"), "no queries"),
        (HAM_HEADER + QUERY, "no gallery"),
        (HAM_HEADER + QUERY + QUERY.replace("test,1", "train,0"), "fewer than 10 lesions"),
    ],
)
def test_a_table_that_cannot_be_used_is_told(content: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(content)
    with pytest.raises(CaseLensError, match=reason):
        ham10000.read_pictures(tmp_path, CLASSES)


def test_a_table_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(HAM_HEADER.encode("utf-16"))
    with pytest.raises(CaseLensError, match="UTF-8"):
        ham10000.read_pictures(tmp_path, CLASSES)
