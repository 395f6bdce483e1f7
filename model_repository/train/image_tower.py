"""Trains CLIP's image tower: at every step each concept of the vocabulary is a possible answer.

Next to the tower its targets are learnt, a vector for every concept (``meaning.Meanings``); the text tower
is fitted to them later. Comparing with the whole vocabulary, not with the batch, is what makes a small tower
on a CPU learn at all. Two things make it learn from fewer pictures: every patch is told what it shows (token
labelling: Jiang et al., 2021), and mostly a part of the patches is left out (FLIP: Li et al., 2023).
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from model_repository.train.meaning import Meanings
from model_repository.train.muon import Muon
from model_repository.train.scenes import Painter, compose

logger = logging.getLogger(__name__)

DIMENSION = 128
WIDTH = 128
DEPTH = 6
CONTEXT_LENGTH = 32
VOCABULARY = 3000
MEAN = STD = 127.5
_KEPT, _WHOLE_FROM = 36, 0.7  # of the 64 patches, until so much of the time is over
_LABELLED = 16  # patches of a view that are asked what they show
# Of the losses, beside the choice between concepts.
_PATCH_SHARE, _CONTRAST_SHARE, _PRESENCE_SHARE, _DISTANCE_SHARE = 0.5, 1.5, 0.1, 2.0
_MOST_SCALE = 20.0  # a sharper choice would be content with pictures far from what they mean


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
        patch_size=views.PATCH,
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
    return (torch.as_tensor(pixels).permute(0, 3, 1, 2).float() - MEAN) / STD


def embed_pixels(model: CLIPModel, pixels: NDArray[np.uint8] | Tensor) -> Tensor:
    """L2-normalised image embeddings float32 ``(N, D)`` of uint8 pixels ``(N, 64, 64, 3)``."""
    return embed_patches(model, pixels, None)[0]


def embed_patches(
    model: CLIPModel, pixels: NDArray[np.uint8] | Tensor, kept: Tensor | None
) -> tuple[Tensor, Tensor]:
    """L2-normalised embeddings ``(N, D)`` and what goes into the last layer for each patch ``(N, K, W)``.

    ``kept`` int64 ``(N, K)`` names the patches that the tower is given; None gives it all.
    """
    vision = model.vision_model
    states = vision.embeddings(normalise(pixels))
    if kept is not None:
        chosen = functional.pad(kept + 1, (1, 0))  # the class token comes first
        states = states.gather(1, chosen[..., None].expand(-1, -1, states.shape[-1]))
    states = vision.pre_layrnorm(states)
    *layers, last = vision.encoder.layers
    for layer in layers:
        states = layer(states, attention_mask=None)
    pooled = vision.post_layernorm(last(states, attention_mask=None)[:, 0])
    return functional.normalize(model.visual_projection(pooled), dim=-1), states[:, 1:]


class Targets(nn.Module):
    """What the tower learns towards; all but ``meanings`` is thrown away afterwards.

    ``patch_head`` turns a patch's state into a vector to compare with the anchors; ``scale`` sharpens the
    choice between concepts; ``presence`` is the scale and bias of the odds that a concept is there at all
    (SigLIP's loss), which makes cosines mean the same for every concept.
    """

    def __init__(self, anchors: Tensor) -> None:
        super().__init__()
        self.meanings = Meanings(anchors)
        self.patch_head = nn.Linear(WIDTH, DIMENSION)
        self.scale = nn.Parameter(torch.tensor(math.log(12)))
        self.presence = nn.Parameter(torch.tensor([math.log(10), -6.0]))


class _Batches(Dataset[views.Batch]):
    def __init__(self, stock: Stock, seed: int, size: int, skip: int) -> None:
        """``skip``: how many views of the stream come before the first batch."""
        self.stock, self.seed, self.size, self.skip = stock, seed, size, skip
        self.painter = Painter(stock)

    def __len__(self) -> int:
        return 10**7

    def __getitem__(self, index: int) -> views.Batch:
        return views.batch(self.stock, self.painter, self.seed, self.skip + index * self.size, self.size)


@dataclass
class Run:
    """A training run that can be broken off and taken up: weights, their running mean, and what was spent."""

    model: CLIPModel
    targets: Targets
    mean: dict[str, Tensor]
    steps: int = 0
    seconds: float = 0.0

    def state(self) -> dict[str, Tensor]:
        """The image tower's weights, and the targets' under ``targets.``."""
        tower = {name: value for name, value in self.model.state_dict().items() if name.startswith("vis")}
        return tower | {f"targets.{name}": value for name, value in self.targets.state_dict().items()}

    def load(self, state: dict[str, Tensor]) -> None:
        """The other way round."""
        self.model.load_state_dict(tower_part(state), strict=False)
        self.targets.load_state_dict(targets_part(state))


def tower_part(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The image tower's weights among those of a run."""
    return {name: value for name, value in state.items() if not name.startswith("targets.")}


def targets_part(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The targets' weights among those of a run."""
    return {
        name.removeprefix("targets."): value for name, value in state.items() if name.startswith("targets.")
    }


def _optimisers(run: Run) -> list[torch.optim.Optimizer]:
    vision = [*run.model.vision_model.named_parameters(), ("projection", run.model.visual_projection.weight)]
    matrices = [p for name, p in vision if p.ndim == 2 and ".layers." in name]
    others = [p for name, p in vision if not (p.ndim == 2 and ".layers." in name)]
    slow = torch.optim.AdamW(
        [*others, *run.targets.parameters()], lr=2e-3, betas=(0.9, 0.98), weight_decay=0.01
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


@torch.no_grad()
def seen_anchors(model: CLIPModel, stock: Stock, seed: int, drawings: int = 6) -> Tensor:
    """Where the anchors start under a tower that has learnt before, ``(concepts, D)``: its mean embeddings
    of some drawings of each concept."""
    painter = Painter(stock)
    anchors = []
    for place in range(len(stock)):
        rng = np.random.default_rng([seed, 11, place])
        scenes = [compose(stock, rng, 1, concepts=(place,), sizes=(0.75, 1.0)) for _ in range(drawings)]
        pixels = [painter.draw(scene, views.IMAGE_SIZE, views.IMAGE_SIZE).pixels for scene in scenes]
        anchors.append(embed_pixels(model, np.stack(pixels)).mean(0))
    centred = torch.stack(anchors)
    return functional.normalize(centred - centred.mean(0), dim=-1)


def rate(progress: float) -> float:
    """Share of the peak learning rate at ``progress`` in [0, 1]: a short rise, a plateau, a straight fall."""
    return min(1.0, 0.02 + progress / 0.02, max(0.01, (1 - progress) / 0.55))


def start(stock: Stock, folder: Path, seed: int, learnt: CLIPModel | None) -> tuple[Run, list[Any]]:
    """The run that ``folder/image.pt`` holds, or a new one, and its optimisers. A new one begins with the
    image tower of ``learnt`` where there is one."""
    torch.manual_seed(seed)
    model = learnt or build_clip()
    targets = Targets(seen_anchors(model, stock, seed) if learnt else first_anchors(stock))
    run = Run(model, targets, {})
    run.mean = {name: value.clone() for name, value in run.state().items()}
    optimisers = _optimisers(run)
    kept = load_checkpoint(folder / "image.pt")
    if kept:
        run.load(kept["weights"])
        run.mean, run.steps, run.seconds = kept["mean"], kept["steps"], kept["seconds"]
        for optimiser, state in zip(optimisers, kept["optimisers"], strict=True):
            optimiser.load_state_dict(state)
    return run, optimisers


def train_image_tower(
    stock: Stock,
    folder: Path,
    *,
    minutes: float,
    seed: int,
    learnt: CLIPModel | None = None,
    batch_size: int = 48,
    most_steps: int = 10**9,
) -> Run:
    """Train for ``minutes`` of running time or ``most_steps`` in all, taking up ``folder/image.pt``."""
    run, optimisers = start(stock, folder, seed, learnt)
    skip = run.steps * batch_size + (views.EASY_VIEWS if learnt else 0)
    made = _Batches(stock, seed, batch_size, skip)
    loader = DataLoader(made, batch_size=None, num_workers=1, prefetch_factor=4)
    clock, saved = time.monotonic(), time.monotonic()
    marks: dict[str, float] = {}
    batches: Iterator[views.Batch] = iter(loader)
    while run.seconds < minutes * 60 and run.steps < most_steps:
        progress = run.seconds / (minutes * 60)
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * rate(progress)
            optimiser.zero_grad(set_to_none=True)
        found = step(run, next(batches), whole=progress >= _WHOLE_FROM)
        for optimiser in optimisers:
            optimiser.step()
        _average(run)
        for name, value in found.items():
            marks[name] = value if name not in marks else 0.98 * marks[name] + 0.02 * value
        run.steps += 1
        run.seconds += time.monotonic() - clock
        clock = time.monotonic()
        if run.steps % 50 == 0:
            figures = ", ".join(f"{name} {value:.3f}" for name, value in marks.items())
            views_seen = run.steps * batch_size
            logger.info("%d views, %.1f min, %s", views_seen, run.seconds / 60, figures)
        if clock - saved > 60 or run.seconds >= minutes * 60 or run.steps >= most_steps:
            _save(run, optimisers, folder)
            saved = clock
    return run


def choose_patches(patches: Tensor, concepts: int, kept: int = _KEPT) -> Tensor:
    """Patches to keep, int64 ``(N, kept)``, at random; those that show a thing thrice as likely."""
    thing = (patches >= 0) & (patches < concepts)
    weight = torch.where(thing, 3.0, 1.0)
    # The largest of u^(1/w): a sample without replacement with those weights (Efraimidis and Spirakis, 2006).
    return (torch.rand(patches.shape).log() / weight).topk(kept, dim=1).indices.sort(dim=1).values


def step(run: Run, made: views.Batch, *, whole: bool) -> dict[str, float]:
    """One batch's gradients, and its losses by name. ``whole``: no patch is left out."""
    targets, meanings = run.targets, run.targets.meanings
    patches, concepts = torch.as_tensor(made.patches), torch.as_tensor(made.concepts)
    kept = None if whole else choose_patches(patches, len(meanings.concepts()))
    embeddings, states = embed_patches(run.model, torch.as_tensor(made.pixels), kept)
    anchors, scale = meanings.everything(), targets.scale.exp().clamp(max=_MOST_SCALE)
    cosines = embeddings @ meanings.concepts().T
    shown = (concepts >= 0).float()
    named = concepts.clamp(min=0)
    share = shown / shown.sum(1, keepdim=True)
    choice = -(functional.log_softmax(scale * cosines, dim=-1).gather(1, named) * share).sum(1).mean()

    odds = targets.presence[0].exp() * cosines + targets.presence[1]
    there = torch.zeros_like(cosines).scatter_add_(1, named, shown).clamp(max=1)
    presence = functional.binary_cross_entropy_with_logits(odds, there, reduction="none").sum(1).mean()

    labels = patches if kept is None else patches.gather(1, kept)
    asked = torch.rand(labels.shape).masked_fill(labels < 0, -1).topk(_LABELLED, dim=1).indices
    labels = labels.gather(1, asked)
    states = states.gather(1, asked[..., None].expand(-1, -1, states.shape[-1]))[labels >= 0]
    told = functional.normalize(targets.patch_head(functional.layer_norm(states, states.shape[-1:])), dim=-1)
    patch = functional.cross_entropy(scale * told @ anchors.T, labels[labels >= 0])

    weights = torch.as_tensor(made.weights)
    described = meanings.vectors(torch.as_tensor(made.operators), torch.as_tensor(made.terms), weights)
    nearness = (embeddings[:, None] * described).sum(-1)
    logits = (scale * nearness).masked_fill(weights.sum(-1) == 0, -math.inf)
    contrast = -functional.log_softmax(logits, dim=-1)[:, 0].mean()
    distance = 1 - nearness[:, 0].mean()
    loss = (
        choice
        + _PATCH_SHARE * patch
        + _CONTRAST_SHARE * contrast
        + _PRESENCE_SHARE * presence
        + _DISTANCE_SHARE * distance
    )
    loss.backward()
    nn.utils.clip_grad_norm_([p for p in run.model.parameters() if p.grad is not None], 1.0)
    right = (cosines.argmax(1, keepdim=True) == concepts).any(1).float().mean()
    return {
        "right": float(right),
        "choice": float(choice.detach()),
        "patch": float(patch.detach()),
        "contrast": float(contrast.detach()),
        "presence": float(presence.detach()),
        "distance": float(distance.detach()),
        "scale": float(scale.detach()),
    }


@torch.no_grad()
def _average(run: Run) -> None:
    decay = min(0.998, (1 + run.steps) / (10 + run.steps))
    for name, value in run.state().items():
        if value.is_floating_point():
            run.mean[name].lerp_(value, 1 - decay)


def _save(run: Run, optimisers: list[torch.optim.Optimizer], folder: Path) -> None:
    save_checkpoint(
        folder / "image.pt",
        {
            "weights": run.state(),
            "mean": run.mean,
            "steps": run.steps,
            "seconds": run.seconds,
            "optimisers": [optimiser.state_dict() for optimiser in optimisers],
        },
    )
