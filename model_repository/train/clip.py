"""Trains the starter's CLIP: ``python -m model_repository.train.clip --out DIR --minutes 30``; run again to go on."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from model_repository.train.concepts import load_stock
from model_repository.train.image_tower import train_image_tower


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the stock, checkpoints and the model")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=30.0, help="running time of the image tower's training, in all")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    stock = load_stock(arguments.out / "stock")
    train_image_tower(stock, arguments.out, minutes=arguments.minutes, seed=arguments.seed)


if __name__ == "__main__":
    main()
