"""What descriptions mean: attributes change a meaning's vector, and texts say what they mean."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from model_repository.train import batches, meaning, views
from model_repository.train.concepts import Stock
from model_repository.train.meaning_vectors import Meanings
from model_repository.train.scenes import Painter
from model_repository.train.texts import Phrasebook

pytestmark = pytest.mark.filterwarnings("default")


def test_a_thing_alone_means_its_anchor() -> None:
    torch.manual_seed(0)
    meanings = Meanings(torch.randn(6, 16))
    vectors = meanings.of([{(meaning.PLAIN, place): 1.0} for place in range(6)])
    assert torch.allclose(vectors, meanings.concepts(), atol=1e-6)


def test_who_is_left_of_whom_makes_another_vector() -> None:
    torch.manual_seed(0)
    meanings = Meanings(torch.randn(6, 16))
    pair = meaning.of_pair(1, 2, meaning.LEFT)
    others = meaning.alternatives(pair, "relation", 6)
    assert others[0] == pair
    assert meaning.of_pair(2, 1, meaning.LEFT) == others[1]
    vectors = meanings.of(others)
    assert all((vectors[0] - other).norm() > 1e-3 for other in vectors[1:])


def test_a_count_has_two_alternatives_and_a_ground_three() -> None:
    two = meaning.of_things([4, 4])
    assert two == {(meaning.TWO, 4): 1.0}
    assert meaning.alternatives(two, "count", 6) == [
        two,
        {(meaning.PLAIN, 4): 1.0},
        {(meaning.THREE, 4): 1.0},
    ]
    scene = {**meaning.of_things([0, 3]), meaning.ground(6, "textured"): meaning.GROUND_WEIGHT}
    told = meaning.alternatives(scene, "ground", 6)
    assert told[0] == scene
    assert len({tuple(each) for each in told}) == 4


def test_a_meaning_with_too_many_terms_keeps_the_weightiest() -> None:
    _, concepts, weights = meaning.pack_meanings([{(0, place): place / 10 for place in range(9)}], terms=3)
    assert concepts.tolist() == [[8, 7, 6]]
    assert weights[0].tolist() == pytest.approx([0.8, 0.7, 0.6])


def test_every_text_weighs_what_it_means(stock: Stock, book: Phrasebook) -> None:
    kinds = set()
    for number in range(600):
        phrase = book.draw(np.random.default_rng(number))
        things = [weight for (_, place), weight in phrase.meaning.items() if place < len(stock)]
        assert sum(things) == pytest.approx(1)
        if phrase.contrasts:
            assert phrase.contrasts[0] == phrase.meaning
            assert 3 <= len(phrase.contrasts) <= meaning.CONTRASTS
        kinds |= {operator for operator, _ in phrase.meaning}
    assert kinds == set(range(len(meaning.OPERATORS)))


def test_a_description_without_the_name_means_what_bears_its_keywords(book: Phrasebook, stock: Stock) -> None:
    for number in range(200):
        rng = np.random.default_rng(number)
        place = int(rng.integers(len(stock)))
        phrase = book.described(place, rng)
        assert phrase.meaning[meaning.PLAIN, place] == max(phrase.meaning.values())


def test_patches_tell_what_covers_them(stock: Stock, painter: Painter) -> None:
    for number in range(40):
        each = views.view(stock, painter, np.random.default_rng(number))
        assert each.patches.shape == (64,)
        things = {place for place in each.patches.tolist() if 0 <= place < len(stock)}
        assert each.patches.max() < len(stock) + 4
        if each.contrasts:  # a whole scene: nothing else is to be seen
            shown = {place for _, place in each.contrasts[0] if place < len(stock)}
            assert shown == set(each.concepts)
        assert things or len(each.concepts) > 1 or each.contrasts


def test_a_batch_of_views_follows_from_its_place(stock: Stock, painter: Painter) -> None:
    first, again, other = (batches.batch(stock, painter, 5, start, 6) for start in (96, 96, 102))
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.terms, again.terms)
    assert not np.array_equal(first.pixels, other.pixels)
    assert (first.concepts[:, 0] >= 0).all()


def test_a_counted_family_differs_in_the_count_alone(stock: Stock, painter: Painter) -> None:
    family = views.counted_family(stock, painter, np.random.default_rng(3))
    concept = family[0].concepts[0]
    assert [each.concepts for each in family] == [[concept] * count for count in (1, 2, 3)]
    assert [each.contrasts[0] for each in family] == [meaning.of_things([concept] * n) for n in (1, 2, 3)]


def test_a_swapped_family_shows_each_thing_in_the_others_place(stock: Stock, painter: Painter) -> None:
    for number in range(8):
        one, other = views.swapped_family(stock, painter, np.random.default_rng(number))
        assert set(one.concepts) == set(other.concepts)
        assert one.contrasts[0] == other.contrasts[1]
        assert one.contrasts[1] == other.contrasts[0]


def test_twins_are_two_drawings_of_a_thing_and_two_of_its_like(stock: Stock, painter: Painter) -> None:
    near = np.array([[(place + 1) % len(stock)] for place in range(len(stock))])
    made = batches.batch(stock, painter, 5, 30_000, 48, near)
    rows = np.flatnonzero(made.twin >= 0)
    assert len(rows) == 24
    assert np.array_equal(made.twin[made.twin[rows]], rows)
    assert np.array_equal(made.concepts[made.twin[rows], 0], made.concepts[rows, 0])
    assert (made.concepts[rows[2::4], 0] == near[made.concepts[rows[::4], 0], 0]).all()
    assert not np.array_equal(made.pixels[rows[0]], made.pixels[rows[1]])
    assert not (batches.batch(stock, painter, 5, 30_000, 48).twin >= 0).any()


def test_a_quarter_of_a_batch_are_families(stock: Stock, painter: Painter) -> None:
    made = batches.batch(stock, painter, 5, 96, 48)
    sizes = np.bincount(made.family[made.family >= 0])
    assert sorted(sizes.tolist()) == [2, 2, 2, 3, 3]
    assert made.pixels.shape == (48, views.IMAGE_SIZE, views.IMAGE_SIZE, 3)
