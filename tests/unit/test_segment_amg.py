"""Automatic masks: enlarging, cleaning and suppressing agree with plain, slow definitions of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from model_repository.segment import amg, rle
from model_repository.segment.components import clean_crop, label_components, remove_small_regions
from model_repository.segment.masks import cut, enlarge
from model_repository.segment.parameters import parse_parameters

AUTOMATIC = parse_parameters(b'{"mode": "automatic"}')


def interpolate(logits, size):
    """Bilinear with half-pixel centres, one pixel at a time."""
    width, height = size
    grid = logits.shape[0]
    out = np.empty((height, width))
    for y in range(height):
        for x in range(width):
            sy, sx = max((y + 0.5) * grid / height - 0.5, 0), max((x + 0.5) * grid / width - 0.5, 0)
            y0, x0 = int(sy), int(sx)
            y1, x1 = min(y0 + 1, grid - 1), min(x0 + 1, grid - 1)
            fy, fx = sy - y0, sx - x0
            out[y, x] = (logits[y0, x0] * (1 - fx) + logits[y0, x1] * fx) * (1 - fy) + (
                logits[y1, x0] * (1 - fx) + logits[y1, x1] * fx
            ) * fy
    return out


@pytest.mark.parametrize("size", [(40, 24), (16, 16), (9, 50), (5, 3), (1, 1)])
@pytest.mark.parametrize("seed", range(4))
def test_an_enlarged_mask_is_the_interpolated_one(size, seed, monkeypatch):
    monkeypatch.setattr("model_repository.segment.masks.BAND", 100)  # several bands
    logits = np.random.default_rng(seed).normal(-1.5, 2, (16, 16)).astype(np.float32)
    if seed == 1:
        logits[:, :5] = logits[12:, :] = -9  # something to cut off
    whole = interpolate(logits, size)
    mask = enlarge(cut(logits, -1.0), size, 0.0, 1.0)
    assert np.array_equal(rle.decode(mask.encode(size), size[::-1]), whole > 0)
    union = (whole > -1).sum()
    assert mask.stability == pytest.approx((whole > 1).sum() / union) if union else np.isnan(mask.stability)
    rows, columns = np.nonzero(whole > 0)
    expected = (columns.min(), rows.min(), columns.max(), rows.max()) if rows.size else (0, 0, 0, 0)
    assert mask.box() == expected


def test_a_mask_with_nothing_in_it_is_empty():
    mask = enlarge(cut(np.full((8, 8), -5, np.float32), -1.0), (20, 10), 0.0, 1.0)
    found = amg.describe(3, 0.5, mask, (20, 10))
    assert (found.area, found.box, found.stability_score, found.prompt_index) == (0, (0, 0, 0, 0), 0.0, 3)
    assert not rle.decode(found.rle, (10, 20)).any()


def flood(mask):
    """8-connected components, one pixel at a time."""
    labels = np.zeros(mask.shape, int)
    areas: list[int] = []
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        stack, area = [start], 0
        labels[start] = len(areas) + 1
        while stack:
            y, x = stack.pop()
            area += 1
            for near in ((y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)):
                inside = 0 <= near[0] < mask.shape[0] and 0 <= near[1] < mask.shape[1]
                if inside and mask[near] and not labels[near]:
                    labels[near] = labels[start]
                    stack.append(near)
        areas.append(area)
    return labels, areas


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 25),
    st.integers(1, 25),
    st.sampled_from([0.0, 0.3, 0.45, 0.6, 1.0]),
)
def test_components_are_those_of_a_flood_fill(seed, height, width, density):
    mask = np.random.default_rng(seed).random((height, width)) < density
    labels, areas = label_components(mask)
    expected, expected_areas = flood(mask)
    assert sorted(areas.tolist()) == sorted(expected_areas)
    pairs = set(zip(labels.ravel().tolist(), expected.ravel().tolist(), strict=True))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
    assert all(areas[label - 1] == (labels == label).sum() for label in range(1, len(areas) + 1))


def test_a_spiral_is_one_component():
    mask = np.zeros((61, 61), np.bool_)
    for ring in range(0, 30, 2):  # rings, each joined to the next at one corner
        mask[ring, ring : 61 - ring] = mask[60 - ring, ring : 61 - ring] = True
        mask[ring : 61 - ring, ring] = mask[ring : 61 - ring, 60 - ring] = True
        mask[ring + 1, ring + 1] = True
    assert label_components(mask)[1].tolist() == [int(mask.sum())]


def test_small_holes_are_filled_and_small_islands_go():
    mask = np.zeros((30, 30), np.bool_)
    mask[2:20, 2:20] = True
    mask[5:7, 5:7] = False  # a hole of 4
    mask[10:15, 10:15] = False  # a hole of 25
    mask[25:27, 25:27] = True  # an island of 4
    filled, holes = remove_small_regions(mask, 10, holes=True)
    cleaned, islands = remove_small_regions(filled, 10, holes=False)
    assert holes
    assert islands
    assert cleaned[5, 5]
    assert not cleaned[12, 12]
    assert not cleaned[25, 25]
    assert cleaned.sum() == 18 * 18 - 25


def test_the_largest_island_stays_where_all_are_small():
    mask = np.zeros((10, 10), np.bool_)
    mask[1, 1:3] = mask[5, 1:6] = True
    cleaned, changed = remove_small_regions(mask, 50, holes=False)
    assert changed
    assert cleaned.sum() == 5
    assert cleaned[5, 1]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**32 - 1), st.tuples(*[st.integers(0, 4)] * 4), st.sampled_from([2, 5, 20, 80]))
def test_a_crop_is_cleaned_as_its_whole_picture_is(seed, around, least):
    random = np.random.default_rng(seed)
    crop = random.random((random.integers(1, 12), random.integers(1, 12))) < 0.6
    top, bottom, left, right = around
    whole = np.pad(crop, ((top, bottom), (left, right)))
    filled, _ = remove_small_regions(whole, least, holes=True)
    expected, _ = remove_small_regions(filled, least, holes=False)
    cleaned, origin, _ = clean_crop(crop, (top, left), whole.shape, least)
    actual = rle.decode(rle.encode_crop(cleaned, origin, whole.shape), whole.shape)
    assert np.array_equal(actual, expected)


def plain_selection(logits, scores, size, parameters):
    """SAM 2's order of work: enlarge all, filter all, then suppress."""
    threshold, offset = parameters.mask_threshold, parameters.stability_score_offset
    kept = []
    for (prompt, mask), score in np.ndenumerate(scores):
        whole = interpolate(logits[prompt, mask], size)
        union = (whole > threshold - offset).sum()
        stability = (whole > threshold + offset).sum() / union if union else 0
        rows, columns = np.nonzero(whole > threshold)
        if (
            score > parameters.pred_iou_thresh
            and stability >= parameters.stability_score_thresh
            and rows.size
        ):
            box = np.array([columns.min(), rows.min(), columns.max(), rows.max()], np.float64)
            kept.append((score, prompt, box, whole > threshold))
    chosen: list[tuple[float, int, np.ndarray, np.ndarray]] = []
    for entry in sorted(kept, key=lambda entry: -entry[0]):
        others = np.array([other[2] for other in chosen]).reshape(-1, 4)
        if not (amg.box_iou(entry[2], others) > parameters.box_nms_thresh).any():
            chosen.append(entry)
    return chosen


