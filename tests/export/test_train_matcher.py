"""What a matcher learns from fits or does not, and its answer does not hang on padding."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import CLIPModel

from model_repository.train import batches, image_tower, meaning, text_tower, train_matcher, views
from model_repository.train.concepts import Stock
from model_repository.train.matcher import Matcher
from model_repository.train.scenes import Painter
from model_repository.train.statements import sentence, statements
from model_repository.train.texts import Phrasebook, corpus

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, book: Phrasebook) -> tuple[CLIPModel, Tokenizer]:
    """Untrained towers in place of the installed ones."""
    torch.manual_seed(0)
    tokenizer = text_tower.build_tokenizer(corpus(book))
    model = image_tower.build_clip(tokenizer.get_vocab_size())
    monkeypatch.setattr(train_matcher, "read_installed_clip", lambda: model)
    monkeypatch.setattr(train_matcher, "installed_tokenizer", lambda: tokenizer)
    return model, tokenizer


def test_meanings_are_put_into_words(book: Phrasebook) -> None:
    names = [concept.name for concept in book.concepts]
    rng = np.random.default_rng(1)
    assert sentence(meaning.of_things([3, 3, 3]), book.concepts, rng) == f"three {names[3]}s"
    before = sentence(meaning.of_pair(3, 5, meaning.LEFT), book.concepts, rng)
    behind = sentence(meaning.of_pair(5, 3, meaning.LEFT), book.concepts, rng)
    assert before.index(names[3]) < before.index(" left of ") < before.index(names[5])
    assert behind.index(names[5]) < behind.index(" left of ") < behind.index(names[3])
    grounded = {**meaning.of_things([3]), meaning.ground(len(names), "cluttered"): 0.4}
    assert sentence(grounded, book.concepts, rng).endswith("among clutter")


def test_what_fits_names_what_is_shown_and_what_does_not_says_another_thing(
    stock: Stock, painter: Painter, book: Phrasebook
) -> None:
    near = np.array([[(place + step) % len(stock) for step in (1, 2, 3)] for place in range(len(stock))])
    made, *_ = batches.draw_views(stock, painter, 2, 30_000, 60)
    attributes = things = 0
    for number, view in enumerate(made):
        right, wrong = statements(view, book, near, np.random.default_rng(number))
        assert right != wrong
        named = {place for place in view.concepts if stock.concepts[place].name in right}
        attributes += all(stock.concepts[place].name in wrong for place in named)
        things += any(stock.concepts[place].name not in wrong for place in named)
    assert attributes > 5
    assert things > 20


def test_the_matcher_learns_is_taken_up_and_does_not_heed_padding(
    stock: Stock, small: tuple[CLIPModel, Tokenizer], tmp_path: Path
) -> None:
    train_matcher.train_matcher(stock, tmp_path, minutes=60, seed=0, most_steps=1)
    first = torch.load(tmp_path / "matcher.pt")
    matcher = train_matcher.train_matcher(stock, tmp_path, minutes=60, seed=0, most_steps=3)
    assert (first["steps"], torch.load(tmp_path / "matcher.pt")["steps"]) == (1, 3)
    assert not torch.equal(first["weights"]["head.weight"], matcher.head.weight)
    assert not any(weight.requires_grad for weight in matcher.clip.parameters())

    pixels = torch.randint(0, 256, (2, views.IMAGE_SIZE, views.IMAGE_SIZE, 3), dtype=torch.uint8)
    ids = text_tower.tokenise(small[1], ["a red circle", "two blue squares"])
    with torch.no_grad():
        logits = matcher.eval()(pixels, ids)
        padded = matcher(pixels, torch.nn.functional.pad(ids, (0, 7)))
    assert logits.shape == (2, 2)
    assert torch.allclose(logits, padded, atol=1e-5)


def test_the_matcher_learns_a_batch(
    stock: Stock, book: Phrasebook, small: tuple[CLIPModel, Tokenizer]
) -> None:
    matcher = Matcher(small[0])
    near = train_matcher.nearest_names(matcher, small[1], book)
    assert near.shape == (len(stock), 12)
    assert all(place not in row for place, row in enumerate(near))
    pixels, right, wrong, shared = train_matcher._Batches(stock, book, near, 0, 0)[0]
    optimiser = torch.optim.AdamW([each for each in matcher.parameters() if each.requires_grad], 2e-3)
    for _ in range(80):
        loss, told_apart = train_matcher.loss_of(matcher, small[1], pixels, [right, wrong], shared)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 1.3  # nothing learnt but how many fit: 1.68
    assert told_apart > 0.6
