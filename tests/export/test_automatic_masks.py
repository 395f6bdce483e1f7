"""Automatic masks of crowded pictures with the starter's weights: those of sam2's own generator, each one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from model_repository.export.sam2_onnx_segmenter import onnx_segmenter
from model_repository.segment import rle
from model_repository.segment.segmenter import Segmenter
from model_repository.train.sam2 import read_segmenter
from model_repository.train.segmenter import SIDE
from tests.export.crowds import ASKED, crowds
from tests.export.official_sam2 import OfficialPredictor, ask, official_generator, pair_up

# The sam2 package scripts its transforms, and looks in vain for its CUDA extension.
pytestmark = pytest.mark.filterwarnings("default")

MODELS = Path("model_repository/models")
SQUARE = SIDE


@pytest.fixture(scope="module")
def predictor() -> OfficialPredictor:
    return OfficialPredictor(read_segmenter(MODELS).eval().requires_grad_(False), as_served=True)


@pytest.fixture
def segmenter() -> Iterator[Segmenter]:
    segmenter = onnx_segmenter(MODELS, "starter", SQUARE)
    yield segmenter
    segmenter.close()


def test_a_crowd_has_the_same_masks(predictor: OfficialPredictor, segmenter: Segmenter) -> None:
    asked = {**ASKED, "points_per_side": 16}
    for picture in crowds(3, 240, 180):
        expected = official_generator(predictor, asked).generate(picture)
        found = ask(segmenter, picture, SQUARE, asked)
        assert len(expected) >= 20, "too few masks to compare"
        assert len(found) == len(expected)
        theirs = [one["segmentation"] for one in expected]
        ours = [rle.decode(one.rle, picture.shape[:2]) for one in found]
        assert min(pair_up(theirs, ours)) >= 0.99
