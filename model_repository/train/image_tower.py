"""Trains CLIP's image tower: at every step each concept of the vocabulary is a possible answer.

Next to the tower a table of one vector a concept is learnt, the anchors; the text tower is fitted to them
later.
Comparing with the whole vocabulary, not with the batch, is what makes a small tower on a CPU learn at all.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig

from model_repository.train import views
from model_repository.train.checkpoints import load_checkpoint, save_checkpoint
from model_repository.train.concepts import Stock
from model_repository.train.muon import Muon
from model_repository.train.scenes import Painter

logger = logging.getLogger(__name__)

DIMENSION = 128
WIDTH = 128
DEPTH = 6
PATCH = 8
CONTEXT_LENGTH = 32
VOCABULARY = 3000
_MEAN = _STD = 127.5
_CACHED = 48


def build_clip(vocabulary: int = VOCABULARY) -> CLIPModel:
    """A CLIP of transformers' own architecture, 64-pixel pictures, texts of at most 32 tokens.

    Token 0 pads, 1 begins and 2 ends a text: with ``eos_token_id`` 2 transformers would pool at the
    largest id,
    as the first CLIP did, so the ids are 0, vocabulary - 2 and vocabulary - 1.
    """
    vision = CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        num_hidden_layers=DEPTH,
        num_attention_heads=4,
        image_size=views.IMAGE_SIZE,
        hidden_act="relu",  # a third cheaper on a CPU than CLIP's quick_gelu
        patch_size=PATCH,
        projection_dim=DIMENSION,
    )
    text = CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=128,
        intermediate_size=384,
        num_hidden_layers=3,
        num_attention_heads=4,
        hidden_act="relu",
        max_position_embeddings=CONTEXT_LENGTH,
        projection_dim=DIMENSION,
        pad_token_id=0,
        bos_token_id=vocabulary - 2,
        eos_token_id=vocabulary - 1,
    )
    config = CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=DIMENSION)
    model = CLIPModel(config)
    for name, weight in model.named_parameters():
        if weight.ndim == 2 and "embedding" not in name:
            nn.init.normal_(weight, std=0.5 / math.sqrt(weight.shape[1]))
    return model


def normalise(pixels: NDArray[np.uint8] | Tensor) -> Tensor:
    """uint8 ``(N, H, W, 3)`` → float32 ``(N, 3, H, W)`` in [-1, 1]: mean and standard deviation 0.5."""
    return (torch.as_tensor(pixels).permute(0, 3, 1, 2).float() - _MEAN) / _STD


def embed_pixels(model: CLIPModel, pixels: NDArray[np.uint8] | Tensor) -> Tensor:
    """L2-normalised image embeddings float32 ``(N, D)`` of uint8 pixels ``(N, 64, 64, 3)``."""
    pooled = model.vision_model(pixel_values=normalise(pixels)).pooler_output
    return functional.normalize(model.visual_projection(pooled), dim=-1)


class _Batches(Dataset[tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.float32]]]):
    def __init__(self, stock: Stock, seed: int, size: int, skip: int) -> None:
        self.stock, self.seed, self.size, self.skip = stock, seed, size, skip
        self.painter = Painter(stock)

    def __len__(self) -> int:
        return 10**7

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.float32]]:
        return views.batch(self.stock, self.painter, self.seed, (self.skip + index) * self.size, self.size)


@dataclass
class Run:
    """A training run that can be broken off and taken up: weights, their running mean, and what was spent."""

    model: CLIPModel
    anchors: nn.Parameter
    mean: dict[str, Tensor]
    mean_anchors: Tensor
    steps: int = 0
    seconds: float = 0.0


def _optimisers(run: Run) -> list[torch.optim.Optimizer]:
    vision = [*run.model.vision_model.named_parameters(), ("projection", run.model.visual_projection.weight)]
    matrices = [p for name, p in vision if p.ndim == 2 and ".layers." in name]
    others = [p for name, p in vision if not (p.ndim == 2 and ".layers." in name)]
    slow = torch.optim.AdamW(
        [*others, run.anchors, run.model.logit_scale], lr=2e-3, betas=(0.9, 0.98), weight_decay=0.01
    )
    # Muon: orthogonalised momentum for the transformer's matrices; learns from about half as many scenes
    # as AdamW.
    fast = Muon(matrices, lr=2e-3)
    for optimiser in (slow, fast):
        for group in optimiser.param_groups:
            group["peak"] = group["lr"]
    return [slow, fast]


def first_anchors(stock: Stock) -> Tensor:
    """Where the anchors start, ``(concepts, D)``: the drawings' own principal components, half whitened.

    What looks alike starts close together, so that the tower begins with a smooth map, not with a lottery.
    """
    small = np.stack(
        [np.asarray(Image.fromarray(glyph).resize((16, 16), Image.Resampling.BOX)) for glyph in stock.glyphs]
    )
    colour, alpha = small[..., :3] / 255.0 - 0.5, small[..., 3:] / 255.0
    flat = torch.tensor(
        np.concatenate([colour * alpha, alpha * 0.5], -1).reshape(len(stock), -1), dtype=torch.float32
    )
    flat = flat - flat.mean(0)
    left, strengths, _ = torch.linalg.svd(flat, full_matrices=False)
    components = left[:, :DIMENSION] * strengths[:DIMENSION].sqrt()
    # A vocabulary smaller than D has fewer components than that.
    return functional.normalize(functional.pad(components, (0, DIMENSION - components.shape[1])), dim=-1)


def rate(progress: float) -> float:
    """Share of the peak learning rate at ``progress`` in [0, 1]: a short rise, a plateau, a straight fall."""
    return min(1.0, 0.02 + progress / 0.02, max(0.01, (1 - progress) / 0.55))


def train_image_tower(
    stock: Stock,
    folder: Path,
    *,
    minutes: float,
    seed: int,
    batch_size: int = 48,
    most_steps: int = 10**9,
) -> Run:
    """Train for ``minutes`` of running time or ``most_steps`` in all, taking up ``folder/image.pt``."""
    torch.manual_seed(seed)
    model = build_clip()
    with torch.no_grad():
        model.logit_scale.fill_(math.log(12))
    anchors = nn.Parameter(first_anchors(stock))
    tower = {name: value for name, value in model.state_dict().items() if not name.startswith("text")}
    run = Run(
        model, anchors, {name: value.clone() for name, value in tower.items()}, anchors.detach().clone()
    )
    optimisers = _optimisers(run)
    kept = load_checkpoint(folder / "image.pt")
    if kept:
        model.load_state_dict(kept["model"], strict=False)
        with torch.no_grad():
            anchors.copy_(kept["anchors"])
        run.mean, run.mean_anchors, run.steps, run.seconds = (
            kept["mean"],
            kept["mean_anchors"],
            kept["steps"],
            kept["seconds"],
        )
        for optimiser, state in zip(optimisers, kept["optimisers"], strict=True):
            optimiser.load_state_dict(state)
    loader = DataLoader(
        _Batches(stock, seed, batch_size, run.steps), batch_size=None, num_workers=1, prefetch_factor=4
    )
    clock, saved, loss_mean = time.monotonic(), time.monotonic(), math.nan
    batches: Iterator[list[Tensor]] = iter(loader)
    while run.seconds < minutes * 60 and run.steps < most_steps:
        pixels, concepts, weights = next(batches)
        progress = run.seconds / (minutes * 60)
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * rate(progress)
            optimiser.zero_grad(set_to_none=True)
        loss = _step(run, pixels, concepts, weights)
        for optimiser in optimisers:
            optimiser.step()
        with torch.no_grad():
            model.logit_scale.clamp_(max=math.log(100))
        _average(run)
        loss_mean = loss if math.isnan(loss_mean) else 0.97 * loss_mean + 0.03 * loss
        run.steps += 1
        run.seconds += time.monotonic() - clock
        clock = time.monotonic()
        if run.steps % 50 == 0:
            logger.info(
                "step %d, %d views, %.1f min, loss %.3f, scale %.1f",
                run.steps, run.steps * batch_size, run.seconds / 60, loss_mean,
                model.logit_scale.exp().item(),
            )  # fmt: skip
        if clock - saved > 60 or run.seconds >= minutes * 60 or run.steps >= most_steps:
            _save(run, optimisers, folder)
            saved = clock
    return run


def _step(run: Run, pixels: Tensor, concepts: Tensor, weights: Tensor) -> float:
    total = 0.0
    for part in range(0, len(pixels), _CACHED):  # small parts stay in the processor's cache
        rows = slice(part, part + _CACHED)
        embeddings = embed_pixels(run.model, pixels[rows])
        logits = run.model.logit_scale.exp() * embeddings @ functional.normalize(run.anchors, dim=-1).T
        losses = functional.log_softmax(logits, dim=-1).gather(1, concepts[rows]) * weights[rows]
        loss = -losses.sum() / len(pixels)
        loss.backward()
        total += float(loss.detach())
    nn.utils.clip_grad_norm_([p for p in run.model.parameters() if p.grad is not None], 1.0)
    return total


@torch.no_grad()
def _average(run: Run) -> None:
    decay = min(0.998, (1 + run.steps) / (10 + run.steps))
    current = run.model.state_dict()
    for name, value in run.mean.items():
        if value.is_floating_point():
            value.lerp_(current[name], 1 - decay)
    run.mean_anchors.lerp_(run.anchors.detach(), 1 - decay)


def _save(run: Run, optimisers: list[torch.optim.Optimizer], folder: Path) -> None:
    save_checkpoint(
        folder / "image.pt",
        {
            "model": {name: run.model.state_dict()[name] for name in run.mean},
            "anchors": run.anchors.detach(),
            "mean": run.mean,
            "mean_anchors": run.mean_anchors,
            "steps": run.steps,
            "seconds": run.seconds,
            "optimisers": [optimiser.state_dict() for optimiser in optimisers],
        },
    )
