"""Trains the starter's CLIP: ``python -m model_repository.train.clip --out DIR --minutes 30``; run again
to go on.

Writes ``DIR/model`` in transformers' layout, ready for ``model_repository.export.clip``. With ``--minutes
0`` it
fits the text tower to the image tower as far as that has come.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from model_repository.train import text_tower
from model_repository.train.checkpoints import load_checkpoint, save_checkpoint
from model_repository.train.concepts import Stock, load_stock
from model_repository.train.image_tower import CONTEXT_LENGTH, build_clip, train_image_tower
from model_repository.train.texts import corpus, phrasebook
from model_repository.train.views import IMAGE_SIZE


def finish(stock: Stock, folder: Path, *, text_steps: int, seed: int) -> Path:
    """Fit the text tower to the running mean of ``folder/image.pt`` and write ``folder/model``.

    A text tower that was fitted before, to an earlier image tower, is where the fit begins.
    """
    kept = load_checkpoint(folder / "image.pt")
    if kept is None:
        raise FileNotFoundError(f"{folder / 'image.pt'}: train the image tower first")
    book = phrasebook(stock.concepts)
    torch.manual_seed(seed)
    fitted = load_checkpoint(folder / "text.pt")
    tokenizer = (
        Tokenizer.from_str(fitted["tokenizer"]) if fitted else text_tower.build_tokenizer(corpus(book, seed))
    )
    model = build_clip(tokenizer.get_vocab_size())
    if fitted:
        model.load_state_dict(fitted["text"], strict=False)
    model.load_state_dict(kept["mean"], strict=False)
    text_tower.fit_text_tower(
        model, tokenizer, kept["mean_anchors"], book, steps=text_steps, seed=seed, warm=bool(fitted)
    )
    text = {name: value for name, value in model.state_dict().items() if name.startswith("text")}
    save_checkpoint(folder / "text.pt", {"tokenizer": tokenizer.to_str(), "text": text})
    out = folder / "model"
    model.save_pretrained(out)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=text_tower.BEGIN,
        eos_token=text_tower.END,
        pad_token=text_tower.PAD,
        model_max_length=CONTEXT_LENGTH,
    )
    wrapped.save_pretrained(out)
    preprocessing = {
        "image_processor_type": "CLIPImageProcessor",
        "do_convert_rgb": True,
        "do_resize": True,
        # No centre crop: what lies at the edge of a picture is looked for as well.
        "size": {"height": IMAGE_SIZE, "width": IMAGE_SIZE},
        "resample": 3,
        "do_center_crop": False,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    (out / "preprocessor_config.json").write_text(json.dumps(preprocessing, indent=2))
    return out


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
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    stock = load_stock(arguments.out / "stock")
    if arguments.minutes > 0:
        train_image_tower(stock, arguments.out, minutes=arguments.minutes, seed=arguments.seed)
    print(finish(stock, arguments.out, text_steps=arguments.text_steps, seed=arguments.seed))


if __name__ == "__main__":
    main()
