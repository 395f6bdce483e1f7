"""Generated scenes: what their answers claim is what their pixels show."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pycocotools")

from pycocotools import mask as coco

from model_repository.train import rle
from model_repository.train.captions import article, caption, counted, plural
from model_repository.train.concepts import COLOURS, Stock
from model_repository.train.scenes import Painter, Scene, Thing, compose, seen

# pycocotools' compiled code predates numpy 2's copy keyword.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def plain(things: tuple[Thing, ...]) -> Scene:
    grey = np.array([128.0, 128.0, 128.0])
    return Scene(things=things, background="solid", colours=(grey, grey), seed=0, aspect=1.0)


def at(concept: int, x: float, y: float, size: float = 0.4) -> Thing:
    return Thing(
        concept=concept, x=x, y=y, size=size, turn=0.0, stretch=1.0, mirrored=False, tint=(1.0, 1.0, 1.0)
    )


def test_a_scene_follows_from_its_seed(stock: Stock, painter: Painter) -> None:
    first, second, other = (
        painter.draw(compose(stock, np.random.default_rng([7, number]), 3), 96, 72) for number in (0, 0, 1)
    )
    assert np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(first.masks, second.masks)
    assert not np.array_equal(first.pixels, other.pixels)


def test_a_mask_covers_the_pixels_of_its_colour(stock: Stock, painter: Painter) -> None:
    drawing = painter.draw(plain((at(stock.index("red square"), 0.5, 0.5),)), 200, 200)
    red = np.abs(drawing.pixels.astype(int) - COLOURS["red"]).max(2) < 40
    agreement = (red & drawing.masks[0]).sum() / (red | drawing.masks[0]).sum()
    assert agreement > 0.97
    x0, y0, x1, y1 = drawing.boxes()[0]
    assert abs((x0 + x1) / 2 - 100) <= 2
    assert abs((y0 + y1) / 2 - 100) <= 2
    assert 74 <= x1 - x0 <= 82


def test_what_lies_behind_loses_the_hidden_pixels(stock: Stock, painter: Painter) -> None:
    behind, before = stock.index("blue circle"), stock.index("red square")
    drawing = painter.draw(plain((at(behind, 0.5, 0.5), at(before, 0.52, 0.5, 0.38))), 128, 128)
    assert not (drawing.masks[0] & drawing.masks[1]).any()
    assert drawing.visible[1] == 1.0
    assert drawing.visible[0] < 0.5
    assert seen(drawing).tolist() == [False, True]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_things_are_placed_where_they_can_be_seen(stock: Stock, painter: Painter, count: int) -> None:
    for number in range(20):
        drawing = painter.draw(
            compose(stock, np.random.default_rng([11, count, number]), count, aspect=4 / 3), 160, 120
        )
        assert seen(drawing).all()


@pytest.mark.parametrize("fill", [0.0, 0.02, 0.5, 1.0])
def test_run_lengths_read_back_by_pycocotools(fill: float) -> None:
    mask = np.random.default_rng(3).random((37, 53)) < fill
    code = rle.encode(mask)
    assert code["size"] == [37, 53]
    read = coco.decode({"size": code["size"], "counts": str(code["counts"]).encode()})
    assert np.array_equal(read.astype(bool), mask)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dog", "dogs"), ("fox", "foxes"), ("cherry", "cherries"), ("mouse", "mice"),
        ("face with medical mask", "faces with medical mask"), ("kitchen knife", "kitchen knives"),
    ],
)  # fmt: skip
def test_plurals(name: str, expected: str) -> None:
    assert plural(name) == expected


def test_counts_and_articles() -> None:
    assert article("apple") == "an apple"
    assert counted("dog", 1) == "a dog"
    assert counted("bus", 3) == "three buses"


def test_a_caption_says_where_two_things_lie(stock: Stock) -> None:
    left, right = stock.index("red circle"), stock.index("blue star")
    told = {
        caption(
            stock.concepts, [at(right, 0.8, 0.5), at(left, 0.2, 0.5)], "solid", np.random.default_rng(number)
        )
        for number in range(20)
    }
    assert any(text.startswith("a red circle left of a blue star") for text in told)
    assert not any("a blue star left of" in text for text in told)
