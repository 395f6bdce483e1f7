"""Sharpens the segmenter's logits, so that SAM's stability score tells good masks from poor ones.

Automatic mask generation drops a mask that changes much between the thresholds -1 and +1. How steep logits
are is an accident of training; multiplying them leaves every mask as it is, and makes that filter mean what
it should.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from model_repository.train.concepts import Stock
from model_repository.train.prompts import batch
from model_repository.train.scenes import Painter
from model_repository.train.segmenter import SIDE, decode, encode, enlarge, loss_of, mask_iou

FACTORS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)
_GOOD_IOU, _STABLE, _SHARE = 0.75, 0.95, 0.8
_SEED = 60_000_000


def stability(logits: Tensor, offset: float = 1.0) -> Tensor:
    """SAM's stability score of logits ``(N, H, W)``: the IoU of the masks at +offset and -offset."""
    return (logits > offset).sum((1, 2)) / (logits > -offset).sum((1, 2)).clamp(min=1)


@torch.no_grad()
def choose_factor(model: Any, stock: Stock, scenes: int = 48) -> float:
    """The least of FACTORS at which four in five good masks of clicks are stable; the greatest if none is."""
    model.eval()
    made = batch(stock, Painter(stock), _SEED, 1000, side=SIDE, pictures=scenes, per_picture=4, kind="point")
    features = encode(model, torch.as_tensor(made.pixels))
    prompts = (torch.as_tensor(value) for value in (made.picture, made.coords, made.labels))
    logits, scores = decode(model, features, *prompts)
    masks, thing = torch.as_tensor(made.masks), torch.as_tensor(made.thing)
    best = scores[:, 1:].argmax(1) + 1
    chosen = logits[torch.arange(len(best)), best]
    good = chosen[thing & (mask_iou(enlarge(chosen[:, None], masks), masks)[:, 0] >= _GOOD_IOU)]
    if not len(good):
        return 1.0
    grown = functional.interpolate(good[:, None], scale_factor=4, mode="bilinear")[:, 0]
    shares = [float((stability(grown, 1 / factor) >= _STABLE).float().mean()) for factor in FACTORS]
    enough = np.flatnonzero(np.array(shares) >= _SHARE)
    return FACTORS[int(enough[0])] if len(enough) else FACTORS[-1]


@torch.no_grad()
def soften(model: Any, stock: Stock, scenes: int = 16) -> float:
    """Divide a sharpened model's logits by the one of FACTORS at which its loss is least, which it returns:
    steep logits learn little."""
    model.eval()
    made = batch(stock, Painter(stock), _SEED, 1000, side=SIDE, pictures=scenes, per_picture=4, kind="box")
    features = encode(model, torch.as_tensor(made.pixels))
    prompts = (torch.as_tensor(value) for value in (made.picture, made.coords, made.labels))
    logits, scores = decode(model, features, *prompts)
    truth = torch.as_tensor(made.masks), torch.as_tensor(made.thing)
    losses = [float(loss_of(logits / factor, scores, *truth, ambiguous=False)) for factor in FACTORS]
    factor = FACTORS[int(np.argmin(losses))]
    multiply_logits(model, 1 / factor)
    model.train()
    return factor


@torch.no_grad()
def multiply_logits(model: Any, factor: float) -> None:
    """Multiply every mask logit by ``factor``: they are linear in the last layer of each hypernetwork."""
    for network in model.sam_mask_decoder.output_hypernetworks_mlps:
        network.layers[-1].weight.mul_(factor)
        network.layers[-1].bias.mul_(factor)
