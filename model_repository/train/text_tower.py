"""Fits CLIP's text tower to the concepts' anchors, with a small tokenizer of CLIP's own kind."""

from __future__ import annotations

import logging
import math

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor
from torch.nn import functional
from transformers import CLIPModel

from model_repository.train.image_tower import CONTEXT_LENGTH, VOCABULARY
from model_repository.train.meaning import CONTRASTS, Meaning, pad_contrasts
from model_repository.train.meaning_vectors import Meanings
from model_repository.train.muon import Muon
from model_repository.train.schedule import rate
from model_repository.train.targets import contrast_loss
from model_repository.train.texts import Phrase, Phrasebook

logger = logging.getLogger(__name__)

PAD, BEGIN, END = "<|pad|>", "<|startoftext|>", "<|endoftext|>"
MOST_TERMS = 64  # of a word that many concepts bear, the weightiest so many
_PIECES = r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""


def build_tokenizer(texts: list[str]) -> Tokenizer:
    """A byte-pair tokenizer in CLIP's format: lower case, ``</w>`` endings, begin and end tokens.

    Padding is token 0; begin and end are the last two, as in CLIP, whose text tower pools at the end token.
    """
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", continuing_subword_prefix="", unk_token=PAD))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PIECES), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 2,
        special_tokens=[PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_special_tokens([BEGIN, END])
    begin, end = tokenizer.token_to_id(BEGIN), tokenizer.token_to_id(END)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}", special_tokens=[(BEGIN, begin), (END, end)]
    )
    return tokenizer


def tokenise(tokenizer: Tokenizer, texts: list[str]) -> Tensor:
    """Token ids int64 ``(N, L)``, L the longest of them, at most 32: a longer text keeps its end token."""
    rows = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    rows = [row if len(row) <= CONTEXT_LENGTH else [*row[: CONTEXT_LENGTH - 1], row[-1]] for row in rows]
    length = max(len(row) for row in rows)
    return torch.tensor([row + [0] * (length - len(row)) for row in rows])


def embed_texts(model: CLIPModel, ids: Tensor) -> Tensor:
    """L2-normalised text embeddings float32 ``(N, D)``."""
    pooled = model.text_model(input_ids=ids).pooler_output
    return functional.normalize(model.text_projection(pooled), dim=-1)


def read_meanings(
    model: CLIPModel, tokenizer: Tokenizer, book: Phrasebook, seed: int, steps: int = 400
) -> Meanings:
    """The vectors that a fitted text tower was fitted to, or close to them: what ``fit_text_tower`` learns,
    the other way round."""
    torch.manual_seed(seed)
    with torch.no_grad():
        names = [concept.name for concept in book.concepts]
        anchors = torch.cat(
            [
                embed_texts(model, tokenise(tokenizer, names[at : at + 256]))
                for at in range(0, len(names), 256)
            ]
        )
    meanings = Meanings(anchors)
    optimiser = torch.optim.Adam(meanings.parameters(), lr=5e-3)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = 5e-3 * rate(0.02 + 0.98 * step / steps)
        rng = np.random.default_rng([seed, 12, step])
        drawn = [book.draw(rng) for _ in range(256)]
        with torch.no_grad():
            told = embed_texts(model, tokenise(tokenizer, [phrase.text for phrase in drawn]))
        distance = 1 - (told * meanings.of([phrase.meaning for phrase in drawn], MOST_TERMS)).sum(-1).mean()
        optimiser.zero_grad()
        distance.backward()
        optimiser.step()
    logger.info("texts lie at a cosine of %.3f from what they mean", 1 - distance.item())
    return meanings


def fit_text_tower(
    model: CLIPModel,
    tokenizer: Tokenizer,
    meanings: Meanings,
    book: Phrasebook,
    *,
    steps: int,
    seed: int,
    warm: bool = False,
    batch_size: int = 128,
) -> None:
    """Fit the tower to the vectors of what texts mean.

    ``warm``: the tower has been fitted before; begin with gentle steps.
    """
    torch.manual_seed(seed)
    text = [*model.text_model.named_parameters(), ("projection", model.text_projection.weight)]
    matrices = [p for name, p in text if p.ndim == 2 and ".layers." in name]
    chosen = {id(p) for p in matrices}
    others = [p for _, p in text if id(p) not in chosen]
    optimisers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(others, lr=4e-3, betas=(0.9, 0.98), weight_decay=0.0),
        Muon(matrices, lr=3e-3),
    ]
    peaks = [group["lr"] for optimiser in optimisers for group in optimiser.param_groups]
    scale = model.logit_scale.detach().exp().clamp(min=12)
    meanings.requires_grad_(False)
    anchors = meanings.concepts()
    running = math.nan
    for step in range(steps):
        for optimiser, peak in zip(optimisers, peaks, strict=True):
            optimiser.param_groups[0]["lr"] = peak * rate(0.3 + 0.7 * step / steps if warm else step / steps)
            optimiser.zero_grad(set_to_none=True)
        rng = np.random.default_rng([seed, 9 + warm, step])
        drawn = [book.draw(rng) for _ in range(batch_size)]
        embeddings = embed_texts(model, tokenise(tokenizer, [phrase.text for phrase in drawn]))
        targets = meanings.of([phrase.meaning for phrase in drawn], MOST_TERMS)
        distance = 1 - (embeddings * targets).sum(-1)
        shares = share_rows([phrase.meaning for phrase in drawn], len(anchors))
        choice = -(shares * functional.log_softmax(scale * embeddings @ anchors.T, dim=-1)).sum(-1)
        loss = (4 * distance + 0.25 * choice).mean() + 0.5 * _contrast(embeddings, drawn, meanings, scale)
        loss.backward()
        for optimiser in optimisers:
            optimiser.step()
        cosine = 1 - distance.detach().mean().item()
        running = cosine if math.isnan(running) else 0.97 * running + 0.03 * cosine
        if (step + 1) % 50 == 0:
            logger.info("text step %d, cosine with the meaning %.3f", step + 1, running)


def _contrast(embeddings: Tensor, drawn: list[Phrase], meanings: Meanings, scale: Tensor) -> Tensor:
    """How surely texts are taken for what they mean, not for what differs in one attribute."""
    rows = [row for row, phrase in enumerate(drawn) if phrase.contrasts]
    if not rows:
        return torch.zeros(())
    padded = pad_contrasts(drawn[row].contrasts for row in rows)
    described = meanings.of(padded).reshape(len(rows), CONTRASTS, -1)
    present = torch.tensor([bool(each) for each in padded]).reshape(len(rows), CONTRASTS)
    return contrast_loss(embeddings[rows], described, present, scale)


def share_rows(meanings: list[Meaning], concepts: int) -> Tensor:
    """How much of each concept meanings hold, as float32 rows ``(N, concepts)`` that sum to one."""
    rows = torch.zeros(len(meanings), concepts)
    for row, meaning in enumerate(meanings):
        for (_, place), weight in meaning.items():
            if place < concepts:
                rows[row, place] += weight
    return rows / rows.sum(1, keepdim=True)
