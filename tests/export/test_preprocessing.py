"""What towers see, pixel by pixel, against the publishers' own processors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from transformers import BlipImageProcessorPil, CLIPImageProcessorPil, SiglipImageProcessorPil

from orchestrator.adapters.triton.packs import Preprocessing
from orchestrator.adapters.triton.preprocess import preprocess
from orchestrator.domain.image import Picture
from tests.fixtures.service import ROOT

PHOTOS = ROOT.parent / "shared" / "photos"
SHAPES = [(1, 1), (3, 300), (224, 224), (223, 225), (1000, 333), (91, 700), (640, 427), (1600, 16)]

PUBLISHED: dict[str, tuple[Any, Preprocessing]] = {
    "CLIP": (CLIPImageProcessorPil(), Preprocessing(image_size=224)),
    "CLIP at 336": (
        CLIPImageProcessorPil(size={"shortest_edge": 336}, crop_size={"height": 336, "width": 336}),
        Preprocessing(image_size=336),
    ),
    "SigLIP 2": (
        SiglipImageProcessorPil(size={"height": 224, "width": 224}, resample=Image.Resampling.BILINEAR),
        Preprocessing(image_size=224, resize="squash", resample="bilinear"),
    ),
    "BLIP": (
        BlipImageProcessorPil(size={"height": 384, "width": 384}),
        Preprocessing(image_size=384, resize="squash", resample="bicubic"),
    ),
}


@pytest.mark.parametrize("published", PUBLISHED)
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="no shared photographs beside the checkout")
def test_photographs_are_seen_as_by_the_publisher(published: str) -> None:
    files = [*sorted((PHOTOS / "coco").glob("*.jpg")), *sorted((PHOTOS / "kodak").glob("*.png"))]
    assert len(files) >= 40
    check(published, [_photograph(file) for file in files])


@pytest.mark.parametrize("published", PUBLISHED)
def test_awkward_shapes_are_seen_as_by_the_publisher(published: str) -> None:
    random = np.random.default_rng(3)
    check(published, [random.integers(0, 256, (height, width, 3), np.uint8) for width, height in SHAPES])


def check(published: str, pictures: Sequence[Picture]) -> None:
    """No value differs by more than 1 of 255."""
    processor, how = PUBLISHED[published]
    for picture in pictures:
        theirs = processor(
            Image.fromarray(picture), do_rescale=False, do_normalize=False, return_tensors="np"
        )["pixel_values"][0].transpose(1, 2, 0)
        (ours,) = preprocess([picture], how)
        assert ours.shape == theirs.shape
        assert np.abs(ours.astype(int) - theirs.astype(int)).max() <= 1, f"a picture of {picture.shape}"


def _photograph(file: Path) -> Picture:
    with Image.open(file) as opened:
        return np.asarray(opened.convert("RGB"))
