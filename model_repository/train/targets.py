"""What the image tower learns towards: at every step each concept of the vocabulary is a possible answer.

A vector for every concept (``meaning.Meanings``) is learnt beside the tower. Comparing with the whole
vocabulary, not with the batch, is what makes a small tower on a CPU learn at all. Two things make it learn
from fewer pictures: every patch is told what it shows (token labelling: Jiang et al., 2021), and mostly a
part of the patches is left out (FLIP: Li et al., 2023).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPModel

from model_repository.train.batches import Batch
from model_repository.train.concepts import Stock
from model_repository.train.image_tower import DIMENSION, WIDTH, embed_patches
from model_repository.train.meaning import GROUND_SHARE
from model_repository.train.meaning_vectors import Meanings

_KEPT = 36  # of the 64 patches
_LABELLED = 16  # patches of a view that are asked what they show
# Of the losses, beside the choice between concepts.
_PATCH_SHARE, _PRESENCE_SHARE, _DISTANCE_SHARE = 0.5, 0.1, 12.0
_CONTRAST_SHARE, _FAMILY_SHARE, _TWIN_SHARE = 2.0, 1.0, 2.0
CONTRAST_SHARPNESS = 3.0  # a slight difference tells, so that attributes stay slight beside things
_MOST_SCALE = 20.0  # a sharper choice would be content with pictures far from what they mean


class Targets(nn.Module):
    """What the tower learns towards; all but ``meanings`` is thrown away afterwards.

    ``patch_head`` turns a patch's state into a vector to compare with the anchors; ``scale`` sharpens the
    choice between concepts; ``presence`` is the scale and bias of the odds that a concept is there at all
    (SigLIP's loss), which makes cosines mean the same for every concept.
    """

    def __init__(self, meanings: Meanings) -> None:
        super().__init__()
        self.meanings = meanings
        self.patch_head = nn.Linear(WIDTH, DIMENSION)
        self.scale = nn.Parameter(torch.tensor(math.log(12)))
        self.presence = nn.Parameter(torch.tensor([math.log(10), -6.0]))


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


def choose_patches(patches: Tensor, concepts: int, kept: int = _KEPT) -> Tensor:
    """Patches to keep, int64 ``(N, kept)``, at random; those that show a thing thrice as likely."""
    thing = (patches >= 0) & (patches < concepts)
    weight = torch.where(thing, 3.0, 1.0)
    # The largest of u^(1/w): a sample without replacement with those weights (Efraimidis and Spirakis, 2006).
    return (torch.rand(patches.shape).log() / weight).topk(kept, dim=1).indices.sort(dim=1).values


def contrast_loss(embeddings: Tensor, described: Tensor, present: Tensor, scale: Tensor) -> Tensor:
    """How surely embeddings ``(N, D)`` are taken for what they mean, the first of ``described``
    ``(N, CONTRASTS, D)``, and not for the others that are ``present``, bool ``(N, CONTRASTS)``."""
    logits = CONTRAST_SHARPNESS * scale * (embeddings[:, None] * described).sum(-1)
    return -functional.log_softmax(logits.masked_fill(~present, -math.inf), dim=-1)[:, 0].mean()


def family_loss(embeddings: Tensor, described: Tensor, family: Tensor, scale: Tensor) -> Tensor:
    """How surely each of ``described`` ``(N, D)`` finds its own among the embeddings ``(N, D)`` of its
    ``family``, int64 ``(N,)``, negative where there is none: a text that looks for a picture."""
    sought = torch.where(family >= 0, torch.arange(len(family)), family)
    logits = CONTRAST_SHARPNESS * scale * described @ embeddings.T
    return _found_among(logits, family[:, None] == family, sought)


def twin_loss(embeddings: Tensor, twin: Tensor, scale: Tensor) -> Tensor:
    """How surely each of the embeddings ``(N, D)`` that have a ``twin``, int64 ``(N,)``, negative for none,
    finds that one among all that have: a picture that looks for another of the same thing."""
    apart = (twin >= 0) & ~torch.eye(len(twin), dtype=torch.bool)
    logits = scale * embeddings @ embeddings.T  # not sharpened: twins are to be far closer than others
    return _found_among(logits, apart, twin)


def _found_among(logits: Tensor, among: Tensor, sought: Tensor) -> Tensor:
    """Cross-entropy of the columns ``sought``, int64 ``(N,)``, in rows of ``logits`` ``(N, N)`` over those
    that each is ``among``, bool ``(N, N)``; rows that seek none, a negative one, do not count."""
    asked = sought >= 0
    if not asked.any():
        return torch.zeros(())
    return functional.cross_entropy(logits.masked_fill(~among, -math.inf)[asked], sought[asked])


def teach(model: CLIPModel, targets: Targets, made: Batch, *, whole: bool) -> dict[str, float]:
    """One batch's gradients, and its losses by name. ``whole``: no patch is left out."""
    meanings = targets.meanings
    patches, concepts = torch.as_tensor(made.patches), torch.as_tensor(made.concepts)
    kept = None if whole else choose_patches(patches, len(meanings.concepts()))
    embeddings, states = embed_patches(model, torch.as_tensor(made.pixels), kept)
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
    contrast = contrast_loss(embeddings, described, weights.sum(-1) > 0, scale)
    family = family_loss(embeddings, described[:, 0], torch.as_tensor(made.family), scale)
    twin = twin_loss(embeddings, torch.as_tensor(made.twin), scale)
    distance = 1 - (embeddings * _borne(meanings, made)).sum(-1).mean()
    loss = (
        choice
        + _PATCH_SHARE * patch
        + _CONTRAST_SHARE * contrast
        + _FAMILY_SHARE * family
        + _TWIN_SHARE * twin
        + _PRESENCE_SHARE * presence
        + _DISTANCE_SHARE * distance
    )
    loss.backward()
    nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], 1.0)
    right = (cosines.argmax(1, keepdim=True) == concepts).any(1).float().mean()
    return {
        "right": float(right),
        "choice": float(choice.detach()),
        "patch": float(patch.detach()),
        "contrast": float(contrast.detach()),
        "family": float(family.detach()),
        "twin": float(twin.detach()),
        "presence": float(presence.detach()),
        "distance": float(distance.detach()),
        "scale": float(scale.detach()),
    }


@torch.no_grad()
def _borne(meanings: Meanings, made: Batch) -> Tensor:
    """What each picture is to bear of its meaning ``(N, D)``: a share of the ground alone. What is meant does
    not move towards what is seen: two and three would soon mean the same."""
    terms, weights = torch.as_tensor(made.terms[:, 0]), torch.as_tensor(made.weights[:, 0])
    weights = torch.where(terms < len(meanings.concepts()), weights, GROUND_SHARE * weights)
    return meanings.vectors(torch.as_tensor(made.operators[:, 0]), terms, weights)
