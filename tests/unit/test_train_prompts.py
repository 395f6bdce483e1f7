"""Prompts for the segmenter's training lie where their labels say."""

from __future__ import annotations

import numpy as np
import pytest

from model_repository.train import batches, prompts, views
from model_repository.train.concepts import Stock
from model_repository.train.scenes import Painter

SIDE = 128


def batch(stock: Stock, painter: Painter, kind: str, index: int = 600) -> prompts.Prompts:
    return prompts.batch(stock, painter, 3, index, side=SIDE, pictures=6, per_picture=4, kind=kind)


def test_a_point_lies_on_its_thing_or_on_the_background(stock: Stock, painter: Painter) -> None:
    made = batch(stock, painter, "point")
    assert made.coords.shape == (24, 1, 2)
    assert (~made.thing).sum() == 6
    for row in range(24):
        x, y = (made.coords[row, 0] // prompts.CELL).astype(int)
        if made.thing[row]:
            assert made.masks[row, y, x] > 0
        else:
            assert not made.masks[row].any()


def test_a_box_holds_nearly_all_of_its_thing(stock: Stock, painter: Painter) -> None:
    made = batch(stock, painter, "box")
    assert (made.labels == [prompts.CORNER_1, prompts.CORNER_2]).all()
    for row in range(24):
        (x0, y0), (x1, y1) = np.round(made.coords[row] / prompts.CELL).astype(int).clip(0, SIDE)
        assert made.masks[row, y0:y1, x0:x1].sum() > 0.7 * made.masks[row].sum()


def test_further_points_agree_with_their_labels(stock: Stock, painter: Painter) -> None:
    made = batch(stock, painter, "points")
    assert made.coords.shape == (24, prompts.POINTS, 2)
    assert set(np.unique(made.labels)) == {prompts.ON, prompts.OFF}
    for row in range(24):
        for (x, y), label in zip(
            (made.coords[row] // prompts.CELL).astype(int), made.labels[row], strict=True
        ):
            covered = made.masks[row, y, x]
            assert covered > 0 if label == prompts.ON else covered < 1


def test_a_batch_follows_from_its_index(stock: Stock, painter: Painter) -> None:
    first, again, next_one = (batch(stock, painter, "point", index) for index in (5, 5, 6))
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.coords, again.coords)
    assert not np.array_equal(first.pixels, next_one.pixels)


def test_an_empty_mask_has_no_point() -> None:
    with pytest.raises(ValueError, match="empty"):
        prompts.point_in(np.zeros((4, 4), dtype=bool), np.random.default_rng(0))


def test_views_name_what_they_show(stock: Stock, painter: Painter) -> None:
    made = batches.batch(stock, painter, 1, batches.EASY_VIEWS, 40)
    assert made.pixels.shape == (40, views.IMAGE_SIZE, views.IMAGE_SIZE, 3)
    assert made.concepts.max() < len(stock)
    assert (made.concepts[:, 0] >= 0).all()
    assert (made.concepts[:, 1] >= 0).any()
    assert (made.concepts[:, 1] == views.UNKNOWN).any()


def test_a_widened_box_stays_inside_the_picture() -> None:
    assert views.widen((10, 20, 30, 40), 0.5, 35, 100) == (0, 10, 35, 50)
