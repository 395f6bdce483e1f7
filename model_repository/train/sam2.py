"""Trains the starter's SAM 2: ``python -m model_repository.train.sam2 --out DIR --minutes 60``; run again
to go on.

With ``--continue`` a new run begins at the installed weights rather than at random ones.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch
from torch import nn

from model_repository.export.sam2_graphs import Decoder, Encoder, export_decoder, export_encoder
from model_repository.train.checkpoints import save_checkpoint
from model_repository.train.concepts import load_stock
from model_repository.train.installed import read_installed
from model_repository.train.segmenter import SIDE, build_sam2, train_segmenter
from model_repository.train.sharpen import choose_factor, multiply_logits, soften

MODELS = Path("model_repository/models")


def read_segmenter(models: Path, pack: str = "starter") -> nn.Module:
    """The SAM 2 that is installed as ``pack`` in ``models``; what tracks through video has random weights."""
    model = build_sam2()
    encoder, decoder = Encoder(model).eval(), Decoder(model).eval()
    read_installed(
        encoder,
        lambda path: export_encoder(encoder, SIDE, path),
        models / f"{pack}_sam_encoder" / "1" / "model.onnx",
    )
    with torch.no_grad():
        features = encoder(torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8))
    read_installed(
        decoder,
        lambda path: export_decoder(decoder, SIDE, features, path),
        models / f"{pack}_sam_decoder" / "1" / "model.onnx",
    )
    return model


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for the stock, checkpoints and sam2_starter.pt"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--continue",
        dest="go_on",
        action="store_true",
        help="begin with the weights of the installed starter",
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="running time of the training, in all")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    stock = load_stock(arguments.out / "stock")
    torch.manual_seed(arguments.seed)
    start = None
    if arguments.go_on:
        start = read_segmenter(MODELS)
        soften(start, stock)
    model = train_segmenter(stock, arguments.out, minutes=arguments.minutes, seed=arguments.seed, start=start)
    factor = choose_factor(model, stock)
    multiply_logits(model, factor)
    save_checkpoint(arguments.out / "sam2_starter.pt", {"model": model.state_dict()})
    print(f"{arguments.out / 'sam2_starter.pt'}: logits sharpened {factor:g} times")


if __name__ == "__main__":
    main()
