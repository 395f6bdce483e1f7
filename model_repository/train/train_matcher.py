"""Trains the starter's matcher on the installed towers: ``python -m model_repository.train.train_matcher
--out DIR --minutes 30``; run again to go on."""

from __future__ import annotations

import argparse
import logging
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from model_repository.train.batches import EASY_VIEWS, draw_views
from model_repository.train.checkpoints import load_checkpoint, save_checkpoint
from model_repository.train.clip_files import installed_tokenizer, read_installed_clip
from model_repository.train.concepts import Stock, load_stock
from model_repository.train.matcher import Matcher
from model_repository.train.meaning_vectors import nearest
from model_repository.train.scenes import Painter
from model_repository.train.schedule import rate
from model_repository.train.statements import statements
from model_repository.train.text_tower import tokenise
from model_repository.train.texts import Phrasebook, phrasebook

logger = logging.getLogger(__name__)

_BATCH, _PEAK = 48, 1e-3
_OTHER_SHARE = 0.5  # of the loss: texts of other pictures

Said = tuple[Tensor, list[str], list[str], Tensor]


class _Batches(Dataset[Said]):
    """Pixels, texts that fit, texts that do not, and which views share a thing, bool ``(N, N)``."""

    def __init__(self, stock: Stock, book: Phrasebook, near: NDArray[np.int64], seed: int, skip: int) -> None:
        self.stock, self.book, self.near, self.seed, self.skip = stock, book, near, seed, skip
        self.painter = Painter(stock)

    def __len__(self) -> int:
        return 10**7

    def __getitem__(self, index: int) -> Said:
        first = EASY_VIEWS + (self.skip + index) * _BATCH
        views, *_ = draw_views(self.stock, self.painter, self.seed, first, _BATCH)
        rng = np.random.default_rng([self.seed, 13, first])
        said = [statements(view, self.book, self.near, rng) for view in views]
        shared = [[bool({*one.concepts} & {*other.concepts}) for other in views] for one in views]
        pixels = torch.as_tensor(np.stack([view.pixels for view in views]))
        return pixels, [right for right, _ in said], [wrong for _, wrong in said], torch.tensor(shared)


@torch.no_grad()
def nearest_names(matcher: Matcher, tokenizer: Tokenizer, book: Phrasebook) -> NDArray[np.int64]:
    """The concepts whose names are most like each one's: int64 ``(concepts, K)``."""
    told, _ = matcher.read(tokenise(tokenizer, [concept.name for concept in book.concepts]))
    return nearest(told)


def loss_of(
    matcher: Matcher, tokenizer: Tokenizer, pixels: Tensor, texts: list[list[str]], shared: Tensor
) -> tuple[Tensor, float]:
    """The loss of one batch, and the share of texts, right and wrong, that are told for what they are.

    Each picture is compared with the text that fits it, the one that does not, and the text of another
    picture, with other things, that CLIP takes for its own the most.
    """
    right, wrong = (tokenise(tokenizer, each) for each in texts)
    with torch.no_grad():
        seen, fits, fails = matcher.see(pixels), matcher.read(right), matcher.read(wrong)
        other = (seen[0] @ fits[0].T).masked_fill(shared, -2).argmax(1)
    elsewhere = fits[0][other], fits[1][other]
    matches = torch.ones(len(pixels), dtype=torch.int64)
    asked = ((right, fits, matches), (wrong, fails, 0 * matches), (right[other], elsewhere, 0 * matches))
    logits = [matcher.compare(ids, seen, told) for ids, told, _ in asked]
    losses = [
        functional.cross_entropy(found, truth) for found, (*_, truth) in zip(logits, asked, strict=True)
    ]
    told_apart = [
        float((found.argmax(1) == truth).float().mean())
        for found, (*_, truth) in zip(logits, asked, strict=True)
    ]
    return losses[0] + losses[1] + _OTHER_SHARE * losses[2], (told_apart[0] + told_apart[1]) / 2


def train_matcher(
    stock: Stock, folder: Path, *, minutes: float, seed: int, most_steps: int = 10**9
) -> Matcher:
    """Train for ``minutes`` of running time or ``most_steps`` in all, taking up ``folder/matcher.pt``."""
    torch.manual_seed(seed)
    matcher = Matcher(read_installed_clip())
    book, tokenizer = phrasebook(stock.concepts), installed_tokenizer()
    parameters = [weight for weight in matcher.parameters() if weight.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=_PEAK, betas=(0.9, 0.98), weight_decay=0.01)
    steps, seconds = 0, 0.0
    if kept := load_checkpoint(folder / "matcher.pt"):
        matcher.load_state_dict(kept["weights"], strict=False)
        optimiser.load_state_dict(kept["optimiser"])
        steps, seconds = kept["steps"], kept["seconds"]
    made = _Batches(stock, book, nearest_names(matcher, tokenizer, book), seed, steps)
    batches = iter(DataLoader(made, batch_size=None, num_workers=1, prefetch_factor=4))
    clock = saved = time.monotonic()
    running = 0.5
    while seconds < minutes * 60 and steps < most_steps:
        optimiser.param_groups[0]["lr"] = _PEAK * rate(seconds / (minutes * 60))
        pixels, right, wrong, shared = next(batches)
        loss, told_apart = loss_of(matcher, tokenizer, pixels, [right, wrong], shared)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        steps += 1
        running = 0.98 * running + 0.02 * told_apart
        seconds += time.monotonic() - clock
        clock = time.monotonic()
        if steps % 50 == 0:
            logger.info("%d views, %.1f min, told apart %.3f", steps * _BATCH, seconds / 60, running)
        if clock - saved > 60 or seconds >= minutes * 60 or steps >= most_steps:
            state = {"weights": matcher.learnt(), "optimiser": optimiser.state_dict()}
            save_checkpoint(folder / "matcher.pt", state | {"steps": steps, "seconds": seconds})
            saved = clock
    return matcher


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the stock and the checkpoint")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=30.0, help="running time, in all")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    stock = load_stock(arguments.out / "stock")
    train_matcher(stock, arguments.out, minutes=arguments.minutes, seed=arguments.seed)


if __name__ == "__main__":
    main()
