"""A segmenter's figures tell a good one from a bad one, and need no torch."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_repository.export.mask_iou import mask_iou
from model_repository.export.sam2_onnx_segmenter import ask, onnx_segmenter
from model_repository.segment import rle
from model_repository.segment.features import Features
from model_repository.segment.segmenter import Pixels, Segmenter
from model_repository.train.concepts import Stock
from model_repository.train.evaluate_masks import measure_segmenter
from model_repository.train.scenes import Painter

ROOT = Path("model_repository")
STARTER = tomllib.loads((ROOT / "packs" / "starter.toml").read_text())["segmenter"]
SIDE = STARTER["image_size"]
SEED, SCENES = 60_000_000, 2


@pytest.fixture
def starter() -> Iterator[Segmenter]:
    with closing(onnx_segmenter(ROOT / "models", "starter", SIDE, cache_bytes=8 << 20)) as segmenter:
        yield segmenter


def sees_one_thing() -> Segmenter:
    """To which the whole picture is one thing, and it is sure of that."""

    async def encode(pixels: Pixels) -> Features:
        return Features({})

    async def decode(features: Features, coords: Any, labels: Any) -> tuple[Any, Any]:
        logits = np.full((len(coords), 4, SIDE // 4, SIDE // 4), 20, np.float32)
        return logits, np.full((len(coords), 4), 0.9, np.float32)

    return Segmenter(encode, decode, square=SIDE, cache_bytes=0)


def test_the_starter_cuts_out_what_is_drawn(stock: Stock, painter: Painter, starter: Segmenter) -> None:
    figures = measure_segmenter(starter, STARTER, stock, painter, SEED, SCENES)
    assert figures["mask of a box, mean IoU"] > 0.7
    assert figures["mask of a click, the surest of three, mean IoU"] > 0.6
    assert figures["quick mode: things that are found (IoU ≥ 0.5)"] > 0.6
    assert figures["predicted IoU of a click, mean error"] < 0.3
    assert "torch" not in sys.modules


def test_one_that_sees_one_thing_finds_none(stock: Stock, painter: Painter) -> None:
    with closing(sees_one_thing()) as segmenter:
        figures = measure_segmenter(segmenter, STARTER, stock, painter, SEED, SCENES)
    assert figures["mask of a box, mean IoU"] < 0.3
    assert figures["quick mode: things that are found (IoU ≥ 0.5)"] == 0
    assert figures["quick mode: masks that show a thing (IoU ≥ 0.5)"] == 0
    assert figures["predicted IoU of a click beside every thing, mean"] == pytest.approx(0.9)
    assert figures["predicted IoU of a click, mean error"] > 0.6


def test_every_picture_is_answered_from_its_own_features(starter: Segmenter) -> None:
    """Features are kept by the picture: a square that moves is found where it is."""
    for left in (20, 100):
        pixels = np.full((SIDE, SIDE, 3), 255, np.uint8)
        pixels[60:120, left : left + 60] = (200, 30, 30)
        point = {"point_coords": np.array([[[left + 30, 90]]], np.float32)}
        labels = {"point_labels": np.ones((1, 1), np.int32)}
        (found,) = ask(starter, pixels, (SIDE, SIDE), {"mode": "prompt"}, **point, **labels)
        expected = (pixels == (200, 30, 30)).all(axis=2)
        assert mask_iou(rle.decode(found.rle, expected.shape), expected) > 0.9
    assert len(starter.cache) == 2


def test_two_empty_masks_are_the_same() -> None:
    empty, full = np.zeros((2, 3), bool), np.ones((2, 3), bool)
    half = full.copy()
    half[0] = False
    assert mask_iou(empty, empty) == 1
    assert mask_iou(empty, full) == 0
    assert mask_iou(half, full) == 0.5
