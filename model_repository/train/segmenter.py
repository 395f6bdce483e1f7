"""Trains a SAM 2 of the real architecture on prompts for drawn things: pictures only, no memory.

As in SAM 2: focal and dice loss (20 : 1), for an ambiguous prompt most on the best of the three masks, and
the predicted IoU learns the IoU of every mask. A point on the background learns an IoU of nought, so that
automatic masks, which are filtered by it, show things. Logits are enlarged as SAM 2 enlarges them before they
are compared, so that an edge may lie between two of them.
"""

from __future__ import annotations

import logging
import math
import time
from pathlib import Path
from typing import Any

import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from model_repository.train import prompts
from model_repository.train.checkpoints import load_checkpoint, save_checkpoint
from model_repository.train.concepts import Stock
from model_repository.train.muon import Muon
from model_repository.train.scenes import Painter
from model_repository.train.schedule import further_rate, rate

logger = logging.getLogger(__name__)

CONFIG = Path(__file__).with_name("sam2_starter.yaml")
SIDE = 192  # pixels, as in the configuration: an edge cannot lie finer than a few of them
PICTURES, PER_PICTURE = 8, 6  # a batch, and prompts for each of it
_KINDS = ("point", "box", "point", "points", "point", "point")  # of prompts, batch by batch
_MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
_STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def build_sam2(config: Path = CONFIG) -> nn.Module:
    """The SAM2Base that ``config`` (a file in sam2's own layout) describes, with random weights."""
    loaded = OmegaConf.load(config)
    OmegaConf.resolve(loaded)
    model: nn.Module = instantiate(loaded.model, _recursive_=True)
    return model


