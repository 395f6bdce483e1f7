"""The pictographs of the starter, where Debian's font and names are installed, as they are in CI."""

import json

import numpy as np
import pytest

from model_repository.train import vocabulary
from model_repository.train.concepts import ANNOTATIONS, FONT, Stock, build_stock
from sightline.gallery import read_gallery
from tests.fixtures.stack import GALLERY

pytestmark = pytest.mark.skipif(
    not (FONT.exists() and ANNOTATIONS.exists()),
    reason="apt-get install fonts-noto-color-emoji unicode-cldr-core",
)


@pytest.fixture(scope="module")
def stock() -> Stock:
    return build_stock()


def test_every_concept_is_drawn_and_named_once(stock: Stock) -> None:
    names = [concept.name for concept in stock.concepts]
    assert len(names) == len(set(names)) >= 1300
    assert len(stock.glyphs) == len(names)
    assert (stock.glyphs[..., 3] > 0).any(axis=(1, 2)).all()
    assert {"pineapple", "rainbow", "red triangle"} <= set(names)


def test_no_two_drawings_are_the_same(stock: Stock) -> None:
    assert len(np.unique(stock.glyphs.reshape(len(stock.glyphs), -1), axis=0)) == len(stock.glyphs)


def test_the_gallery_shows_only_what_is_in_the_vocabulary(stock: Stock) -> None:
    known = {concept.name for concept in stock.concepts}
    assert {thing.name for answer in read_gallery(GALLERY) for thing in answer.things} <= known


def test_the_gallery_names_the_keywords_of_its_things(stock: Stock) -> None:
    keywords = {concept.name: set(concept.keywords) for concept in stock.concepts}
    rows = [json.loads(line) for line in (GALLERY / "answers.jsonl").read_text().splitlines()]
    assert all(set(thing["keywords"]) == keywords[thing["name"]] for row in rows for thing in row["things"])


def test_the_packs_labels_are_the_vocabulary(stock: Stock) -> None:
    labels = (
        (GALLERY.parents[1] / "model_repository" / "packs" / "starter" / "labels.txt")
        .read_text()
        .splitlines()
    )
    assert labels == [concept.name for concept in stock.concepts]


def test_what_looks_alike_is_one_concept_that_answers_to_all_its_names(stock: Stock) -> None:
    names = {concept.name for concept in stock.concepts}
    for first, *others in vocabulary.ALIKE:
        concept = stock.concepts[stock.index(first.replace("’", "'").lower())]
        assert set(concept.also) == {other.replace("’", "'").lower() for other in others}
        assert not names & set(concept.also)