@pytest.mark.parametrize("seed", range(3))
def test_the_selection_is_that_of_enlarging_everything_first(seed):
    random = np.random.default_rng(seed)
    size, grid, prompts = (37, 53), 24, 40
    y, x = np.mgrid[:grid, :grid]
    logits = np.empty((prompts, 3, grid, grid), np.float32)
    for index in np.ndindex(prompts, 3):
        cy, cx = random.uniform(2, grid - 2, 2)
        radius = random.uniform(1, 8)
        logits[index] = (radius - np.hypot(y - cy, x - cx)) * random.uniform(2, 20)
    scores = random.uniform(0.6, 1, (prompts, 3)).astype(np.float32)
    parameters = parse_parameters(b'{"mode": "automatic", "stability_score_thresh": 0.8}')

    candidates = amg.Candidates(parameters)
    for start in range(0, prompts, 16):
        candidates.add(logits[start : start + 16], scores[start : start + 16], start)
    found = list(amg.select(candidates, size))
    expected = plain_selection(logits, scores, size, parameters)

    assert len(expected) > 5
    assert [one.prompt_index for one in found] == [prompt for _, prompt, _, _ in expected]
    for one, (score, _, box, mask) in zip(found, expected, strict=True):
        assert one.predicted_iou == pytest.approx(score)
        assert one.box == (box[0], box[1], box[2] + 1, box[3] + 1)
        assert np.array_equal(rle.decode(one.rle, size[::-1]), mask)
        assert one.area == mask.sum()


def test_cleaned_masks_that_became_alike_are_suppressed():
    grid = 64
    logits = np.full((2, 1, grid, grid), -9, np.float32)
    logits[:, :, 10:30, 10:30] = 9
    logits[1, :, 50:52, 50:52] = 9  # an island: another box, until it goes
    scores = np.array([[0.9], [0.95]], np.float32)
    for least, boxes in ((0, 2), (100, 1)):
        parameters = parse_parameters(
            b'{"mode": "automatic", "stability_score_thresh": 0, "min_mask_region_area": %d}' % least
        )
        candidates = amg.Candidates(parameters)
        candidates.add(logits, scores, 0)
        found = list(amg.select(candidates, (grid, grid)))
        assert len(found) == boxes
    assert found[0].prompt_index == 0  # the one that needed no cleaning
    assert coco.area({"size": [grid, grid], "counts": found[0].rle}) == found[0].area == 400


def test_candidates_are_bounded_in_bytes_and_the_best_stay():
    logits = np.full((50, 1, 32, 32), 9, np.float32)
    scores = np.linspace(0.81, 0.99, 50, dtype=np.float32)[:, None]
    candidates = amg.Candidates(AUTOMATIC, limit=10 * 32 * 32 * 4)
    candidates.add(logits, scores, 0)
    assert candidates.size <= candidates.limit
    assert sorted(one.prompt_index for one in candidates.kept) == list(range(40, 50))


def test_no_more_masks_than_asked_for():
    logits = np.full((4, 1, 32, 32), -9, np.float32)
    for index in range(4):
        logits[index, :, index * 8 : index * 8 + 6, 2:8] = 9
    parameters = parse_parameters(b'{"mode": "automatic", "max_masks": 2, "stability_score_thresh": 0.5}')
    candidates = amg.Candidates(parameters)
    candidates.add(logits, np.array([[0.9], [0.99], [0.95], [0.85]], np.float32), 0)
    assert [one.prompt_index for one in amg.select(candidates, (128, 128))] == [1, 2]


def test_the_grid_is_that_of_sam():
    grid = amg.build_point_grid(2)
    assert grid.tolist() == [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]
