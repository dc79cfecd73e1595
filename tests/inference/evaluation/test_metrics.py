"""Figures of merit against numbers worked out by hand, and rankings against brute force."""

from __future__ import annotations

import numpy as np
import pytest

from inference.evaluation import metrics
from inference.evaluation.figures import Bootstrap, Estimate
from inference.evaluation.ranking import rank_lesions


def test_precision_counts_the_first_hits_only() -> None:
    relevant = np.array([[True, False, True, True], [False, False, False, True]])
    assert metrics.precision_at(relevant, 1).tolist() == [1.0, 0.0]
    assert metrics.precision_at(relevant, 3) == pytest.approx([2 / 3, 0])
    with pytest.raises(ValueError, match="k = 5"):
        metrics.precision_at(relevant, 5)


def test_average_precision_is_the_textbook_one() -> None:
    """Hits at ranks 1, 3 and 4: (1/1 + 2/3 + 3/4) / 3. No hit: 0."""
    relevant = np.array([[True, False, True, True, False], [False] * 5])
    assert metrics.average_precision(relevant) == pytest.approx([(1 + 2 / 3 + 3 / 4) / 3, 0])


def test_macro_weighs_classes_equally() -> None:
    values, labels = np.array([1.0, 1, 1, 0]), np.array([5, 5, 5, 2])
    assert metrics.macro(values, labels) == 0.5


def test_balanced_accuracy_is_mean_recall() -> None:
    """Recalls 3/4 and 1/2."""
    labels = np.array([0, 0, 0, 0, 1, 1])
    predicted = np.array([0, 0, 0, 1, 1, 0])
    assert metrics.balanced_accuracy(predicted, labels) == pytest.approx(0.625)


def test_auc_counts_pairs_and_halves_ties() -> None:
    """Pairs (positive, negative): .9>.5, .9>.2, .5=.5, .5>.2 -> 3.5 of 4."""
    score, positive = np.array([0.9, 0.5, 0.5, 0.2]), np.array([True, True, False, False])
    assert metrics.auc(score, positive) == pytest.approx(3.5 / 4)
    with pytest.raises(ValueError, match="negatives"):
        metrics.auc(score, np.ones(4, bool))


def test_calibration_error_is_the_mean_gap() -> None:
    """Four answers at confidence .8 of which half are right: the gap is .3."""
    probabilities = np.tile([0.8, 0.2], (4, 1))
    assert metrics.calibration_error(probabilities, np.array([0, 0, 1, 1])) == pytest.approx(0.3)


def test_a_vote_is_the_majority_and_ties_go_to_the_nearest() -> None:
    neighbours = np.array([[2, 1, 1, 0], [3, 1, 1, 3], [0, 1, 2, 3]])
    assert metrics.vote(neighbours, 4).tolist() == [1, 3, 0]


def test_ranking_is_brute_force_with_one_hit_per_lesion() -> None:
    rng = np.random.default_rng(3)
    gallery = rng.normal(size=(60, 8)).astype(np.float32)
    gallery /= np.linalg.norm(gallery, axis=1, keepdims=True)
    gallery[7] = gallery[3]  # a tie inside and across lesions must not break it
    queries = gallery[::9] + 0.1
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    lesions = [f"L{i}" for i in rng.integers(0, 25, 60)]
    ranked = rank_lesions(queries, gallery, lesions, block=2)
    for query, row in zip(queries, ranked, strict=True):
        similarity = gallery @ query
        best = {name: max(similarity[i] for i in range(60) if lesions[i] == name)
                for name in set(lesions)}  # fmt: skip
        assert similarity[row] == pytest.approx(sorted(best.values(), reverse=True), abs=1e-6)
        assert len({lesions[i] for i in row}) == len(best) == len(row)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Means of 40 lesions with true mean .7: 95 % intervals should cover it about 95 times."""
    covered = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        values = (rng.random(40) < 0.7).astype(float)
        bootstrap = Bootstrap([str(i) for i in range(40)], np.zeros(40, np.int64), resamples=300)
        figure = bootstrap.figure(lambda draw, v=values: float(v[draw].mean()))  # type: ignore[misc]
        covered += figure.low <= 0.7 <= figure.high
    assert 86 <= covered <= 100


def test_pictures_of_one_lesion_are_drawn_together() -> None:
    """Ten copies of each of 20 lesions carry no more than 20 pictures' worth of certainty."""
    rng = np.random.default_rng(1)
    values = rng.random(20)
    alone = Bootstrap([str(i) for i in range(20)], np.zeros(20, np.int64))
    copies = Bootstrap([str(i) for i in range(20) for _ in range(10)], np.zeros(200, np.int64))
    one = alone.figure(lambda draw: float(values[draw].mean()))
    ten = copies.figure(lambda draw: float(values.repeat(10)[draw].mean()))
    assert ten.high - ten.low == pytest.approx(one.high - one.low, rel=0.15)
    assert (ten.n, one.n) == (200, 20)


def test_no_resample_lacks_a_class_even_if_a_patient_has_several() -> None:
    """Ten patients with a nevus; one of them has the only melanoma as well."""
    groups = [*map(str, range(10)), "3"]
    labels = np.array([5] * 10 + [4])
    bootstrap = Bootstrap(groups, labels, resamples=200)
    seen = bootstrap.estimate(lambda draw: len(np.unique(labels[draw])))
    assert seen.draws.tolist() == [2.0] * 200


def test_a_ratio_is_taken_draw_by_draw() -> None:
    one = Estimate(0.6, np.array([0.5, 0.6, 0.9]), 30)
    other = Estimate(0.8, np.array([1.0, 0.0, 0.9]), 70)
    ratio = one.over(other)
    assert ratio is not None
    assert ratio.value == pytest.approx(0.75)
    assert ratio.n == 30
    assert ratio.draws == pytest.approx([0.5, 1.0])  # nothing divides by the zero
    assert one.over(Estimate(0.0, other.draws, 70)) is None
