"""Trains the starter's SAM 2: ``python -m model_repository.train.sam2 --out DIR --minutes 35``; run again
to go on."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from model_repository.train.checkpoints import save_checkpoint
from model_repository.train.concepts import load_stock
from model_repository.train.segmenter import train_segmenter
from model_repository.train.sharpen import choose_factor, multiply_logits


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the stock, checkpoints and sam2_starter.pt"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=35.0, help="running time of the training, in all")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    stock = load_stock(arguments.out / "stock")
    model = train_segmenter(stock, arguments.out, minutes=arguments.minutes, seed=arguments.seed)
    factor = choose_factor(model, stock)
    multiply_logits(model, factor)
    save_checkpoint(arguments.out / "sam2_starter.pt", {"model": model.state_dict()})
    print(f"{arguments.out / 'sam2_starter.pt'}: logits sharpened {factor:g} times")


if __name__ == "__main__":
    main()
