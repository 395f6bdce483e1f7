"""Trains the starter's CLIP: ``python -m model_repository.train.clip --out DIR --minutes 30``; run again
to go on.

Writes ``DIR/model`` in transformers' layout, ready for ``model_repository.export.clip``. With ``--minutes
0`` it fits the text tower to the image tower as far as that has come.
"""

from __future__ import annotations

import argparse
import copy
import logging
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import CLIPModel

from model_repository.train import text_tower
from model_repository.train.checkpoints import load_checkpoint, save_checkpoint
from model_repository.train.clip_files import installed_tokenizer, read_installed_clip, write_model
from model_repository.train.concepts import Stock, load_stock
from model_repository.train.image_tower import DIMENSION, build_clip
from model_repository.train.meaning_vectors import Meanings
from model_repository.train.targets import Targets
from model_repository.train.texts import corpus, phrasebook
from model_repository.train.train_image import targets_part, tower_part, train_image_tower


def begin_with(folder: Path) -> CLIPModel | None:
    """The installed towers; None where both towers have checkpoints in ``folder`` that they go on from."""
    if (folder / "image.pt").exists() and (folder / "text.pt").exists():
        return None
    return read_installed_clip()


def finish(
    stock: Stock, folder: Path, *, text_steps: int, seed: int, learnt: CLIPModel | None = None
) -> Path:
    """Fit the text tower to the running mean of ``folder/image.pt`` and write ``folder/model``.

    A text tower that was fitted before, to an earlier image tower, is where the fit begins; before that, the
    one of ``learnt`` where there is one.
    """
    kept = load_checkpoint(folder / "image.pt")
    if kept is None:
        raise FileNotFoundError(f"{folder / 'image.pt'}: train the image tower first")
    book = phrasebook(stock.concepts)
    torch.manual_seed(seed)
    fitted = load_checkpoint(folder / "text.pt")
    if fitted:
        tokenizer = Tokenizer.from_str(fitted["tokenizer"])
    else:
        tokenizer = installed_tokenizer() if learnt else text_tower.build_tokenizer(corpus(book, seed))
    model = learnt or build_clip(tokenizer.get_vocab_size())
    if fitted:
        model.load_state_dict(fitted["text"], strict=False)
    model.load_state_dict(tower_part(kept["mean"]), strict=False)
    targets = Targets(Meanings(torch.zeros(len(stock), DIMENSION)))
    targets.load_state_dict(targets_part(kept["mean"]))
    with torch.no_grad():
        model.logit_scale.copy_(targets.scale)
    text_tower.fit_text_tower(
        model, tokenizer, targets.meanings, book, steps=text_steps, seed=seed, warm=bool(fitted or learnt)
    )
    text = {name: value for name, value in model.state_dict().items() if name.startswith("text")}
    save_checkpoint(folder / "text.pt", {"tokenizer": tokenizer.to_str(), "text": text})
    labels = [concept.name for concept in stock.concepts]
    return write_model(model, tokenizer, folder / "model", labels)


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the stock, checkpoints and the model"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--minutes", type=float, default=30.0, help="running time of the image tower's training, in all"
    )
    parser.add_argument("--text-steps", type=int, default=1200)
    parser.add_argument(
        "--continue",
        dest="go_on",
        action="store_true",
        help="begin with the weights of the installed starter",
    )
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    stock = load_stock(arguments.out / "stock")
    learnt = begin_with(arguments.out) if arguments.go_on else None
    if arguments.minutes > 0:
        begun = None
        if learnt and not (arguments.out / "image.pt").exists():
            book = phrasebook(stock.concepts)
            meanings = text_tower.read_meanings(learnt, installed_tokenizer(), book, arguments.seed)
            begun = copy.deepcopy(learnt), meanings
        train_image_tower(stock, arguments.out, minutes=arguments.minutes, seed=arguments.seed, learnt=begun)
    print(finish(stock, arguments.out, text_steps=arguments.text_steps, seed=arguments.seed, learnt=learnt))


if __name__ == "__main__":
    main()
