"""The starter's exam: every data set can be read, and its groups differ in what they are about."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from model_repository.train import exam, exam_sets
from model_repository.train.concepts import Stock, build_stock
from sightline.evaluation.dataset import Dataset, Record, read_dataset


@pytest.fixture(scope="module")
def stock() -> Stock:
    whole = build_stock(font_path=None)
    return Stock(whole.concepts[:44], whole.glyphs[:44])


@pytest.fixture(scope="module")
def sets(stock: Stock, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    out = tmp_path_factory.mktemp("exam")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exam_sets, "GROUPS", 4)
        patch.setattr(exam_sets, "SCENES", 5)
        exam_sets.draw_exam(stock, out, seed=7)
    return {name: read_dataset(out / name) for name in exam.FIGURES}


def groups(held: Dataset) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for record in held.records:
        found[record.group].append(record)
    return found


def test_each_concept_is_looked_for_by_its_name_and_by_its_like(
    sets: dict[str, Dataset], stock: Stock
) -> None:
    assert len(sets["names"].records) == len(stock)
    assert {record.captions for record in sets["names"].records} >= {("a red circle",)}
    alike = [record.same for record in sets["alike"].records]
    assert sorted(alike) == sorted(2 * [concept.name for concept in stock.concepts])


def test_what_is_absent_is_shown_by_no_picture(sets: dict[str, Dataset]) -> None:
    shown = {text for record in sets["absent"].records for text in record.captions}
    assert len(sets["absent"].absent) == 22
    assert not shown & set(sets["absent"].absent)


@pytest.mark.parametrize(("name", "size"), [("counts", 3), ("relations", 2), ("grounds", 4), ("colours", 4)])
def test_pictures_of_a_group_are_told_apart_by_their_captions(
    sets: dict[str, Dataset], name: str, size: int
) -> None:
    found = groups(sets[name])
    assert len(found) == 4
    for records in found.values():
        assert len(records) == size
        assert len({record.captions for record in records}) == size


def test_scenes_know_their_things(sets: dict[str, Dataset]) -> None:
    names = [thing.name for record in sets["regions"].records for thing in record.things]
    assert len(names) == len(set(names)) >= 25
    assert all(thing.runs for record in sets["regions"].records for thing in record.things)


def test_a_paraphrase_leaves_the_name_out(stock: Stock) -> None:
    assert exam_sets.paraphrase(stock.concepts[0]) is None  # "circle, red" says "red circle"


def test_errors_of_two_curves_that_make_up_for_one_another_pool_to_none() -> None:
    shy = {"count": 10.0, "confidence": 0.4, "accuracy": 0.6}
    bold = {"count": 20.0, "confidence": 0.6, "accuracy": 0.5}
    none = {"count": 0.0, "confidence": 0.0, "accuracy": 0.0}
    assert exam.pooled([[shy], [bold]]) == pytest.approx(0.0)
    assert exam.pooled([[shy, none], [none, bold]]) == pytest.approx((2 + 2) / 30)
    assert exam.pooled([[none], [none]]) == 0.0


def test_an_exam_follows_from_its_seed(stock: Stock) -> None:
    first, again = (next(exam_sets.Examiner(stock, 7).names())[0].pixels for _ in range(2))
    assert np.array_equal(first, again)
