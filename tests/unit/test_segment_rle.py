"""Masks are encoded byte for byte as pycocotools encodes them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco

from model_repository.segment import rle


@st.composite
def masks(draw):
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    density = draw(st.sampled_from([0.0, 0.02, 0.5, 0.98, 1.0]))
    seed = draw(st.integers(0, 2**32 - 1))
    return np.random.default_rng(seed).random((height, width)) < density


@settings(max_examples=300)
@given(masks())
def test_encoding_is_that_of_pycocotools(mask):
    assert rle.encode(mask) == coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]


@settings(max_examples=200)
@given(masks())
def test_decoding_gives_the_mask_back(mask):
    counts = coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]
    assert np.array_equal(rle.decode(counts, mask.shape), mask)


@settings(max_examples=200)
@given(masks(), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))
def test_a_crop_is_encoded_at_its_place(crop, top, left, bottom, right):
    whole = np.pad(crop, ((top, bottom), (left, right)))
    assert rle.encode_crop(crop, (top, left), whole.shape) == rle.encode(whole)


def test_runs_of_a_hundred_megapixels_are_exact():
    counts = np.array([1, 99_999_998, 1, 0, 50_000_000, 3])
    assert np.array_equal(rle.decompress(rle.compress(counts)), counts)
    assert (
        rle.compress(counts)
        == coco.frPyObjects({"size": [10_000, 15_001], "counts": counts.tolist()}, 0, 0)["counts"]
    )


@pytest.mark.parametrize("data", [b"\x01", b"0\xff", b"o", b"oooooooooo0"])
def test_what_is_no_rle_is_refused(data):
    with pytest.raises(ValueError, match="not a compressed COCO RLE"):
        rle.decompress(data)


def test_runs_that_do_not_fill_the_size_are_refused():
    with pytest.raises(ValueError, match="do not fill"):
        rle.decode(rle.encode(np.ones((3, 4), np.bool_)), (4, 4))


def test_a_crop_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        rle.encode_crop(np.ones((3, 3), np.bool_), (2, 2), (4, 8))
