"""The measures, against values worked out by hand."""

import math
import random

import pytest
from PIL import Image

from sightline.evaluation.metrics import (
    average_precision,
    box_iou,
    expected_calibration_error,
    fit_logistic,
    mask_iou,
    percentile,
    recall_at,
    reciprocal_rank,
    reliability_bins,
)

RANKING = [False, True, False, True, False]


@pytest.mark.parametrize(("k", "recall"), [(1, 0), (2, 1 / 3), (4, 2 / 3), (10, 2 / 3)])
def test_recall_is_the_share_of_the_relevant_among_the_first(k: int, recall: float) -> None:
    assert recall_at(RANKING, 3, k) == pytest.approx(recall)


def test_average_precision_counts_what_was_not_found_as_nothing() -> None:
    assert average_precision(RANKING, 2) == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert average_precision(RANKING, 3) == pytest.approx((1 / 2 + 2 / 4 + 0) / 3)
    assert average_precision([True, True], 2) == 1
    assert average_precision([], 2) == 0


def test_reciprocal_rank_is_of_the_first_that_is_right() -> None:
    assert reciprocal_rank(RANKING) == 1 / 2
    assert reciprocal_rank([False]) == 0


@pytest.mark.parametrize("score", [average_precision, lambda ranking, none: recall_at(ranking, none, 1)])
def test_a_query_without_anything_relevant_is_refused(score: object) -> None:
    assert callable(score)
    with pytest.raises(ValueError, match="relevant"):
        score([True], 0)


def test_calibration_weighs_the_gaps_of_the_bins_by_their_hits() -> None:
    bins = reliability_bins([0.05, 0.1, 0.95, 0.95, 0.0], [False, True, True, False, False])
    assert [held.count for held in bins] == [3, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert bins[0].confidence == pytest.approx(0.05)
    assert bins[0].accuracy == pytest.approx(1 / 3)
    assert bins[9].accuracy == 0.5
    gap = 3 / 5 * (1 / 3 - 0.05) + 2 / 5 * (0.95 - 0.5)
    assert expected_calibration_error(bins) == pytest.approx(gap)


def test_a_model_that_is_as_often_right_as_it_says_has_no_error() -> None:
    bins = reliability_bins([0.75] * 4 + [1.0], [True, True, True, False, True], bins=15)
    assert expected_calibration_error(bins) == pytest.approx(0)
    assert expected_calibration_error(reliability_bins([], [])) == 0


@pytest.mark.parametrize("confidence", [-0.1, 1.1, float("nan")])
def test_a_confidence_that_is_none_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        reliability_bins([confidence], [True])


def test_boxes_overlap_by_what_they_share() -> None:
    assert box_iou((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(50 / 150)
    assert box_iou((0, 0, 10, 10), (0, 0, 10, 10)) == 1
    assert box_iou((0, 0, 10, 10), (10, 0, 20, 10)) == 0


def runs_of(mask: Image.Image) -> list[int]:
    pixels = [bool(mask.getpixel((x, y))) for x in range(mask.width) for y in range(mask.height)]
    runs, value = [0], False
    for pixel in pixels:
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    return runs


def test_masks_overlap_by_what_they_share() -> None:
    first, second = Image.new("1", (8, 6)), Image.new("1", (8, 6))
    first.paste(1, (0, 0, 4, 4))  # from the first pixel on: an empty run of 0s
    second.paste(1, (2, 2, 6, 6))
    assert runs_of(first)[0] == 0
    assert mask_iou(runs_of(first), runs_of(second)) == pytest.approx(4 / 28)
    assert mask_iou(runs_of(second), runs_of(first)) == pytest.approx(4 / 28)
    assert mask_iou(runs_of(second), runs_of(second)) == 1
    assert mask_iou([48], [48]) == 0
    with pytest.raises(ValueError, match="size"):
        mask_iou([48], [49])


def test_percentiles_lie_between_their_neighbours() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile([1, 2, 3, 4, 5], 0.95) == pytest.approx(4.8)
    assert percentile([7], 0.95) == 7


def test_a_logistic_is_found_again_from_what_it_drew() -> None:
    drawn = random.Random(1)
    scores = [drawn.uniform(-1, 1) for _ in range(20_000)]
    outcomes = [drawn.random() < 1 / (1 + math.exp(-(9 * score - 3))) for score in scores]
    fitted = fit_logistic(scores, outcomes)
    assert fitted is not None
    assert fitted == pytest.approx((9, -3), rel=0.07)


def test_what_tells_nothing_fits_nothing() -> None:
    assert fit_logistic([0.1, 0.2], [True, True]) is None
    assert fit_logistic([0.1, 0.1], [True, False]) is None
    assert fit_logistic([], []) is None


def test_scores_that_part_right_from_wrong_fit_a_finite_logistic() -> None:
    fitted = fit_logistic([0.1, 0.2, 0.8, 0.9], [False, False, True, True])
    assert fitted is not None
    assert all(math.isfinite(value) for value in fitted)
    assert fitted[0] > 0
