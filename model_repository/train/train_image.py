"""Trains CLIP's image tower, its targets beside it; the text tower is fitted to these later."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from transformers import CLIPModel

from model_repository.train import views
from model_repository.train.checkpoints import load_checkpoint, save_checkpoint
from model_repository.train.concepts import Stock
from model_repository.train.image_tower import DIMENSION, build_clip
from model_repository.train.muon import Muon
from model_repository.train.scenes import Painter
from model_repository.train.schedule import rate
from model_repository.train.targets import Targets, first_anchors, seen_anchors, teach

logger = logging.getLogger(__name__)

_WHOLE_FROM = 0.7  # of the time: from then on no patch is left out


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


def start(stock: Stock, folder: Path, seed: int, learnt: CLIPModel | None) -> tuple[Run, list[Any]]:
    """The run that ``folder/image.pt`` holds, or a new one, and its optimisers. A new one begins with the
    image tower of ``learnt`` where there is one."""
    torch.manual_seed(seed)
    model = learnt or build_clip()
    kept = load_checkpoint(folder / "image.pt")
    if kept:
        anchors = torch.zeros(len(stock), DIMENSION)  # what was kept takes their place
    else:
        anchors = seen_anchors(model, stock, seed) if learnt else first_anchors(stock)
    targets = Targets(anchors)
    run = Run(model, targets, {})
    run.mean = {name: value.clone() for name, value in run.state().items()}
    optimisers = _optimisers(run)
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
        found = teach(run.model, run.targets, next(batches), whole=progress >= _WHOLE_FROM)
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
            "steps": run.steps,
            "seconds": run.seconds,
            "optimisers": [optimiser.state_dict() for optimiser in optimisers],
        },
    )