def encode(model: Any, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Features of uint8 ``(B, S, S, 3)``: strides 4 and 8, already projected, and 16 with SAM 2's
    no-memory vector."""
    images = (pixels.permute(0, 3, 1, 2).float() / 255 - _MEAN) / _STD
    high_0, high_1, embedding = model.forward_image(images)["backbone_fpn"]
    return high_0, high_1, embedding + model.no_mem_embed.view(1, -1, 1, 1)


def decode(
    model: Any,
    features: tuple[Tensor, Tensor, Tensor],
    picture: Tensor,
    coords: Tensor,
    labels: Tensor,
    mask_input: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Mask logits ``(P, 4, S/4, S/4)``, the single mask first, and predicted IoUs ``(P, 4)`` of P prompts."""
    sparse, dense = model.sam_prompt_encoder(points=(coords, labels), boxes=None, masks=mask_input)
    high_0, high_1, embedding = (feature[picture] for feature in features)
    masks, scores, _, _ = model.sam_mask_decoder.predict_masks(
        image_embeddings=embedding,
        image_pe=model.sam_prompt_encoder.get_dense_pe(),
        sparse_prompt_embeddings=sparse,
        dense_prompt_embeddings=dense,
        repeat_image=False,
        high_res_features=[high_0, high_1],
    )
    return masks, scores


def enlarge(logits: Tensor, masks: Tensor) -> Tensor:
    """Logits ``(P, M, h, w)`` as ``(P, M, H, W)``, the size of ``masks``: bilinear, as SAM 2 does."""
    return functional.interpolate(logits, masks.shape[-2:], mode="bilinear", align_corners=False)


def mask_iou(logits: Tensor, masks: Tensor) -> Tensor:
    """IoU ``(P, M)`` of logits ``(P, M, H, W)`` above nought with coverage ``(P, H, W)`` above a half."""
    predicted, true = logits > 0, (masks > 0.5)[:, None]
    union = (predicted | true).sum((2, 3)).clamp(min=1)
    return (predicted & true).sum((2, 3)) / union


def mask_losses(logits: Tensor, masks: Tensor) -> Tensor:
    """Focal (× 20) plus dice loss ``(P, M)``."""
    target = masks[:, None].expand_as(logits)
    probability = logits.sigmoid()
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    wrongness = (probability - target).abs()
    focal = (wrongness**2 * entropy).mean((2, 3))
    dice = 1 - (2 * (probability * target).sum((2, 3)) + 1) / (
        probability.sum((2, 3)) + target.sum((2, 3)) + 1
    )
    return 20 * focal + dice


def loss_of(logits: Tensor, scores: Tensor, masks: Tensor, thing: Tensor, ambiguous: bool) -> Tensor:
    """The training loss of one batch of prompts. ``ambiguous``: a single point, answered by three masks."""
    logits = enlarge(logits, masks)
    iou = mask_iou(logits.detach(), masks) * thing[:, None]
    score_loss = (scores - iou).abs().mean()
    each = mask_losses(logits[thing], masks[thing])
    if ambiguous:
        # A click always means the whole thing here: the other two are to be good as well, so that a wrong
        # choice among the three costs little.
        several = 0.5 * each[:, 1:].min(1).values + 0.5 * each[:, 1:].mean(1)
    else:
        several = 0.3 * each[:, 1:].mean(1)
    return each[:, 0].mean() + several.mean() + score_loss


class _Batches(Dataset[Any]):
    def __init__(self, stock: Stock, seed: int, skip: int) -> None:
        self.stock, self.seed, self.skip = stock, seed, skip
        self.painter = Painter(stock)

    def __len__(self) -> int:
        return 10**7

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        index += self.skip
        made = prompts.batch(
            self.stock,
            self.painter,
            self.seed,
            index,
            side=SIDE,
            pictures=PICTURES,
            per_picture=PER_PICTURE,
            kind=_KINDS[index % len(_KINDS)],
        )
        return made.pixels, made.picture, made.coords, made.labels, made.masks, made.thing


def train_segmenter(
    stock: Stock,
    folder: Path,
    *,
    minutes: float,
    seed: int,
    most_steps: int = 10**9,
    start: nn.Module | None = None,
) -> nn.Module:
    """Train for ``minutes`` or ``most_steps`` in all, taking up ``folder/sam2_training.pt``; where there is
    none, from ``start``, which has seen the easy scenes, or from random weights."""
    torch.manual_seed(seed)
    model = build_sam2() if start is None else start
    model.to(memory_format=torch.channels_last)
    mean = {name: value.clone() for name, value in model.state_dict().items()}
    used = [
        (n, p) for n, p in model.named_parameters() if n.startswith(("image_encoder", "sam_", "no_mem_embed"))
    ]
    matrices = [p for n, p in used if p.ndim == 2 and ("blocks" in n or "transformer" in n)]
    chosen = {id(p) for p in matrices}
    optimisers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(
            [p for _, p in used if id(p) not in chosen], lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01
        ),
        Muon(matrices, lr=2.5e-3),
    ]
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["peak"] = group["lr"]
    steps, seconds = 0, 0.0
    kept = load_checkpoint(folder / "sam2_training.pt")
    if kept:
        model.load_state_dict(kept["model"])
        mean, steps, seconds = kept["mean"], kept["steps"], kept["seconds"]
        for optimiser, state in zip(optimisers, kept["optimisers"], strict=True):
            optimiser.load_state_dict(state)
    first, learning_rate = steps, rate
    if start is not None:
        first, learning_rate = steps + prompts.EASY_BATCHES, further_rate
    batches = iter(
        DataLoader(_Batches(stock, seed, first), batch_size=None, num_workers=1, prefetch_factor=3)
    )
    clock = saved = time.monotonic()
    marks: dict[str, float] = {}
    while seconds < minutes * 60 and steps < most_steps:
        progress = seconds / (minutes * 60)
        pixels, picture, coords, labels, masks, thing = next(batches)
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * learning_rate(progress)
            optimiser.zero_grad(set_to_none=True)
        features = encode(model, pixels)
        corrected = bool(coords.shape[1] == prompts.POINTS)
        mask_input = None
        if (
            corrected and steps // len(_KINDS) % 2
        ):  # half of the corrections come with the mask that they correct
            with torch.no_grad():
                mask_input = decode(model, features, picture, coords[:, :1], labels[:, :1])[0][:, :1]
        logits, scores = decode(model, features, picture, coords, labels, mask_input)
        loss = loss_of(logits, scores, masks, thing, ambiguous=coords.shape[1] == 1)
        loss.backward()
        nn.utils.clip_grad_norm_([p for _, p in used], 1.0)
        for optimiser in optimisers:
            optimiser.step()
        steps += 1
        _average(model, mean, steps)
        iou = mask_iou(enlarge(logits.detach(), masks), masks)
        _note(marks, coords.shape[1], iou[thing], scores.detach()[thing])
        seconds += time.monotonic() - clock
        clock = time.monotonic()
        if steps % 40 == 0:
            figures = ", ".join(f"{name} {value:.3f}" for name, value in marks.items())
            logger.info("step %d, %.1f min, loss %.3f, %s", steps, seconds / 60, loss.item(), figures)
        if clock - saved > 60 or seconds >= minutes * 60 or steps >= most_steps:
            states = [optimiser.state_dict() for optimiser in optimisers]
            save_checkpoint(
                folder / "sam2_training.pt",
                {
                    "model": model.state_dict(),
                    "mean": mean,
                    "steps": steps,
                    "seconds": seconds,
                    "optimisers": states,
                },
            )
            save_checkpoint(folder / "sam2_starter.pt", {"model": mean})
            saved = clock
    model.load_state_dict(mean)
    return model


@torch.no_grad()
def _average(model: nn.Module, mean: dict[str, Tensor], steps: int) -> None:
    decay = min(0.997, (1 + steps) / (10 + steps))
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            mean[name].lerp_(value, 1 - decay)


def _note(marks: dict[str, float], points: int, iou: Tensor, scores: Tensor) -> None:
    name = {1: "point", 2: "box", prompts.POINTS: "points"}[points]
    best = (
        iou[:, 1:].gather(1, scores[:, 1:].argmax(1, keepdim=True)).mean().item()
        if points == 1
        else iou[:, 0].mean().item()
    )
    marks[name] = best if math.isnan(marks.get(name, math.nan)) else 0.9 * marks[name] + 0.1 * best
