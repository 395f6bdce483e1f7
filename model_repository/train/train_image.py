"""Trains CLIP's image tower, its targets beside it; the text tower is fitted to these later."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from transformers import CLIPModel

from model_repository.train import batches
from model_repository.train.checkpoints import load_checkpoint, save_checkpoint
from model_repository.train.concepts import Stock
from model_repository.train.image_tower import DIMENSION, build_clip
from model_repository.train.meaning_vectors import Meanings, nearest
from model_repository.train.muon import Muon
from model_repository.train.scenes import Painter
from model_repository.train.schedule import further_rate, rate
from model_repository.train.targets import Targets, first_anchors, teach

logger = logging.getLogger(__name__)

_WHOLE_FROM = 0.7  # of the time: from then on no patch is left out


class _Batches(Dataset[batches.Batch]):
    def __init__(self, stock: Stock, seed: int, size: int, skip: int, near: NDArray[np.int64] | None) -> None:
        """``skip``: how many views of the stream come before the first batch; ``near``: which concepts are
        much alike, as ``views.twin_family`` takes them, if that is known."""
        self.stock, self.seed, self.size, self.skip, self.near = stock, seed, size, skip, near
        self.painter = Painter(stock)

    def __len__(self) -> int:
        return 10**7

    def __getitem__(self, index: int) -> batches.Batch:
        first = self.skip + index * self.size
        return batches.batch(self.stock, self.painter, self.seed, first, self.size, self.near)


@dataclass
class Run:
    """A training run that can be broken off and taken up: weights, their running mean, and what was spent."""

    model: CLIPModel
    targets: Targets
    mean: dict[str, Tensor]
    first: int = 0  # view of the stream that it began with
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


Learnt = tuple[CLIPModel, Meanings]  # a CLIP that has been trained, and what its texts mean


def start(stock: Stock, folder: Path, seed: int, learnt: Learnt | None) -> tuple[Run, list[Any]]:
    """The run that ``folder/image.pt`` holds, or a new one, and its optimisers. A new one begins with what
    was ``learnt`` where there is any."""
    torch.manual_seed(seed)
    kept = load_checkpoint(folder / "image.pt")
    if learnt and not kept:
        model, targets = learnt[0], Targets(learnt[1])
        with torch.no_grad():
            targets.scale.copy_(model.logit_scale)
    else:
        # What was kept takes their place.
        anchors = torch.zeros(len(stock), DIMENSION) if kept else first_anchors(stock)
        model, targets = build_clip(), Targets(Meanings(anchors))
    run = Run(model, targets, {}, first=batches.EASY_VIEWS if learnt else 0)
    run.mean = {name: value.clone() for name, value in run.state().items()}
    optimisers = _optimisers(run)
    if kept:
        run.load(kept["weights"])
        run.mean, run.first, run.steps, run.seconds = (
            kept[name] for name in ("mean", "first", "steps", "seconds")
        )
        for optimiser, state in zip(optimisers, kept["optimisers"], strict=True):
            optimiser.load_state_dict(state)
    return run, optimisers


def train_image_tower(
    stock: Stock,
    folder: Path,
    *,
    minutes: float,
    seed: int,
    learnt: Learnt | None = None,
    batch_size: int = 48,
    most_steps: int = 10**9,
) -> Run:
    """Train for ``minutes`` of running time or ``most_steps`` in all, taking up ``folder/image.pt``."""
    run, optimisers = start(stock, folder, seed, learnt)
    near = nearest(run.targets.meanings.concepts()) if run.first else None
    made = _Batches(stock, seed, batch_size, run.first + run.steps * batch_size, near)
    loader = DataLoader(made, batch_size=None, num_workers=1, prefetch_factor=4)
    learning_rate = further_rate if run.first else rate
    clock, saved = time.monotonic(), time.monotonic()
    marks: dict[str, float] = {}
    stream: Iterator[batches.Batch] = iter(loader)
    while run.seconds < minutes * 60 and run.steps < most_steps:
        progress = run.seconds / (minutes * 60)
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["peak"] * learning_rate(progress)
            optimiser.zero_grad(set_to_none=True)
        found = teach(run.model, run.targets, next(stream), whole=progress >= _WHOLE_FROM)
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
            "first": run.first,
            "steps": run.steps,
            "seconds": run.seconds,
            "optimisers": [optimiser.state_dict() for optimiser in optimisers],
        },
    )
