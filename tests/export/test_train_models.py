"""The starter's training: it learns, can be broken off and taken up, and writes what the exporters read."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import CLIPModel

from model_repository.export.clip_checkpoint import load_checkpoint as load_clip
from model_repository.export.sam2_checkpoint import build_model
from model_repository.train import (
    batches,
    clip,
    image_tower,
    prompts,
    segmenter,
    targets,
    text_tower,
    train_image,
)
from model_repository.train.checkpoints import load_checkpoint, save_checkpoint
from model_repository.train.clip_files import installed_tokenizer
from model_repository.train.concepts import Stock
from model_repository.train.meaning_vectors import Meanings
from model_repository.train.muon import orthogonalise
from model_repository.train.scenes import Painter
from model_repository.train.texts import Phrasebook, corpus

# torch's own loaders and sam2's kernels warn about what is not ours.
pytestmark = pytest.mark.filterwarnings("default")


def test_orthogonalise_pulls_singular_values_towards_one() -> None:
    torch.manual_seed(0)
    for shape in ((3, 16, 40), (2, 40, 16)):
        values = torch.linalg.svdvals(orthogonalise(torch.randn(shape)))
        assert values.min() > 0.5
        assert values.max() < 1.5


def test_a_checkpoint_is_whole_or_absent(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "none.pt") is None
    save_checkpoint(tmp_path / "a.pt", {"steps": 3})
    (tmp_path / "a.partial").write_bytes(b"broken off")
    assert load_checkpoint(tmp_path / "a.pt") == {"steps": 3}


def test_the_image_tower_learns_a_batch(stock: Stock, painter: Painter) -> None:
    torch.manual_seed(0)
    made = batches.batch(stock, painter, 0, 30_000, 24)
    model = image_tower.build_clip()
    run = train_image.Run(model, targets.Targets(Meanings(targets.first_anchors(stock))), {})
    optimisers = train_image._optimisers(run)
    losses = []
    for _ in range(12):
        for optimiser in optimisers:
            optimiser.zero_grad()
        losses.append(targets.teach(model, run.targets, made, whole=True))
        for optimiser in optimisers:
            optimiser.step()
    assert losses[-1]["choice"] < 0.6 * losses[0]["choice"]
    assert losses[-1]["patch"] < 0.8 * losses[0]["patch"]
    assert losses[-1]["contrast"] < losses[0]["contrast"]
    assert losses[-1]["family"] < losses[0]["family"]


def test_a_meaning_looks_for_its_picture_among_its_family_alone() -> None:
    described = torch.eye(6)
    family, scale = torch.tensor([0, 0, 1, 1, -1, -1]), torch.tensor(10.0)
    right = targets.family_loss(described, described, family, scale)
    assert right < 1e-6
    assert targets.family_loss(described[[1, 0, 2, 3, 4, 5]], described, family, scale) > 10
    # Whom it is mistaken for elsewhere does not count.
    assert torch.equal(targets.family_loss(described[[0, 1, 2, 3, 5, 4]], described, family, scale), right)
    assert targets.family_loss(described, described, torch.full((6,), -1), scale) == 0


def test_a_picture_looks_for_its_twin_among_all_that_have_one() -> None:
    embeddings, scale = torch.eye(6)[[0, 0, 1, 1, 0, 1]], torch.tensor(20.0)
    twin = torch.tensor([1, 0, 3, 2, -1, -1])
    right = targets.twin_loss(embeddings, twin, scale)
    assert right < 1e-6
    assert targets.twin_loss(embeddings[[0, 2, 1, 3, 4, 5]], twin, scale) > 10
    assert targets.twin_loss(embeddings, torch.full((6,), -1), scale) == 0


def test_what_texts_mean_is_read_out_of_their_tower(stock: Stock, book: Phrasebook) -> None:
    torch.manual_seed(0)
    tokenizer = text_tower.build_tokenizer(corpus(book))
    model = image_tower.build_clip(tokenizer.get_vocab_size())
    before = Meanings(torch.randn(len(stock), image_tower.DIMENSION))
    text_tower.fit_text_tower(model, tokenizer, before, book, steps=60, seed=0)
    read = text_tower.read_meanings(model, tokenizer, book, seed=1, steps=40)
    phrases = [book.draw(np.random.default_rng(number)) for number in range(200)]
    with torch.no_grad():
        told = text_tower.embed_texts(
            model, text_tower.tokenise(tokenizer, [phrase.text for phrase in phrases])
        )
        others = Meanings(torch.randn(len(stock), image_tower.DIMENSION))
        close, far = (
            (each.of([phrase.meaning for phrase in phrases], text_tower.MOST_TERMS) * told).sum(-1).mean()
            for each in (read, others)
        )
    assert close > 0.7
    assert far < 0.2


def test_patches_left_out_leave_the_embedding_of_the_others(stock: Stock, painter: Painter) -> None:
    model = image_tower.build_clip()
    pixels = batches.batch(stock, painter, 0, 0, 3).pixels
    whole, states = image_tower.embed_patches(model, pixels, None)
    everything, same = image_tower.embed_patches(model, pixels, torch.arange(64).expand(3, 64))
    assert torch.allclose(whole, everything, atol=1e-6)
    assert torch.allclose(states, same, atol=1e-5)
    assert torch.allclose(
        whole,
        torch.nn.functional.normalize(
            model.visual_projection(
                model.vision_model(pixel_values=image_tower.normalise(pixels)).pooler_output
            ),
            dim=-1,
        ),
        atol=1e-6,
    )


def test_patches_that_show_things_are_kept_rather_than_ground() -> None:
    torch.manual_seed(0)
    patches = torch.full((200, 64), 7)
    patches[:, :32] = 2
    kept = targets.choose_patches(patches, concepts=5, kept=32)
    assert kept.shape == (200, 32)
    assert (kept.diff(dim=1) > 0).all()
    assert 0.6 < (kept < 32).float().mean() < 0.8


def test_training_is_taken_up_and_ends_as_a_clip_checkpoint(stock: Stock, tmp_path: Path) -> None:
    first = train_image.train_image_tower(stock, tmp_path, minutes=60, seed=0, batch_size=4, most_steps=2)
    second = train_image.train_image_tower(stock, tmp_path, minutes=60, seed=0, batch_size=4, most_steps=4)
    assert (first.steps, second.steps) == (2, 4)
    folder = clip.finish(stock, tmp_path, text_steps=2, seed=0)
    checkpoint = load_clip(str(folder))
    assert checkpoint.preprocessing.resize == "squash"
    assert checkpoint.pad_token_id == 0
    assert torch.equal(
        checkpoint.model.vision_model.post_layernorm.weight, second.mean["vision_model.post_layernorm.weight"]
    )
    ids = text_tower.tokenise(checkpoint.tokenizer, ["a red circle", "Größe 日本 \N{GRINNING FACE}"])
    assert (ids[:, 0] == ids[0, 0]).all()
    assert checkpoint.end_token_id in ids[0]
    with torch.no_grad():
        short = text_tower.embed_texts(checkpoint.model, ids[:1])
        padded = text_tower.embed_texts(checkpoint.model, torch.nn.functional.pad(ids[:1], (0, 9)))
    assert torch.allclose(short, padded, atol=1e-5)
    assert math.isclose(float(short.norm()), 1, rel_tol=1e-5)


def test_installed_weights_are_read_only_for_what_has_no_checkpoint(
    stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times_read: list[int] = []

    def installed() -> CLIPModel:
        times_read.append(1)
        return image_tower.build_clip(installed_tokenizer().get_vocab_size())

    monkeypatch.setattr(clip, "load_stock", lambda folder: stock)
    monkeypatch.setattr(clip, "read_installed_clip", installed)
    asked = f"--continue --minutes 0 --text-steps 1 --threads {torch.get_num_threads()} --out".split()
    monkeypatch.setattr(sys, "argv", ["clip", *asked, str(tmp_path)])
    train_image.train_image_tower(stock, tmp_path, minutes=60, seed=0, batch_size=4, most_steps=1)
    clip.main()
    assert len(times_read) == 1, "the text tower begins with the installed one"
    clip.main()
    assert len(times_read) == 1, "both towers go on from their own checkpoints"
    assert load_clip(str(tmp_path / "model")).vocabulary_size == installed_tokenizer().get_vocab_size()


def test_a_long_text_keeps_its_end_token(stock: Stock) -> None:
    tokenizer = text_tower.build_tokenizer(["a red circle above a blue square"] * 3)
    ids = text_tower.tokenise(tokenizer, ["circle " * 90])
    assert ids.shape == (1, image_tower.CONTEXT_LENGTH)
    assert ids[0, -1] == tokenizer.token_to_id(text_tower.END)


def test_the_right_mask_costs_least_and_the_background_has_none() -> None:
    masks = torch.zeros(2, 32, 32)
    masks[0, 8:20, 8:20] = 1
    thing = torch.tensor([True, False])
    right = (masks * 16 - 8)[:, None].expand(2, 4, 32, 32)
    wrong = right.flip(2)
    sure = torch.tensor([[1.0] * 4, [0.0] * 4])
    costs = [
        segmenter.loss_of(logits, sure, masks, thing, ambiguous=True).item() for logits in (right, wrong)
    ]
    assert costs[0] < 0.1 < costs[1]
    overconfident = segmenter.loss_of(right, torch.ones(2, 4), masks, thing, ambiguous=True).item()
    assert overconfident > costs[0] + 0.4


def test_the_segmenter_is_taken_up_and_ends_as_a_sam2_checkpoint(
    stock: Stock, painter: Painter, tmp_path: Path
) -> None:
    segmenter.train_segmenter(stock, tmp_path, minutes=60, seed=0, most_steps=1)
    before = load_checkpoint(tmp_path / "sam2_training.pt")
    trained = segmenter.train_segmenter(stock, tmp_path, minutes=60, seed=0, most_steps=3)
    after = load_checkpoint(tmp_path / "sam2_training.pt")
    assert before is not None
    assert after is not None
    assert (before["steps"], after["steps"]) == (1, 3)
    model = build_model(str(segmenter.CONFIG), tmp_path / "sam2_starter.pt")
    made = prompts.batch(stock, painter, 0, 0, side=segmenter.SIDE, pictures=2, per_picture=2, kind="box")
    with torch.no_grad():
        features = segmenter.encode(model, torch.as_tensor(made.pixels))
        ids = torch.as_tensor(made.picture)
        masks, scores = segmenter.decode(
            model, features, ids, torch.as_tensor(made.coords), torch.as_tensor(made.labels)
        )
    assert masks.shape == (4, 4, segmenter.SIDE // 4, segmenter.SIDE // 4)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert np.isfinite(masks.numpy()).all()
    name = "sam_mask_decoder.mask_tokens.weight"
    assert torch.equal(model.state_dict()[name], trained.state_dict()[name])
