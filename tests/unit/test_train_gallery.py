"""The committed gallery keeps to its answers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

# pycocotools' compiled code predates numpy 2's copy keyword.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

GALLERY = Path(__file__).parents[2] / "docs" / "gallery"
ANSWERS = [json.loads(line) for line in (GALLERY / "answers.jsonl").read_text().splitlines()]


def test_every_picture_has_an_answer_and_every_answer_a_picture() -> None:
    there = {str(path.relative_to(GALLERY)) for path in GALLERY.glob("*/*")}
    assert {answer["file"] for answer in ANSWERS} == there
    assert len(ANSWERS) >= 200


def test_the_gallery_is_small_enough_to_be_committed() -> None:
    assert sum(path.stat().st_size for path in GALLERY.rglob("*") if path.is_file()) <= 10 * 2**20


@pytest.mark.parametrize("answer", ANSWERS[::7], ids=lambda answer: answer["file"])
def test_boxes_and_masks_agree_with_the_picture(answer: dict) -> None:  # type: ignore[type-arg]
    coco = pytest.importorskip("pycocotools.mask")
    with Image.open(GALLERY / answer["file"]) as picture:
        assert picture.size == (answer["width"], answer["height"])
    assert answer["things"]
    for thing in answer["things"]:
        code = thing["mask"]
        mask = coco.decode({"size": code["size"], "counts": code["counts"].encode()}).astype(bool)
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        assert thing["box"] == [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        assert thing["area"] == mask.sum()
