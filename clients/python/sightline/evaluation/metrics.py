"""What a ranking, a confidence and a region are worth: the measures, each by its usual definition."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]


def recall_at(ranking: Sequence[bool], relevant: int, k: int) -> float:
    """The share of the `relevant` that is among the first `k`, 0 to 1.

    Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.3. A query with
    more than `k` relevant ones cannot reach 1. Raises ValueError where nothing is relevant.
    """
    _check(relevant)
    return sum(ranking[:k]) / relevant


def average_precision(ranking: Sequence[bool], relevant: int) -> float:
    """The precision at each relevant hit's rank, averaged over all `relevant`; one not found counts 0.

    Its mean over the queries is the mean average precision, mAP (ibid., section 8.4). Raises ValueError.
    """
    _check(relevant)
    found, total = 0, 0.0
    for rank, right in enumerate(ranking, 1):
        if right:
            found += 1
            total += found / rank
    return total / relevant


def reciprocal_rank(ranking: Sequence[bool]) -> float:
    """One over the rank of the first relevant hit; 0 without one.

    Its mean over the queries is the MRR: Voorhees, The TREC-8 Question Answering Track Report (1999).
    """
    return next((1 / rank for rank, right in enumerate(ranking, 1) if right), 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The hits whose confidence lies in (`low`, `high`]; the first has 0 too. Without hits, means are 0."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability_bins(
    confidences: Sequence[float], outcomes: Sequence[bool], *, bins: int = 10
) -> tuple[Bin, ...]:
    """Bins of equal width over 0 to 1: how sure the hits in each were, and how often right.

    Guo et al., On Calibration of Modern Neural Networks (2017), section 2. Raises ValueError for a
    confidence outside of 0 to 1, for sequences of different length and for no bins.
    """
    if bins < 1:
        raise ValueError("calibration needs at least one bin")
    inside: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, outcome in zip(confidences, outcomes, strict=True):
        if not 0 <= confidence <= 1:
            raise ValueError(f"a confidence is 0 to 1, not {confidence}")
        inside[max(math.ceil(confidence * bins) - 1, 0)].append((confidence, outcome))
    return tuple(
        Bin(
            low=index / bins,
            high=(index + 1) / bins,
            count=len(held),
            confidence=mean([confidence for confidence, _ in held]),
            accuracy=mean([float(outcome) for _, outcome in held]),
        )
        for index, held in enumerate(inside)
    )


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """The bins' gaps between confidence and accuracy, weighted by their hits, 0 to 1 (ibid., equation 3)."""
    total = sum(held.count for held in bins)
    gaps = sum(held.count * abs(held.confidence - held.accuracy) for held in bins)
    return gaps / total if total else 0.0


def box_iou(first: Box, second: Box) -> float:
    """Intersection over union of two boxes (x_min, y_min, x_max, y_max), maxima exclusive, 0 to 1."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (_area(first) + _area(second) - common)


def mask_iou(first: Sequence[int], second: Sequence[int]) -> float:
    """Intersection over union of two masks given as the lengths of their runs, of 0s first, 0 to 1.

    Two empty masks have 0. Raises ValueError for masks of pictures of different size.
    """
    if sum(first) != sum(second):
        raise ValueError("the masks are of different size")
    ends = sorted({*_ends(first), *_ends(second)})
    common = union = start = 0
    one, other = _Runs(first), _Runs(second)
    for end in ends:
        inside, also = one.at(start), other.at(start)
        common += (end - start) * (inside and also)
        union += (end - start) * (inside or also)
        start = end
    return common / union if union else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of them lie, linear between neighbours; 0 without values.

    Hyndman and Fan, Sample Quantiles in Statistical Packages (1996), definition 7.
    """
    if not values:
        return 0.0
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean; 0 without values."""
    return math.fsum(values) / len(values) if values else 0.0


class _Runs:
    """Reads a mask from left to right."""

    def __init__(self, runs: Sequence[int]) -> None:
        self._runs, self._index, self._end = runs, 0, runs[0] if runs else 0

    def at(self, position: int) -> bool:
        """Whether the pixel is inside. Positions never fall."""
        while position >= self._end:
            self._index += 1
            self._end += self._runs[self._index]
        return self._index % 2 == 1


def _ends(runs: Sequence[int]) -> list[int]:
    ends, end = [], 0
    for run in runs:
        end += run
        if run:
            ends.append(end)
    return ends


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _check(relevant: int) -> None:
    if relevant < 1:
        raise ValueError("a query without anything relevant has no score")


def fit_logistic(scores: Sequence[float], outcomes: Sequence[bool]) -> tuple[float, float] | None:
    """The (scale, bias) of 1 / (1 + exp(-(scale * score + bias))) that explains the outcomes best.

    By Newton's method on Platt's smoothed targets (Platt, 1999; Lin, Lin and Weng, 2007). None where all
    outcomes are alike, or the scores tell nothing.
    """
    right = sum(outcomes)
    wrong = len(outcomes) - right
    if not right or not wrong or max(scores) == min(scores):
        return None
    targets = [(right + 1) / (right + 2) if outcome else 1 / (wrong + 2) for outcome in outcomes]
    scale, bias = 0.0, math.log((right + 1) / (wrong + 1))
    loss = _logistic_loss(scores, targets, scale, bias)
    for _ in range(100):
        by_scale = by_bias = 0.0
        curve_scale = curve_both = curve_bias = 1e-12
        for score, target in zip(scores, targets, strict=True):
            likely = 1 / (1 + math.exp(-max(-60.0, min(60.0, scale * score + bias))))
            by_scale += (likely - target) * score
            by_bias += likely - target
            weight = likely * (1 - likely)
            curve_scale += weight * score * score
            curve_both += weight * score
            curve_bias += weight
        determinant = curve_scale * curve_bias - curve_both * curve_both
        if determinant <= 0 or abs(by_scale) + abs(by_bias) < 1e-7 * len(scores):
            break
        step_scale = (curve_bias * by_scale - curve_both * by_bias) / determinant
        step_bias = (curve_scale * by_bias - curve_both * by_scale) / determinant
        length = 1.0
        while length > 1e-6:
            tried = _logistic_loss(scores, targets, scale - length * step_scale, bias - length * step_bias)
            if tried < loss:
                break
            length /= 2
        else:
            break
        scale, bias, loss = scale - length * step_scale, bias - length * step_bias, tried
    return scale, bias


def _logistic_loss(scores: Sequence[float], targets: Sequence[float], scale: float, bias: float) -> float:
    """Cross-entropy, summed."""
    logits = [scale * score + bias for score in scores]
    return sum(
        max(logit, 0.0) - logit * target + math.log1p(math.exp(-abs(logit)))
        for logit, target in zip(logits, targets, strict=True)
    )
